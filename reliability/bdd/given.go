package bdd

// Given is what the state of each variable means for a function. All slices are by variable.
type Given struct {
	Whole       float64   // the probability of the function
	True, False []float64 // its probability if the variable is true, and if it is false
	Rise        []float64 // the probability that the function is true if the variable is, and false if the variable is false
	Fall        []float64 // the probability of the opposite; 0 for a coherent function
}

// Given computes it by sums and products of numbers that are not negative: small values are as exact as large ones. Rise less Fall is
// Birnbaum's measure. A coherent function, where the caller knows that it is one (Coherent), takes little more than one pass; another one
// takes the differences of its nodes.
func (d *Diagrams) Given(f Ref, p []float64, coherent bool) Given {
	part, root := d.part(f)
	c := changes{d, part, probabilities(part, p), p, coherent, map[[2]Ref]float64{}}
	n := len(p)
	g := Given{c.at[root], make([]float64, n), make([]float64, n), make([]float64, n), make([]float64, n)}
	past := newSpans(n)
	past.add(0, c.level(root), g.Whole)
	g.walk(c, reaches(part, root, p), past)
	for v := range n {
		around := past.at(v)
		g.True[v] += around
		g.False[v] += around
	}
	return g
}

// walk adds what happens at the nodes of each variable, and adds to past what happens on the paths without one.
func (g *Given) walk(c changes, reach []float64, past spans) {
	for i, n := range c.part[2:] {
		r, v, p := reach[i+2], int(n.variable), c.p[n.variable]
		g.True[v] += r * c.at[n.hi]
		g.False[v] += r * c.at[n.lo]
		g.Rise[v] += r * c.only(n.hi, n.lo)
		if !c.coherent {
			g.Fall[v] += r * c.only(n.lo, n.hi)
		}
		past.add(v+1, c.level(n.hi), r*p*c.at[n.hi])
		past.add(v+1, c.level(n.lo), r*(1-p)*c.at[n.lo])
	}
}

// changes are the probabilities that one node is true and another is not.
type changes struct {
	d        *Diagrams
	part     []node
	at, p    []float64
	coherent bool // only is asked where the first is true whenever the second is
	known    map[[2]Ref]float64
}

// level is the variable of a node; the constants come after all.
func (c changes) level(f Ref) int { return int(min(c.part[f].variable, uint32(len(c.p)))) }

// only is the probability that f is true and g is not.
func (c changes) only(f, g Ref) float64 {
	switch {
	case f == g || f == False || g == True:
		return 0
	case g == False:
		return c.at[f]
	case c.coherent && c.at[g] < c.at[f]*7/8: // subtracting loses three bits at most
		return c.at[f] - c.at[g]
	}
	if sum, ok := c.known[[2]Ref{f, g}]; ok || c.d.tooMany(len(c.known)) {
		return sum
	}
	a, b := c.part[f], c.part[g]
	v := min(a.variable, b.variable)
	f0, f1 := a.at(v, f)
	g0, g1 := b.at(v, g)
	sum := c.p[v]*c.only(f1, g1) + (1-c.p[v])*c.only(f0, g0)
	c.known[[2]Ref{f, g}] = sum
	return sum
}

// Coherent reports whether no variable makes f false by becoming true.
func (d *Diagrams) Coherent(f Ref) bool {
	part, _ := d.part(f)
	i := implied{d, part, map[[2]Ref]bool{}}
	for _, n := range part[2:] {
		if !i.implies(n.lo, n.hi) {
			return false
		}
	}
	return true
}

// implied are pairs of nodes of which the second is true whenever the first is.
type implied struct {
	d     *Diagrams
	part  []node
	known map[[2]Ref]bool
}

func (i implied) implies(f, g Ref) bool {
	switch {
	case f == g || f == False || g == True:
		return true
	case f == True || g == False:
		return false
	}
	if is, ok := i.known[[2]Ref{f, g}]; ok || i.d.tooMany(len(i.known)) {
		return is
	}
	a, b := i.part[f], i.part[g]
	v := min(a.variable, b.variable)
	f0, f1 := a.at(v, f)
	g0, g1 := b.at(v, g)
	is := i.implies(f0, g0) && i.implies(f1, g1)
	i.known[[2]Ref{f, g}] = is
	return is
}

// mostPairs bounds the pairs of nodes that are compared. They take some 200 MiB.
const mostPairs = MostNodes / 2

// tooMany reports whether a limit was reached, also that of the pairs.
func (d *Diagrams) tooMany(pairs int) bool {
	if pairs >= mostPairs {
		d.steps = 0
	}
	return d.spent()
}

// spans holds a sum for each of n places, to which ranges of places are added: a tree over the places, so that nothing is subtracted.
type spans struct {
	n   int
	sum []float64
}

func newSpans(n int) spans { return spans{n, make([]float64, 2*n)} }

// add adds x to the places from lo up to, but not including, hi.
func (s spans) add(lo, hi int, x float64) {
	for l, r := lo+s.n, hi+s.n; l < r; l, r = l/2, r/2 {
		if l%2 == 1 {
			s.sum[l] += x
			l++
		}
		if r%2 == 1 {
			r--
			s.sum[r] += x
		}
	}
}

// at gives the sum of a place.
func (s spans) at(place int) (sum float64) {
	for i := place + s.n; i > 0; i /= 2 {
		sum += s.sum[i]
	}
	return sum
}
