// Package design makes the design of a lab from a deployment: which nodes, networks and addresses the lab has, which file each engine runs,
// what the users ask for, and what stands in the place of things that a lab cannot have. The files stay as they are, byte by byte,
// unless a Substitution says otherwise. Begin at Make. It runs nothing.
package design

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"net/netip"
	"os"
	"path"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/seed-ab8b6914/spof/deployment"
	"github.com/seed-ab8b6914/spof/proxy"
	"github.com/seed-ab8b6914/spof/reason"
	"github.com/seed-ab8b6914/spof/topology"
)

// Options are what no file says about the users and the machine.
type Options struct {
	Origins []string // hosts that the users ask for; none: DefaultOrigin
	Account string   // user:password of the users; empty: none
	TLS     bool     // the users also ask by CONNECT
	Users   int      // at each entry, each with an address of its own if the network has so many; 0: DefaultUsers
}

const (
	DefaultOrigin = "origin.test" // that users ask for
	DefaultUsers  = 40
	originName    = "origin"
)

// Make makes the design of a deployment. The error holds everything that the lab would lack, such as files that are named and not there.
func Make(s *deployment.System, o Options) (*topology.Topology, error) {
	m := &maker{System: s, Options: o, t: &topology.Topology{Name: plain(s.Name), About: "the files of a team", Deployed: &topology.Deployed{}}}
	if len(o.Origins) == 0 {
		m.Origins = []string{DefaultOrigin}
	}
	if o.Users == 0 {
		m.Users = DefaultUsers
	}
	steps := []func() error{m.missing, m.networks, m.nodes, m.addresses, m.outside, m.users}
	for _, step := range steps {
		if err := step(); err != nil {
			return nil, err
		}
	}
	return m.t, nil
}

// maker makes one design.
type maker struct {
	*deployment.System
	Options
	t    *topology.Topology
	wan  string
	used map[netip.Addr]bool
}

var notPlain = regexp.MustCompile(`[^a-z0-9]+`)

// plain makes a name of lower-case letters, digits and dashes, as designs have.
func plain(name string) string {
	const most = 31
	name = strings.Trim(notPlain.ReplaceAllString(strings.ToLower(name), "-"), "-")
	if name == "" || name[0] >= '0' && name[0] <= '9' {
		name = "n-" + name
	}
	return strings.TrimRight(name[:min(len(name), most)], "-")
}

// missing refuses a deployment whose files name others that are not there: all of them at once.
func (m *maker) missing() error {
	v := m.Inventory(&deployment.Found{})
	var lines []string
	for _, f := range v.Missing {
		lines = append(lines, fmt.Sprintf("%s: %s (%s) is not there, for %s", f.At, f.Path, f.For, strings.Join(f.Nodes, ", ")))
	}
	if len(lines) == 0 {
		return nil
	}
	return reason.Errorf("missing-files", "%s\nput each beside the configuration files, under the name that it has there, or name it in the deployment file (files)", strings.Join(lines, "\n"))
}

// placement gives the placement of a node.
func (m *maker) placement(node string) *topology.Placement {
	d := m.t.Deployed
	i := slices.IndexFunc(d.Placements, func(p topology.Placement) bool { return p.Node == node })
	return &d.Placements[i]
}

// place adds a placement.
func (m *maker) place(p topology.Placement) {
	for _, i := range p.Interfaces {
		m.used[i.Address.Addr()] = true
	}
	m.t.Deployed.Placements = append(m.t.Deployed.Placements, p)
}

// free takes an address of the first network that nothing uses, from the top.
func (m *maker) free() (netip.Prefix, error) {
	n := m.t.Deployed.Networks[0].Prefix
	a := last(n).Prev().Prev() // below the broadcast address and the address that the engine takes
	for ; n.Contains(a) && a != n.Addr(); a = a.Prev() {
		if !m.used[a] {
			m.used[a] = true
			return netip.PrefixFrom(a, n.Bits()), nil
		}
	}
	return netip.Prefix{}, reason.Errorf("network-full", "network %s has no free address for the users and the way to the origins; give a node a longer network, such as --node %s=ADDRESS/24", n, m.t.Nodes[0].Name)
}

// last is the highest address of an IPv4 prefix.
func last(p netip.Prefix) netip.Addr {
	a := p.Masked().Addr().As4()
	for bit := p.Bits(); bit < 32; bit++ {
		a[bit/8] |= 1 << (7 - bit%8)
	}
	return netip.AddrFrom4(a)
}

// defaults are the paths at which Debian's engines look for their files.
var defaults = map[string]string{
	deployment.HAProxy: "/etc/haproxy/haproxy.cfg", deployment.Squid: "/etc/squid/squid.conf", deployment.Nginx: "/etc/nginx/nginx.conf",
	deployment.Keepalived: "/etc/keepalived/keepalived.conf",
}

// nodes makes the nodes that run files.
func (m *maker) nodes() error {
	for _, h := range m.Hosts {
		if len(h.Runs) == 0 {
			continue
		}
		p := topology.Placement{Node: m.name(h), Names: h.Names}
		for i, own := range h.Interfaces {
			addr := own.Address.Addr()
			n := m.network(addr)
			name := own.Name
			if name == "" {
				name = m.interfaceOf(h, i)
			}
			p.Interfaces = append(p.Interfaces, topology.NetInterface{Name: name, Network: n.Name, Address: netip.PrefixFrom(addr, n.Prefix.Bits())})
		}
		slices.SortStableFunc(p.Interfaces, func(a, b topology.NetInterface) int { return m.rank(a.Network) - m.rank(b.Network) })
		node := topology.Node{Name: p.Node}
		for _, r := range h.Runs {
			run, err := m.run(h, r, &p)
			if err != nil {
				return err
			}
			p.Runs = append(p.Runs, run)
			if r.Engine != deployment.Keepalived {
				node.Services = append(node.Services, m.service(h, r))
			}
		}
		for _, f := range h.Files {
			file, err := made(f.Path, f.File)
			if err != nil {
				return err
			}
			p.Made = append(p.Made, file)
		}
		m.place(p)
		m.t.Nodes = append(m.t.Nodes, node)
	}
	if len(m.t.Nodes) == 0 {
		return reason.Errorf("nothing-to-run", "no node of deployment %s runs a file; name one with --run NODE=FILE", m.Name)
	}
	return nil
}

// Name is the name of a host in the design.
func Name(h *deployment.Host) string { return plain(h.Name) }

func (m *maker) name(h *deployment.Host) string { return Name(h) }

// interfaceOf is the name of interface i of a host: as its keepalived.conf names it, else as Linux does in containers.
func (m *maker) interfaceOf(h *deployment.Host, i int) string {
	if h.Keepalived != nil && len(h.Interfaces) == 1 {
		for _, v := range h.Keepalived.Instances {
			if v.Interface.Set() {
				return v.Interface.Value
			}
		}
	}
	return fmt.Sprintf("eth%d", i)
}

// run runs a file, and adds it to the placement.
func (m *maker) run(h *deployment.Host, r deployment.Run, p *topology.Placement) (topology.OwnRun, error) {
	at := r.Path
	if at == "" {
		at = defaults[r.Engine]
	}
	file, err := made(at, r.File)
	if err != nil {
		return topology.OwnRun{}, err
	}
	p.Made = append(p.Made, file)
	run := topology.OwnRun{Service: r.Engine, Engine: topology.Engine(r.Engine), Path: at, Ready: ready(h, r.Engine), Names: m.names(h, r.Engine)}
	if r.Engine == deployment.Squid {
		run.StopsIn = h.Squid.Stop() + stopSlack
	}
	if r.Engine == deployment.Keepalived {
		run.Service = proxy.ServiceKeepalived
	}
	return run, nil
}

// stopSlack is what a Squid takes to end beyond its shutdown_lifetime.
const stopSlack = 2 * time.Second

// ready is an address at which an engine accepts as soon as it runs: one that the node always has. Empty: it has none.
func ready(h *deployment.Host, engine string) string {
	for _, s := range h.Sockets() {
		switch {
		case s.Engine != engine:
		case !s.Addr.IsValid() || s.Addr.IsUnspecified():
			return fmt.Sprintf("127.0.0.1:%d", s.Port)
		case h.Has(s.Addr) || s.Addr.IsLoopback():
			return netip.AddrPortFrom(s.Addr, uint16(s.Port)).String()
		}
	}
	return ""
}

// names are those of servers and instances in an engine's output, with their names in the design.
func (m *maker) names(h *deployment.Host, engine string) map[string]string {
	all := map[string]string{}
	switch engine {
	case deployment.HAProxy:
		for _, p := range h.HAProxy.Proxies {
			for _, s := range p.Servers {
				if node, ok := m.Find(s.Host); ok {
					all[s.Name] = m.name(node)
				}
			}
		}
	case deployment.Keepalived:
		for _, i := range h.Keepalived.Instances {
			all[i.Name.Value] = plain(i.Name.Value)
		}
	}
	return all
}

// made is a file of a node with the content of a file here.
func made(at, from string) (topology.OwnFile, error) {
	content, err := os.ReadFile(from)
	if err != nil {
		return topology.OwnFile{}, reason.Errorf("missing-files", "%w", err)
	}
	info, err := os.Stat(from)
	if err != nil {
		return topology.OwnFile{}, reason.Errorf("missing-files", "%w", err)
	}
	sum := sha256.Sum256(content)
	return topology.OwnFile{Path: path.Clean(at), From: from, SHA256: hex.EncodeToString(sum[:]), Exec: info.Mode()&0o111 != 0 || strings.HasPrefix(string(content), "#!"), Content: content}, nil
}
