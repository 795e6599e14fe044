package system

import (
	"fmt"
	"slices"

	"github.com/seed-ab8b6914/spof/reliability/bdd"
	"github.com/seed-ab8b6914/spof/reliability/faulttree"
)

// Tree gives a function of the events, such as the Down of a group, as a fault tree: its cut sets, importances and frequency are computed
// there. Common causes are events already. The gates are those of the diagram; a function that no failure makes false has no gate "not".
// It must depend on an event: a constant has an empty tree.
func (s *System) Tree(name string, down bdd.Ref) faulttree.Tree {
	b := treeBuilder{s: s, coherent: s.Diagrams.Coherent(down), used: map[int]bool{}, not: map[int]string{}, done: map[bdd.Ref]string{}}
	b.tree.Name, b.tree.Top = name, b.input(down)
	return b.tree
}

// treeBuilder makes the gates of a diagram, each once.
type treeBuilder struct {
	s        *System
	coherent bool
	tree     faulttree.Tree
	used     map[int]bool   // events
	not      map[int]string // gates that negate an event
	done     map[bdd.Ref]string
}

// input gives the gate or event of a function, the empty name of a constant.
func (b *treeBuilder) input(f bdd.Ref) string {
	v, lo, hi, ok := b.s.Diagrams.Branch(f)
	if name, known := b.done[f]; known || !ok {
		return name
	}
	var ways []string
	if hi != bdd.False {
		ways = append(ways, b.gate(faulttree.And, b.event(v), b.input(hi)))
	}
	if lo != bdd.False {
		without := ""
		if !b.coherent && hi != bdd.True {
			without = b.negated(v)
		}
		ways = append(ways, b.gate(faulttree.And, without, b.input(lo)))
	}
	b.done[f] = b.gate(faulttree.Or, ways...)
	return b.done[f]
}

// gate makes a gate of the inputs that have a name; one alone needs none.
func (b *treeBuilder) gate(kind faulttree.Kind, inputs ...string) string {
	inputs = slices.DeleteFunc(inputs, func(name string) bool { return name == "" })
	if len(inputs) == 1 && kind != faulttree.Not {
		return inputs[0]
	}
	name := fmt.Sprint("gate-", len(b.tree.Gates)+1)
	b.tree.Gates = append(b.tree.Gates, faulttree.Gate{Name: name, Kind: kind, Inputs: inputs})
	return name
}

func (b *treeBuilder) event(v int) string {
	e := b.s.Events[v]
	if !b.used[v] {
		b.used[v] = true
		b.tree.Events = append(b.tree.Events, faulttree.Event{Name: e.Name, Unavailability: e.Unavailability, Frequency: e.Frequency, Shares: e.Shares})
	}
	return e.Name
}

func (b *treeBuilder) negated(v int) string {
	if b.not[v] == "" {
		b.not[v] = b.gate(faulttree.Not, b.event(v))
	}
	return b.not[v]
}

// Pessimistic gives the least function that is true wherever f is and that no failure makes false: as if a further loss never restored
// service. Its tree has minimal cut sets also where that of f has none; its unavailability is an upper bound.
func (s *System) Pessimistic(f bdd.Ref) bdd.Ref {
	known := map[bdd.Ref]bdd.Ref{}
	var above func(bdd.Ref) bdd.Ref
	above = func(f bdd.Ref) bdd.Ref {
		v, lo, hi, ok := s.Diagrams.Branch(f)
		if _, done := known[f]; !done && ok {
			lo = above(lo)
			known[f] = s.Diagrams.Choose(v, s.Diagrams.Or(above(hi), lo), lo)
		}
		if !ok {
			return f
		}
		return known[f]
	}
	return above(f)
}
