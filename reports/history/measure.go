package history

import (
	"math"
	"slices"

	"github.com/seed-ab8b6914/spof/reports/analyze"
	"github.com/seed-ab8b6914/spof/reports/compare"
)

// Measure is one measure of a series, with a value for each run.
type Measure struct {
	Measure   string        `json:"measure"`
	Key       string        `json:"key"` // in the summary of report.json
	Unit      string        `json:"unit"`
	Better    string        `json:"better"`    // lower or higher
	Statistic string        `json:"statistic"` // over the trials of a run: median or mean
	MinEffect float64       `json:"min_effect"`
	Points    []Point       `json:"points"`
	Code      string        `json:"code"`
	Changes   []ChangePoint `json:"change_points"`

	values []float64 // of Points; +Inf: never
}

// Point is the value of a run.
type Point struct {
	Run   int         `json:"run"`   // index of History.Runs
	N     int         `json:"n"`     // trials with a value
	Value *float64    `json:"value"` // null: service did not return in half of the trials
	CI    *[2]float64 `json:"ci"`    // at 95 %; null: too few trials
}

// ChangePoint is a change between two runs.
type ChangePoint struct {
	Before int `json:"before"` // the last run before the change: index of History.Runs
	After  int `json:"after"`  // the first run after it
	// From and To are the medians of the runs' values from the change point before to this one, and from this one to the next; null: never.
	From       *float64       `json:"from"`
	To         *float64       `json:"to"`
	P          float64        `json:"p"`
	PCorrected float64        `json:"p_corrected"` // for the number of tests
	Code       string         `json:"code"`
	Change     compare.Change `json:"change"` // worse or better
	Age        int            `json:"age"`    // runs of the series after the change
	Marks      []Mark         `json:"marks"`  // of the run After
}

// measure takes the values of the series and finds their changes.
func (h *History) measure(o Options) {
	var lengths []int
	var vary []*Measure
	for i := range h.Series {
		s := &h.Series[i]
		s.measures(o)
		for k := range s.Measures {
			if m := &s.Measures[k]; m.varies() {
				vary, lengths = append(vary, m), append(lengths, len(m.values))
			}
		}
	}
	h.Tests = tests(lengths, o.Alpha)
	level := o.Alpha / float64(h.Tests)
	h.Needed = needed(level)
	for _, m := range vary {
		if len(m.values) >= h.Needed {
			m.find(level, h.Tests)
		}
	}
	for i := range h.Series {
		h.Series[i].mark()
		for k := range h.Series[i].Measures {
			if m := &h.Series[i].Measures[k]; len(m.Points) < h.Needed {
				m.Code = "too-few-runs" // says: too few runs to find a change
			}
		}
	}
}

// measures takes the values of those measures that a comparison of the newest run would test.
func (s *Series) measures(o Options) {
	newest := s.cells[len(s.cells)-1]
	for i := range analyze.Measures {
		m := &analyze.Measures[i]
		if !compare.Tested(m, newest.Cell, o.Measures) {
			continue
		}
		one := Measure{Measure: m.Name, Key: m.Key(), Unit: m.Unit, Better: string(m.Better), Statistic: "median",
			MinEffect: o.Effects.Of(m.Name, m.Unit), Code: "constant", Changes: []ChangePoint{}} // says: all runs have the same value
		if m.Mean {
			one.Statistic = "mean"
		}
		for k, c := range s.cells {
			if v, ok := c.values[m.Name]; ok {
				one.Points = append(one.Points, Point{Run: s.Runs[k], N: v.n, Value: finite(v.v), CI: v.ci})
				one.values = append(one.values, v.v)
			}
		}
		if len(one.Points) > 0 {
			s.Measures = append(s.Measures, one)
		}
	}
}

// finite is nil for an infinite value.
func finite(v float64) *float64 {
	if math.IsInf(v, 0) {
		return nil
	}
	return &v
}

// varies reports whether there is something to test: enough values for two parts, which are not all equal. It does not depend on the order of
// the runs, so that it does not change the probability of a false alarm.
func (m *Measure) varies() bool {
	return len(m.values) >= 2*minSegment && slices.ContainsFunc(m.values, func(v float64) bool { return v != m.values[0] })
}

// find sets the change points: those of the detector without the ones whose effect is too small.
func (m *Measure) find(level float64, tests int) {
	points := m.large(changePoints(bounded(m.values), level, minSegment))
	m.Code = "no-change" // says: no change is found in the runs
	for i, p := range points {
		m.Code = "change-found" // says: failover changed between two runs
		from, to := m.sides(points, i)
		c := ChangePoint{Before: m.Points[p.at-1].Run, After: m.Points[p.at].Run, From: finite(from), To: finite(to), P: p.p,
			PCorrected: min(1, p.p*float64(tests)), Code: "measured-better", Change: compare.Better, Age: len(m.Points) - p.at, Marks: []Mark{}} // says: failover became better by at least the minimum effect
		if (to > from) == (m.Better == string(analyze.Lower)) {
			c.Code, c.Change = "measured-worse", compare.Worse // says: failover became worse by at least the minimum effect
		}
		m.Changes = append(m.Changes, c)
	}
}

// large drops the change point with the smallest effect, one after another, until all have the minimum effect. Their neighbours' parts grow.
func (m *Measure) large(points []found) []found {
	for len(points) > 0 {
		least, at := math.Inf(1), 0
		for i := range points {
			if e := m.effect(points, i); e < least {
				least, at = e, i
			}
		}
		if least > 0 && least >= m.MinEffect {
			break
		}
		points = slices.Delete(points, at, at+1)
	}
	return points
}

// effect is the distance of the medians on the two sides of a change point.
func (m *Measure) effect(points []found, i int) float64 {
	from, to := m.sides(points, i)
	if from == to { // also if both are infinite
		return 0
	}
	return math.Abs(to - from)
}

// sides gives the medians of the runs' values between a change point and its neighbours.
func (m *Measure) sides(points []found, i int) (from, to float64) {
	lo, hi := 0, len(m.values)
	if i > 0 {
		lo = points[i-1].at
	}
	if i+1 < len(points) {
		hi = points[i+1].at
	}
	return compare.Median(m.values[lo:points[i].at]), compare.Median(m.values[points[i].at:hi])
}

// mark gives each change point the marks of its run.
func (s *Series) mark() {
	for i := range s.Measures {
		for k := range s.Measures[i].Changes {
			c := &s.Measures[i].Changes[k]
			for _, m := range s.Marks {
				if m.Run > c.Before && m.Run <= c.After {
					c.Marks = append(c.Marks, m)
				}
			}
		}
	}
}
