package faulttree

import "strings"

// Expanded gives the tree with its groups replaced by independent events and the gates of their members, as Group says. The tree must have no
// problems.
func (t Tree) Expanded() Tree {
	if len(t.Groups) == 0 {
		return t
	}
	members := map[string]*Event{}
	for _, g := range t.Groups {
		for _, m := range g.Members {
			members[m] = nil
		}
	}
	old := t.Events
	t.Events = nil
	for i := range old {
		if _, in := members[old[i].Name]; in {
			members[old[i].Name] = &old[i]
			continue
		}
		t.Events = append(t.Events, old[i])
	}
	t.Gates = t.Gates[:len(t.Gates):len(t.Gates)]
	for _, g := range t.Groups {
		t.add(g, members)
	}
	t.Groups = nil
	return t
}

// add adds the events of a group, and a gate for each member.
func (t *Tree) add(g Group, members map[string]*Event) {
	inputs := make([][]string, len(g.Members))
	for set := 1; set < 1<<len(g.Members); set++ {
		of := membersIn(set, len(g.Members))
		part := g.Part(len(of))
		if part == 0 {
			continue
		}
		e := shared(of, g, members)
		e.Unavailability *= part
		e.Frequency *= part
		t.Events = append(t.Events, e)
		for _, i := range of {
			inputs[i] = append(inputs[i], e.Name)
		}
	}
	for i, name := range g.Members {
		t.Gates = append(t.Gates, Gate{Name: name, Label: members[name].Label, Kind: Or, Inputs: inputs[i]})
	}
}

// membersIn gives the places of the bits of a set.
func membersIn(set, n int) (places []int) {
	for i := range n {
		if set>>i&1 == 1 {
			places = append(places, i)
		}
	}
	return places
}

// With gives the sets of at least two members, a given one among them, that fail together with a part above 0. The members are in the order of
// the group.
func (g Group) With(member string) (sets [][]string) {
	for k := 2; k <= len(g.Members); k++ {
		if g.Part(k) > 0 {
			sets = append(sets, including(member, g.Members, k)...)
		}
	}
	return sets
}

// including gives the sets of k of some names that have one of them, "": any.
func including(name string, of []string, k int) (sets [][]string) {
	switch {
	case k > len(of):
		return nil
	case k == 0 && name == "":
		return [][]string{nil}
	case k == 0:
		return nil
	}
	rest := name
	if of[0] == name {
		rest = ""
	}
	for _, set := range including(rest, of[1:], k-1) {
		sets = append(sets, append([]string{of[0]}, set...))
	}
	if of[0] != name {
		sets = append(sets, including(name, of[1:], k)...)
	}
	return sets
}

// shared is the event that some members of a group fail together. It shares what all of them share.
func shared(of []int, g Group, members map[string]*Event) Event {
	e := *members[g.Members[of[0]]]
	var names []string
	count := map[string]int{}
	for _, i := range of {
		names = append(names, g.Members[i])
		for _, s := range members[g.Members[i]].Shares {
			count[s]++
		}
	}
	all := e.Shares
	e.Name, e.Label, e.Shares = "["+strings.Join(names, " ")+"]", "", nil
	for _, s := range all {
		if count[s] == len(of) {
			e.Shares = append(e.Shares, s)
		}
	}
	return e
}

// Part is the part of a member's unavailability that one event of k of the members has, see Group.
func (g Group) Part(k int) float64 {
	m := len(g.Members)
	if g.Model == BetaFactor {
		switch k {
		case 1:
			return 1 - g.Factors[0]
		case m:
			return g.Factors[0]
		}
		return 0
	}
	return g.letters(k) / binomial(m-1, k-1)
}

// letters is the probability that a failure of a member is one of exactly k members, by the Greek letters.
func (g Group) letters(k int) float64 {
	if k > len(g.Factors)+1 {
		return 0
	}
	p := 1.0
	for _, f := range g.Factors[:k-1] {
		p *= f
	}
	if k <= len(g.Factors) {
		p *= 1 - g.Factors[k-1]
	}
	return p
}

func binomial(n, k int) float64 {
	b := 1.0
	for i := range k {
		b = b * float64(n-i) / float64(i+1)
	}
	return b
}
