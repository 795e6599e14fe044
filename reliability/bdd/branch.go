package bdd

// Branch gives a function as "if variable v then hi else lo", by its first variable; false: it is a constant.
func (d *Diagrams) Branch(f Ref) (v int, lo, hi Ref, ok bool) {
	if f <= True {
		return 0, False, False, false
	}
	n := d.nodes[f]
	return int(n.variable), n.lo, n.hi, true
}
