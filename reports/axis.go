package reports

import (
	"math"
	"strconv"
)

// axis maps values to shares of a length, 0 to 1.
type axis struct {
	lo, hi float64
	log    bool // lo must be positive
}

// at returns the share for v. A value outside the axis gets the share of the nearer end.
func (a axis) at(v float64) float64 {
	lo, hi := a.lo, a.hi
	if a.log {
		lo, hi, v = math.Log10(lo), math.Log10(hi), math.Log10(math.Max(v, lo))
	}
	if hi <= lo || math.IsNaN(v) {
		return 0
	}
	return math.Min(math.Max((v-lo)/(hi-lo), 0), 1)
}

// ticks returns round values within the axis: decades on a log axis, else about n values.
func (a axis) ticks(n int) (vs []float64) {
	if a.log {
		for e := math.Ceil(math.Log10(a.lo) - 1e-9); e <= math.Log10(a.hi)+1e-9; e++ {
			vs = append(vs, math.Pow(10, e))
		}
		return vs
	}
	step := niceStep((a.hi - a.lo) / float64(n))
	for v := math.Ceil(a.lo/step - 1e-9); v*step <= a.hi+1e-9*step; v++ {
		vs = append(vs, v*step+0) // + 0: never -0
	}
	return vs
}

// niceStep is the smallest of 1, 2 and 5 times a power of ten that is at least v.
func niceStep(v float64) float64 {
	if v <= 0 || math.IsInf(v, 0) || math.IsNaN(v) {
		return 1
	}
	unit := math.Pow(10, math.Floor(math.Log10(v)))
	for _, m := range []float64{1, 2, 5} {
		if v <= m*unit*(1+1e-9) {
			return m * unit
		}
	}
	return 10 * unit
}

// upTo returns a linear axis from 0 to a round value of at least v.
func upTo(v float64) axis {
	step := niceStep(math.Max(v, 1e-9) / 4)
	return axis{hi: math.Ceil(v/step-1e-9) * step}
}

// tickTime formats an instant on an axis of time, given in ms: 0, 500 ms, 2.5 s.
func tickTime(ms float64) string {
	switch a := math.Abs(ms); {
	case a < 1e-9:
		return "0"
	case a < 1:
		return short(ms*1000) + " µs"
	case a < 1000:
		return short(ms) + " ms"
	default:
		return short(ms/1000) + " s"
	}
}

// tickOffset formats an offset from the zero of an axis, given in ms: −5 s, 0, +5 s.
func tickOffset(ms float64) string {
	switch {
	case ms > 1e-9:
		return "+" + tickTime(ms)
	case ms < -1e-9:
		return "−" + tickTime(-ms)
	}
	return "0"
}

// short formats a round value without trailing zeros.
func short(v float64) string {
	return strconv.FormatFloat(math.Round(v*1000)/1000, 'f', -1, 64)
}
