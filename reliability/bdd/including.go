package bdd

// Including gives by variable, given that it is true, the probability that at least one minimal cut set with it is true as a whole, if
// variable v is true with the probability p[v].
func (c CutSets) Including(p []float64) []float64 {
	by := make([]float64, len(p))
	for v := range by {
		by[v] = c.d.Probability(c.d.above(c.d.having(c.root, uint32(v))), p)
	}
	return by
}

// having gives the sets of f with variable v, without it.
func (d *Diagrams) having(f Ref, v uint32) Ref {
	n := d.sets.nodes[f]
	switch {
	case n.variable > v: // also for the constants
		return False
	case n.variable == v:
		return n.hi
	}
	if r, ok := d.sets.cache.get(having, f, Ref(v)); ok {
		return r
	}
	if d.spent() {
		return False
	}
	r := d.sets.node(n.variable, d.having(n.lo, v), d.having(n.hi, v))
	d.sets.cache.put(having, f, Ref(v), r)
	return r
}

// above is the function that is true where all variables of one of the sets of f are.
func (d *Diagrams) above(f Ref) Ref {
	if f <= True {
		return f
	}
	if r, ok := d.sets.cache.get(above, f, False); ok {
		return r
	}
	if d.spent() {
		return False
	}
	n := d.sets.nodes[f]
	lo := d.above(n.lo)
	r := d.node(n.variable, lo, d.Or(lo, d.above(n.hi)))
	d.sets.cache.put(above, f, False, r)
	return r
}
