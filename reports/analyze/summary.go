package analyze

import (
	"math"
	"slices"

	"golang.org/x/perf/benchmath"
)

// Summaries summarizes every measure of which a trial has a value, by its key. It leaves out void trials. With a fault, failover has a
// summary even if no trial has a value.
func Summaries(trials []Trial) map[string]Summary {
	all := map[string]Summary{}
	faults := slices.ContainsFunc(trials, func(t Trial) bool { return !t.Void && t.Target != "" })
	for i := range Measures {
		m := &Measures[i]
		var v []float64
		missing := 0
		for i := range trials {
			if t := &trials[i]; t.Void {
				continue
			} else if x, ok := m.Of(t); ok {
				v = append(v, x)
			} else {
				missing++
			}
		}
		if len(v) > 0 || m.Name == "failover" && faults {
			all[m.Key()] = summarize(v, missing)
		}
	}
	return all
}

// summarize returns minimum, median and maximum of values, and the order-statistic interval of the median at 95 % or more if there are at
// least 6 values.
func summarize(v []float64, missing int) Summary {
	s := Summary{N: len(v), Missing: missing}
	if len(v) == 0 {
		return s
	}
	sample := benchmath.NewSample(slices.Clone(v), &benchmath.DefaultThresholds) // sorts
	of := benchmath.AssumeNothing.Summary(sample, 0.95)
	s.Min, s.Median, s.Max = sample.Values[0], of.Center, sample.Values[len(v)-1]
	if !math.IsInf(of.Lo, 0) && !math.IsInf(of.Hi, 0) {
		s.MedianCI = &[2]float64{of.Lo, of.Hi}
	}
	return s
}
