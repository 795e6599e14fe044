package system

import (
	"fmt"
	"slices"
	"strings"

	"github.com/seed-ab8b6914/spof/reliability/bdd"
	"github.com/seed-ab8b6914/spof/reliability/faulttree"
	"github.com/seed-ab8b6914/spof/topology"
)

// Tree gives a function of the events, such as the Down of a group, as a fault tree: its cut sets, importances and frequency are computed
// there. Common causes are events already. The gates are those of the diagram, and say what is lost: "NAME after lb-a" is what takes the
// service away once lb-a is lost. A function that no failure makes false has no gate "not". It must depend on an event: a constant has an
// empty tree.
func (s *System) Tree(name string, down bdd.Ref) faulttree.Tree {
	b := treeBuilder{s: s, coherent: s.Diagrams.Coherent(down), used: map[int]bool{}, done: map[bdd.Ref]string{}, parents: map[bdd.Ref]int{},
		made: map[string]string{}, taken: map[string]int{name: 1}}
	b.count(down)
	b.tree.Name, b.top = name, down
	b.tree.Top = b.input(down, nil)
	return b.tree
}

// treeBuilder makes the gates of a diagram, each once.
type treeBuilder struct {
	s        *System
	coherent bool
	tree     faulttree.Tree
	top      bdd.Ref
	used     map[int]bool // events
	done     map[bdd.Ref]string
	parents  map[bdd.Ref]int   // how many nodes lead to a node
	made     map[string]string // the gates that join events, by the names of these
	taken    map[string]int    // names of gates, and how many have them
}

// count counts the parents of each node below f.
func (b *treeBuilder) count(f bdd.Ref) {
	b.parents[f]++
	if _, lo, hi, ok := b.s.Diagrams.Branch(f); ok && b.parents[f] == 1 {
		b.count(lo)
		b.count(hi)
	}
}

// input gives the gate or event of a function, the empty name of a constant. after names what is lost already.
func (b *treeBuilder) input(f bdd.Ref, after []string) string {
	name, known := b.done[f]
	if known || f <= bdd.True {
		return name
	}
	var ways []string
	rest := f
	for rest > bdd.True && (rest == f || b.parents[rest] == 1) {
		var way []string
		way, rest = b.step(rest, after)
		ways = append(ways, way...)
	}
	title := b.title(" after ", after)
	if f == b.top {
		title, b.taken[b.tree.Name] = b.tree.Name, 0
	}
	b.done[f] = b.gate(faulttree.Or, title, append(ways, b.input(rest, after))...)
	return b.done[f]
}

// step gives the ways in which the first events of a function make it true, and what is left for the case that none of them happens.
func (b *treeBuilder) step(f bdd.Ref, after []string) (ways []string, rest bdd.Ref) {
	events, hi, lo := b.alternatives(f)
	lost, name := b.lost(events)
	with := append(after[:len(after):len(after)], name)
	switch hi {
	case bdd.False:
	case bdd.True:
		ways = []string{lost}
	default:
		ways = []string{b.gate(faulttree.And, b.title(" by more than ", with), lost, b.input(hi, with))}
	}
	if b.coherent || hi == bdd.True || lo == bdd.False {
		return ways, lo
	}
	return append(ways, b.gate(faulttree.And, b.title(" despite ", with), b.not(lost), b.input(lo, after))), bdd.False
}

// alternatives gives the first events of a function of which any one has the same effect, hi; lo is what is left without them.
func (b *treeBuilder) alternatives(f bdd.Ref) (events []int, hi, lo bdd.Ref) {
	v, lo, hi, _ := b.s.Diagrams.Branch(f)
	events = []int{v}
	for {
		v, next, same, ok := b.s.Diagrams.Branch(lo)
		if !ok || same != hi || b.parents[lo] != 1 {
			return events, hi, lo
		}
		events, lo = append(events, v), next
	}
}

// lost gives the event, or the gate of several, and a name for them: the nodes and parts that they take away.
func (b *treeBuilder) lost(events []int) (input, name string) {
	var inputs, places []string
	for _, v := range events {
		inputs = append(inputs, b.event(v))
		if p := place(b.s.Events[v]); !slices.Contains(places, p) {
			places = append(places, p)
		}
	}
	name = few(places, ", ")
	key := strings.Join(inputs, "\n")
	if b.made[key] == "" {
		b.made[key] = b.gate(faulttree.Or, name+" lost", inputs...)
	}
	return b.made[key], name
}

// place is the node of an event, else its own name.
func place(e Event) string {
	switch of := e.Of; {
	case e.Common || of.Kind == "":
		return e.Name
	case of.Node != "":
		return of.Node
	case of.Kind == topology.KindNode:
		return of.Name
	}
	return e.Name
}

// few joins names, of many only the first.
func few(names []string, by string) string {
	const most = 4
	if len(names) > most {
		return fmt.Sprintf("%s and %d more", strings.Join(names[:most], by), len(names)-most)
	}
	return strings.Join(names, by)
}

// title is the name of a gate.
func (b *treeBuilder) title(how string, lost []string) string {
	if len(lost) == 0 {
		return b.tree.Name + " otherwise"
	}
	return b.tree.Name + how + few(lost, " and ")
}

// gate makes a gate of the inputs that have a name; one alone needs none.
func (b *treeBuilder) gate(kind faulttree.Kind, name string, inputs ...string) string {
	inputs = slices.DeleteFunc(inputs, func(name string) bool { return name == "" })
	if len(inputs) == 1 && kind != faulttree.Not {
		return inputs[0]
	}
	if b.taken[name]++; b.taken[name] > 1 {
		name = fmt.Sprintf("%s (%d)", name, b.taken[name])
	}
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

// not gives the gate that is true while an input is not.
func (b *treeBuilder) not(input string) string {
	key := "not\n" + input
	if b.made[key] == "" {
		b.made[key] = b.gate(faulttree.Not, "not "+input, input)
	}
	return b.made[key]
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
