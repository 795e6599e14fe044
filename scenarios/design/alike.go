package design

import (
	"encoding/json"
	"fmt"
	"slices"

	"github.com/seed-ab8b6914/spof/topology"
)

// Similarity describes the parts of a design that matter to a scenario.
type Similarity struct {
	Of   func(View) string // designs with equal descriptions are alike; an empty description is like no other
	Says string            // why a design is skipped, followed by the name of the design that is run
}

// Similarities are the values of a scenario's key alike.
var Similarities = map[string]Similarity{
	"election": {func(d View) string { return described(d.election()) }, "same failover of the entry as"},
	"entry":    {func(d View) string { return described(d.entrance()) }, "same entry as"},
	"cache":    {func(d View) string { return described([]any{d.entrance(), d.balancing(), d.stores()}) }, "same entry, balancer and caches as"},
	"balance":  {func(d View) string { return described(d.balancing()) }, "same balancer as"},
	"path":     {func(d View) string { return described([]any{d.entrance(), d.balancing()}) }, "same path to the proxies as"},
	"link":     {View.links, "same WAN behaviour as"},
}

// election is how users reach another entry when theirs is lost: by an address and its timers, a PAC file, a DNS name, a pool, or
// not at all. The DNS servers do not matter.
func (d View) election() any {
	path := struct {
		Address topology.Address
		PAC     *topology.PAC
		DNS     *topology.Responder
		Asked   topology.Resolve
		Pool    bool
		Members int
	}{PAC: d.PAC, Pool: d.Pool, Members: len(d.Members)}
	if d.DNS != nil {
		name := *d.DNS
		name.Name, name.Records = "", nil
		path.DNS, path.Asked = &name, plainly(*d.Asked)
	}
	if d.Address != nil {
		path.Address = *d.Address
		path.Address.Name, path.Address.RouterID, path.Address.Track, path.Address.Members = "", 0, nil, slices.Clone(d.Address.Members)
		for i := range path.Address.Members {
			path.Address.Members[i].Node = ""
		}
	}
	return path
}

// entrance is the election, the engines of the entry, and the check of the address.
func (d View) entrance() any {
	var engines []topology.Engine
	for _, m := range d.Members {
		if s, ok := d.EntryService(m); ok {
			engines = append(engines, s.Engine)
		}
	}
	var track topology.Track
	if d.Address != nil && d.Address.Track != nil {
		track = *d.Address.Track
		track.Service = ""
	}
	return []any{d.election(), engines, track}
}

// balancing is the balancers' settings and number of servers; without a balancer, whether proxies have parents.
func (d View) balancing() any {
	if d.Balance == nil {
		return slices.ContainsFunc(d.Topology.Nodes, func(n topology.Node) bool { return n.Parents() != nil })
	}
	return []any{d.balances(d.Members), len(d.Servers), len(d.Backups)}
}

// stores is where each cache keeps objects, and its siblings. How a cache writes matters only to disk-full.
func (d View) stores() any {
	type store struct {
		memory, disk bool
		siblings     int
		protocol     string
	}
	var all []string
	for _, n := range d.Topology.Nodes {
		if s, caches := n.Caching(); caches {
			c := s.Cache
			all = append(all, fmt.Sprint(store{c.Memory > 0, c.Disk > 0, len(c.Siblings), c.Protocol}))
		}
	}
	return all
}

// ButForStores: the designs differ only in how their caches write to disk.
var ButForStores = Similarity{View.unwritten, "the load uses no cache, and except for cache writes the design is the same as"}

// ButForStoresAndNames: the designs differ only in that, and in their DNS servers.
var ButForStoresAndNames = Similarity{func(d View) string { return d.unasked().unwritten() },
	"the load uses no cache, no fault strikes a DNS server, and except for cache writes and DNS servers the design is the same as"}

// unasked is the design without nodes that are only DNS servers. Their answers become part of the users.
func (d View) unasked() View {
	t := *d.Topology
	t.Users = slices.Clone(t.Users)
	for i, g := range t.Users {
		if g.DNS != nil {
			asked := plainly(*g.DNS)
			name, _ := d.Topology.ResponderOf(g)
			asked.Servers, t.Users[i].DNS = []string{described(name)}, &asked
		}
	}
	t.Nodes = slices.DeleteFunc(slices.Clone(t.Nodes), func(n topology.Node) bool {
		_, responds := n.Responder()
		return responds && len(n.Services) == 1 && n.Chassis == nil
	})
	d.Topology = &t
	return d
}

// plainly is how users resolve a name while every DNS server works.
func plainly(r topology.Resolve) topology.Resolve {
	r.Servers, r.Timeout, r.Attempts, r.Rotate = nil, 0, 0, false
	return r
}

// unwritten describes a design without its name and without how its caches write.
func (d View) unwritten() string {
	t := *d.Topology
	t.Name, t.About, t.Nodes = "", "", slices.Clone(t.Nodes)
	for i := range t.Nodes {
		t.Nodes[i].Services = slices.Clone(t.Nodes[i].Services)
		for j, s := range t.Nodes[i].Services {
			if s.Cache != nil {
				c := *s.Cache
				c.Store = ""
				t.Nodes[i].Services[j].Cache = &c
			}
		}
	}
	return described(t)
}

// links separates designs with one WAN link, pools (one link per exit), and others, each of which is like no other.
func (d View) links() string {
	switch {
	case len(d.Topology.WAN) == 1:
		return "one"
	case d.Pool:
		return "pool"
	}
	return ""
}

func described(v any) string {
	b, err := json.Marshal(v)
	if err != nil {
		panic(fmt.Sprintf("a design that cannot be written: %v", err)) // data without functions or channels always can
	}
	return string(b)
}

// Plainer reports whether a has fewer components than b, or equally many and a shorter description. The text about it does not count.
func Plainer(a, b *topology.Topology) bool {
	n, m := len(a.Components()), len(b.Components())
	return n < m || n == m && size(*a) < size(*b)
}

// size is the length of a design's description without the text about it.
func size(t topology.Topology) int {
	t.About = ""
	return len(described(t))
}
