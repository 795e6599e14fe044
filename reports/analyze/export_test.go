package analyze

// WithMeasure calls f with one more row in Measures: the slowest answer in the window of the fault, in ms. Its range ends 1 ms above its
// value.
func WithMeasure(name string, f func()) {
	rows, names, keys := Measures, byName, byKey
	defer func() { Measures, byName, byKey = rows, names, keys }()
	Measures = append(rows[:len(rows):len(rows)], Measure{
		Name: name, Unit: "ms", Fault: true, About: "For a test.", Head: name,
		Compute: func(r *run) *float64 {
			slowest := 0.0
			for _, s := range r.window() {
				if !failed(s) {
					slowest = max(slowest, float64(s.Done)/1000)
				}
			}
			return &slowest
		},
		Range: func(_ *run, v float64) Range { return Range{Lo: v, Hi: v + 1} },
	})
	byName, byKey = indexed()
	f()
}

// For the specs of intervals.
var (
	MedianRank     = medianRank
	MedianInterval = medianInterval
	BCa            = bca
	Rank           = rank
	Mean           = mean
)
