package main

import (
	"cmp"
	"slices"
	"sync"

	"github.com/seed-ab8b6914/spof/reports/analyze"
	"github.com/seed-ab8b6914/spof/scenarios/plan"
	"github.com/seed-ab8b6914/spof/sim/trace"
)

// cells are the cells of a run. Each trial is measured when its trace arrives. Then the trace is dropped, because all traces of a run may not
// fit into memory.
type cells struct {
	mu   sync.Mutex
	of   manifest
	plan map[string]*cell // by hash
}

type cell struct {
	attempts analyze.Attempts
	pictures []analyze.Timeline
}

func newCells(m manifest) *cells {
	c := &cells{of: m, plan: map[string]*cell{}}
	for _, one := range m.Cells {
		c.plan[one.PlanHash] = &cell{}
	}
	return c
}

// add measures the trace of a trial; ours is false for a trace of another run.
func (c *cells) add(t *trace.Trace) (measured analyze.Trial, ours bool) {
	m := analyze.Judge(t)
	c.mu.Lock()
	defer c.mu.Unlock()
	one := c.plan[t.Header.PlanHash]
	if one == nil {
		return analyze.Trial{}, false
	}
	one.pictures = append(one.pictures, m.Timeline)
	one.attempts.Keep(m)
	return m.Trial, true
}

// trials counts the recorded trials of all cells.
func (c *cells) trials() (n int) {
	for _, one := range c.plan {
		n += one.attempts.Trials()
	}
	return n
}

// brokeOff records the error of the lab for each cell that lacks a trial. plans are in the order of the manifest. why has the error of each
// plan; nil: none.
func (c *cells) brokeOff(plans []plan.Plan, why []error) {
	for i, p := range plans {
		if m := &c.of.Cells[i]; why[i] != nil && c.plan[m.PlanHash].attempts.Trials() < len(p.Trials) {
			m.Broke = why[i].Error()
		}
	}
}

// report judges all cells, also those without a recorded trial.
func (c *cells) report() (*analyze.Report, []analyze.Timeline) {
	var judged []analyze.Cell
	var pictures []analyze.Timeline
	for _, m := range c.of.Cells {
		one := c.plan[m.PlanHash]
		cell := one.attempts.Cell()
		if m.Broke != "" {
			cell.Reasons = append(cell.Reasons, "the run broke off: "+m.Broke)
		}
		m.describe(&cell)
		judged = append(judged, cell)
		pictures = append(pictures, slices.SortedStableFunc(slices.Values(one.pictures), func(a, b analyze.Timeline) int {
			return cmp.Or(cmp.Compare(a.Trial, b.Trial), cmp.Compare(a.Attempt, b.Attempt))
		})...)
	}
	return c.of.report(judged), pictures
}
