package analyze

import "slices"

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
			all[m.Key()] = m.summarize(v, missing)
		}
	}
	return all
}

// summarize returns minimum, median and maximum of values, and the order-statistic interval of the median at 95 % or more if there are at
// least 6 values. A measure with Mean also has the mean and its interval.
func (m *Measure) summarize(v []float64, missing int) Summary {
	s := Summary{N: len(v), Missing: missing}
	if len(v) == 0 {
		return s
	}
	sorted := slices.Sorted(slices.Values(v))
	s.Min, s.Median, s.Max = sorted[0], median(sorted), sorted[len(sorted)-1]
	s.MedianCI = medianInterval(sorted)
	if m.Mean {
		s.Mean, s.MeanCI = some(mean(v)), MeanInterval(v)
	}
	return s
}

// median of sorted values; there must be one.
func median(sorted []float64) float64 {
	n := len(sorted)
	if lo, hi := sorted[(n-1)/2], sorted[n/2]; lo != hi {
		return lo/2 + hi/2
	}
	return sorted[n/2]
}
