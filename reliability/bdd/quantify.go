package bdd

// Fix gives a function in which a variable has a value.
func (d *Diagrams) Fix(f Ref, v int, value bool) Ref {
	return d.replace(f, map[Ref]Ref{}, func(variable int, lo, hi Ref) Ref {
		switch {
		case variable != v:
			return d.Choose(variable, hi, lo)
		case value:
			return hi
		}
		return lo
	})
}

// Possible is true where some values of the free variables make a function true.
func (d *Diagrams) Possible(f Ref, free func(v int) bool) Ref {
	return d.replace(f, map[Ref]Ref{}, func(v int, lo, hi Ref) Ref {
		if free(v) {
			return d.Or(lo, hi)
		}
		return d.Choose(v, hi, lo)
	})
}

// replace rebuilds a function from its children, each node once.
func (d *Diagrams) replace(f Ref, done map[Ref]Ref, by func(v int, lo, hi Ref) Ref) Ref {
	v, lo, hi, ok := d.Branch(f)
	if r, known := done[f]; known || !ok {
		if known {
			return r
		}
		return f
	}
	done[f] = by(v, d.replace(lo, done, by), d.replace(hi, done, by))
	return done[f]
}
