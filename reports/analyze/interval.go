package analyze

import (
	"math"
	"math/rand/v2"
	"slices"

	"github.com/aclements/go-moremath/stats"
)

// confidence of all intervals over trials.
const confidence = 0.95

// medianInterval gives the order-statistic interval of the median at 95 % or more, for sorted values: the k-th least and the k-th greatest
// value, with the greatest k for which either side misses the median with a probability of at most 2.5 % (David & Nagaraja 2003, Order
// Statistics, section 7.1). It needs no assumption about the distribution. nil: fewer than 6 values.
func medianInterval(sorted []float64) *[2]float64 {
	k := medianRank(len(sorted))
	if k == 0 {
		return nil
	}
	return &[2]float64{sorted[k-1], sorted[len(sorted)-k]}
}

// medianRank is the greatest k with P(B < k) <= 2.5 %, where B is binomial of n tries with probability 1/2; 0: there is none.
func medianRank(n int) int {
	lgamma := func(n int) float64 { v, _ := math.Lgamma(float64(n + 1)); return v }
	k, below := 0, 0.0
	for 2*k < n {
		below += math.Exp(lgamma(n) - lgamma(k) - lgamma(n-k) - float64(n)*math.Ln2)
		if below > (1-confidence)/2 {
			break
		}
		k++
	}
	return k
}

// Bounds of the bootstrap. It draws from a fixed seed: the same values give the same interval.
const (
	resamples     = 5000
	fewestForMean = 6 // values: fewer have no interval of their median either
)

// MeanInterval gives the BCa bootstrap interval of the mean at 95 %, see bca. nil: fewer than 6 values, or all are equal. It is the interval
// of totals and rare events, where a median hides what a few trials lost. Below about 20 values it is a little too short: of 10 values of a
// skewed distribution, it covers the mean in 85 to 90 %.
func MeanInterval(v []float64) *[2]float64 {
	if len(v) < fewestForMean || slices.Min(v) == slices.Max(v) {
		return nil
	}
	b, ok := bca(v, mean, confidence, resamples)
	if !ok {
		return nil
	}
	return &[2]float64{b.Lo, b.Hi}
}

func mean(v []float64) float64 {
	sum := 0.0
	for _, x := range v {
		sum += x
	}
	return sum / float64(len(v))
}

// interval is the result of bca, with the constants of its method.
type interval struct {
	Lo, Hi float64
	Bias   float64 // z0
	Accel  float64 // a
}

// bca gives the bias-corrected and accelerated bootstrap interval of a statistic (Efron 1987, J. Amer. Statist. Assoc. 82, 171-185; Efron &
// Tibshirani 1993, An Introduction to the Bootstrap, section 14.3). The bias correction z0 is the normal quantile of the share of resamples
// below the estimate, equal ones counted half; the acceleration a is a sixth of the skewness of the jackknife. An end is the quantile of
// the resamples at Phi(z0 + (z0 + z) / (1 - a (z0 + z))). ok is false if the values do not give these.
func bca(v []float64, of func([]float64) float64, level float64, resamples int) (b interval, ok bool) {
	v = slices.Sorted(slices.Values(v)) // the order of the trials does not matter
	drawn := bootstrap(v, of, resamples)
	b.Bias, b.Accel = stats.StdNormal.InvCDF(rank(drawn, of(v))), acceleration(v, of)
	at := func(p float64) float64 {
		z := b.Bias + stats.StdNormal.InvCDF(p)
		return between(drawn, stats.StdNormal.CDF(b.Bias+z/(1-b.Accel*z)))
	}
	b.Lo, b.Hi = at((1-level)/2), at((1+level)/2)
	return b, !math.IsNaN(b.Lo) && !math.IsNaN(b.Hi) && !math.IsInf(b.Bias, 0)
}

// bootstrap gives the statistic of resamples with replacement, sorted.
func bootstrap(v []float64, of func([]float64) float64, resamples int) []float64 {
	rng := rand.New(rand.NewPCG(1, uint64(len(v))))
	drawn, one := make([]float64, resamples), make([]float64, len(v))
	for i := range drawn {
		for k := range one {
			one[k] = v[rng.IntN(len(v))]
		}
		drawn[i] = of(one)
	}
	slices.Sort(drawn)
	return drawn
}

// rank is the share of sorted values below x. Values that differ from x by rounding alone count half.
func rank(sorted []float64, x float64) float64 {
	slack := 1e-12 * math.Abs(x)
	from, _ := slices.BinarySearch(sorted, x-slack)
	to, _ := slices.BinarySearch(sorted, math.Nextafter(x+slack, math.Inf(1)))
	return float64(from+to) / 2 / float64(len(sorted))
}

// acceleration is the sum of cubes of the jackknife's deviations over 6 times the sum of squares to the power of 3/2; NaN if the jackknife
// does not vary.
func acceleration(v []float64, of func([]float64) float64) float64 {
	left, others := make([]float64, len(v)), make([]float64, 0, len(v)) // left: the statistic without one value
	for i := range v {
		left[i] = of(append(append(others, v[:i]...), v[i+1:]...))
	}
	middle, squares, cubes := mean(left), 0.0, 0.0
	for _, x := range left {
		d := middle - x
		squares += d * d
		cubes += d * d * d
	}
	return cubes / (6 * math.Pow(squares, 1.5))
}

// between interpolates between sorted values; NaN for a share that is NaN.
func between(sorted []float64, share float64) float64 {
	if math.IsNaN(share) {
		return share
	}
	at := share * float64(len(sorted)-1)
	i := min(int(at), len(sorted)-2)
	return sorted[i] + (at-float64(i))*(sorted[i+1]-sorted[i])
}
