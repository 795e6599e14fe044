package planner

import (
	"cmp"
	"slices"

	"github.com/seed-ab8b6914/spof/reliability/dist"
	"github.com/seed-ab8b6914/spof/reliability/faulttree"
)

// What is listed of a design.
const (
	mostImportances = 12
	mostCutSets     = 12
	mostOrder       = 3 // events of a cut set
)

// importance lists what the events mean for the outage, the greatest first.
func (s *study) importance() (all []Importance) {
	down, _ := s.hours(bestGuess, 1)
	u := down / dist.Year
	for i, b := range s.birnbaum() {
		m := faulttree.Importance{Event: s.Events[i].Name, Unavailability: s.Events[i].Unavailability, Birnbaum: b}
		if m.Measure(u, u+(1-m.Unavailability)*b, u-m.Unavailability*b); m.Criticality > 0 {
			all = append(all, Importance{Name: m.Event, Hours: m.Criticality * down, Birnbaum: b, Criticality: m.Criticality, RAW: m.RAW, RRW: min(m.RRW, mostRRW)})
		}
	}
	slices.SortStableFunc(all, func(a, b Importance) int { return cmp.Compare(b.Hours, a.Hours) })
	return all[:min(len(all), mostImportances)]
}

// mostRRW stands for a worth without an end, which JSON does not have.
const mostRRW = 1e15

// cutSets lists the smallest sets of events that cut users off while all else works, the likeliest first.
// Where a loss restores service, they are those of the pessimistic function.
func (s *study) cutSets() (all []CutSet) {
	s.Diagrams.CutSets(s.Pessimistic(s.AnyDown)).Each(mostOrder, func(set []int) bool {
		c := CutSet{Hours: dist.Year}
		for i, v := range set {
			e := s.Events[v]
			c.Names, c.Hours = append(c.Names, e.Name), c.Hours*e.Unavailability
			if i == 0 {
				c.Shares = slices.Clone(e.Shares)
			}
			c.Shares = slices.DeleteFunc(c.Shares, func(parent string) bool { return !slices.Contains(e.Shares, parent) })
		}
		if len(set) < 2 {
			c.Shares = nil
		}
		if c.Hours > 0 {
			all = append(all, c)
		}
		return true
	})
	slices.SortStableFunc(all, func(a, b CutSet) int { return cmp.Or(cmp.Compare(b.Hours, a.Hours), slices.Compare(a.Names, b.Names)) })
	return all[:min(len(all), mostCutSets)]
}
