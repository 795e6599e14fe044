// Package bdd has binary decision diagrams: exact representations of Boolean functions, from which the probability of a system's failure
// and the importance of each component follow in one pass, and its minimal cut sets. Begin at New and Diagrams. It knows variables by
// their number and nothing of systems.
//
// Sources: Bryant, Graph-Based Algorithms for Boolean Function Manipulation, IEEE Transactions on Computers C-35 (1986); Rauzy, New
// algorithms for fault trees analysis, Reliability Engineering & System Safety 40 (1993).
package bdd

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
type Diagrams struct {
	nodes []node
	index index
	cache cache
	sets  sets // of the minimal cut sets
}

// terminal is the variable of the constants: it comes after all others.
const terminal = ^uint32(0)

// New makes diagrams without functions.
func New() *Diagrams {
	d := &Diagrams{nodes: make([]node, 2, 1024)}
	d.nodes[False], d.nodes[True] = node{terminal, False, False}, node{terminal, True, True}
	return d
}

// Var is the function that is true if variable v is.
func (d *Diagrams) Var(v int) Ref { return d.node(uint32(v), False, True) }

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

// Size is the number of nodes of a function, without the constants.
func (d *Diagrams) Size(f Ref) (n int) {
	for _, in := range d.below(f) {
		if in {
			n++
		}
	}
	return n
}

// below reports by reference whether the node is part of f.
func (d *Diagrams) below(f Ref) []bool {
	in := make([]bool, f+1)
	if f <= True {
		return in[:0]
	}
	in[f] = true
	for i := f; i > True; i-- {
		if in[i] {
			in[d.nodes[i].lo], in[d.nodes[i].hi] = true, true
		}
	}
	in[False], in[True] = false, false
	return in
}

// Probability is the probability that f is true if variable v is true with the probability p[v], independently of the others.
func (d *Diagrams) Probability(f Ref, p []float64) float64 {
	if f <= True {
		return float64(f)
	}
	return d.probabilities(d.below(f), p)[f]
}

// probabilities gives the probability of each node that is in.
func (d *Diagrams) probabilities(in []bool, p []float64) []float64 {
	at := make([]float64, len(in))
	at[True] = 1
	for i := range in {
		if in[i] {
			n := d.nodes[i]
			q := p[n.variable]
			at[i] = q*at[n.hi] + (1-q)*at[n.lo]
		}
	}
	return at
}

// Birnbaum gives the probability of f, and by variable its partial derivative: the probability of f if the variable is true, less that if
// it is false. It takes one pass down and one up.
func (d *Diagrams) Birnbaum(f Ref, p []float64) (whole float64, by []float64) {
	by = make([]float64, len(p))
	if f <= True {
		return float64(f), by
	}
	in := d.below(f)
	at, reach := d.probabilities(in, p), make([]float64, len(in)) // reach: the probability of the paths to a node
	reach[f] = 1
	for i := f; i > True; i-- {
		if !in[i] {
			continue
		}
		n := d.nodes[i]
		by[n.variable] += reach[i] * (at[n.hi] - at[n.lo])
		reach[n.hi] += reach[i] * p[n.variable]
		reach[n.lo] += reach[i] * (1 - p[n.variable])
	}
	return at[f], by
}
