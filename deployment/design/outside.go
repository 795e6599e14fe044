package design

import (
	"cmp"
	"fmt"
	"net/netip"
	"regexp"
	"slices"

	"github.com/seed-ab8b6914/spof/deployment"
	"github.com/seed-ab8b6914/spof/proxy/engine/haproxy"
	"github.com/seed-ab8b6914/spof/proxy/engine/nginx"
	"github.com/seed-ab8b6914/spof/reason"
	"github.com/seed-ab8b6914/spof/topology"
	"github.com/seed-ab8b6914/spof/topology/pac"
)

// addresses makes an address of the design of every instance that has one.
func (m *maker) addresses() error {
	t := m.t
	t.Deployed.Virtual = map[string]netip.Addr{}
	for _, h := range m.Hosts {
		if h.Keepalived == nil {
			continue
		}
		for i := range h.Keepalived.Instances {
			v := &h.Keepalived.Instances[i]
			if len(v.Addresses) == 0 {
				continue
			}
			name := plain(v.Name.Value)
			at := slices.IndexFunc(t.Addresses, func(a topology.Address) bool { return a.Name == name })
			if at < 0 {
				t.Addresses = append(t.Addresses, topology.Address{Name: name, Version: v.Version.Value, RouterID: v.RouterID.Value, Advert: v.Advert.Value, Preempt: v.Preempts()})
				at = len(t.Addresses) - 1
				t.Deployed.Virtual[name] = v.Addresses[0].Value.Addr()
			}
			t.Addresses[at].Members = append(t.Addresses[at].Members, topology.Member{Node: m.name(h), Priority: v.Priority.Value})
			for _, a := range v.Addresses {
				m.bindsBefore(h, a.Value.Addr())
			}
		}
	}
	for _, a := range t.Addresses {
		slices.SortStableFunc(a.Members, func(x, y topology.Member) int { return cmp.Compare(y.Priority, x.Priority) })
	}
	return nil
}

// bindsBefore lets an engine listen at a virtual address that the node does not hold.
func (m *maker) bindsBefore(h *deployment.Host, virtual netip.Addr) {
	for _, s := range h.Sockets() {
		p := m.placement(m.name(h))
		if s.Addr == virtual && p.Sysctls == nil {
			p.Sysctls = map[string]string{"net.ipv4.ip_nonlocal_bind": "1"}
			m.substitute(topology.Substitution{Node: p.Node, What: "the kernel's settings", By: "net.ipv4.ip_nonlocal_bind=1",
				Why: fmt.Sprintf("%s listens at %s, which another node may hold", s.Engine, virtual), At: s.At.String()})
			return
		}
	}
}

func (m *maker) substitute(s topology.Substitution) {
	m.t.Deployed.Substituted = append(m.t.Deployed.Substituted, s)
}

// nameserver matches the DNS servers of HAProxy's resolvers.
var nameserver = regexp.MustCompile(`(?m)^\s*nameserver\s+\S+\s+([0-9.]+):53\b`)

// outside makes the WAN link and the origin, which answer for everything that the files use and that has no file.
func (m *maker) outside() error {
	t := m.t
	m.wan = "wan"
	if _, taken := t.Node(m.wan); taken {
		m.wan = "spof-wan"
	}
	addr, err := m.free()
	if err != nil {
		return err
	}
	p := topology.Placement{Node: m.wan, Interfaces: []topology.NetInterface{{Name: "eth0", Network: t.Deployed.Networks[0].Name, Address: addr}}}
	add := func(text, what, at string) {
		a, err := netip.ParseAddr(text)
		switch {
		case err != nil || !a.Is4() || a.IsLoopback() || m.used[a]:
		case t.Deployed.Networks[0].Prefix.Contains(a):
			m.used[a] = true
			p.Also = append(p.Also, a)
			m.substitute(topology.Substitution{What: fmt.Sprintf("%s %s, of which no file is here", what, a), By: "the lab's own at that address", Why: "the files use it", At: at})
		default:
			m.substitute(topology.Substitution{What: fmt.Sprintf("%s %s", what, a), By: "nothing: it cannot be reached", Why: "it is in no network of the nodes", At: at})
		}
	}
	for _, h := range m.Hosts {
		if len(h.Runs) == 0 {
			add(h.Address().String(), "the server", h.From.At.String())
			p.Names = append(p.Names, h.Names...)
		}
		if h.Squid != nil {
			for _, n := range h.Squid.Nameservers {
				add(n.Value, "the DNS server", n.At.String())
			}
		}
		if h.HAProxy != nil {
			for _, match := range nameserver.FindAllStringSubmatch(string(m.Text(h.HAProxy.File)), -1) {
				add(match[1], "the DNS server", h.HAProxy.File)
			}
		}
	}
	m.place(p)
	t.WAN = []topology.Link{{Name: m.wan}}
	t.Origins = []topology.Origin{{Name: originName}}
	for i := range t.Nodes {
		t.Nodes[i].WAN = m.wan
	}
	m.substitute(topology.Substitution{What: "the origins", By: "one web server that answers for every name", Why: "a lab has no way to the internet"})
	return nil
}

// users makes a group for each entry.
func (m *maker) users() error {
	t := m.t
	for i, e := range m.System.Users {
		name := "users"
		if i > 0 {
			name = fmt.Sprintf("users-%d", i+1)
		}
		g := topology.Group{Name: name, Count: m.Options.Users}
		var err error
		if e.PAC != "" {
			err = m.browse(&g, e)
		} else {
			g.Proxy = m.entry(e.Address)
		}
		if err != nil {
			return err
		}
		addr, err := m.free()
		if err != nil {
			return err
		}
		p := topology.Placement{Node: name, Interfaces: []topology.NetInterface{{Name: "eth0", Network: t.Deployed.Networks[0].Name, Address: addr}}}
		if n := m.network(e.Address.Addr()); n.Name != "" && n.Name != p.Interfaces[0].Network { // users of another network are there
			p.Interfaces[0].Network = n.Name
			p.Interfaces[0].Address = netip.PrefixFrom(m.freeIn(n), n.Prefix.Bits())
		}
		for range m.Options.Users - 1 {
			more := m.freeIn(m.network(p.Interfaces[0].Address.Addr()))
			if !more.IsValid() {
				break // several users share an address
			}
			p.Also = append(p.Also, more)
		}
		m.place(p)
		t.Users = append(t.Users, g)
		t.Deployed.Users = append(t.Deployed.Users, topology.OwnUsers{Group: name, Web: m.web(e), Hosts: m.Options.Origins, TLS: m.TLS, Account: m.Account})
	}
	return nil
}

// web tells whether an entry is a web server for its users and not a proxy: nginx answers by HTTP, Squid accelerates, or no server of
// HAProxy's listener is a Squid.
func (m *maker) web(e deployment.Entry) bool {
	for _, h := range m.Hosts {
		s, ok := h.Listener(e.Address.Addr(), int(e.Address.Port()))
		if !ok || e.PAC != "" || h.Keepalived == nil && !h.Has(e.Address.Addr()) {
			continue
		}
		switch s.Engine {
		case deployment.Nginx:
			return !m.streams(h, s)
		case deployment.HAProxy:
			return !m.reachesSquid(h, s)
		}
	}
	return false
}

// streams tells whether nginx relays connections at a socket.
func (m *maker) streams(h *deployment.Host, s deployment.Socket) bool {
	return slices.ContainsFunc(h.Nginx.Servers, func(v *nginx.Server) bool {
		return v.Stream && slices.ContainsFunc(v.Listens, func(l nginx.Listen) bool { return l.At == s.At })
	})
}

// reachesSquid tells whether a server behind a socket of HAProxy is a Squid.
func (m *maker) reachesSquid(h *deployment.Host, s deployment.Socket) bool {
	at := slices.IndexFunc(h.HAProxy.Proxies, func(p *haproxy.Proxy) bool {
		return slices.ContainsFunc(p.Binds, func(b haproxy.Bind) bool { return b.At == s.At })
	})
	if at < 0 {
		return false
	}
	front := h.HAProxy.Proxies[at]
	behind := []string{front.Name, front.Default.Value}
	for _, u := range front.Uses {
		behind = append(behind, u.Target)
	}
	for _, p := range h.HAProxy.Proxies {
		for _, v := range p.Servers {
			if node, ok := m.Find(v.Host); ok && node.Squid != nil && slices.Contains(behind, p.Name) {
				return true
			}
		}
	}
	return false
}

// freeIn takes a free address of a network, from the top; invalid: less than a quarter of it is left.
func (m *maker) freeIn(n topology.Network) netip.Addr {
	size := 1 << (32 - n.Prefix.Bits())
	a := last(n.Prefix).Prev().Prev()
	for i := 0; i < size*3/4 && n.Prefix.Contains(a); i++ {
		if !m.used[a] {
			m.used[a] = true
			return a
		}
		a = a.Prev()
	}
	return netip.Addr{}
}

// entry is the address or the node at which users come in.
func (m *maker) entry(at netip.AddrPort) topology.Entry {
	for name, addr := range m.t.Deployed.Virtual {
		if addr == at.Addr() {
			return topology.Entry{Host: name, Port: int(at.Port())}
		}
	}
	for _, h := range m.Hosts {
		if h.Has(at.Addr()) {
			return topology.Entry{Host: m.name(h), Port: int(at.Port())}
		}
	}
	return topology.Entry{Host: m.t.Nodes[0].Name, Port: int(at.Port())}
}

// browse makes the users of a group browsers with the PAC file of the team.
func (m *maker) browse(g *topology.Group, e deployment.Entry) error {
	g.PAC = &topology.PAC{Browser: cmp.Or(e.Browser, "chrome"), Script: string(m.Text(e.PAC)), Direct: m.wan}
	lists := m.PACs[e.PAC]
	for _, hop := range firstList(lists) {
		if node, ok := m.ours(hop.Host); ok {
			g.PAC.Hops = append(g.PAC.Hops, topology.Entry{Host: node, Port: hop.Port})
		} else if hop.Host == "" {
			g.PAC.Hops = append(g.PAC.Hops, topology.Entry{})
		}
	}
	for _, hop := range g.PAC.Hops {
		if hop.Host != "" {
			g.Proxy = hop
			return nil
		}
	}
	return reason.Errorf("no-proxy-here", "%s: no proxy of the PAC file is a node that runs a file; name one with --run NODE=FILE", e.PAC)
}

func firstList(lists []deployment.PACList) []pac.Hop {
	if len(lists) == 0 {
		return nil
	}
	return lists[0].Hops
}
