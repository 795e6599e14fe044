// Package design views a topology as a scenario does: where users enter, which service they enter at, and what carries their
// requests. It defines the properties that a scenario may ask of a design, and how two designs may be alike. It knows topologies and
// the timer formulas of proxy/policy, and no scenario, fault or plan.
package design

import (
	"cmp"
	"reflect"
	"slices"

	"github.com/seed-ab8b6914/spof/topology"
)

// View is a topology seen from the entry of one group of users.
type View struct {
	Topology *topology.Topology
	Group    string
	Users    int // of the group, if it resolves a DNS name; else 0
	Entry    topology.Entry
	Address  *topology.Address   // the entry, if it is an address
	PAC      *topology.PAC       // by which users choose their entry; nil: they use none
	DNS      *topology.Responder // whose name resolves to the members; nil: users resolve no name
	Asked    *topology.Resolve   // how users resolve the name
	Pool     bool                // users rotate over the members
	Members  []string            // nodes that can be the entry, highest priority first
	Balance  *topology.Balance   // of the balancer at the entry, on the first member that has one; nil: users enter at a forward proxy
	Servers  []string            // nodes behind the balancer, each once, in order
	Backups  []string            // standby nodes behind the balancer
	// Carriers are the components that users' requests may pass while nothing fails.
	Carriers []topology.Component
}

// Of views the topology from the entry of the largest group.
func Of(t *topology.Topology) View {
	return From(t, slices.MaxFunc(t.Users, func(a, b topology.Group) int { return cmp.Compare(a.Count, b.Count) }))
}

// From views the topology from the entry of a group.
func From(t *topology.Topology, g topology.Group) View {
	d := View{Topology: t, Group: g.Name, Entry: g.Proxy, PAC: g.PAC, Members: t.Holders(g.Name), Pool: g.Pool != nil, Carriers: t.Carriers(g.Name)}
	if name, ok := t.ResponderOf(g); ok {
		d.DNS, d.Asked, d.Users = &name, g.DNS, g.Count
	}
	if a, ok := t.EntryAddress(g.Name); ok {
		d.Address = &a
	}
	for _, name := range d.Members {
		s, ok := d.EntryService(name)
		if !ok || !s.Balances() {
			continue
		}
		d.Balance = cmp.Or(d.Balance, s.Balance)
		d.Servers = appendNew(d.Servers, s.Balance.Servers...)
		d.Backups = appendNew(d.Backups, s.Balance.Backup...)
	}
	return d
}

// appendNew appends the names that the list does not have.
func appendNew(list []string, names ...string) []string {
	for _, name := range names {
		if name != "" && !slices.Contains(list, name) {
			list = append(list, name)
		}
	}
	return list
}

// EntryService is the service at which users enter on a node, if the node is a member.
func (d View) EntryService(node string) (topology.Service, bool) {
	if !slices.Contains(d.Members, node) {
		return topology.Service{}, false
	}
	n, _ := d.Topology.Node(node)
	return n.Serving(d.Entry.Port)
}

// Balancers are the settings of the balancers that may serve when a fault strikes, each once, without the names of their servers.
func (d View) Balancers() []topology.Balance { return d.balances(d.Holders()) }

// balances are the settings of the balancers on some members, each once, without the names of their servers.
func (d View) balances(members []string) (all []topology.Balance) {
	for _, name := range members {
		s, ok := d.EntryService(name)
		if !ok || !s.Balances() {
			continue
		}
		b := *s.Balance
		b.Servers, b.Backup = nil, nil
		if !slices.ContainsFunc(all, func(other topology.Balance) bool { return reflect.DeepEqual(other, b) }) {
			all = append(all, b)
		}
	}
	return all
}

// Holders are the members that may hold the entry when a fault strikes. With preemption it is the one of highest priority.
func (d View) Holders() []string {
	if d.Address != nil && d.Address.Preempt || d.PAC != nil {
		return d.Members[:1]
	}
	return d.Members
}

// ServingLinks are the WAN links that the users' requests take.
func (d View) ServingLinks() []string {
	var links []string
	for _, c := range d.Carriers {
		if c.Kind == topology.KindWAN {
			links = append(links, c.Name)
		}
	}
	return links
}

// AllServers are the nodes behind the balancer, the backups last.
func (d View) AllServers() []string { return appendNew(slices.Clone(d.Servers), d.Backups...) }

// NodeNames are the nodes of the design, in its order.
func (d View) NodeNames() []string {
	var names []string
	for _, n := range d.Topology.Nodes {
		names = append(names, n.Name)
	}
	return names
}

// LinkNames are its WAN links, in its order.
func (d View) LinkNames() []string {
	var names []string
	for _, l := range d.Topology.WAN {
		names = append(names, l.Name)
	}
	return names
}
