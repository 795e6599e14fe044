package bdd

import (
	"math"
	"slices"
)

// Evaluator has functions as they were when it was made. It does not change; several goroutines may use it at once.
type Evaluator struct {
	nodes []node // children before their parents
	roots []Ref
}

// Evaluator makes an evaluator of functions.
func (d *Diagrams) Evaluator(fs ...Ref) *Evaluator {
	d.local = append(d.local, make([]Ref, len(d.nodes)-len(d.local))...)
	e := &Evaluator{nodes: d.nodes[:2:2]}
	var refs []Ref
	for _, f := range fs {
		e.nodes, refs = d.collect(f, e.nodes, refs)
		e.roots = append(e.roots, d.place(f))
	}
	for _, r := range refs {
		d.local[r] = 0
	}
	return e
}

// Probabilities gives the probability of each function if variable v is true with the probability p[v], independently of the others.
func (e *Evaluator) Probabilities(p []float64) []float64 {
	at, of := probabilities(e.nodes, p), make([]float64, len(e.roots))
	for i, f := range e.roots {
		of[i] = at[f]
	}
	return of
}

// isFalse tells whether a variable is false: those whose bit is 1 are.
func isFalse(bits []uint64, v uint32) bool { return bits[v/64]>>(v%64)&1 == 1 }

// Holds tells whether function i is true where the variables are false whose bit is 1, and all others are true.
func (e *Evaluator) Holds(i int, falses []uint64) bool {
	f := e.roots[i]
	for f > True {
		if n := &e.nodes[f]; isFalse(falses, n.variable) {
			f = n.lo
		} else {
			f = n.hi
		}
	}
	return f == True
}

// Distance is the least number of variables, among those that may, which have to become true for function i to become true; -1: no number
// is enough.
func (e *Evaluator) Distance(i int, falses []uint64, may []bool) int {
	const never = math.MaxInt32
	far := slices.Grow([]int32{never, 0}, len(e.nodes))
	for _, n := range e.nodes[2:] {
		switch {
		case !isFalse(falses, n.variable):
			far = append(far, far[n.hi])
		case may[n.variable] && far[n.hi] < never:
			far = append(far, min(far[n.lo], far[n.hi]+1))
		default:
			far = append(far, far[n.lo])
		}
	}
	if far[e.roots[i]] == never {
		return -1
	}
	return int(far[e.roots[i]])
}
