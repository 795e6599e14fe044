// Package configure gives the processes of each node, from a design and the addresses of a lab. It asks the engine of each
// service for the process. It knows what all engines share, such as addresses and checks. Begin at Nodes. It starts nothing.
package configure

import (
	"fmt"
	"net/netip"
	"path"
	"regexp"
	"strconv"
	"strings"

	"github.com/seed-ab8b6914/spof/proxy"
	"github.com/seed-ab8b6914/spof/proxy/engine"
	"github.com/seed-ab8b6914/spof/proxy/engine/registry"
	"github.com/seed-ab8b6914/spof/reason"
	"github.com/seed-ab8b6914/spof/topology"
)

// Nodes gives the processes of every node of the lab: the topology's nodes, a gateway for each WAN link, and a node for each origin and
// each group of users, which has no processes. The topology must be valid; it is not changed.
func Nodes(t *topology.Topology, site proxy.Site) (map[string]proxy.NodeSpec, error) {
	c := configurer{t, site}
	if err := c.check(); err != nil {
		return nil, err
	}
	if t.Deployed != nil {
		return c.deployed()
	}
	specs := make(map[string]proxy.NodeSpec)
	for _, node := range t.Nodes {
		spec, err := c.node(node)
		if err != nil {
			return nil, fmt.Errorf("node %s: %w", node.Name, err)
		}
		specs[node.Name] = spec
	}
	for _, link := range t.WAN {
		process, err := c.wan(link)
		if err != nil {
			return nil, fmt.Errorf("wan link %s: %w", link.Name, err)
		}
		specs[link.Name] = c.spec(link.Name, process)
	}
	for _, origin := range t.Origins {
		process, err := c.origin(origin)
		if err != nil {
			return nil, fmt.Errorf("origin %s: %w", origin.Name, err)
		}
		spec := c.spec(origin.Name, process)
		spec.Peers = c.links()
		specs[origin.Name] = spec
	}
	for _, group := range t.Users {
		spec := c.spec(group.Name)
		spec.Watch = c.watched(group)
		specs[group.Name] = spec
	}
	return specs, nil
}

// configurer holds the input of all configurations.
type configurer struct {
	t    *topology.Topology
	site proxy.Site
}

// Names and paths are written into configuration files of several engines. Those that match need quotes in none of them.
var (
	plainName = regexp.MustCompile(`^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$`)
	plainPath = regexp.MustCompile(`^/[A-Za-z0-9/._%-]*$`)
)

// check refuses a topology or a site that cannot be configured.
func (c configurer) check() error {
	for _, name := range c.names() {
		if !plainName.MatchString(name) {
			return reason.Errorf("bad-name", "the name %q in the design: %w", name, proxy.ErrName)
		}
	}
	for _, node := range c.t.Nodes {
		for _, service := range node.Services {
			if _, ok := registry.Of(string(service.Engine)); !ok {
				return reason.Errorf("unknown-engine", "service %s of node %s: engine %q: %w", service.Name, node.Name, service.Engine, proxy.ErrUnsupported)
			}
		}
	}
	if !plainPath.MatchString(c.site.Dir) {
		return reason.Errorf("bad-directory", "directory %q: want an absolute path of letters, digits and ._-: %w", c.site.Dir, proxy.ErrUnsupported)
	}
	if c.site.Shared && !c.site.Builtin {
		return reason.Errorf("shared-network", "real engines on a shared network stack: %w", proxy.ErrUnsupported)
	}
	if len(c.t.Origins) > 1 {
		return reason.Errorf("several-origins", "%d origins: a WAN link forwards to one origin, a second one is %w; leave one origin in the design", len(c.t.Origins), proxy.ErrUnsupported)
	}
	return nil
}

// names lists the words of the design that are written into files.
func (c configurer) names() []string {
	var names []string
	for _, node := range c.t.Nodes {
		names = append(names, node.Name)
		for _, service := range node.Services {
			names = append(names, service.Name)
			if service.Balances() {
				names = append(names, service.Balance.Algorithm)
			}
		}
	}
	for _, address := range c.t.Addresses {
		names = append(names, address.Name)
		if address.Track != nil {
			names = append(names, string(address.Track.Kind))
		}
	}
	for _, link := range c.t.WAN {
		names = append(names, link.Name)
	}
	for _, origin := range c.t.Origins {
		names = append(names, origin.Name)
	}
	for _, group := range c.t.Users {
		names = append(names, group.Name)
	}
	return names
}

// spec gives a node with processes; the list is not nil.
func (c configurer) spec(node string, processes ...proxy.Process) proxy.NodeSpec {
	return proxy.NodeSpec{Node: node, Processes: append([]proxy.Process{}, processes...), Shared: c.site.Shared}
}

// node gives the processes of a node of the topology: its services and, on a member of an address, keepalived.
func (c configurer) node(node topology.Node) (proxy.NodeSpec, error) {
	spec := c.spec(node.Name)
	spec.Peers, spec.Watch = c.peers(node), c.watch(node)
	var err error
	if spec.Chassis, err = c.chassis(node); err != nil {
		return spec, err
	}
	relays, err := c.relays(node)
	if err != nil {
		return spec, err
	}
	for _, service := range node.Services {
		if service.Name == proxy.ServiceKeepalived {
			return spec, reason.Errorf("reserved-name", "a service named %s, the name of the process that holds addresses, is %w", service.Name, proxy.ErrUnsupported)
		}
		process, err := c.service(node, service)
		if err != nil {
			return spec, fmt.Errorf("service %s: %w", service.Name, err)
		}
		process.Relay = relays[service.Name]
		spec.Processes = append(spec.Processes, process)
	}
	if node.WAN != "" && !c.site.Shared {
		if spec.Hosts, err = c.hosts(node); err != nil {
			return spec, err
		}
	}
	instances, err := c.instances(node)
	if err != nil || len(instances) == 0 {
		return spec, err
	}
	process, err := c.holder(node, instances)
	spec.Processes = append(spec.Processes, process)
	return spec, err
}

// peers gives the addresses of the other nodes of the design.
func (c configurer) peers(node topology.Node) map[string]string {
	peers := make(map[string]string)
	for _, other := range c.t.Nodes {
		if addr, ok := c.site.LAN[other.Name]; ok && other.Name != node.Name {
			peers[other.Name] = addr.String()
		}
	}
	return peers
}

// links gives the addresses of the WAN links on the side of the origins.
func (c configurer) links() map[string]string {
	links := make(map[string]string)
	for _, link := range c.t.WAN {
		if addr, ok := c.site.WAN[link.Name]; ok {
			links[link.Name] = addr.String()
		}
	}
	return links
}

// service runs a service.
func (c configurer) service(node topology.Node, service topology.Service) (proxy.Process, error) {
	return c.run(c.engineOf(service), node, service)
}

// engineOf gives the engine that runs a service. It exists: check has tested it.
func (c configurer) engineOf(service topology.Service) engine.Engine {
	e, _ := registry.Running(string(service.Engine), c.site.Builtin)
	return e
}

// run gives the process of a service with an engine.
func (c configurer) run(e engine.Engine, node topology.Node, service topology.Service) (proxy.Process, error) {
	task, err := c.task(node, service)
	if err != nil {
		return proxy.Process{}, err
	}
	return e.Run(task)
}

// relays gives, by service, the relays that replace the addresses of a node on a shared network stack.
func (c configurer) relays(node topology.Node) (map[string][]proxy.Relay, error) {
	relays := make(map[string][]proxy.Relay)
	if !c.site.Shared {
		return relays, nil
	}
	for _, address := range c.t.Addresses {
		if _, ok := member(address, node.Name); !ok {
			continue
		}
		vip, err := find(c.site.VIP, address.Name)
		if err != nil {
			return nil, err
		}
		for _, service := range node.Services {
			to, err := c.listen(node.Name, service.Port)
			if err != nil {
				return nil, err
			}
			listen := at(vip, service.Port)
			relays[service.Name] = append(relays[service.Name], proxy.Relay{
				Address: address.Name, Listen: listen, To: to, Turnover: path.Join(c.dir(""), "vrrp-"+listen+".sock"),
			})
		}
	}
	return relays, nil
}

// hosts gives the names that a node's forward proxies can reach: every origin, at the gateway of the node's WAN link.
func (c configurer) hosts(node topology.Node) (map[string]string, error) {
	gateway, err := find(c.site.LAN, node.WAN)
	if err != nil {
		return nil, err
	}
	hosts := make(map[string]string)
	for _, origin := range c.t.Origins {
		hosts[host(origin)] = gateway.String()
	}
	return hosts, nil
}

// host gives the host name of an origin.
func host(origin topology.Origin) string { return origin.Name + ".test" }

// listen gives the address at which a service listens: its node's own address on a shared network stack, else all addresses, also
// those that move.
func (c configurer) listen(node string, port int) (string, error) {
	if !c.site.Shared {
		return at(netip.IPv4Unspecified(), port), nil
	}
	addr, err := find(c.site.LAN, node)
	return at(addr, port), err
}

// local gives the address at which a node reaches its own service.
func (c configurer) local(node string, port int) (string, error) {
	if !c.site.Shared {
		return at(loopback, port), nil
	}
	addr, err := find(c.site.LAN, node)
	return at(addr, port), err
}

// control gives the unix socket that controls a program of a node. It is in the node's own directory, which other users (on a shared
// network stack) and other nodes (in containers) cannot enter.
func (c configurer) control(node, name string) string { return path.Join(c.dir(node), name+".sock") }

// remote gives the address at which other nodes reach a service.
func (c configurer) remote(node string, port int) (string, error) {
	addr, err := find(c.site.LAN, node)
	return at(addr, port), err
}

// probe gives the target of Probe for a service at host:port addr.
func (c configurer) probe(kind topology.CheckKind, service topology.Service, addr string) string {
	if kind != topology.CheckHTTP {
		return addr
	}
	return "http://" + addr + c.engineOf(service).Health()
}

// probeOrigin gives the target of Probe for a request of an empty object from the first origin, through the proxy at addr.
func (c configurer) probeOrigin(addr string) (string, error) {
	if len(c.t.Origins) == 0 {
		return "", fmt.Errorf("origin to check through %s: %w", addr, proxy.ErrNotFound)
	}
	return "http://" + c.originHost() + engine.CheckPath + "@" + addr, nil
}

// originHost gives the first origin with its port; empty: no origin.
func (c configurer) originHost() string {
	if len(c.t.Origins) == 0 {
		return ""
	}
	return fmt.Sprintf("%s:%d", host(c.t.Origins[0]), topology.OriginHTTP)
}

// dir gives the node's directory; for an empty name that of a Shared lab.
func (c configurer) dir(node string) string {
	return path.Clean(strings.ReplaceAll(c.site.Dir, "%NODE%", node))
}

var loopback = netip.AddrFrom4([4]byte{127, 0, 0, 1})

func at(addr netip.Addr, port int) string { return addr.String() + ":" + strconv.Itoa(port) }

func find(addresses map[string]netip.Addr, name string) (netip.Addr, error) {
	addr, ok := addresses[name]
	if !ok || !addr.Is4() {
		return addr, fmt.Errorf("%s: %w (IPv4)", name, proxy.ErrNoAddress)
	}
	return addr, nil
}

func member(address topology.Address, node string) (topology.Member, bool) {
	for _, m := range address.Members {
		if m.Node == node {
			return m, true
		}
	}
	return topology.Member{}, false
}
