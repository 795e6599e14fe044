package bdd

// parts are results of part, by root. They are forgotten when they have more nodes together than the store.
type parts struct {
	of    map[Ref][]node
	nodes int
}

// part gives the nodes of f alone, and the place of f among them: the constants at 0 and 1, children before their parents. The children of
// these nodes are places. The caller does not change the nodes.
func (s *store) part(f Ref) (nodes []node, root Ref) {
	if f <= True {
		return s.nodes[:2:2], f
	}
	nodes, known := s.parts.of[f]
	if !known {
		nodes = s.parted(f)
	}
	return nodes, Ref(len(nodes) - 1)
}

// parted makes a part.
func (s *store) parted(f Ref) []node {
	s.local = append(s.local, make([]Ref, len(s.nodes)-len(s.local))...)
	nodes, refs := s.collect(f, s.nodes[:2:2], nil)
	for _, r := range refs {
		s.local[r] = 0
	}
	if s.parts.nodes += len(nodes); s.parts.of == nil || s.parts.nodes > len(s.nodes) {
		s.parts = parts{map[Ref][]node{}, len(nodes)}
	}
	s.parts.of[f] = nodes
	return nodes
}

// collect adds the nodes below f that part does not have yet. refs are their references.
func (s *store) collect(f Ref, part []node, refs []Ref) ([]node, []Ref) {
	if f <= True || s.local[f] != 0 {
		return part, refs
	}
	n := s.nodes[f]
	part, refs = s.collect(n.lo, part, refs)
	part, refs = s.collect(n.hi, part, refs)
	s.local[f] = Ref(len(part))
	return append(part, node{n.variable, s.place(n.lo), s.place(n.hi)}), append(refs, f)
}

// place is that of a collected node.
func (s *store) place(f Ref) Ref {
	if f <= True {
		return f
	}
	return s.local[f]
}

// Size is the number of nodes of a function, without the constants.
func (d *Diagrams) Size(f Ref) int {
	part, _ := d.part(f)
	return len(part) - 2
}

// Probability is the probability that f is true if variable v is true with the probability p[v], independently of the others.
func (d *Diagrams) Probability(f Ref, p []float64) float64 {
	part, root := d.part(f)
	return probabilities(part, p)[root]
}

// probabilities gives the probability of each node. It adds and multiplies numbers that are not negative: no digits are lost.
func probabilities(part []node, p []float64) []float64 {
	at := make([]float64, len(part))
	at[True] = 1
	for i, n := range part[2:] {
		q := p[n.variable]
		at[i+2] = q*at[n.hi] + (1-q)*at[n.lo]
	}
	return at
}

// reaches gives by node the probability of the paths from the root to it.
func reaches(part []node, root Ref, p []float64) []float64 {
	reach := make([]float64, len(part))
	reach[root] = 1
	for i := len(part) - 1; i > int(True); i-- {
		n := part[i]
		reach[n.hi] += reach[i] * p[n.variable]
		reach[n.lo] += reach[i] * (1 - p[n.variable])
	}
	return reach
}

// Birnbaum gives the probability of f, and by variable its partial derivative: the probability of f if the variable is true, less that if
// it is false. It takes one pass down and one up. Small derivatives lose digits by the subtraction; those of Given do not.
func (d *Diagrams) Birnbaum(f Ref, p []float64) (whole float64, by []float64) {
	by = make([]float64, len(p))
	part, root := d.part(f)
	at, reach := probabilities(part, p), reaches(part, root, p)
	for i, n := range part[2:] {
		by[n.variable] += reach[i+2] * (at[n.hi] - at[n.lo])
	}
	return at[root], by
}
