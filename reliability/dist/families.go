package dist

import (
	"fmt"
	"math"

	"github.com/aclements/go-moremath/stats"

	"github.com/seed-ab8b6914/spof/reason"
)

// The limits of shapes. Outside them, rare giant times make the mean: no simulation of a sensible length draws them.
const (
	leastShape, greatestShape = 0.2, 100 // of a Weibull
	greatestSigma             = 4        // of a lognormal
)

type exponential struct{ mean float64 }

// Exponential is the distribution of a part that does not age.
func Exponential(mean float64) (Distribution, error) {
	return exponential{mean}, positive("mean", mean)
}

func (d exponential) Mean() float64              { return d.mean }
func (d exponential) CDF(t float64) float64      { return -math.Expm1(-max(0, t) / d.mean) }
func (d exponential) Survival(t float64) float64 { return math.Exp(-max(0, t) / d.mean) }
func (d exponential) Quantile(p float64) float64 { return -d.mean * math.Log1p(-p) }
func (d exponential) Draw(u float64) float64     { return -d.mean * math.Log(u) }
func (d exponential) String() string             { return "exponential mean=" + hours(d.mean) }

type weibull struct{ shape, mean, scale float64 }

// Weibull has a hazard that falls with the age for a shape below 1 and rises above it. The shape is 0.2 to 100. Its scale is
// mean / Gamma(1 + 1/shape).
func Weibull(shape, mean float64) (Distribution, error) {
	if !(shape >= leastShape && shape <= greatestShape) {
		return nil, reason.Errorf("distribution-value", "shape=%v: want %v to %v", shape, leastShape, greatestShape)
	}
	return weibull{shape, mean, mean / math.Gamma(1+1/shape)}, positive("mean", mean)
}

func (d weibull) hazard(t float64) float64   { return math.Pow(max(0, t)/d.scale, d.shape) } // cumulative
func (d weibull) Mean() float64              { return d.mean }
func (d weibull) CDF(t float64) float64      { return -math.Expm1(-d.hazard(t)) }
func (d weibull) Survival(t float64) float64 { return math.Exp(-d.hazard(t)) }
func (d weibull) Quantile(p float64) float64 { return d.scale * math.Pow(-math.Log1p(-p), 1/d.shape) }
func (d weibull) Draw(u float64) float64     { return d.scale * math.Pow(-math.Log(u), 1/d.shape) }
func (d weibull) String() string {
	return fmt.Sprintf("weibull shape=%v mean=%s", d.shape, hours(d.mean))
}

// lognormal is exp(mu + sigma Z) for a standard normal Z.
type lognormal struct{ mean, mu, sigma float64 }

// Lognormal has the given mean; sigma, 0 to 4, is the standard deviation of the logarithm.
func Lognormal(mean, sigma float64) (Distribution, error) {
	if !(sigma >= 0 && sigma <= greatestSigma) {
		return nil, reason.Errorf("distribution-value", "sigma=%v: want 0 to %v", sigma, greatestSigma)
	}
	return lognormal{mean, math.Log(mean) - sigma*sigma/2, sigma}, positive("mean", mean)
}

// LognormalOf is the lognormal distribution with the given median and 90th percentile, as repair times are often published.
func LognormalOf(median, p90 float64) (Distribution, error) {
	if err := positive("median", median); err != nil {
		return nil, err
	}
	sigma := math.Log(p90/median) / stats.StdNormal.InvCDF(0.9)
	if !(sigma >= 0 && sigma <= greatestSigma) {
		return nil, reason.Errorf("distribution-value", "p90=%s: want %s (the median) to %s", hours(p90), hours(median),
			hours(median*math.Exp(greatestSigma*stats.StdNormal.InvCDF(0.9))))
	}
	return Lognormal(median*math.Exp(sigma*sigma/2), sigma)
}

// z gives the deviation of a time in units of sigma.
func (d lognormal) z(t float64) float64 {
	switch at := math.Log(max(0, t)) - d.mu; {
	case d.sigma > 0:
		return at / d.sigma
	case at < 0:
		return math.Inf(-1)
	default:
		return math.Inf(1)
	}
}

// at gives the time with a deviation. A single value has only one, also at infinite deviations.
func (d lognormal) at(z float64) float64 {
	if d.sigma == 0 {
		return d.mean
	}
	return math.Exp(d.mu + d.sigma*z)
}

func (d lognormal) Mean() float64              { return d.mean }
func (d lognormal) CDF(t float64) float64      { return math.Erfc(-d.z(t)/math.Sqrt2) / 2 }
func (d lognormal) Survival(t float64) float64 { return math.Erfc(d.z(t)/math.Sqrt2) / 2 }
func (d lognormal) Quantile(p float64) float64 { return d.at(stats.StdNormal.InvCDF(p)) }
func (d lognormal) Draw(u float64) float64     { return d.at(exceeded(u)) }
func (d lognormal) String() string {
	return fmt.Sprintf("lognormal mean=%s sigma=%v", hours(d.mean), d.sigma)
}

// exceeded gives what a standard normal exceeds with the probability u. Erfinv takes a third of the time, and has all digits away from
// the tails.
func exceeded(u float64) float64 {
	if u > 0.01 && u < 0.99 {
		return math.Sqrt2 * math.Erfinv(1-2*u)
	}
	return -stats.StdNormal.InvCDF(u)
}

type fixed struct{ value float64 }

// Fixed is always the same time; 0 is one.
func Fixed(value float64) (Distribution, error) {
	if !(value >= 0) || math.IsInf(value, 1) {
		return nil, notATime("value", value)
	}
	return fixed{value}, nil
}

func (d fixed) Mean() float64 { return d.value }
func (d fixed) CDF(t float64) float64 {
	if t >= d.value {
		return 1
	}
	return 0
}
func (d fixed) Survival(t float64) float64 { return 1 - d.CDF(t) }
func (d fixed) Quantile(float64) float64   { return d.value }
func (d fixed) Draw(float64) float64       { return d.value }
func (d fixed) String() string             { return "fixed " + hours(d.value) }

type uniform struct{ from, to float64 }

// Uniform has every time between two as likely as another.
func Uniform(from, to float64) (Distribution, error) {
	if !(from >= 0 && to >= from) || math.IsInf(to, 1) {
		return nil, reason.Errorf("distribution-value", "from=%vh to=%vh: want two times, the smaller first, such as uniform from=2s to=4s", from, to)
	}
	return uniform{from, to}, nil
}

func (d uniform) Mean() float64         { return (d.from + d.to) / 2 }
func (d uniform) CDF(t float64) float64 { return 1 - d.Survival(t) }
func (d uniform) Survival(t float64) float64 {
	switch {
	case t >= d.to:
		return 0
	case t <= d.from:
		return 1
	}
	return (d.to - t) / (d.to - d.from)
}
func (d uniform) Quantile(p float64) float64 { return d.from + p*(d.to-d.from) }
func (d uniform) Draw(u float64) float64     { return d.Quantile(1 - u) }
func (d uniform) String() string {
	return fmt.Sprintf("uniform from=%s to=%s", hours(d.from), hours(d.to))
}

type never struct{}

// Never is the time of what does not happen.
func Never() Distribution { return never{} }

func (never) Mean() float64            { return math.Inf(1) }
func (never) CDF(float64) float64      { return 0 }
func (never) Survival(float64) float64 { return 1 }
func (never) Quantile(float64) float64 { return math.Inf(1) }
func (never) Draw(float64) float64     { return math.Inf(1) }
func (never) String() string           { return "never" }

// positive refuses a value that is no time above zero.
func positive(name string, value float64) error {
	if !(value > 0) || math.IsInf(value, 1) {
		return notATime(name, value)
	}
	return nil
}

func notATime(name string, value float64) error {
	return reason.Errorf("distribution-value", "%s=%vh is no time; want a positive number with a unit, such as 4000h or 5y", name, value)
}
