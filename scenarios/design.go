package scenarios

import (
	"cmp"
	"slices"

	"github.com/seed-ab8b6914/spof/topology"
)

// design is a topology as a scenario's symbols see it: where users enter, and who serves them there.
type design struct {
	t       *topology.Topology
	group   string // from whose entry the design is seen
	entry   topology.Entry
	address *topology.Address // what the entry is, if it is an address
	pac     *topology.PAC     // how users choose their entry themselves; nil: they have one
	members []string          // nodes that can be the entry, highest priority first
	balance *topology.Balance // of the service at the entry; nil: users enter at a forward proxy
	servers []string          // nodes behind the balancer, in order, none twice
	backups []string          // nodes that stand by behind it
	// carriers are what the users' requests may pass while all is well.
	carriers []topology.Component
	pool     bool                // users take turns with the members
	dns      *topology.Responder // whose name leads users to the members; nil: they ask for none
	users    int                 // of the largest group
	asked    *topology.Resolve   // how they ask for it
	load     Load                // what the users ask for, where a prediction depends on it
	measure  Measure             // what service is, likewise

	struckBefore []string // by faults that are sure to be in force when the one that is resolved is
}

// newDesign views the topology from the entry of most users, the first of several.
func newDesign(t *topology.Topology) design {
	return designOf(t, slices.MaxFunc(t.Users, func(a, b topology.Group) int { return cmp.Compare(a.Count, b.Count) }))
}

// designOf views the topology from the entry of a group.
func designOf(t *topology.Topology, g topology.Group) design {
	d := design{t: t, group: g.Name, entry: g.Proxy, pac: g.PAC, members: t.Holders(g.Name), pool: g.Pool != nil, carriers: t.Carriers(g.Name)}
	if name, ok := t.ResponderOf(g); ok {
		d.dns, d.asked, d.users = &name, g.DNS, g.Count
	}
	if a, ok := t.EntryAddress(g.Name); ok {
		d.address = &a
	}
	for _, name := range d.members {
		s, ok := d.entryService(name)
		if !ok || !s.Balances() {
			continue
		}
		d.balance = s.Balance
		d.servers = appendNew(d.servers, s.Balance.Servers...)
		d.backups = appendNew(d.backups, s.Balance.Backup...)
	}
	return d
}

// appendNew appends what is not in the list yet.
func appendNew(list []string, names ...string) []string {
	for _, name := range names {
		if name != "" && !slices.Contains(list, name) {
			list = append(list, name)
		}
	}
	return list
}

// entryService is the service at which users enter, if the node is where they may enter.
func (d design) entryService(node string) (topology.Service, bool) {
	if !slices.Contains(d.members, node) {
		return topology.Service{}, false
	}
	n, _ := d.t.Node(node)
	return n.Serving(d.entry.Port)
}

// holders are the members that may hold the entry when a fault strikes: with preemption the one of highest priority.
func (d design) holders() []string {
	if d.address != nil && d.address.Preempt || d.pac != nil {
		return d.members[:1]
	}
	return d.members
}

// servingLinks are the WAN links that the users' requests take.
func (d design) servingLinks() []string {
	var links []string
	for _, c := range d.carriers {
		if c.Kind == topology.KindWAN {
			links = append(links, c.Name)
		}
	}
	return links
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
