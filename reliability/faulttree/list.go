package faulttree

import "slices"

// family is a list of sets of events.
type family struct {
	events []int32 // of one set after the other
	begins []int   // by set, and one more where a next one would begin
}

// newFamily makes room for sets, counted by their size.
func newFamily(orders []float64) *family {
	sets, events := 0, 0
	for size, n := range orders {
		sets += int(n)
		events += int(n) * size
	}
	return &family{make([]int32, 0, events), make([]int, 1, sets+1)}
}

func (f *family) len() int { return len(f.begins) - 1 }

// set gives a set by its number.
func (f *family) set(i int) []int32 { return f.events[f.begins[i]:f.begins[i+1]] }

func (f *family) add(set []int32) {
	f.events = append(f.events, set...)
	f.begins = append(f.begins, len(f.events))
}

// lister lists the cut sets of modules as sets of events.
type lister struct {
	a       *Analysis
	modules map[int]module // by vertex
	orders  [][]float64    // by vertex, the numbers of its cut sets by their size
	least   []int          // by vertex, the size of its smallest cut set
	known   map[request]*family
}

// request asks for the cut sets of a module, by its vertex, of at most most events.
type request struct{ at, most int }

func newLister(a *Analysis, most int) lister {
	l := lister{a, make(map[int]module, len(a.d.modules)), a.orders(most), make([]int, len(a.place)), map[request]*family{}}
	for at, n := range l.orders {
		l.least[at] = 1
		if n != nil {
			l.least[at] = slices.IndexFunc(n, func(n float64) bool { return n > 0 })
		}
	}
	for _, m := range a.d.modules {
		l.modules[m.at] = m
	}
	return l
}

// top gives the cut sets of the tree.
func (l lister) top(most int) *family { return l.sets(l.modules[l.a.d.top], most) }

// sets gives the cut sets of a module.
func (l lister) sets(m module, most int) *family {
	of := request{m.at, most}
	if known, ok := l.known[of]; ok {
		return known
	}
	all, begun := newFamily(l.orders[m.at][:most+1]), make([]int32, 0, most)
	l.a.d.d.CutSets(m.f).Standing(standing(m, l.orders)).Each(most, func(set []int) bool {
		spare := most
		for _, v := range set {
			spare -= l.least[m.variables[v]]
		}
		l.expand(all, m, set, begun, spare)
		return true
	})
	l.known[of] = all
	return all
}

// expand puts the cut sets of the variables of a module into a set of variables. begun has the events of those before. The set may have spare
// more events than the smallest of its variables together.
func (l lister) expand(all *family, m module, set []int, begun []int32, spare int) {
	if len(set) == 0 {
		all.add(begun)
		return
	}
	at := m.variables[set[0]]
	below, is := l.modules[at]
	if !is {
		l.expand(all, m, set[1:], append(begun, int32(at)), spare) // an event
		return
	}
	of := l.sets(below, l.least[at]+spare)
	for i := range of.len() {
		s := of.set(i)
		l.expand(all, m, set[1:], append(begun, s...), spare-(len(s)-l.least[at]))
	}
}
