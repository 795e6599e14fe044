package main

import (
	"fmt"
	"maps"
	"math"
	"slices"

	"github.com/seed-ab8b6914/spof/reports/analyze"
	"github.com/seed-ab8b6914/spof/reports/units"
	"github.com/seed-ab8b6914/spof/topology/plainfile"
)

// checkValues refuses values that no run has: a comparison would take a negative time for an improvement. The message has the place.
func checkValues(path string, data []byte, rep *analyze.Report) error {
	for i := range rep.Cells {
		code, at, what := wrongValue(&rep.Cells[i])
		if code != "" {
			at = fmt.Sprintf("cells[%d].%s", i, at)
			return refusef(code, "%w", plainfile.At(path, data, at, what))
		}
	}
	return nil
}

// wrongValue finds the first wrong value of a cell. The code is empty if there is none.
func wrongValue(c *analyze.Cell) (code, at, what string) {
	for i, p := range c.Predictions {
		if p.LoMS != nil && p.HiMS != nil && *p.LoMS > *p.HiMS {
			return "crossed-range", fmt.Sprintf("predictions[%d]", i), fmt.Sprintf("has lo_ms %g above hi_ms %g; want lo_ms <= hi_ms", *p.LoMS, *p.HiMS)
		}
	}
	for _, key := range slices.Sorted(maps.Keys(c.Summary)) {
		if ci := c.Summary[key].MedianCI; ci != nil && ci[0] > ci[1] {
			return "crossed-range", "summary." + key, fmt.Sprintf("has a median_ci from %g to %g; want the lower end first", ci[0], ci[1])
		}
	}
	seen := map[int]int{}
	for i := range c.Trials {
		t, at := &c.Trials[i], fmt.Sprintf("trials[%d]", i)
		if first, again := seen[t.Trial]; again {
			return "repeated-trial", at, fmt.Sprintf("is trial %d, as trials[%d] is; want each trial once", t.Trial, first)
		}
		seen[t.Trial] = i
		if code, what := wrongTrial(t); code != "" {
			return code, at, what
		}
	}
	return "", "", ""
}

// wrongTrial finds the first wrong measure of a trial, of those that a comparison can test.
func wrongTrial(t *analyze.Trial) (code, what string) {
	for i := range analyze.Measures {
		m := &analyze.Measures[i]
		if v, ok := m.Of(t); ok && m.Better != "" {
			if most, want := atMost(m.Unit); v < 0 || v > most {
				return "value-out-of-range", fmt.Sprintf("has a %s of %s; want %s", m.Name, units.Write(v, m.Unit), want)
			}
		}
		if g, ok := t.Ranges[m.Name]; ok && g.Lo > g.Hi {
			return "crossed-range", fmt.Sprintf("has a range of %s with lo %g above hi %g; want lo <= hi", m.Name, g.Lo, g.Hi)
		}
	}
	return "", ""
}

// atMost is the greatest value of a measure in a unit, and the range in words. No measure with a better direction is below 0.
func atMost(unit string) (most float64, want string) {
	if unit == "ratio" {
		return 1, "0 % to 100 %"
	}
	return math.Inf(1), "0 or more"
}
