package bdd

// sets are families of sets of variables, as zero-suppressed diagrams: a node has the sets of lo, and those of hi with its variable added.
// Here False is no set, and True the empty set alone. Source: Minato, Zero-Suppressed BDDs, DAC 1993.
type sets struct{ store }

func (s *sets) node(v uint32, lo, hi Ref) Ref {
	if hi == False {
		return lo
	}
	return s.index.find(&s.nodes, node{v, lo, hi})
}

// CutSets are the minimal cut sets of a function: the smallest sets of variables that make it true.
type CutSets struct {
	d    *Diagrams
	root Ref
	of   [][]float64 // see Standing
}

// CutSets gives the minimal cut sets of a coherent function: one that no variable makes false by becoming true.
func (d *Diagrams) CutSets(f Ref) CutSets {
	if d.sets.nodes == nil {
		d.sets.nodes = []node{{terminal, False, False}, {terminal, True, True}}
	}
	return CutSets{d, d.minimal(f), nil}
}

// minimal is Rauzy's algorithm: the sets with the variable are the minimal ones of hi that include no set of lo.
func (d *Diagrams) minimal(f Ref) Ref {
	if f <= True {
		return f
	}
	if r, ok := d.cache.get(minimal, f, False); ok {
		return r
	}
	if d.spent() {
		return False
	}
	n := d.nodes[f]
	lo := d.minimal(n.lo)
	hi := d.without(d.minimal(n.hi), lo)
	r := d.sets.node(n.variable, lo, hi)
	d.cache.put(minimal, f, False, r)
	return r
}

// without gives the sets of f that include no set of g. In g no set includes another.
func (d *Diagrams) without(f, g Ref) Ref {
	s := &d.sets
	switch {
	case f == False || g == True || f == g:
		return False
	case g == False || f == True:
		return f
	}
	if r, ok := s.cache.get(without, f, g); ok {
		return r
	}
	if d.spent() {
		return False
	}
	a, b := s.nodes[f], s.nodes[g]
	var r Ref
	switch {
	case a.variable < b.variable:
		r = s.node(a.variable, d.without(a.lo, g), d.without(a.hi, g))
	case a.variable > b.variable:
		r = d.without(f, b.lo)
	default:
		r = s.node(a.variable, d.without(a.lo, b.lo), d.without(d.without(a.hi, b.hi), b.lo))
	}
	s.cache.put(without, f, g, r)
	return r
}
