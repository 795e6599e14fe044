package lifetime

import (
	"math"

	"github.com/aclements/go-moremath/mathx"
	"github.com/aclements/go-moremath/stats"
)

// outside is the probability that an interval misses on one side: intervals hold at 95 %.
const outside = 0.025

// moments are sums over independent values of 0 or more.
type moments struct{ sum, squares, most float64 }

func (m *moments) add(v float64) {
	m.sum += v
	m.squares += v * v
	m.most = max(m.most, v)
}

func (m *moments) merge(o moments) {
	m.sum += o.sum
	m.squares += o.squares
	m.most = max(m.most, o.most)
}

// Estimate is a mean with its interval at 95 %.
type Estimate struct{ Value, Lo, Hi float64 }

func (e Estimate) times(factor float64) Estimate {
	return Estimate{e.Value * factor, e.Lo * factor, e.Hi * factor}
}

// Wide is the interval at 99.9 %, as if the mean were normal.
func (e Estimate) Wide() Estimate {
	by := stats.StdNormal.InvCDF(0.9995) / stats.StdNormal.InvCDF(1-outside)
	return Estimate{e.Value, max(0, e.Value-by*(e.Value-e.Lo)), e.Value + by*(e.Hi-e.Value)}
}

// Contains tells whether a value is inside the interval.
func (e Estimate) Contains(v float64) bool { return e.Lo <= v && v <= e.Hi }

// mean gives the mean of n values, each between 0 and greatest, with the gamma interval of Fay and Feuer (Confidence intervals for directly
// standardized rates, Statistics in Medicine 16, 1997, 791-801). It suits sums of a few rare values, is never below 0, and becomes the
// normal interval for many values. Where all values were 0 its upper end is that of no event among n, each of the size greatest. The
// variance is that of the values, so that many equal values give a narrow interval.
func (m moments) mean(n int, greatest float64) Estimate {
	count := float64(n)
	most := m.most
	if m.sum == 0 {
		most = greatest
	}
	variance := m.squares
	if n > 1 {
		variance = max(0, (m.squares-m.sum*m.sum/count)*count/(count-1))
	}
	sum := m.sum + most
	e := Estimate{m.sum, 0, gammaQuantile(sum, variance+most*most, 1-outside)}
	if m.sum > 0 {
		e.Lo = gammaQuantile(m.sum, variance, outside)
	}
	return e.times(1 / count)
}

// gammaQuantile gives the quantile of the gamma distribution with a mean and a variance.
func gammaQuantile(mean, variance, p float64) float64 {
	shape := mean * mean / variance
	if !(shape < 1e4) { // wide shapes are normal to four digits, and the incomplete gamma function does not converge
		return mean + math.Sqrt(variance)*stats.StdNormal.InvCDF(p)
	}
	lo, hi := 0.0, shape+10*math.Sqrt(shape)+20
	for range 100 {
		middle := (lo + hi) / 2
		if gammaCDF(shape, middle) < p {
			lo = middle
		} else {
			hi = middle
		}
	}
	return lo * mean / shape
}

// gammaCDF is exact up to a shape of 100, then the approximation of Wilson and Hilferty (1931), which is right to three digits of the tail.
func gammaCDF(shape, x float64) float64 {
	if shape < 100 {
		return mathx.GammaInc(shape, x)
	}
	v := 1 / (9 * shape)
	return stats.StdNormal.CDF((math.Cbrt(x/shape) - 1 + v) / math.Sqrt(v))
}
