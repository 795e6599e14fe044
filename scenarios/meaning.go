package scenarios

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/seed-ab8b6914/spof/proxy"
	"github.com/seed-ab8b6914/spof/topology"
	"github.com/seed-ab8b6914/spof/topology/yamlfile"
)

// Meaning says on which designs a scenario tells something of its own, for a run of everything with everything. It does
// not bind a run that names scenario and design.
type Meaning struct {
	// Needs are the properties that a design must have; see needs.
	Needs []string `json:"needs,omitempty"`
	// Alike is what makes designs one to the scenario, so that the plainest of them stands for all; see likenesses. Empty:
	// every design is its own, but for how its stores write where the scenario has no use for them.
	Alike string `json:"alike,omitempty"`
}

// need is a property of a design.
type need struct {
	has  func(design) bool
	lack string // what a design without it is to a scenario that needs it
}

// needs are the properties that a scenario may ask of a design.
var needs = map[string]need{
	"balancer": {func(d design) bool { return d.balance != nil },
		"users enter at the forward proxies themselves, so that a proxy is lost as in node-death and service-hang"},
	"cache": {func(d design) bool { return d.t.Caches() }, "no proxy of this design stores anything"},
	"capacity": {func(d design) bool {
		return slices.ContainsFunc(d.t.WAN, func(l topology.Link) bool { return l.Bandwidth > 0 })
	},
		"no link of this design has a bandwidth, so that what gives way would be the machine under the lab"},
	"election": {func(d design) bool { return d.address != nil && len(d.members) > 1 }, "no address of this design moves between nodes"},
	"exits": {func(d design) bool { return d.pool || len(d.t.Nodes) == 1 },
		"its users take no turns with exits, nor have they a single one"},
	"shared-cooling": {func(d design) bool { return len(d.t.Cooling) > 0 },
		"no nodes of this design share their cooling, so that it is the overheat of one"},
	"hardware": {func(d design) bool {
		return d.t.Heeds() || slices.ContainsFunc(d.t.Nodes, func(n topology.Node) bool { return n.Chassis != nil })
	},
		"this design describes no hardware and heeds none, so that it loses a node to it as in node-death"},
	"nested-checks": {design.nests, "no check of this design goes through another that it could race"},
	"second-dns": {func(d design) bool { return d.asked != nil && len(d.asked.Servers) > 1 },
		"its users have no second DNS server to ask, so that what they lose of a first they lose as in dns-failure"},
	"spare-supply": {func(d design) bool {
		return slices.ContainsFunc(d.t.Nodes, func(n topology.Node) bool { return len(n.Hardware().PSUs) > 1 })
	}, "no node of this design has more than one supply, so that it loses a node to it as in node-death"},
	"redundancy": {func(d design) bool { return len(d.t.Nodes) > 1 }, "this design has one node"},
}

// nests reports whether the check of an address goes through a balancer, which checks its servers itself.
func (d design) nests() bool {
	return slices.ContainsFunc(d.t.Addresses, func(a topology.Address) bool {
		return a.Track != nil && a.Track.Kind == topology.CheckOrigin && d.balance != nil
	})
}

// likeness is what of a design matters to a scenario, in a description of it.
type likeness struct {
	of   func(design) string
	says string // of a design that is left to another
}

// likenesses describe what of a design matters to a scenario; designs of one description are alike to it. An empty
// description is like no other.
var likenesses = map[string]likeness{
	"election": {func(d design) string { return described(d.election()) }, "users come to another entry as they do on"},
	"entry":    {func(d design) string { return described(d.entrance()) }, "users enter as they do on"},
	"cache":    {func(d design) string { return described([]any{d.entrance(), d.balancing(), d.stores()}) }, "it stores what users ask for as"},
	"balance":  {func(d design) string { return described(d.balancing()) }, "the balancer is as on"},
	"path":     {func(d design) string { return described([]any{d.entrance(), d.balancing()}) }, "users come to the proxies as they do on"},
	"link":     {design.linkLikeness, "nothing sees the links or goes round one but as on"},
}

// election is how users come to another entry when theirs is lost: by an address and its timers, a PAC file, a name, a
// pool, or not at all. Whom they ask for the name does not matter to it.
func (d design) election() any {
	way := struct {
		Address topology.Address
		PAC     *topology.PAC
		DNS     *topology.Responder
		Asked   topology.Resolve
		Pool    bool
		Members int
	}{PAC: d.pac, Pool: d.pool, Members: len(d.members)}
	if d.dns != nil {
		name := *d.dns
		name.Name, name.Records = "", nil
		way.DNS, way.Asked = &name, plainly(*d.asked)
	}
	if d.address != nil {
		way.Address = *d.address
		way.Address.Name, way.Address.RouterID, way.Address.Track, way.Address.Members = "", 0, nil, slices.Clone(d.address.Members)
		for i := range way.Address.Members {
			way.Address.Members[i].Node = ""
		}
	}
	return way
}

// entrance is that, the engines at which users enter, and how the address watches them.
func (d design) entrance() any {
	var engines []topology.Engine
	for _, m := range d.members {
		if s, ok := d.entryService(m); ok {
			engines = append(engines, s.Engine)
		}
	}
	var track topology.Track
	if d.address != nil && d.address.Track != nil {
		track = *d.address.Track
		track.Service = ""
	}
	return []any{d.election(), engines, track}
}

// balancing is what a balancer does with how many servers; without one, whether proxies go out through others.
func (d design) balancing() any {
	if d.balance == nil {
		return slices.ContainsFunc(d.t.Nodes, func(n topology.Node) bool { return n.Parents() != nil })
	}
	b := *d.balance
	b.Servers, b.Backup = nil, nil
	return []any{b, len(d.servers), len(d.backups)}
}

// stores is where the proxies keep what they store, and whom they ask; how they write it matters to a full disk alone.
func (d design) stores() any {
	type store struct {
		memory, disk bool
		siblings     int
		protocol     string
	}
	var all []string
	for _, n := range d.t.Nodes {
		if s, caches := n.Caching(); caches {
			c := s.Cache
			all = append(all, fmt.Sprint(store{c.Memory > 0, c.Disk > 0, len(c.Siblings), c.Protocol}))
		}
	}
	return all
}

// likeness is what makes designs one to the scenario, by its own word; without one they are where they differ in nothing
// but how their stores write, and nothing is asked for that could be stored, and in who answers for a name, and no DNS server is struck.
func (s *Scenario) likeness() (likeness, bool) {
	l, ok := likenesses[s.Alike]
	switch {
	case s.Alike != "" || s.Load.Objects != nil:
		return l, ok
	case slices.ContainsFunc(s.Faults, func(f Fault) bool { return f.Target.Role == RoleDNS }):
		return likeness{design.unwritten, "nothing is stored under it, and but for how its stores write it is"}, true
	}
	unasked := func(d design) string { return d.unasked().unwritten() }
	return likeness{unasked, "it stores nothing and strikes no DNS server, and but for how stores write and who answers for a name it is"}, true
}

// unasked is a design without the nodes that do nothing but answer for a name: what they say stands with the users.
func (d design) unasked() design {
	t := *d.t
	t.Users = slices.Clone(t.Users)
	for i, g := range t.Users {
		if g.DNS != nil {
			asked := plainly(*g.DNS)
			name, _ := d.t.ResponderOf(g)
			asked.Servers, t.Users[i].DNS = []string{described(name)}, &asked
		}
	}
	t.Nodes = slices.DeleteFunc(slices.Clone(t.Nodes), func(n topology.Node) bool {
		_, responds := n.Responder()
		return responds && len(n.Services) == 1 && n.Chassis == nil
	})
	d.t = &t
	return d
}

// plainly is how users ask for a name where the servers that they ask are well.
func plainly(r topology.Resolve) topology.Resolve {
	r.Servers, r.Timeout, r.Attempts, r.Rotate = nil, 0, 0, false
	return r
}

// unwritten describes all of a design but its name and how its stores write.
func (d design) unwritten() string {
	t := *d.t
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

// linkLikeness is of designs with one link, which are all alike, and of pools, whose exits have a line each.
func (d design) linkLikeness() string {
	switch {
	case len(d.t.WAN) == 1:
		return "one"
	case d.pool:
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

// Means says why a scenario tells nothing of its own on a design; empty: it does.
func (s *Scenario) Means(t *topology.Topology) string {
	d := newDesign(t)
	var lacks []string
	if strings.Contains(t.Name, "@") && !s.warns() {
		lacks = append(lacks, "no chassis gives notice of it, so that the policy of signals does not matter")
	}
	for _, name := range s.Needs {
		if n := needs[name]; !n.has(d) {
			lacks = append(lacks, n.lack)
		}
	}
	return strings.Join(lacks, "; ")
}

// warns reports whether a chassis gives notice of any of the faults.
func (s *Scenario) warns() bool {
	return slices.ContainsFunc(s.Faults, func(f Fault) bool {
		return slices.Contains([]proxy.FaultKind{proxy.PSUFailure, proxy.FanFailure, proxy.Overheat, proxy.CoolingZoneFailure, proxy.FeedLoss, proxy.MainsOutage}, f.Kind)
	})
}

// StandsFor finds the designs that are alike to the scenario, and for each that is not the plainest of its kind why it
// can be left out, by name: the plainest has the fewest components, then the shortest description, then comes first.
func (s *Scenario) StandsFor(designs []*topology.Topology) map[string]string {
	kind, ok := s.likeness()
	if !ok {
		return nil
	}
	plainest := map[string]*topology.Topology{}
	for _, t := range designs {
		like := kind.of(newDesign(t))
		if best := plainest[like]; best == nil || plainer(t, best) {
			plainest[like] = t
		}
	}
	left := map[string]string{}
	for _, t := range designs {
		like := kind.of(newDesign(t))
		if best := plainest[like]; like != "" && best != t {
			left[t.Name] = kind.says + " " + best.Name
		}
	}
	return left
}

func plainer(a, b *topology.Topology) bool {
	n, m := len(a.Components()), len(b.Components())
	return n < m || n == m && len(described(a)) < len(described(b))
}

func readMeaning(list, alike yamlfile.Value) Meaning {
	var m Meaning
	for _, v := range list.List() {
		if name := v.OneOf("", slices.Sorted(maps.Keys(needs))...); name != "" {
			m.Needs = append(m.Needs, name)
		}
	}
	if alike.Present() {
		m.Alike = alike.OneOf("", slices.Sorted(maps.Keys(likenesses))...)
	}
	return m
}
