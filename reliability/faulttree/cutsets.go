package faulttree

import (
	"cmp"
	"slices"

	"github.com/seed-ab8b6914/spof/reason"
)

// CutSet is a minimal cut set: events that together make the system fail, of which none can be left out.
type CutSet struct {
	Events      []string // in the order of Analysis.Events
	Probability float64  // that all of them have happened
	// Shares is what at least two of the events have in common, in the order in which the events name it: a cause that may let them happen
	// together, which the tree does not have.
	Shares []string
}

// CutSetOrders counts the minimal cut sets by their number of events, from 0 up to most. Numbers above 2^53 are rounded. It fails with the
// code not-coherent if the tree is not, and with too-many-nodes.
func (a *Analysis) CutSetOrders(most int) ([]float64, error) {
	if !a.Coherent {
		return nil, reason.Errorf("not-coherent", "the tree has no minimal cut sets: it is not coherent, some failures repair the system; remove the gates not and xor")
	}
	orders := a.orders(most)
	return orders[a.d.top], a.d.d.Err()
}

// orders counts the cut sets of each module, by vertex.
func (a *Analysis) orders(most int) [][]float64 {
	by := make([][]float64, len(a.place))
	for _, m := range a.d.modules {
		by[m.at] = a.d.d.CutSets(m.f).Standing(standing(m, by)).Orders(most)
	}
	return by
}

// standing gives the counts of the variables of a module.
func standing(m module, orders [][]float64) [][]float64 {
	of := make([][]float64, len(m.variables))
	for v, at := range m.variables {
		of[v] = orders[at]
	}
	return of
}

// CutSets gives the minimal cut sets of at most most events: small ones first, among those the likely ones first. It fails as CutSetOrders
// does, and with the code too-many-cut-sets if there are more than limit.
func (a *Analysis) CutSets(most, limit int) ([]CutSet, error) {
	counts, err := a.CutSetOrders(most)
	if err != nil {
		return nil, err
	}
	total := 0.0
	for _, n := range counts {
		total += n
	}
	if total > float64(limit) {
		return nil, reason.Errorf("too-many-cut-sets", "%.0f minimal cut sets of at most %d events; at most %d can be listed: ask for smaller ones", total, most, limit)
	}
	list := newLister(a, most).sets(a.d.top, most)
	sets := make([]CutSet, len(list))
	order := make([]*CutSet, len(list))
	for i, events := range list {
		sets[i] = a.cutSet(events)
		order[i] = &sets[i]
	}
	slices.SortFunc(order, func(x, y *CutSet) int {
		if c := cmp.Or(cmp.Compare(len(x.Events), len(y.Events)), cmp.Compare(y.Probability, x.Probability)); c != 0 {
			return c
		}
		return slices.Compare(x.Events, y.Events)
	})
	sorted := make([]CutSet, len(order))
	for i, c := range order {
		sorted[i] = *c
	}
	return sorted, nil
}

// cutSet describes a set of events.
func (a *Analysis) cutSet(events []int) CutSet {
	slices.Sort(events)
	c := CutSet{Probability: 1, Events: make([]string, 0, len(events))}
	var count map[string]int
	for _, i := range events {
		e := &a.Events[i]
		if count == nil && len(e.Shares) > 0 {
			count = map[string]int{}
		}
		c.Events = append(c.Events, e.Name)
		c.Probability *= e.Unavailability
		for _, s := range e.Shares {
			if count[s]++; count[s] == 2 {
				c.Shares = append(c.Shares, s)
			}
		}
	}
	return c
}
