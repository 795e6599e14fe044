package bdd

import "slices"

// Standing gives the same sets, in which variable v stands for a family of sets: of[v] counts them by their number of elements (as Orders
// does). A variable without an entry, or with nil, stands for itself.
func (c CutSets) Standing(of [][]float64) CutSets {
	c.of = of
	return c
}

// ordersOf counts the sets that a variable stands for, by their number of elements.
func (c CutSets) ordersOf(v uint32) []float64 {
	if int(v) < len(c.of) && c.of[v] != nil {
		return c.of[v]
	}
	return itself
}

// itself counts the set of a variable alone.
var itself = []float64{0, 1}

// Orders counts the sets by their number of elements, up to most. Numbers above 2^53 are rounded.
func (c CutSets) Orders(most int) []float64 {
	part, root := c.d.sets.part(c.root)
	size := most + 1
	all := make([]float64, len(part)*size)
	by := func(f Ref) []float64 { return all[int(f)*size : int(f+1)*size] }
	by(True)[0] = 1
	for i, n := range part[2:] {
		sum := by(Ref(i + 2))
		copy(sum, by(n.lo))
		add(sum, by(n.hi), c.ordersOf(n.variable))
	}
	return slices.Clone(by(root))
}

// add adds to counts of sets those of hi, with one of the sets of a variable added.
func add(sum, hi, of []float64) {
	for j, sets := range of {
		for k := j; sets > 0 && k < len(sum); k++ {
			sum[k] += sets * hi[k-j]
		}
	}
}

// Each calls yield with every set of at most most elements, in rising order of the variables within a set, until yield returns false. The
// slice is valid until yield returns. A variable that stands for a family counts as its smallest set.
func (c CutSets) Each(most int, yield func(set []int) bool) {
	part, root := c.d.sets.part(c.root)
	l := lister{part: part, least: make([]int, len(part)), cost: make([]int, len(part)), yield: yield}
	l.least[False] = never
	for i, n := range part[2:] {
		l.cost[i+2] = smallest(c.ordersOf(n.variable))
		l.least[i+2] = min(l.least[n.lo], l.least[n.hi]+l.cost[i+2], never)
	}
	l.each(root, make([]int, 0, 16), most)
}

// never is the size of the smallest set where there is none.
const never = 1 << 30

// smallest is the size of the smallest set of a family.
func smallest(orders []float64) int {
	for k, sets := range orders {
		if sets > 0 {
			return k
		}
	}
	return never
}

// lister walks over the sets of a part.
type lister struct {
	part  []node
	least []int // by node: the number of elements of its smallest set
	cost  []int // by node: the number of elements of the smallest set that its variable stands for
	yield func(set []int) bool
}

// each adds the sets of a node to set, as far as they have most elements more. It reports whether to go on.
func (l lister) each(f Ref, set []int, most int) bool {
	switch {
	case l.least[f] > most:
		return true
	case f == True:
		return l.yield(set)
	}
	n := l.part[f]
	return l.each(n.hi, append(set, int(n.variable)), most-l.cost[f]) && l.each(n.lo, set, most)
}
