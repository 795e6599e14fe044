package main

import (
	"cmp"
	"slices"
	"sync"

	"github.com/seed-ab8b6914/spof/reports/analyze"
	"github.com/seed-ab8b6914/spof/scenarios/plan"
	"github.com/seed-ab8b6914/spof/sim/trace"
)

// cells are those of a run. Each trial is measured as its trace comes, and the trace is not kept: those of a whole run fit into no
// machine.
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

// add takes the trace of a trial; ours is false for one of another run.
func (c *cells) add(t *trace.Trace) (measured analyze.Trial, ours bool) {
	picture := analyze.TimelineOf(t)
	c.mu.Lock()
	defer c.mu.Unlock()
	one := c.plan[t.Header.PlanHash]
	if one == nil {
		return analyze.Trial{}, false
	}
	one.pictures = append(one.pictures, picture)
	return one.attempts.Add(t), true
}

// trials counts the trials that there are, of all cells.
func (c *cells) trials() (n int) {
	for _, one := range c.plan {
		n += one.attempts.Trials()
	}
	return n
}

// brokeOff notes why a cell was not run to its end: what its lab ended with, by plan, which are those of the manifest.
func (c *cells) brokeOff(plans []plan.Plan, why []error) {
	for i, p := range plans {
		if m := &c.of.Cells[i]; why[i] != nil && c.plan[m.PlanHash].attempts.Trials() < len(p.Trials) {
			m.Broke = why[i].Error()
		}
	}
}

// report judges all cells. Those that were never recorded are in the report as such.
func (c *cells) report() (*analyze.Report, []analyze.Timeline) {
	var judged []analyze.Cell
	var pictures []analyze.Timeline
	for _, m := range c.of.Cells {
		one := c.plan[m.PlanHash]
		cell := one.attempts.Cell()
		if m.Broke != "" {
			cell.Reasons = append(cell.Reasons, "the run broke off: "+m.Broke)
		}
		cell.Topology, cell.Scenario, cell.PlanHash = m.Topology, m.Scenario, m.PlanHash
		judged = append(judged, cell)
		pictures = append(pictures, slices.SortedStableFunc(slices.Values(one.pictures), func(a, b analyze.Timeline) int {
			return cmp.Or(cmp.Compare(a.Trial, b.Trial), cmp.Compare(a.Attempt, b.Attempt))
		})...)
	}
	rep := analyze.NewReport(judged...)
	rep.Skipped = c.of.Skipped
	rep.Seed, rep.Started, rep.Version, rep.Command = c.of.Seed, c.of.Started, c.of.Version, c.of.Command
	return &rep, pictures
}
