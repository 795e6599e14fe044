package topology

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/seed-ab8b6914/spof/topology/yamlfile"
)

// Ports that services may listen at: engines run without the right to take lower ones.
const (
	minPort = 1024
	maxPort = 65535
)

// reservedServices are the names of what runs on nodes beside the file's services.
var reservedServices = []string{"keepalived", "wan", "origin", "agent"}

func (d *design) node(e yamlfile.Entry) Node {
	o := e.Value.Object("wan", "services", "chassis")
	n := Node{Name: e.Name}
	services := o.Require("services")
	entries := services.Entries()
	if services.IsMapping() {
		between(services, "service on node "+e.Name, len(entries), 1, maxServices)
	}
	for _, s := range entries {
		n.Services = append(n.Services, d.service(n, s))
	}
	n.Chassis = d.chassis(e.Name, o.Get("chassis"))
	wan := o.Get("wan")
	n.WAN = wan.String()
	// The link is filled in when the links are known; nothing before that reads it.
	i := len(d.t.Nodes)
	d.later(func() { d.linkNode(&d.t.Nodes[i], e.Key, wan) })
	d.later(func() { d.checkFed(e.Key, &d.t.Nodes[i]) })
	return n
}

// linkNode checks a node's WAN link, and gives a forward proxy the only link there is.
func (d *design) linkNode(n *Node, key, wan yamlfile.Value) {
	links := namesOf(d.t.WAN)
	_, forwards := n.ForwardProxy()
	switch {
	case len(links) == 0: // a problem already
	case n.WAN != "" && !slices.Contains(links, n.WAN):
		d.unknown(wan, "WAN link", n.WAN, links)
	case !forwards && len(n.Services) > 0 && wan.Present():
		wan.Problemf("node %s has no forward proxy, so it uses no WAN link; leave wan out", n.Name)
	case n.Parents() != nil && wan.Present():
		wan.Problemf("node %s goes out through its parents' WAN links; leave wan out", n.Name)
	case n.Parents() != nil: // it has none of its own
	case forwards && !wan.Present() && len(links) == 1:
		n.WAN = links[0]
	case forwards && !wan.Present() && len(links) > 1:
		key.Problemf("node %s has a forward proxy and there are several WAN links; say which with wan: %s", n.Name, strings.Join(links, " or "))
	}
}

// service reads one more service of a node.
func (d *design) service(node Node, e yamlfile.Entry) Service {
	o := e.Value.Object(append([]string{"engine", "port", "parents", "balance", "dns", "cache"}, timerKeys...)...)
	port, balance, dns := o.Require("port"), o.Get("balance"), o.Get("dns")
	s := Service{
		Name:   e.Name,
		Engine: Engine(o.Require("engine").OneOf("", enginesThat(isEngine)...)),
		Port:   port.Int(0, minPort, maxPort),
	}
	if slices.Contains(reservedServices, s.Name) {
		e.Key.Problemf("the name %q is reserved, as are %s", s.Name, but(reservedServices, s.Name))
	}
	if other, taken := node.Serving(s.Port); taken && s.Port != 0 {
		port.Problemf("port %d of node %s is taken by its service %s", s.Port, node.Name, other.Name)
	}
	if s.Port == BalancerHealth {
		port.Problemf("port %d is kept for health checks of balancers", BalancerHealth)
	}
	if s.Port == ChassisPort || s.Port == SignalPort {
		port.Problemf("port %d is kept for the node's chassis, as is %d", s.Port, ChassisPort+SignalPort-s.Port)
	}
	if cache := o.Get("cache"); cache.Present() {
		if other, ok := node.Caching(); ok {
			cache.Problemf("node %s has the cache of %s already; a node has at most one, at the ports where siblings ask", node.Name, other.Name)
		}
		s.Cache = d.cache(node.Name, s.Engine, cache)
	}
	if balance.Present() {
		if other, ok := node.Balancer(); ok {
			balance.Problemf("node %s has the balancer %s already; a node has at most one", node.Name, other.Name)
		}
		s.Balance = d.balance(node.Name, s.Engine, balance)
	}
	if dns.Present() {
		if other, ok := node.Responder(); ok {
			dns.Problemf("node %s has the DNS responder %s already; a node has at most one", node.Name, other.Name)
		}
		s.DNS = d.responder(dns)
	}
	if parents := o.Get("parents"); parents.Present() {
		s.Parents = d.parents(node.Name, s.Engine, parents)
		for _, name := range s.Parents.Nodes {
			if s.Cache != nil && slices.Contains(s.Cache.Siblings, name) {
				parents.Problemf("%s is a sibling of this Squid, which takes a peer once; leave it out of the parents, or of the siblings", name)
			}
		}
	}
	s.Timers = timers(s.Engine, o)
	switch {
	case s.Balances() && s.Responds():
		dns.Problemf("a service is a balancer or a DNS responder; leave balance out, or dns")
	case s.Responds() && !s.Engine.fits(canRespond):
		dns.Problemf("engine %s answers no DNS; use %s, or leave dns out", s.Engine, either(enginesThat(canRespond)))
	case s.Balances() && !s.Engine.fits(canBalance):
		balance.Problemf("engine %s is a forward proxy and does not balance; use %s, or leave balance out", s.Engine, either(enginesThat(canBalance)))
	case s.Forwards() && !s.Engine.fits(canForward):
		e.Key.Problemf("engine %s needs balance: which servers, and how they are checked", s.Engine)
	}
	return s
}

// each reads a list of names, none twice, and gives those that are. what is one of them; check is called once the whole
// design is known.
func (d *design) each(list yamlfile.Value, what string, check func(at yamlfile.Value, name string)) []string {
	var names []string
	for _, at := range list.List() {
		switch name := at.String(); {
		case name == "":
		case slices.Contains(names, name):
			at.Problemf("%s %q is listed twice", what, name)
		default:
			names = append(names, name)
			d.later(func() { check(at, name) })
		}
	}
	return names
}

// checkKeys are the keys of a health check. All are required: these timers decide how long a failover takes.
var checkKeys = []string{"kind", "interval", "timeout", "fall", "rise"}

// checkOf reads a check of one of the kinds. Its timeout may be longer than its interval: HAProxy arms the next check when
// the last has ended, and keepalived starts the next run beside the last.
func checkOf(o yamlfile.Object, kinds ...CheckKind) Check {
	valid := make([]string, len(kinds))
	for i, k := range kinds {
		valid[i] = string(k)
	}
	timeout := o.Require("timeout")
	return Check{
		Kind:     CheckKind(o.Require("kind").OneOf("", valid...)),
		Interval: o.Require("interval").Duration(0, 10*time.Millisecond, time.Hour),
		Timeout:  timeout.Duration(0, time.Millisecond, time.Hour),
		Fall:     o.Require("fall").Int(0, 1, 100),
		Rise:     o.Require("rise").Int(0, 1, 100),
	}
}

func (n Node) forwardProxies() []Service {
	return slices.DeleteFunc(slices.Clone(n.Services), func(s Service) bool { return !s.Forwards() })
}

// unsure reports whether the node's ports could not all be read; the file has that problem already.
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
