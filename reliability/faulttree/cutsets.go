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
	if a.counted != nil && a.countedTo == most {
		return a.counted
	}
	by := make([][]float64, len(a.place))
	for _, m := range a.d.modules {
		by[m.at] = a.d.d.CutSets(m.f).Standing(standing(m, by)).Orders(most)
	}
	a.counted, a.countedTo = by, most
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

// CutSets gives the minimal cut sets of at most most events: likely ones first, among equally likely ones the small ones first. It fails as
// CutSetOrders does, and with the code too-many-cut-sets if there are more than limit.
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
	return a.described(newLister(a, most).top(most)), nil
}

// described describes sets of events, in the order of CutSets.
func (a *Analysis) described(sets *family) []CutSet {
	names := make([]string, 0, len(sets.events))
	all := make([]CutSet, sets.len())
	for i := range all {
		set, p, begin := sets.set(i), 1.0, len(names)
		slices.Sort(set)
		for _, at := range set {
			names = append(names, a.Events[at].Name)
			p *= a.Events[at].Unavailability
		}
		all[i] = CutSet{names[begin:len(names):len(names)], p, a.shares(set)}
	}
	slices.SortFunc(all, func(x, y CutSet) int {
		switch {
		case x.Probability != y.Probability:
			return cmp.Compare(y.Probability, x.Probability)
		case len(x.Events) != len(y.Events):
			return len(x.Events) - len(y.Events)
		}
		return slices.Compare(x.Events, y.Events)
	})
	return all
}

// shares gives what at least two events of a set have in common.
func (a *Analysis) shares(set []int32) (shares []string) {
	var count map[string]int
	for _, at := range set {
		for _, s := range a.Events[at].Shares {
			if count == nil {
				count = map[string]int{}
			}
			if count[s]++; count[s] == 2 {
				shares = append(shares, s)
			}
		}
	}
	return shares
}
