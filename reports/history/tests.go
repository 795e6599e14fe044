package history

import (
	"math"

	"github.com/seed-ab8b6914/spof/reports/compare"
)

// leastP is the p-value of a clean shift in the middle of n runs: of the ways to put the values in order, two have all those of one side first.
// It can be less only where the order within a side also tells, which is no evidence for the shift. A series is tested only if its leastP
// reaches the level.
func leastP(n int) float64 {
	if n < 2*minSegment {
		return 1
	}
	return compare.LeastP(n/2, n-n/2)
}

// tests gives the number of tests to correct for, so that the probability of any false alarm is at most alpha, from the number of runs of each
// series: the least k with at most k series whose leastP reaches alpha / k. Only these are tested, at alpha / k each (after Tarone 1990, A
// Modified Bonferroni Method for Discrete Data, Biometrics 46, 515-522). Series of few runs do not make the others less sharp.
func tests(runs []int, alpha float64) int {
	for k := 1; ; k++ {
		able := 0
		for _, n := range runs {
			if leastP(n) <= alpha/float64(k)*(1+1e-9) {
				able++
			}
		}
		if able <= k {
			return k
		}
	}
}

// needed is the least number of runs with which a series can have a change point at a level.
func needed(level float64) int {
	n := 2 * minSegment
	for n < 1000 && leastP(n) > level*(1+1e-9) {
		n++
	}
	return n
}

// bounded replaces an infinite value, a failover that never came, by one as far above the others as they are wide: distances must be finite.
func bounded(values []float64) []float64 {
	lo, hi := math.Inf(1), math.Inf(-1)
	for _, v := range values {
		if !math.IsInf(v, 0) {
			lo, hi = min(lo, v), max(hi, v)
		}
	}
	if lo > hi {
		lo, hi = 0, 0
	}
	out := make([]float64, len(values))
	for i, v := range values {
		if out[i] = v; math.IsInf(v, 1) {
			out[i] = hi + max(hi-lo, math.Abs(hi), 1)
		}
	}
	return out
}
