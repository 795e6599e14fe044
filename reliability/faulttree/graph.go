package faulttree

import (
	"cmp"
	"slices"
)

// vertex is an event, a house or a gate, with its inputs by number.
type vertex struct {
	event  int // its number; -1: none
	gate   *Gate
	state  bool // of a house
	inputs []int
	weight int // the number of paths to events below it, at most maxWeight

	// The visits of a walk over the tree, see modules.
	first, exit, last int
	low, high         int  // the first and the last visit of anything below
	negates           bool // there is a Not or Xor in it
	module            bool
}

const maxWeight = 1 << 40

func (v *vertex) constant() bool { return v.gate == nil && v.event < 0 }

// graph is a tree by numbers, without groups. Only what the top depends on is visited.
type graph struct {
	vertices []vertex
	top      int
	gates    []int // visited ones, inputs before what uses them
	date     int
}

// order arranges the inputs of a gate. It decides the order of the variables, and so the size of the diagrams.
type order func(g *graph, inputs []int)

// The orders that are tried, see diagrams.
var orders = []order{heavyFirst, lightFirst, asWritten}

func asWritten(*graph, []int) {}

func lightFirst(g *graph, inputs []int) {
	slices.SortStableFunc(inputs, func(a, b int) int { return cmp.Compare(g.vertices[a].weight, g.vertices[b].weight) })
}

func heavyFirst(g *graph, inputs []int) {
	slices.SortStableFunc(inputs, func(a, b int) int { return cmp.Compare(g.vertices[b].weight, g.vertices[a].weight) })
}

// newGraph numbers a tree without problems.
func newGraph(t *Tree) *graph {
	g := &graph{vertices: make([]vertex, 0, len(t.Events)+len(t.Houses)+len(t.Gates)+1)}
	number := make(map[string]int, cap(g.vertices))
	add := func(name string, v vertex) {
		number[name] = len(g.vertices)
		g.vertices = append(g.vertices, v)
	}
	for i := range t.Events {
		add(t.Events[i].Name, vertex{event: i, weight: 1})
	}
	for _, h := range t.Houses {
		add(h.Name, vertex{event: -1, state: h.State, weight: 1})
	}
	for i := range t.Gates {
		add(t.Gates[i].Name, vertex{event: -1, gate: &t.Gates[i]})
	}
	for i := range t.Gates {
		v := &g.vertices[len(t.Events)+len(t.Houses)+i]
		for _, in := range v.gate.Inputs {
			v.inputs = append(v.inputs, number[in])
		}
	}
	g.top = len(g.vertices) // a gate also where the top is an event
	g.vertices = append(g.vertices, vertex{event: -1, gate: &Gate{Kind: Pass}, inputs: []int{number[t.Top]}})
	return g
}

// arrange sorts the inputs of all gates and walks over the tree.
func (g *graph) arrange(by order) {
	g.weigh(g.top)
	g.date, g.gates = 0, g.gates[:0]
	for i := range g.vertices {
		v := &g.vertices[i]
		v.first, v.exit, v.last = 0, 0, 0
		by(g, v.inputs)
	}
	g.visit(g.top)
	g.modules()
}

// weigh computes weights.
func (g *graph) weigh(at int) int {
	v := &g.vertices[at]
	if v.weight == 0 {
		for _, in := range v.inputs {
			v.weight = min(v.weight+g.weigh(in), maxWeight)
		}
	}
	return v.weight
}

// visit notes when the parts of a tree are visited.
func (g *graph) visit(at int) {
	v := &g.vertices[at]
	g.date++
	v.last = g.date
	if v.first != 0 {
		return
	}
	v.first = g.date
	if v.gate == nil {
		return
	}
	for _, in := range v.inputs {
		g.visit(in)
	}
	g.date++
	v.exit, v.last = g.date, g.date
	g.gates = append(g.gates, at)
}

// modules marks the gates that share nothing below them with the rest of the tree: a module is to the rest as an event is. A gate that
// negates is none, except for the top: whether the tree is coherent is seen in one function.
//
// Source: Dutuit and Rauzy, A linear-time algorithm to find modules of fault trees, IEEE Transactions on Reliability 45 (1996).
func (g *graph) modules() {
	for _, at := range g.gates {
		v := &g.vertices[at]
		v.low, v.high = v.exit, 0
		v.negates = v.gate.Kind == Not || v.gate.Kind == Xor
		for _, in := range v.inputs {
			i := &g.vertices[in]
			if i.constant() {
				continue
			}
			v.low, v.high = min(v.low, i.first), max(v.high, i.last)
			v.negates = v.negates || i.negates
			if i.gate != nil {
				v.low, v.high = min(v.low, i.low), max(v.high, i.high)
			}
		}
		v.module = at == g.top || !v.negates && v.low > v.first && v.high < v.exit
	}
}
