package scenarios

import (
	"cmp"
	"slices"

	"github.com/seed-ab8b6914/spof/topology"
)

// design is a topology as a scenario's symbols see it: where users enter, and who serves them there.
type design struct {
	t       *topology.Topology
	entry   topology.Entry
	address *topology.Address // what the entry is, if it is an address
	members []string          // nodes that can be the entry, highest priority first
	balance *topology.Balance // of the service at the entry; nil: users enter at a forward proxy
	engine  topology.Engine   // of the service at the entry
	servers []string          // nodes behind the balancer, in order, none twice
}

// newDesign views the topology from the entry of most users, the first of several.
func newDesign(t *topology.Topology) design {
	d := design{t: t}
	if len(t.Users) > 0 {
		d.entry = slices.MaxFunc(t.Users, func(a, b topology.Group) int { return cmp.Compare(a.Count, b.Count) }).Proxy
	}
	for i, a := range t.Addresses {
		if a.Name == d.entry.Host {
			d.address = &t.Addresses[i]
		}
	}
	d.members = []string{d.entry.Host}
	if d.address != nil {
		d.members = nil
		for _, m := range byPriority(d.address.Members) {
			d.members = append(d.members, m.Node)
		}
	}
	for _, name := range d.members {
		if s := d.entryService(name); s != nil && s.Balances() {
			d.balance, d.engine = s.Balance, s.Engine
			for _, server := range s.Balance.Servers {
				if !slices.Contains(d.servers, server) {
					d.servers = append(d.servers, server)
				}
			}
		}
	}
	return d
}

func byPriority(members []topology.Member) []topology.Member {
	return slices.SortedStableFunc(slices.Values(members), func(a, b topology.Member) int { return cmp.Compare(b.Priority, a.Priority) })
}

func (d design) node(name string) *topology.Node {
	for i := range d.t.Nodes {
		if d.t.Nodes[i].Name == name {
			return &d.t.Nodes[i]
		}
	}
	return nil
}

// service gives the first service of a node for which want holds; nil if there is none.
func (d design) service(node string, want func(topology.Service) bool) *topology.Service {
	n := d.node(node)
	if n == nil {
		return nil
	}
	if i := slices.IndexFunc(n.Services, want); i >= 0 {
		return &n.Services[i]
	}
	return nil
}

// entryService is the service at which users enter, if the node is where they may enter.
func (d design) entryService(node string) *topology.Service {
	if !slices.Contains(d.members, node) {
		return nil
	}
	return d.service(node, func(s topology.Service) bool { return s.Port == d.entry.Port })
}

// proxies are the nodes whose forward proxies serve or may serve the users.
func (d design) proxies() []string {
	if d.balance != nil {
		return d.servers
	}
	return d.members
}

// holders are the members that may hold the entry when a fault strikes: with preemption the one of highest priority.
func (d design) holders() []string {
	if d.address != nil && d.address.Preempt {
		return d.members[:1]
	}
	return d.members
}

// links are the WAN links of the given nodes, none twice.
func (d design) links(nodes []string) []string {
	var links []string
	for _, name := range nodes {
		if n := d.node(name); n != nil && n.WAN != "" && !slices.Contains(links, n.WAN) {
			links = append(links, n.WAN)
		}
	}
	return links
}

// servingLinks are the links the users' requests take.
func (d design) servingLinks() []string {
	if d.balance != nil {
		return d.links(d.servers)
	}
	return d.links(d.holders())
}

func (d design) nodeNames() []string {
	var names []string
	for _, n := range d.t.Nodes {
		names = append(names, n.Name)
	}
	return names
}

func (d design) linkNames() []string {
	var names []string
	for _, l := range d.t.WAN {
		names = append(names, l.Name)
	}
	return names
}
