package bdd

// sets are families of sets of variables, as zero-suppressed diagrams: a node has the sets of lo, and those of hi with its variable added.
// Here False is no set, and True the empty set alone. Source: Minato, Zero-Suppressed BDDs, DAC 1993.
type sets struct {
	nodes []node
	index index
	cache cache
}

func (s *sets) node(v uint32, lo, hi Ref) Ref {
	if hi == False {
		return lo
	}
	return s.index.find(&s.nodes, node{v, lo, hi})
}

// CutSets are the minimal cut sets of a function: the smallest sets of variables that make it true.
type CutSets struct {
	s    *sets
	root Ref
}

// CutSets gives the minimal cut sets of a coherent function: one that no variable makes false by becoming true.
func (d *Diagrams) CutSets(f Ref) CutSets {
	if d.sets.nodes == nil {
		d.sets.nodes = []node{{terminal, False, False}, {terminal, True, True}}
	}
	return CutSets{&d.sets, d.minimal(f)}
}

// minimal is Rauzy's algorithm: the sets with the variable are the minimal ones of hi that include no set of lo.
func (d *Diagrams) minimal(f Ref) Ref {
	if f <= True {
		return f
	}
	if r, ok := d.cache.get(minimal, f, False); ok {
		return r
	}
	n := d.nodes[f]
	lo := d.minimal(n.lo)
	hi := d.sets.without(d.minimal(n.hi), lo)
	r := d.sets.node(n.variable, lo, hi)
	d.cache.put(minimal, f, False, r)
	return r
}

// without gives the sets of f that include no set of g. In g no set includes another.
func (s *sets) without(f, g Ref) Ref {
	switch {
	case f == False || g == True || f == g:
		return False
	case g == False || f == True:
		return f
	}
	if r, ok := s.cache.get(without, f, g); ok {
		return r
	}
	a, b := s.nodes[f], s.nodes[g]
	var r Ref
	switch {
	case a.variable < b.variable:
		r = s.node(a.variable, s.without(a.lo, g), s.without(a.hi, g))
	case a.variable > b.variable:
		r = s.without(f, b.lo)
	default:
		r = s.node(a.variable, s.without(a.lo, b.lo), s.without(s.without(a.hi, b.hi), b.lo))
	}
	s.cache.put(without, f, g, r)
	return r
}

// Orders counts the sets by their number of variables, up to most. Numbers above 2^53 are rounded.
func (c CutSets) Orders(most int) []float64 {
	by := make([][]float64, c.root+1)
	return c.orders(c.root, most, by)
}

func (c CutSets) orders(f Ref, most int, by [][]float64) []float64 {
	if by[f] != nil {
		return by[f]
	}
	n := make([]float64, most+1)
	if f == True {
		n[0] = 1
	}
	if f > True {
		lo, hi := c.orders(c.s.nodes[f].lo, most, by), c.orders(c.s.nodes[f].hi, most, by)
		for k := range n {
			n[k] = lo[k]
			if k > 0 {
				n[k] += hi[k-1]
			}
		}
	}
	by[f] = n
	return n
}

// Each calls yield with every set of at most most variables, in rising order of the variables within a set, until yield returns false. The
// slice is valid until yield returns.
func (c CutSets) Each(most int, yield func(set []int) bool) {
	c.each(c.root, make([]int, 0, max(most, 0)), most, yield)
}

func (c CutSets) each(f Ref, set []int, most int, yield func([]int) bool) bool {
	switch {
	case f == False:
		return true
	case f == True:
		return yield(set)
	}
	n := c.s.nodes[f]
	if len(set) < most && !c.each(n.hi, append(set, int(n.variable)), most, yield) {
		return false
	}
	return c.each(n.lo, set, most, yield)
}
