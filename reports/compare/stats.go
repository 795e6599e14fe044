package compare

import (
	"math"
	"slices"

	"github.com/aclements/go-moremath/stats"
)

// mannWhitney gives the two-sided p-value of the Mann-Whitney test: twice the smaller tail, the probability of ranks at least as different
// if both samples are from one population. It is exact up to 50 values a side (25 with ties), else a normal approximation. If all values
// are equal it is 1.
//
// The two-sided test of the library takes the lower tail of U for both ends. With ties and samples of unequal size U is not symmetric, and
// that is another probability: 0.23 in place of 0.51 for samples of 3 and 4. So both tails are computed.
func mannWhitney(a, b []float64) float64 {
	least := 0.5
	for _, pair := range [][2][]float64{{a, b}, {b, a}} {
		r, err := stats.MannWhitneyUTest(pair[0], pair[1], stats.LocationLess)
		if err != nil || math.IsNaN(r.P) {
			return 1
		}
		least = min(least, r.P)
	}
	return 2 * least
}

// holm gives the p-values that control the probability of any false alarm (Holm 1979, Scand. J. Statist. 6, 65-70), in the order of p.
func holm(p []float64) []float64 {
	order := make([]int, len(p))
	for i := range order {
		order[i] = i
	}
	slices.SortFunc(order, func(a, b int) int {
		switch {
		case p[a] < p[b]:
			return -1
		case p[a] > p[b]:
			return 1
		}
		return 0
	})
	adjusted := make([]float64, len(p))
	worst := 0.0
	for rank, i := range order {
		worst = max(worst, min(1, float64(len(p)-rank)*p[i]))
		adjusted[i] = worst
	}
	return adjusted
}

// LeastP is the least two-sided p-value that samples of these sizes without ties can have: 2 / C(a+b, a).
func LeastP(a, b int) float64 {
	return min(1, 2*math.Exp(-logChoose(a+b, a)))
}

// significant reports whether p is at most a level, in spite of the rounding of p.
func significant(p, level float64) bool { return p <= level*(1+1e-9) }

// logChoose is the logarithm of the number of ways to choose k of n.
func logChoose(n, k int) float64 {
	lgamma := func(n int) float64 { v, _ := math.Lgamma(float64(n + 1)); return v }
	return lgamma(n) - lgamma(k) - lgamma(n-k)
}

// enough is the least number of trials a side whose LeastP is at most alpha.
func enough(alpha float64) int {
	n := 1
	for n < 1000 && !significant(LeastP(n, n), alpha) {
		n++
	}
	return n
}

// shift estimates by how much b lies above a: the Hodges-Lehmann estimate (Hodges & Lehmann 1963), the median of all differences. Where
// that is 0, it is the difference of the means: a rare event in less than half of the pairs is seen too. A value may be +Inf.
func shift(a, b []float64) float64 {
	if len(a) == 0 || len(b) == 0 {
		return 0
	}
	if len(a)*len(b) > maxPairs {
		return minus(Median(b), Median(a))
	}
	all := make([]float64, 0, len(a)*len(b))
	for _, x := range a {
		for _, y := range b {
			all = append(all, minus(y, x))
		}
	}
	if s := Median(all); s != 0 {
		return s
	}
	return minus(mean(b), mean(a))
}

// maxPairs bounds the differences that shift sorts.
const maxPairs = 1_000_000

// minus is a difference in which two infinite values are equal.
func minus(a, b float64) float64 {
	if a == b {
		return 0
	}
	return a - b
}

func mean(v []float64) float64 {
	sum := 0.0
	for _, x := range v {
		sum += x
	}
	return sum / float64(len(v))
}

// Median is the median of values, of which some may be infinite. There must be a value.
func Median(v []float64) float64 {
	v = slices.Sorted(slices.Values(v))
	n := len(v)
	if n%2 == 1 {
		return v[n/2]
	}
	if lo, hi := v[n/2-1], v[n/2]; lo != hi {
		return lo/2 + hi/2
	}
	return v[n/2]
}

// Enough is the least number of trials a side by which a comparison with as many tests can find a change at all.
func (c *Comparison) Enough() int { return Enough(c.Alpha, c.Tests) }

// Enough is the least number of trials a side by which a comparison with so many tests at the level alpha can find a change at all.
func Enough(alpha float64, tests int) int { return enough(alpha / float64(max(1, tests))) }
