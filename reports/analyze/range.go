package analyze

import (
	"encoding/json"
	"math"
)

// Range is the interval of the true value of a measure, in the measure's unit. The uncertainty comes from the spacing of requests, late
// sends, the effect instant, the clocks and a busy machine.
type Range struct {
	Lo float64
	Hi float64 // +Inf: no upper bound, because the trial ended before
	// Why is the cause of a wide range; empty: only the resolution.
	Why string

	code string // of the doubt if a bound lies inside the range; empty: bound-unsure
}

// rangeJSON is a Range in report.json.
type rangeJSON struct {
	Lo  float64  `json:"lo"`
	Hi  *float64 `json:"hi"`
	Why string   `json:"why,omitempty"`
}

// Plain gives the form in report.json, without a value.
func (Range) Plain() any { return rangeJSON{} }

// MarshalJSON writes null for a range without an upper bound.
func (g Range) MarshalJSON() ([]byte, error) {
	plain := rangeJSON{Lo: g.Lo, Why: g.Why}
	if !math.IsInf(g.Hi, 0) {
		plain.Hi = &g.Hi
	}
	return json.Marshal(plain)
}

// UnmarshalJSON reads the output of MarshalJSON.
func (g *Range) UnmarshalJSON(b []byte) error {
	var plain rangeJSON
	if err := json.Unmarshal(b, &plain); err != nil {
		return err
	}
	*g = Range{Lo: plain.Lo, Hi: math.Inf(1), Why: plain.Why}
	if plain.Hi != nil {
		g.Hi = *plain.Hi
	}
	return nil
}

// off is the largest error of a value: its distance to the farther end of the range.
func (g Range) off(v float64) float64 { return max(v-g.Lo, g.Hi-v, 0) }

// overlaps reports whether the range and [lo, hi] have a value in common.
func (g Range) overlaps(lo, hi float64) bool { return g.Lo <= hi && g.Hi >= lo }

// with widens a range to include a value.
func (g Range) with(v float64) Range {
	g.Lo, g.Hi = min(g.Lo, v), max(g.Hi, v)
	return g
}

// from widens a range to begin at lo, with the cause why. A range that begins at or before lo does not change.
func (g Range) from(lo float64, why string) Range {
	if lo < g.Lo {
		g.Lo, g.Why = lo, why
	}
	return g
}

// doubted widens a range to begin at lo, because a mechanism acted against a healthy node.
func (g Range) doubted(lo float64, why string) Range {
	if lo < g.Lo {
		g.Lo, g.Why, g.code = lo, why, healthyNodeFailed
	}
	return g
}

// ranges fills in the intervals of the measures that are not exact. d is the measured degradation of the trial.
func (r *run) ranges(t *Trial, d degradation) {
	if len(r.faults) > 0 {
		r.faultRanges(t, d)
	}
	r.widenByDelays(t)
	r.widenByNeedless(t)
	r.widenByOverload(t)
}

// widen widens the interval of a measure to include a value, with the cause why and its code. A needless action stays the cause: it says more
// than an overload.
func (t *Trial) widen(m *Measure, v float64, why, code string) {
	if g, ok := m.RangeOf(t); ok && g.with(v) != g {
		wide := g.with(v)
		if g.code == "" {
			wide.Why, wide.code = why, code
		}
		t.Ranges[m.Name] = wide
	}
}

// widenByOverload widens the ranges of a trial on an overloaded machine: every measure that overload can make worse reaches to its best
// value. It widens nothing if the plan predicts that no mechanism ends the outage: a faster machine would not change that.
func (r *run) widenByOverload(t *Trial) {
	why := r.overload(r.effect, r.until)
	if why == "" || r.repairPredicted() {
		return
	}
	for i := range Measures {
		if m := &Measures[i]; m.Best != nil {
			t.widen(m, *m.Best, why, "")
		}
	}
}

// repairPredicted reports whether the plan predicts that only the repair ends the outage.
func (r *run) repairPredicted() bool {
	return len(r.faults) > 0 && r.faults[0].Predicted != nil && r.faults[0].Predicted.Never
}

// faultRanges fills in the intervals that come from the uncertainty of the effect instant.
func (r *run) faultRanges(t *Trial, d degradation) {
	edge := func(from, to int64) float64 { return float64(count(r.between(from, to), failed)) }
	width := r.uncertainty().Nanoseconds()
	more, fewer := edge(r.effect-width, r.effect), edge(r.effect, r.effect+width)
	lost := Range{Lo: max(0, t.Lost-fewer), Hi: t.Lost + more}
	per := func(n float64) Range { return Range{Lo: ratio(lost.Lo, n), Hi: ratio(lost.Hi, n)} }
	t.Ranges["lost"], t.Ranges["lost_ratio"], t.Ranges["loss_derived"] = lost, per(float64(t.Offered)), per(r.windowRate()/1000)
	t.Ranges["resilience_loss"], t.Ranges["q_min"], t.Ranges["q_steady"] = r.degradationRanges(d)
	for i := range Measures {
		m := &Measures[i]
		if v, ok := m.Of(t); ok && m.Range != nil {
			if g := m.Range(r, v); g.Lo != g.Hi { // else the value is exact
				t.Ranges[m.Name] = g
			}
		}
	}
}

// offEffect is the interval of a time in ms that counts from the effect instant, or to it.
func (r *run) offEffect(v float64) Range {
	u := ms(r.uncertainty())
	return Range{Lo: max(0, v-u), Hi: v + u}
}

// lateAnswers is the cause of a range that delayed requests widened; see run.delayed.
const lateAnswers = "some answers were late while this machine was the limit"

// degradationRanges are the intervals of the resilience loss, the least Q and the steady Q. Each is computed with the effect at both ends of
// the effect's interval. The resilience loss is off by one more spacing of requests.
func (r *run) degradationRanges(d degradation) (loss, least, steady Range) {
	loss, least, steady = Range{Lo: d.loss, Hi: d.loss}, Range{Lo: d.min, Hi: d.min}, Range{Lo: d.steady, Hi: d.steady}
	u := r.uncertainty().Nanoseconds()
	early := min(max(r.effect-u, clamp(int64(r.plan.BaselineAt))), r.effect)
	late := max(min(r.effect+u, r.until), r.effect)
	for _, effect := range []int64{early, late} {
		other := *r
		other.effect = effect
		o := other.degradation()
		loss, least, steady = loss.with(o.loss), least.with(o.min), steady.with(o.steady)
	}
	if loss.Hi > 0 {
		loss = Range{Lo: max(0, loss.Lo-r.resolution()/1000), Hi: loss.Hi + r.resolution()/1000}
	}
	return loss, least, steady
}

// widenByDelays widens the ranges of measures that late answers or timeouts change: they reach to the value that the measure has if the
// delayed requests (see run.delayed) are counted as in time.
func (r *run) widenByDelays(t *Trial) {
	other := r.withoutDelays()
	if other == nil {
		return
	}
	d := other.degradation()
	u := Trial{QMin: d.min, QSteady: d.steady, ResilienceLossS: d.loss}
	other.users(&u)
	other.losses(&u)
	other.integrity(&u)
	for i := range Measures {
		if m := &Measures[i]; m.Late {
			if v, ok := m.Of(&u); ok {
				t.widen(m, v, lateAnswers, "")
			}
		}
	}
}
