package faulttree_test

import (
	"fmt"
	"math/rand/v2"
	"slices"

	. "github.com/seed-ab8b6914/spof/reliability/faulttree"
)

// random makes a tree of n events whose gates use events and gates made before them, so that much is shared. Every gate is in use.
func random(rng *rand.Rand, n int, kinds ...Kind) Tree {
	t := Tree{Name: "random", Top: "top"}
	var unused []string
	for i := range n {
		e := Event{Name: fmt.Sprintf("e%d", i), Unavailability: rng.Float64() / 4, Frequency: rng.Float64() / 100}
		if rng.IntN(4) == 0 {
			e.Unavailability *= 1e-9
		}
		t.Events, unused = append(t.Events, e), append(unused, e.Name)
	}
	all := slices.Clone(unused)
	for i := 0; len(unused) > 1; i++ {
		g := Gate{Name: fmt.Sprintf("g%d", i), Kind: kinds[rng.IntN(len(kinds))]}
		want := map[Kind]int{Not: 1, Pass: 1, Xor: 2}[g.Kind]
		if want == 0 {
			want = 2 + rng.IntN(3)
		}
		for k := 0; k < 2*want && len(g.Inputs) < want; k++ {
			from := unused
			if rng.IntN(3) == 0 {
				from = all
			}
			if in := from[rng.IntN(len(from))]; !slices.Contains(g.Inputs, in) {
				g.Inputs = append(g.Inputs, in)
			}
		}
		if len(g.Inputs) < want {
			continue
		}
		g.K = 1 + rng.IntN(len(g.Inputs))
		unused = slices.DeleteFunc(unused, func(name string) bool { return slices.Contains(g.Inputs, name) })
		t.Gates, unused, all = append(t.Gates, g), append(unused, g.Name), append(all, g.Name)
	}
	t.Gates = append(t.Gates, Gate{Name: "top", Kind: Pass, Inputs: unused})
	return t
}

// truth is a tree as a function of the set of events that have happened. It knows nothing of diagrams.
func truth(t Tree) func(set uint) bool {
	bit, gates := map[string]int{}, map[string]Gate{}
	for i, e := range t.Events {
		bit[e.Name] = i
	}
	for _, g := range t.Gates {
		gates[g.Name] = g
	}
	var value func(name string, set uint) bool
	value = func(name string, set uint) bool {
		g, is := gates[name]
		if !is {
			return set>>bit[name]&1 == 1
		}
		failed := 0
		for _, in := range g.Inputs {
			if value(in, set) {
				failed++
			}
		}
		switch g.Kind {
		case And:
			return failed == len(g.Inputs)
		case AtLeast:
			return failed >= g.K
		case Not:
			return failed == 0
		case Xor:
			return failed == 1
		}
		return failed > 0
	}
	return func(set uint) bool { return value(t.Top, set) }
}

// system is a tree by enumeration of all states.
type system struct {
	t   Tree
	is  []bool    // by set of events: whether the system is down
	sum []float64 // by set: its probability
}

func enumerate(t Tree) system {
	s := system{t, make([]bool, 1<<len(t.Events)), make([]float64, 1<<len(t.Events))}
	of := truth(t)
	for set := range s.is {
		s.is[set], s.sum[set] = of(uint(set)), 1
		for v, e := range t.Events {
			q := e.Unavailability
			if set>>v&1 == 0 {
				q = 1 - q
			}
			s.sum[set] *= q
		}
	}
	return s
}

// probability is that of the sets that count.
func (s system) probability(counts func(set int) bool) (p float64) {
	for set, q := range s.sum {
		if counts(set) {
			p += q
		}
	}
	return p
}

// given is the probability of the sets that count, given that event v has or has not happened. It uses sums of positive numbers alone.
func (s system) given(v int, happened bool, counts func(set int) bool) (p float64) {
	alone := s.t
	alone.Events = slices.Clone(alone.Events)
	for set := range s.is {
		if (set>>v&1 == 1) != happened || !counts(set) {
			continue
		}
		q := 1.0
		for i, e := range s.t.Events {
			switch {
			case i == v:
			case set>>i&1 == 1:
				q *= e.Unavailability
			default:
				q *= 1 - e.Unavailability
			}
		}
		p += q
	}
	return p
}

// cutSets gives the minimal cut sets.
func (s system) cutSets() (sets []int) {
	for set, down := range s.is {
		for v := range s.t.Events {
			down = down && (set>>v&1 == 0 || !s.is[set&^(1<<v)])
		}
		if down {
			sets = append(sets, set)
		}
	}
	return sets
}
