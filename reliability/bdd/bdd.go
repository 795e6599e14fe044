// Package bdd has binary decision diagrams: exact representations of Boolean functions, from which the probability of a system's failure
// and the importance of each component follow in one pass, and its minimal cut sets. Begin at New and Diagrams. It knows variables by
// their number and nothing of systems.
//
// Sources: Bryant, Graph-Based Algorithms for Boolean Function Manipulation, IEEE Transactions on Computers C-35 (1986); Rauzy, New
// algorithms for fault trees analysis, Reliability Engineering & System Safety 40 (1993).
package bdd

import "github.com/seed-ab8b6914/spof/reason"

// Ref is a function in its Diagrams. Equal functions have equal references.
type Ref uint32

// The constant functions.
const (
	False Ref = 0
	True  Ref = 1
)

// node is the function "if the variable then hi else lo". Children have smaller references than their parents.
type node struct {
	variable uint32
	lo, hi   Ref
}

// Diagrams holds functions of the variables 0 to n-1 with shared nodes. Variables with smaller numbers are tested first; the order decides
// the size. One goroutine at a time may use it.
//
// The number of nodes and of steps is bounded, see Limit. After Err has become an error, all results are meaningless.
type Diagrams struct {
	store
	sets  sets // of the minimal cut sets
	steps int  // left for operations
}

// store has nodes, and the results of operations.
type store struct {
	nodes []node
	index index
	cache cache
	local []Ref // scratch of part: by node its place in the part; 0 between calls
	parts parts
}

// MostNodes is the number of nodes that diagrams have at most if Limit does not say otherwise. They take some 300 MiB.
const MostNodes = 1 << 23

// stepsPerNode bounds the time where the cache forgets too much: a step makes a node seldom, but never this seldom in a useful diagram.
const stepsPerNode = 64

// terminal is the variable of the constants: it comes after all others.
const terminal = ^uint32(0)

// New makes diagrams without functions.
func New() *Diagrams {
	d := &Diagrams{store: store{nodes: make([]node, 2, 1024)}}
	d.nodes[False], d.nodes[True] = node{terminal, False, False}, node{terminal, True, True}
	d.Limit(MostNodes)
	return d
}

// Limit bounds the nodes of the functions, those of the cut sets, and by them the steps of all operations.
func (d *Diagrams) Limit(nodes int) {
	d.index.most, d.sets.index.most, d.steps = nodes, nodes, stepsPerNode*nodes
}

// Err is an error with the code too-many-nodes if a limit was reached.
func (d *Diagrams) Err() error {
	if !d.index.full && !d.sets.index.full && d.steps > 0 {
		return nil
	}
	return reason.Errorf("too-many-nodes", "the decision diagram has more than %d nodes, or takes more than %d steps: the system is too entangled to be computed exactly", d.index.most, stepsPerNode*d.index.most)
}

// spent counts a step, and reports whether a limit was reached.
func (d *Diagrams) spent() bool {
	d.steps--
	return d.steps <= 0 || d.index.full || d.sets.index.full
}

// Var is the function that is true if variable v is.
func (d *Diagrams) Var(v int) Ref { return d.node(uint32(v), False, True) }

// Choose is the function "if v then hi else lo". Variable v must come before those of hi and lo.
func (d *Diagrams) Choose(v int, hi, lo Ref) Ref { return d.node(uint32(v), lo, hi) }

// Xor is true if one of the two functions is and the other is not.
func (d *Diagrams) Xor(f, g Ref) Ref { return d.Or(d.And(f, d.Not(g)), d.And(d.Not(f), g)) }

// node gives the function "if v then hi else lo"; v comes before the variables of lo and hi.
func (d *Diagrams) node(v uint32, lo, hi Ref) Ref {
	if lo == hi {
		return lo
	}
	return d.index.find(&d.nodes, node{v, lo, hi})
}

// And is true if all functions are; of none it is True.
func (d *Diagrams) And(fs ...Ref) Ref { return d.fold(True, fs, and) }

// Or is true if at least one function is; of none it is False.
func (d *Diagrams) Or(fs ...Ref) Ref { return d.fold(False, fs, or) }

// fold joins functions from the last to the first: the last has the last variables, if they are in the order of the variables.
func (d *Diagrams) fold(f Ref, fs []Ref, by operation) Ref {
	for i := len(fs) - 1; i >= 0; i-- {
		f = d.apply(by, fs[i], f)
	}
	return f
}

// Not is true if f is not.
func (d *Diagrams) Not(f Ref) Ref {
	if f <= True {
		return True - f
	}
	if r, ok := d.cache.get(not, f, False); ok {
		return r
	}
	if d.spent() {
		return False
	}
	n := d.nodes[f]
	r := d.node(n.variable, d.Not(n.lo), d.Not(n.hi))
	d.cache.put(not, f, False, r)
	return r
}

// AtLeast is true if at least k of the functions are.
func (d *Diagrams) AtLeast(k int, fs ...Ref) Ref {
	if k > len(fs) {
		return False
	}
	need := make([]Ref, max(k, 0)+1) // by j: at least j of the functions from i on
	for j := range need {
		need[j] = False
	}
	need[0] = True
	for i := len(fs) - 1; i >= 0; i-- {
		for j := len(need) - 1; j > 0; j-- {
			need[j] = d.Or(d.And(fs[i], need[j-1]), need[j])
		}
	}
	return need[len(need)-1]
}

// operation joins two functions.
type operation uint32

// The operations, those of sets included.
const (
	and operation = iota + 1
	or
	not
	minimal
	without
)

// apply joins two functions by and or or.
func (d *Diagrams) apply(by operation, f, g Ref) Ref {
	if f > g {
		f, g = g, f // both operations commute
	}
	switch {
	case f == g:
		return f
	case f <= True: // a constant is the smaller reference
		if (f == True) == (by == or) {
			return f
		}
		return g
	}
	if r, ok := d.cache.get(by, f, g); ok {
		return r
	}
	if d.spent() {
		return False
	}
	a, b := d.nodes[f], d.nodes[g]
	v := min(a.variable, b.variable)
	f0, f1 := a.at(v, f)
	g0, g1 := b.at(v, g)
	r := d.node(v, d.apply(by, f0, g0), d.apply(by, f1, g1))
	d.cache.put(by, f, g, r)
	return r
}

// at gives the function f with node n where variable v is false, and where it is true.
func (n node) at(v uint32, f Ref) (lo, hi Ref) {
	if n.variable == v {
		return n.lo, n.hi
	}
	return f, f
}
