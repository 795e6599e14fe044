package faulttree

import "slices"

// lister lists the cut sets of modules as sets of events.
type lister struct {
	a       *Analysis
	modules map[int]module // by vertex
	orders  [][]float64    // by vertex, the numbers of its cut sets by their size
	known   map[request][][]int
}

// request asks for the cut sets of a module, by its vertex, of at most most events.
type request struct{ at, most int }

func newLister(a *Analysis, most int) lister {
	l := lister{a, map[int]module{}, a.orders(most), map[request][][]int{}}
	for _, m := range a.d.modules {
		l.modules[m.at] = m
	}
	return l
}

// sets gives the cut sets of a vertex.
func (l lister) sets(at, most int) [][]int {
	m, is := l.modules[at]
	if !is {
		return [][]int{{at}} // an event
	}
	if known, ok := l.known[request{at, most}]; ok {
		return known
	}
	var all [][]int
	l.a.d.d.CutSets(m.f).Standing(standing(m, l.orders)).Each(most, func(set []int) bool {
		all = append(all, l.expanded(m, set, most)...)
		return true
	})
	l.known[request{at, most}] = all
	return all
}

// expanded puts the cut sets of the variables of a module into a set of variables.
func (l lister) expanded(m module, set []int, most int) [][]int {
	spare := most
	for _, v := range set {
		spare -= l.least(m.variables[v])
	}
	all, room := [][]int{nil}, spare // room: for the sets so far
	for _, v := range set {
		least := l.least(m.variables[v])
		room += least
		all = joined(all, l.sets(m.variables[v], least+spare), room)
	}
	return all
}

// least is the size of the smallest cut set of a vertex.
func (l lister) least(at int) int {
	if l.orders[at] == nil {
		return 1
	}
	return slices.IndexFunc(l.orders[at], func(n float64) bool { return n > 0 })
}

// joined joins each of some sets with each of others, where both together have at most most elements.
func joined(sets, others [][]int, most int) (all [][]int) {
	for _, s := range sets {
		for _, o := range others {
			if len(s)+len(o) <= most {
				all = append(all, slices.Concat(s, o))
			}
		}
	}
	return all
}
