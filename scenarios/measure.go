package scenarios

import (
	"maps"
	"slices"
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

// names are the keys, sorted.
func (m Measures) names() []string { return slices.Sorted(maps.Keys(m)) }
