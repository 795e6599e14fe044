package bdd

// Including gives by variable, of n, the function that is true where at least one minimal cut set with the variable is true as a whole, if the
// variable is.
func (c CutSets) Including(n int) *Evaluator {
	d := c.d
	part, root := d.sets.part(c.root)
	whole := make([]Ref, len(part)) // by node: the function that is true where all variables of one of its sets are
	whole[True] = True
	for i, n := range part[2:] {
		whole[i+2] = d.above(n.variable, whole[n.lo], whole[n.hi])
	}
	by := make([]Ref, n)
	with := make([]Ref, len(part)) // the same of the sets with a variable, without it
	for v := range by {
		for i, n := range part[2:] {
			switch {
			case n.variable > uint32(v):
				with[i+2] = False
			case n.variable == uint32(v):
				with[i+2] = whole[n.hi]
			default:
				with[i+2] = d.above(n.variable, with[n.lo], with[n.hi])
			}
		}
		by[v] = with[root]
	}
	return d.Evaluator(by...)
}

// above is true where lo is, and where both the variable and hi are.
func (d *Diagrams) above(v uint32, lo, hi Ref) Ref {
	if d.spent() {
		return False
	}
	return d.node(v, lo, d.Or(lo, hi))
}
