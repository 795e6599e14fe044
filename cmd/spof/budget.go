package main

import (
	"cmp"
	"fmt"
	"slices"
	"sort"
	"time"

	"github.com/seed-ab8b6914/spof/reports/analyze"
	"github.com/seed-ab8b6914/spof/scenarios"
	"github.com/seed-ab8b6914/spof/scenarios/plan"
	"github.com/seed-ab8b6914/spof/topology"
	"github.com/seed-ab8b6914/spof/topology/yamlfile"
)

// maxTrials bounds -n.
const maxTrials = 1000

// affordable refuses a budget that has no time for one trial of any plan.
func (f *runFlags) affordable(plans []plan.Plan) error {
	if f.budget == 0 {
		return nil
	}
	var shortest time.Duration
	for i := range plans {
		if length := f.estimate(withTrials(plans[i:i+1], 1)); shortest == 0 || length < shortest {
			shortest = length
		}
	}
	if shortest > f.budget {
		return refusef("budget-too-short", "--budget %s: no time for a single trial; the shortest of %d cell(s) takes about %s",
			yamlfile.Span(f.budget), len(plans), roughly(shortest))
	}
	return nil
}

// fit leaves out what the budget has no time for. limited says that -n bounds the trials.
func (c *choice) fit(f *runFlags, limited bool) {
	most := maxTrials
	if limited {
		most = f.trials
	}
	kept, left := f.afford(c.plans, most)
	c.plans, c.skipped, f.over = kept, append(c.skipped, left...), len(left) > 0
}

// afford fits the trials into the budget. Each cell first gets one trial, the most valuable cells first; then all cells get as many more as
// there is time for, the same number each, at most most. Cells without time for one trial are left out. Without a budget all stays.
//
// The estimate counts neither the making of an image nor repeated trials.
func (f *runFlags) afford(plans []plan.Plan, most int) (kept []plan.Plan, left []analyze.Skipped) {
	if f.budget == 0 || len(plans) == 0 {
		return plans, nil
	}
	plans = withTrials(plans, 1)
	in := make([]bool, len(plans))
	with := func(i int) []plan.Plan {
		in[i] = true
		return those(plans, in)
	}
	for _, i := range byValue(plans) {
		if in[i] = f.estimate(with(i)) <= f.budget; in[i] {
			continue
		}
		left = append(left, analyze.Skipped{
			Topology: plans[i].Topology.Name, Scenario: plans[i].Scenario.Name, Code: "over-budget",
			Reason: fmt.Sprintf("no time for it in the budget of %s; alone it takes about %s", yamlfile.Span(f.budget), roughly(f.estimate(plans[i:i+1]))),
		})
	}
	kept = those(plans, in)
	f.trials = 1 + sort.Search(most-1, func(more int) bool { return f.estimate(withTrials(kept, more+2)) > f.budget })
	return withTrials(kept, f.trials), left
}

// those gives the plans that are in.
func those(plans []plan.Plan, in []bool) (some []plan.Plan) {
	for i, p := range plans {
		if in[i] {
			some = append(some, p)
		}
	}
	return some
}

// withTrials gives the plans with another number of trials.
func withTrials(plans []plan.Plan, n int) []plan.Plan {
	all := make([]plan.Plan, len(plans))
	for i, p := range plans {
		all[i] = p.WithTrials(n)
	}
	return all
}

// estimate is the time of all labs for the plans.
func (f *runFlags) estimate(plans []plan.Plan) time.Duration {
	_, length := schedule(plans, f.sideBySide(), f.capacity())
	return length
}

// byValue gives the indices of plans, the most valuable first: the user's own designs, then own scenarios, then those that bound a figure
// of a fault. Plans of equal value keep their order.
func byValue(plans []plan.Plan) []int {
	order := make([]int, len(plans))
	for i := range plans {
		order[i] = i
	}
	slices.SortStableFunc(order, func(i, j int) int { return cmp.Compare(value(plans[j]), value(plans[i])) })
	return order
}

func value(p plan.Plan) (v int) {
	for i, holds := range []bool{
		gates(p), !slices.Contains(scenarios.Library(), p.Scenario.Name), !slices.Contains(topology.Designs(), p.Topology.Name),
	} {
		if holds {
			v += 1 << i
		}
	}
	return v
}

// gates reports whether a plan can fail by what a fault does.
func gates(p plan.Plan) bool {
	known := analyze.Expectable()
	return slices.ContainsFunc(p.Scenario.Expect, func(e scenarios.Expectation) bool { return known[e.Measure].Fault })
}
