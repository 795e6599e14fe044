package topology

import (
	"fmt"
	"slices"
	"time"

	"github.com/seed-ab8b6914/spof/topology/yamlfile"
)

// Ports that services may listen at: engines run without the right to take lower ones.
const (
	minPort = 1024
	maxPort = 65535
)

// reservedServices are the names of other processes that run on nodes.
var reservedServices = []string{"keepalived", "wan", "origin", "agent"}

func (d *design) node(e yamlfile.Entry) Node {
	o := e.Value.Object("wan", "services", "chassis")
	n := Node{Name: e.Name}
	services := o.Require("services")
	entries := services.Entries()
	between(services, "service", len(entries), 1, maxServices)
	for _, s := range entries {
		n.Services = append(n.Services, d.service(n, s))
	}
	n.Chassis = d.chassis(e.Name, o.Get("chassis"))
	wan := o.Get("wan")
	n.WAN = wan.Reference()
	// The default link is filled in when all links are known; nothing reads it before.
	i := len(d.t.Nodes)
	d.later(func() { d.linkNode(&d.t.Nodes[i], e.Key, wan) })
	d.later(func() { d.checkFed(e.Key, &d.t.Nodes[i]) })
	return n
}

// linkNode checks a node's WAN link. Where the design has a single link, it is the default of a forward proxy.
func (d *design) linkNode(n *Node, key, wan yamlfile.Value) {
	links := namesOf(d.t.WAN)
	_, forwards := n.ForwardProxy()
	switch {
	case len(links) == 0: // a problem already
	case n.WAN != "" && !slices.Contains(links, n.WAN):
		d.unknown(wan, "WAN link", n.WAN, links)
	case !forwards && len(n.Services) > 0 && wan.Present():
		wan.Refuse("unused-key", "node %s has no forward proxy and uses no WAN link; leave wan out", n.Name)
	case n.Parents() != nil && wan.Present():
		wan.Refuse("unused-key", "node %s uses the WAN links of its parents; leave wan out", n.Name)
	case n.Parents() != nil: // no link of its own
	case forwards && !wan.Present() && len(links) == 1:
		n.WAN = links[0]
	case forwards && !wan.Present() && len(links) > 1:
		key.Refuse("missing-key", "node %s has a forward proxy and the design has several WAN links; add wan: %s", n.Name, either(links))
	}
}

// service reads one more service of a node.
func (d *design) service(node Node, e yamlfile.Entry) Service {
	o := e.Value.Object(append([]string{"engine", "port", "parents", "balance", "dns", "cache"}, timerKeys...)...)
	port, balance, dns, cache := o.Require("port"), o.Get("balance"), o.Get("dns"), o.Get("cache")
	s := Service{
		Name:   e.Name,
		Engine: Engine(o.Require("engine").Kind("", enginesThat(isEngine)...)),
		Port:   port.Int(0, minPort, maxPort),
	}
	if slices.Contains(reservedServices, s.Name) {
		e.Key.Refuse("reserved-name", "the name %q is reserved, as are %s", s.Name, listWithout(reservedServices, s.Name))
	}
	checkPort(port, node, s.Port)
	node.onePerNode(cache, "cache", Node.Caching)
	node.onePerNode(balance, "balancer", Node.Balancer)
	node.onePerNode(dns, "DNS server", Node.Responder)
	s.Cache = d.cache(node.Name, s.Engine, cache)
	s.Balance = d.balance(node.Name, s.Engine, balance)
	s.DNS = d.responder(dns)
	s.Parents = d.parents(node.Name, s, o.Get("parents"))
	s.Timers = timers(s.Engine, o)
	switch {
	case s.Balances() && s.Responds():
		dns.Refuse("two-roles", "a service is either a balancer or a DNS server; leave balance or dns out")
	case s.Responds():
		s.Engine.need(canRespond, "dns", dns)
	case s.Balances():
		s.Engine.need(canBalance, "balance", balance)
	case !s.Engine.fits(canForward):
		e.Key.Refuse("missing-key", "engine %s needs balance, with the servers and their check", s.Engine)
	}
	return s
}

// checkPort checks that a port of a node is free.
func checkPort(at yamlfile.Value, node Node, port int) {
	if other, taken := node.Serving(port); taken && port != 0 {
		at.Refuse("port-taken", "port %d of node %s is taken by its service %s", port, node.Name, other.Name)
	}
	for reserved, use := range map[int]string{
		BalancerHealth: "the health checks of balancers", ChassisPort: "the Redfish service of the node", SignalPort: "the agent-check of the node",
	} {
		if port == reserved {
			at.Refuse("port-taken", "port %d is reserved for %s", port, use)
		}
	}
}

// onePerNode checks that a node has no other service of a kind.
func (n Node) onePerNode(at yamlfile.Value, kind string, find func(Node) (Service, bool)) {
	if other, ok := find(n); ok {
		at.Refuse("one-per-node", "node %s already has a %s, service %s; a node has at most one", n.Name, kind, other.Name)
	}
}

// checkKeys are the keys of a health check. All are required: these timers decide how long a failover takes.
var checkKeys = []string{"kind", "interval", "timeout", "fall", "rise"}

// checkOf reads a check. Its timeout may be longer than its interval: HAProxy starts the interval when the last check has
// ended, and keepalived runs checks in parallel.
func checkOf(o yamlfile.Object) Check {
	return Check{
		Kind:     CheckKind(o.Require("kind").OneOf("", string(CheckTCP), string(CheckHTTP), string(CheckOrigin))),
		Interval: o.Require("interval").Duration(0, 10*time.Millisecond, time.Hour),
		Timeout:  o.Require("timeout").Duration(0, time.Millisecond, time.Hour),
		Fall:     o.Require("fall").Int(0, 1, 100),
		Rise:     o.Require("rise").Int(0, 1, 100),
	}
}

func (n Node) forwardProxies() []Service {
	return filter(n.Services, Service.Forwards)
}

// unsure reports whether some of the node's ports could not be read. The file has that problem already.
func (n Node) unsure() bool {
	return len(n.Services) == 0 || slices.ContainsFunc(n.Services, func(s Service) bool { return s.Port == 0 })
}

// listeners lists the node's services for people: squid (3128), ....
func (n Node) listeners() string {
	var all []string
	for _, s := range n.Services {
		all = append(all, fmt.Sprintf("%s (%d)", s.Name, s.Port))
	}
	return list(all)
}
