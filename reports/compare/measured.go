package compare

import (
	"math"
	"slices"

	"github.com/seed-ab8b6914/spof/reports/analyze"
)

// Measured compares one measure of a cell.
type Measured struct {
	Measure string `json:"measure"`
	Key     string `json:"key"` // in the summary of report.json
	Unit    string `json:"unit"`
	Better  string `json:"better"` // lower or higher
	Base    Sample `json:"base"`
	New     Sample `json:"new"`
	// Shift is by how much the new values lie above those of the base; null: without bound, as service did not return in some trials.
	Shift     *float64 `json:"shift"`
	P         *float64 `json:"p"`      // of the Mann-Whitney test; null: not tested
	PHolm     *float64 `json:"p_holm"` // with Holm's correction over all tests of the comparison
	MinEffect float64  `json:"min_effect"`
	// Finds is the least worsening that a comparison of so many trials finds with the probability of Options.Power; null: none.
	Finds  *float64 `json:"finds"`
	Code   string   `json:"code"`
	Change Change   `json:"change"`

	required  bool // the cell is unknown without it
	base, new sample
}

// Sample sums up the values of one side.
type Sample struct {
	N        int         `json:"n"`
	Never    int         `json:"never,omitempty"`   // of N: service did not return before the trial ended
	Missing  int         `json:"missing,omitempty"` // trials that are not void and have no value
	Median   *float64    `json:"median"`            // null: no value, or never
	MedianCI *[2]float64 `json:"median_ci"`         // of the summary in the report; null: too few trials
}

// sample are the values of one side, with the ends of their uncertainty.
type sample struct{ v, lo, hi []float64 }

// measure notes the samples of each measure that is to be tested, and says if there is none. The failover and what a scenario bounds is
// required; a bound measure is noted without a value too.
func (c *Cell) measure(o Options) {
	for i := range analyze.Measures {
		m := &analyze.Measures[i]
		if !Tested(m, c.new, o.Measures) {
			continue
		}
		one := Measured{Measure: m.Name, Key: m.Key(), Unit: m.Unit, Better: string(m.Better), MinEffect: o.Effects.Of(m.Name, m.Unit)}
		one.base, one.Base = sampleOf(m, c.base)
		one.new, one.New = sampleOf(m, c.new)
		bound := bounds(c.base, m) || bounds(c.new, m)
		one.required = bound || m.Name == "failover"
		if bound || one.Base.N+one.New.N > 0 {
			c.Measured = append(c.Measured, one)
		}
	}
	if len(c.Measured) == 0 {
		c.note("nothing-measured", Unknown, "no trial of either side has a value of a measure to test: nothing is shown")
	}
}

// bounds reports whether the scenario of a cell bounds a measure.
func bounds(c *analyze.Cell, m *analyze.Measure) bool {
	return slices.ContainsFunc(c.Bounds, func(b analyze.Bound) bool { return b.Measure == m.Name })
}

// Tested reports whether a comparison tests a measure: a named one, or without names one of the gate or of the scenario's bounds.
func Tested(m *analyze.Measure, c *analyze.Cell, names []string) bool {
	switch {
	case m.Better == "":
		return false
	case len(names) > 0:
		return slices.Contains(names, m.Name)
	}
	return m.Gate || bounds(c, m)
}

// sampleOf takes the values of all trials that are not void. A failover that never came is infinite.
func sampleOf(m *analyze.Measure, c *analyze.Cell) (s sample, sum Sample) {
	for i := range c.Trials {
		t := &c.Trials[i]
		if t.Void {
			continue
		}
		v, ok := m.Of(t)
		g, known := m.RangeOf(t)
		switch {
		case ok:
		case m.Name == "failover" && t.Target != "":
			v = math.Inf(1)
			if !known {
				g = analyze.Range{Lo: v, Hi: v}
			}
			sum.Never++
		default:
			sum.Missing++
			continue
		}
		s.v, s.lo, s.hi = append(s.v, v), append(s.lo, min(g.Lo, v)), append(s.hi, max(g.Hi, v))
	}
	if sum.N = len(s.v); sum.N == 0 {
		return s, sum
	}
	sum.Median = finite(Median(s.v))
	sum.MedianCI = c.Summary[m.Key()].MedianCI
	return s, sum
}

// Values gives the values of a measure in all trials that are not void, and sums them up. A failover that never came is +Inf.
func Values(m *analyze.Measure, c *analyze.Cell) ([]float64, Sample) {
	s, sum := sampleOf(m, c)
	return s.v, sum
}

// finite is nil for an infinite value.
func finite(v float64) *float64 {
	if math.IsInf(v, 0) || math.IsNaN(v) {
		return nil
	}
	return &v
}

// equal reports whether all values of both sides are the same. Then there is nothing to test: the decision looks at the values without
// their sides, so that it does not change the probability of a false alarm.
func (m *Measured) equal() bool {
	all := slices.Concat(m.base.v, m.new.v)
	return !slices.ContainsFunc(all, func(v float64) bool { return v != all[0] })
}

// hypothesis is a test that awaits Holm's correction.
type hypothesis struct {
	p      float64
	decide func(adjusted float64)
}

// test tests the verdicts and measures of all cells, and corrects for their number.
func (c *Comparison) test(o Options) {
	var all []hypothesis
	for i := range c.Cells {
		if v, ok := c.Cells[i].testVerdict(o.Alpha); ok {
			all = append(all, v)
		}
		for k := range c.Cells[i].Measured {
			m := &c.Cells[i].Measured[k]
			if m.untested(o.Alpha) {
				continue
			}
			p := mannWhitney(m.base.v, m.new.v)
			all = append(all, hypothesis{p, func(adjusted float64) { m.decide(p, adjusted, o, c.level()) }})
		}
	}
	c.Tests = len(all)
	p := make([]float64, len(all))
	for i := range all {
		p[i] = all[i].p
	}
	for i, adjusted := range holm(p) {
		all[i].decide(adjusted)
	}
}

// level is that of Holm's first step, which is the strictest.
func (c *Comparison) level() float64 { return c.Alpha / float64(max(1, c.Tests)) }

// untested judges a measure that needs no test.
func (m *Measured) untested(alpha float64) bool {
	switch {
	case m.Base.N == 0 || m.New.N == 0:
		m.Code, m.Change = "not-measured", Unknown // says: failover was not measured on one of the sides
	case m.equal() && min(m.Base.N, m.New.N) >= enough(alpha):
		m.Code, m.Change = "equal", Same // says: all values of both sides are the same
		m.Shift = finite(0)
	default:
		return false
	}
	return true
}

// decide sets the change. alpha is the level of Holm's first step.
func (m *Measured) decide(p, adjusted float64, o Options, alpha float64) {
	move := shift(m.base.v, m.new.v)
	m.P, m.PHolm, m.Shift = &p, &adjusted, finite(move)
	if found, ok := finds(m.base, m.New.N, alpha, o.Power, m.MinEffect); ok {
		m.Finds = &found
	}
	switch {
	case adjusted > o.Alpha && !significant(LeastP(m.Base.N, m.New.N), alpha):
		m.Code, m.Change = "too-few-trials", Unknown // says: so few trials cannot show a difference, however large
	case adjusted > o.Alpha || move == 0:
		m.Code, m.Change = "no-difference", Same // says: the test finds no difference
	case math.Abs(move) < m.MinEffect:
		m.Code, m.Change = "below-min-effect", Same // says: the difference is less than the minimum effect
	case !m.beyond(move):
		m.Code, m.Change = "within-uncertainty", Unknown // says: the uncertainty of the trials can explain the difference: it is neither shown nor excluded
	case (move > 0) == (m.Better == string(analyze.Lower)):
		m.Code, m.Change = "measured-worse", Worse // says: failover became worse by at least the minimum effect
	default:
		m.Code, m.Change = "measured-better", Better // says: failover became better by at least the minimum effect
	}
}

// judged reports whether there were enough values to judge the measure.
func (m *Measured) judged() bool { return m.Code != "too-few-trials" && m.Code != "not-measured" }

// beyond reports whether the move is more than the uncertainty of the trials: it stays if every value of the lower side is at the upper
// end of its uncertainty, and every value of the upper side at the lower end.
func (m *Measured) beyond(move float64) bool {
	if move > 0 {
		return shift(m.base.hi, m.new.lo) > 0
	}
	return shift(m.base.lo, m.new.hi) < 0
}
