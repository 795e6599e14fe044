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

// sayFinds says, before any lab starts, what so many trials a side can find of the verdicts, and warns if they are too few to find a change
// of a measured value.
func sayFinds(w io.Writer, o compare.Options, plans []plan.Plan, trials int) {
	if o.Static {
		return
	}
	measures := mostMeasures(o, plans)
	tests := measures + len(plans) // of the verdicts: one for each cell, if trials fail
	finds := "cannot show a worse verdict, even if all new ones fail"
	if n, ok := compare.FailingShown(trials, trials, o.Alpha/float64(tests)); ok {
		finds = fmt.Sprintf("show a worse verdict if at least %d new ones fail and none of the base", n)
	}
	fmt.Fprintf(w, "note: with up to %d test(s), %d trial(s) a side %s\n", tests, trials, finds)
	all := compare.Enough(o.Alpha, tests)
	if measures == 0 || trials >= all {
		return
	}
	can := "can be"
	if trials < compare.Enough(o.Alpha, 1) {
		can = "are"
	}
	few := scenarios.Warning{Code: "few-trials", What: fmt.Sprintf(
		"%d trial(s) a side %s too few to find a change of a measured value, whatever the difference: up to %d test(s) need -n %d", trials, can, tests, all)}
	fmt.Fprintln(w, reason.Line("warning: "+few.What, few.Code))
}

// mostMeasures is the greatest number of measures that a comparison of the plans can test: which have values shows only in the trials.
func mostMeasures(o compare.Options, plans []plan.Plan) (n int) {
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
