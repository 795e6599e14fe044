package planner

import (
	"encoding/json"
	"slices"

	"github.com/seed-ab8b6914/spof/reliability/choose"
	"github.com/seed-ab8b6914/spof/reliability/system"
	"github.com/seed-ab8b6914/spof/topology"
	"github.com/seed-ab8b6914/spof/topology/yamlfile"
)

// section is a group of users, or several, with all components that their service can depend on, whatever is bought. What is bought for
// one section does nothing for another, so that the outage of a design is the sum over its sections.
type section struct {
	groups []string
	names  map[string]bool // of its components and groups
	on     choose.Set      // the alternatives that change it
}

// sections divides the base of a shop. Two components are in one section if one names the other, in the base or with any alternative.
func (s *shop) sections() ([]section, error) {
	designs := []*topology.Topology{s.base.Topology}
	for i := range s.offers {
		t, err := s.Patched(s.design, s.needs(s.offers[i])...)
		if err != nil {
			return nil, err
		}
		designs = append(designs, t)
	}
	parts := joined(designs)
	var all []section
	for _, g := range s.base.Topology.Users {
		at := slices.IndexFunc(all, func(one section) bool { return one.names[g.Name] })
		if at < 0 {
			at, all = len(all), append(all, section{names: parts[g.Name]})
		}
		all[at].groups = append(all[at].groups, g.Name)
	}
	for i := range s.offers {
		s.assign(all, i)
	}
	s.joinCauses(all, designs)
	return all, nil
}

// joined gives by name the names of the components in one section with it.
func joined(designs []*topology.Topology) map[string]map[string]bool {
	of := map[string]map[string]bool{}
	for _, t := range designs {
		for name := range named(t) {
			if of[name] == nil {
				of[name] = map[string]bool{name: true}
			}
		}
	}
	for _, t := range designs {
		for name, part := range named(t) {
			for other := range texts(part) {
				if of[other] == nil || of[name][other] {
					continue
				}
				for moved := range of[other] {
					of[name][moved] = true
				}
				for moved := range of[name] {
					of[moved] = of[name]
				}
			}
		}
	}
	return of
}

// named gives the components and groups of a design by their names.
func named(t *topology.Topology) map[string]any {
	all := map[string]any{}
	for _, n := range t.Nodes {
		all[n.Name] = n
	}
	for _, a := range t.Addresses {
		all[a.Name] = a
	}
	for _, w := range t.WAN {
		all[w.Name] = w
	}
	for _, g := range t.Users {
		all[g.Name] = g
	}
	for _, zone := range t.Cooling {
		all[zone] = zone
	}
	if t.Power != nil {
		for _, f := range t.Power.Feeds {
			all[f.Name] = f
		}
		for _, g := range t.Power.Generators {
			all[g.Name] = g
		}
	}
	return all
}

// texts gives every text of a value: names of other components among them.
func texts(v any) map[string]bool {
	all := map[string]bool{}
	data, err := json.Marshal(v)
	if err == nil {
		err = json.Unmarshal(data, &v)
	}
	if err != nil {
		panic(err) // a topology is JSON
	}
	var walk func(any)
	walk = func(v any) {
		switch v := v.(type) {
		case string:
			all[v] = true
		case []any:
			for _, one := range v {
				walk(one)
			}
		case map[string]any:
			for _, one := range v {
				walk(one)
			}
		}
	}
	walk(v)
	return all
}

// assign gives an alternative to the sections that it changes. Crews, spare parts, figures of components and keys of the whole design
// change all of them.
func (s *shop) assign(all []section, offer int) {
	a := s.Alternatives[s.offers[offer]]
	names, everywhere := written(a.patch, s.base.Topology)
	everywhere = everywhere || a.table.Present() || len(a.care.Crews)+len(a.care.Stocks) > 0
	for i := range all {
		if everywhere || slices.ContainsFunc(names, func(name string) bool { return all[i].names[name] }) {
			all[i].on |= 1 << offer
		}
	}
}

// written lists the names of the components that a patch writes to; everywhere: it changes more than that, such as the number of users.
func written(patch yamlfile.Value, t *topology.Topology) (names []string, everywhere bool) {
	if !patch.Present() {
		return nil, false
	}
	for _, section := range patch.Entries() {
		lists := []yamlfile.Value{section.Value}
		switch section.Name {
		case "power":
			lists = nil
			if !section.Value.IsMapping() {
				return nil, true
			}
			for _, list := range section.Value.Entries() {
				everywhere = everywhere || list.Name != "feeds" && list.Name != "generators"
				lists = append(lists, list.Value)
			}
		case "nodes", "addresses", "wan", "users":
		default:
			return nil, true
		}
		for _, list := range lists {
			if !list.IsMapping() {
				return nil, true
			}
			for _, e := range list.Entries() {
				names = append(names, e.Name)
				everywhere = everywhere || section.Name == "users" && countsUsers(e, t)
			}
		}
	}
	return names, everywhere
}

// countsUsers reports whether a patch of a group changes how many users there are: then the weights of all groups change.
func countsUsers(group yamlfile.Entry, t *topology.Topology) bool {
	_, is := t.Group(group.Name)
	return !is || !group.Value.IsMapping() || slices.ContainsFunc(group.Value.Entries(), func(e yamlfile.Entry) bool { return e.Name == "count" })
}

// joinCauses gives sections the alternatives that change whether their parts have a cause of failure in common with others: that add the
// first other part of the same software or hardware, or remove one. And what was measured holds for all sections or for none.
func (s *shop) joinCauses(all []section, designs []*topology.Topology) {
	i := slices.IndexFunc(all, func(one section) bool { return one.names[largest(s.base.Topology).Name] })
	entry := all[i].on
	for i := range all {
		if s.base.failover.From == Measured {
			all[i].on |= entry
		}
		for offer := range s.offers {
			if s.turnsAlike(all[i], designs, offer+1) {
				all[i].on |= 1 << offer
			}
		}
	}
}

// turnsAlike reports whether the design of an alternative may turn a part of a section that is the only one of its kind into one of
// several, or the reverse; with gamma or delta, whether it changes how many there are. The first design is the base.
func (s *shop) turnsAlike(of section, designs []*topology.Topology, with int) bool {
	before, after, own := system.Alike(designs[0]), system.Alike(designs[with]), alikeIn(of, designs[with])
	for kind, parts := range before {
		if len(after[kind]) < len(parts) {
			return true
		}
	}
	for kind, parts := range after {
		alone := slices.ContainsFunc(designs, func(t *topology.Topology) bool { return len(alikeIn(of, t)[kind]) == 1 })
		if alone && len(before[kind]) == len(alikeIn(of, designs[0])[kind]) && len(parts) > len(own[kind]) {
			return true
		}
		if s.Table.Lettered() && len(parts) != len(before[kind]) {
			return true
		}
	}
	return false
}

// alikeIn names the parts of a section of a design by kind and version.
func alikeIn(of section, t *topology.Topology) map[string][]string {
	some := *t
	some.Nodes, some.Addresses = nil, nil
	for _, n := range t.Nodes {
		if of.names[n.Name] {
			some.Nodes = append(some.Nodes, n)
		}
	}
	for _, a := range t.Addresses {
		if of.names[a.Name] {
			some.Addresses = append(some.Addresses, a)
		}
	}
	return system.Alike(&some)
}
