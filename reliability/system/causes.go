package system

import (
	"slices"

	"github.com/seed-ab8b6914/spof/reliability/bdd"
	"github.com/seed-ab8b6914/spof/reliability/component"
	"github.com/seed-ab8b6914/spof/topology"
)

// logic is the logic of diagrams. It divides the components of a design into events.
type logic struct {
	*bdd.Diagrams
	s *System
}

// If is (c and then) or (not c and otherwise).
func (l logic) If(c bdd.Ref, then, otherwise func() bdd.Ref) bdd.Ref {
	return l.Or(l.And(c, then()), l.And(l.Not(c), otherwise()))
}

// Lost is true while one of the events of a component lasts.
func (l logic) Lost(c topology.Component) bdd.Ref {
	s, name := l.s, c.String()
	switch c.Kind {
	case topology.KindNode:
		return s.machine(c)
	case topology.KindService:
		n, _ := s.Topology.Node(c.Node)
		service, _ := n.Service(c.Name)
		return s.fails(role(service), name, c, string(service.Engine))
	case topology.KindVRRP:
		return s.fails("vrrp", name, c, "keepalived")
	case topology.KindFeed:
		return s.unpowered(c)
	case topology.KindMains: // part of unpowered, since every feed bridges another time
		return bdd.False
	case topology.KindDistribution:
		return s.distribution(c)
	case topology.KindTransfer:
		return s.refuses("transfer-switch", "transfer-switch "+c.Name, feed(c.Name))
	case topology.KindGenerator:
		return l.Or(s.fails(c.Kind, name, c, ""), s.refuses(c.Kind, name, c))
	case topology.KindFailover:
		kind := s.mechanism(c)
		c.Kind = kind
		return s.refuses(kind, c.String(), topology.Component{})
	case topology.KindPSU:
		return s.fails(c.Kind, name, topology.Component{Kind: topology.KindNode, Name: c.Node}, "")
	}
	return s.fails(c.Kind, name, c, "") // WAN links and zones
}

// role is the kind of a service in the table.
func role(s topology.Service) string {
	switch {
	case s.Balances():
		return "balancer"
	case s.Responds():
		return "dns"
	}
	return "proxy"
}

// machine is true while the hardware or the system of a node is down, or people work on it.
func (s *System) machine(c topology.Component) bdd.Ref {
	lost := s.Diagrams.Or(s.fails("node", c.String(), c, "hardware"), s.fails("system", "system "+c.Name, c, "system"))
	parts := []string{"fans", "nic", "maintenance"}
	n, _ := s.Topology.Node(c.Name)
	if slices.ContainsFunc(n.Services, func(s topology.Service) bool { return s.Cache != nil && s.Cache.Disk > 0 }) {
		parts = append(parts, "disk")
	}
	for _, kind := range parts {
		lost = s.Diagrams.Or(lost, s.fails(kind, kind+" "+c.Name, c, ""))
	}
	return lost
}

// Alike names the parts of a design that can fail of one cause, by kind and version, such as "proxy squid".
func Alike(t *topology.Topology) map[string][]string {
	alike := map[string][]string{}
	add := func(cause string, c topology.Component) { alike[cause] = append(alike[cause], c.String()) }
	for _, a := range t.Addresses {
		for _, m := range a.Members {
			add("vrrp keepalived", topology.Component{Kind: topology.KindVRRP, Name: a.Name, Node: m.Node})
		}
	}
	for _, node := range t.Nodes {
		add("node hardware", topology.Component{Kind: "node", Name: node.Name})
		add("system system", topology.Component{Kind: "system", Name: node.Name})
		for _, service := range node.Services {
			add(role(service)+" "+string(service.Engine), topology.Component{Kind: topology.KindService, Name: service.Name, Node: node.Name})
		}
	}
	return alike
}

// mechanism is the kind of a failover in the table: of a node's service, a group or an address.
func (s *System) mechanism(c topology.Component) string {
	n, _ := s.Topology.Node(c.Node)
	service, _ := n.Service(c.Name)
	g, clients := s.Topology.Group(c.Name)
	switch {
	case c.Node != "" && service.Balances():
		return "balancer-check"
	case c.Node != "" && service.Responds():
		return "dns-check"
	case c.Node != "":
		return "parent-failover"
	case clients && g.PAC != nil:
		return "pac-retry"
	case clients && g.Pool != nil:
		return "pool-retry"
	case clients:
		return "resolver-retry"
	}
	return "address-failover"
}

// parents names what a part shares with others, of the kinds that its row lists.
func (s *System) parents(r component.Row, of topology.Component, version string) (names []string) {
	node := of.Node
	if of.Kind == topology.KindNode {
		node = of.Name
	}
	n, _ := s.Topology.Node(node)
	hw := n.Hardware()
	for _, kind := range r.Shares {
		switch {
		case kind == "node" && node != "":
			names = append(names, "node "+node)
		case kind == "zone" && node != "" && hw.Zone != "":
			names = append(names, "zone "+hw.Zone)
		case kind == "feed" && of.Kind == topology.KindFeed:
			names = append(names, of.String())
		case kind == "feed" && node != "":
			for _, p := range hw.PSUs {
				if name := "feed " + p.Feed; p.Feed != "" && !slices.Contains(names, name) {
					names = append(names, name)
				}
			}
		case (kind == "software" || kind == "hardware") && version != "":
			names = append(names, kind+" "+version)
		case kind == "site", kind == "operator", kind == "mains" && s.Topology.Power != nil:
			names = append(names, kind)
		}
	}
	return names
}
