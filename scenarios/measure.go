package scenarios

import (
	"maps"
	"math"
	"slices"
	"strings"

	"github.com/seed-ab8b6914/spof/reason"
	"github.com/seed-ab8b6914/spof/topology/yamlfile"
)

// Measures are the measures that expectations may name. They come from who computes them: a scenario is read before anything is
// measured, and by packages that measure nothing.
type Measures map[string]MeasureInfo

// MeasureInfo is what a scenario's reader needs to know of a measure.
type MeasureInfo struct {
	// Unit is ms, s, B/s, count (a whole number), number, ratio (a share from 0 % to 100 %) or factor (a multiple of the baseline).
	Unit  string
	About string
	Fault bool // counted from a fault: a scenario without one cannot bound it
}

// operators are those of a bound.
var operators = []string{"<=", "<", ">=", ">", "=="}

// Check refuses an expectation made in Go that no scenario file can have: an unknown measure or operator, or a value that is negative, is not
// finite, or is a share above 1.
func (m Measures) Check(e Expectation) error {
	info, known := m[e.Measure]
	switch {
	case !known:
		return reason.Errorf("unknown-measure", "unknown measure %q%s; valid: %s", e.Measure, yamlfile.Suggest(e.Measure, m.names()), strings.Join(m.names(), ", "))
	case e.Operates() != nil:
		return e.Operates()
	case info.Unit == "ratio" && !(e.Value >= 0 && e.Value <= 1): // also NaN
		return reason.Errorf("wrong-bound", "bound of %s: want a share from 0 to 1 (5 %% is 0.05), got %v", e.Measure, e.Value)
	case !(e.Value >= 0) || math.IsInf(e.Value, 1):
		return reason.Errorf("wrong-bound", "bound of %s: want a finite value of 0 or more, got %v", e.Measure, e.Value)
	}
	return nil
}

// Operates refuses an operator with which no bound can be judged.
func (e Expectation) Operates() error {
	if slices.Contains(operators, e.Op) {
		return nil
	}
	return reason.Errorf("unknown-operator", "unknown operator %.40q of a bound on %.40s; valid: %s", e.Op, e.Measure, strings.Join(operators, ", "))
}

// names are the keys, sorted.
func (m Measures) names() []string { return slices.Sorted(maps.Keys(m)) }
