package design

import (
	"encoding/json"
	"fmt"
	"slices"

	"github.com/seed-ab8b6914/spof/topology"
)

// Similarity is what of a design matters to a scenario, in a description of it.
type Similarity struct {
	Of   func(View) string // designs of one description are alike; an empty one is like no other
	Says string            // of a design that is left to another
}

// Similarities are those that a scenario may name, by the words of its key alike.
var Similarities = map[string]Similarity{
	"election": {func(d View) string { return described(d.election()) }, "users come to another entry as they do on"},
	"entry":    {func(d View) string { return described(d.entrance()) }, "users enter as they do on"},
	"cache":    {func(d View) string { return described([]any{d.entrance(), d.balancing(), d.stores()}) }, "it stores what users ask for as"},
	"balance":  {func(d View) string { return described(d.balancing()) }, "the balancer is as on"},
	"path":     {func(d View) string { return described([]any{d.entrance(), d.balancing()}) }, "users come to the proxies as they do on"},
	"link":     {View.links, "nothing sees the links or goes round one but as on"},
}

// election is how users come to another entry when theirs is lost: by an address and its timers, a PAC file, a name, a
// pool, or not at all. Whom they ask for the name does not matter to it.
func (d View) election() any {
	way := struct {
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
		way.DNS, way.Asked = &name, plainly(*d.Asked)
	}
	if d.Address != nil {
		way.Address = *d.Address
		way.Address.Name, way.Address.RouterID, way.Address.Track, way.Address.Members = "", 0, nil, slices.Clone(d.Address.Members)
		for i := range way.Address.Members {
			way.Address.Members[i].Node = ""
		}
	}
	return way
}

// entrance is that, the engines at which users enter, and how the address watches them.
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

// balancing is what a balancer does with how many servers; without one, whether proxies go out through others.
func (d View) balancing() any {
	if d.Balance == nil {
		return slices.ContainsFunc(d.Topology.Nodes, func(n topology.Node) bool { return n.Parents() != nil })
	}
	b := *d.Balance
	b.Servers, b.Backup = nil, nil
	return []any{b, len(d.Servers), len(d.Backups)}
}

// stores is where the proxies keep what they store, and whom they ask; how they write it matters to a full disk alone.
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

// ButForStores is of designs that differ in nothing but how their stores write.
var ButForStores = Similarity{View.unwritten, "nothing is stored under it, and but for how its stores write it is"}

// ButForStoresAndNames is of designs that differ in nothing but that, and who answers for a name.
var ButForStoresAndNames = Similarity{func(d View) string { return d.unasked().unwritten() },
	"it stores nothing and strikes no DNS server, and but for how stores write and who answers for a name it is"}

// unasked is a design without the nodes that do nothing but answer for a name: what they say stands with the users.
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

// plainly is how users ask for a name where the servers that they ask are well.
func plainly(r topology.Resolve) topology.Resolve {
	r.Servers, r.Timeout, r.Attempts, r.Rotate = nil, 0, 0, false
	return r
}

// unwritten describes all of a design but its name and how its stores write.
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

// links is of designs with one link, which are all alike, and of pools, whose exits have a line each.
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
		panic(fmt.Sprintf("a design that cannot be written: %v", err)) // plain data always can
	}
	return string(b)
}

// Plainer reports whether a has fewer components than b, or as many and a shorter description.
func Plainer(a, b *topology.Topology) bool {
	n, m := len(a.Components()), len(b.Components())
	return n < m || n == m && len(described(a)) < len(described(b))
}
