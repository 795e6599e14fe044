package faulttree

// Bounds gives two numbers between which the unavailability of a tree lies, in one pass over its gates: for a tree that Analyse refuses.
// Inputs that share nothing with the rest of the tree are independent. Of others without a gate not or xor below them, one that fails
// makes no other less likely to fail: all fail at least as often as if they were independent (Esary, Proschan and Walkup, Association of
// random variables, with applications, Annals of Mathematical Statistics 38, 1967). Of any others the bounds of Fréchet hold. It fails
// with all problems of the tree.
func (t Tree) Bounds() (low, high float64, err error) {
	if err := t.Check(); err != nil {
		return 0, 0, err
	}
	t = t.Expanded()
	g := newGraph(&t)
	g.arrange(asWritten)
	by := make([]bounds, len(g.vertices))
	for i := range g.vertices {
		switch v := &g.vertices[i]; {
		case v.event >= 0:
			u := t.Events[v.event].Unavailability
			by[i] = bounds{u, u}
		case v.constant() && v.state:
			by[i] = bounds{1, 1}
		}
	}
	for _, at := range g.gates {
		by[at] = g.bounds(at, by)
	}
	return by[g.top].low, by[g.top].high, nil
}

// bounds of a probability.
type bounds struct{ low, high float64 }

// not gives those of the opposite.
func (b bounds) not() bounds { return bounds{1 - b.high, 1 - b.low} }

// bounds gives those of a gate from those of its inputs.
func (g *graph) bounds(at int, by []bounds) bounds {
	v := &g.vertices[at]
	in := make([]bounds, len(v.inputs))
	for i, input := range v.inputs {
		in[i] = by[input]
	}
	switch v.gate.Kind {
	case And:
		return g.all(v.inputs, in)
	case Or:
		for i := range in {
			in[i] = in[i].not()
		}
		return g.all(v.inputs, in).not()
	case AtLeast:
		return some(v.gate.K, in)
	case Not:
		return in[0].not()
	case Xor:
		a, b := in[0], in[1]
		return bounds{max(0, a.low-b.high, b.low-a.high), min(1, a.high+b.high, 2-a.low-b.low)}
	}
	return in[0] // pass
}

// all gives the bounds of the case that all inputs are as in says: all failed, or all working.
func (g *graph) all(inputs []int, in []bounds) bounds {
	alone, product, sum, least, negates := bounds{1, 1}, 1.0, 1.0, 1.0, false
	for i, at := range inputs {
		v := &g.vertices[at]
		if v.constant() || v.module && v.last == v.exit || v.gate == nil && v.first == v.last { // nothing else leads to it, or below it
			alone.low, alone.high = alone.low*in[i].low, alone.high*in[i].high
			continue
		}
		product, sum, least = product*in[i].low, sum-(1-in[i].low), min(least, in[i].high)
		negates = negates || v.negates
	}
	if negates {
		product = max(0, sum)
	}
	return bounds{alone.low * product, alone.high * least}
}

// some gives the bounds of the case that at least k inputs fail: by Markov's inequality for their number, and for those that work.
func some(k int, in []bounds) bounds {
	var low, high float64
	for _, b := range in {
		low, high = low+b.low, high+b.high
	}
	n := float64(len(in))
	return bounds{max(0, 1-(n-low)/(n-float64(k)+1)), min(1, high/float64(k))}
}
