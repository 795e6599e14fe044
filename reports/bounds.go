package reports

import (
	"strings"

	"github.com/seed-ab8b6914/spof/reports/analyze"
)

// bound is an expectation of a scenario with the measured value of a cell.
type bound struct {
	analyze.Bound
	Seen string // median (range)
}

// boundsOf lists the expectations of a cell, in the scenario's order.
func boundsOf(c analyze.Cell) (all []bound) {
	for _, b := range c.Bounds {
		seen := at(b.Key).text(c)
		if at(b.Key) == failover {
			seen = failoverText(c)
		}
		all = append(all, bound{b, seen})
	}
	return all
}

// Verdict is pass if every trial meets the bound, fail if one misses it, and else inconclusive.
func (b bound) Verdict() analyze.Verdict {
	switch {
	case b.Missed > 0:
		return analyze.Fail
	case b.Unknown > 0:
		return analyze.Inconclusive
	}
	return analyze.Pass
}

// Trials is the number of trials that meet the bound: 2 of 3.
func (b bound) Trials() string { return share(b.Met, b.Met+b.Missed+b.Unknown) }

// boundsText lists the expectations of a cell in one line: expected: failover <= 5s ✓ 3.09 s (2.64–3.55 s); corrupted == 0 ✓ 0.
func boundsText(c analyze.Cell) string {
	var parts []string
	for _, b := range boundsOf(c) {
		text := b.Measure + " " + b.Text + " " + symbol(b.Verdict()) + " " + b.Seen
		if b.Verdict() != analyze.Pass && len(c.Trials) > 1 {
			text += " [met in " + b.Trials() + "]"
		}
		parts = append(parts, text)
	}
	if len(parts) == 0 {
		return ""
	}
	return "expected: " + oneLine(strings.Join(parts, "; "))
}
