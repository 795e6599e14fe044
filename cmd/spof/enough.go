package main

import (
	"fmt"
	"io"

	"github.com/seed-ab8b6914/spof/reason"
	"github.com/seed-ab8b6914/spof/reports/analyze"
	"github.com/seed-ab8b6914/spof/reports/compare"
	"github.com/seed-ab8b6914/spof/scenarios"
	"github.com/seed-ab8b6914/spof/scenarios/plan"
)

// warnFew says, before any lab starts, that there are too few trials for the tests of a comparison.
func warnFew(w io.Writer, o compare.Options, plans []plan.Plan, trials int) {
	most := mostTests(o, plans)
	all := compare.Enough(o.Alpha, most)
	if o.Static || most == 0 || trials >= all {
		return
	}
	can := "can be"
	if trials < compare.Enough(o.Alpha, 1) {
		can = "are"
	}
	few := scenarios.Warning{Code: "few-trials", What: fmt.Sprintf(
		"%d trial(s) a side %s too few to find a change of a measured value, whatever the difference: up to %d test(s) need -n %d", trials, can, most, all)}
	fmt.Fprintln(w, reason.Line("warning: "+few.What, few.Code))
}

// mostTests is the greatest number of tests that a comparison of the plans can have: which measures have values shows only in the trials.
func mostTests(o compare.Options, plans []plan.Plan) (n int) {
	for i := range plans {
		c := analyze.Cell{Bounds: analyze.BoundsOf(plans[i].Scenario.Expect, nil)}
		for k := range analyze.Measures {
			m := &analyze.Measures[k]
			if compare.Tested(m, &c, o.Measures) && (!m.Fault || len(plans[i].Faults) > 0) {
				n++
			}
		}
	}
	return n
}
