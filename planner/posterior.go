package planner

import "math"

// posterior is what trials say of the share of all trials that come true: the distribution Beta(a, b).
type posterior struct{ a, b float64 }

// jeffreys is the posterior after k of n trials came true, with Jeffreys' prior Beta(1/2, 1/2): Beta(k+1/2, n-k+1/2).
//
// Sources: Jeffreys, An invariant form for the prior probability in estimation problems, Proceedings of the Royal Society A 186 (1946); for
// failures on demand: Atwood et al., Handbook of Parameter Estimation for Probabilistic Risk Assessment, NUREG/CR-6823 (2003), section 6.3.2.
func jeffreys(k, n int) posterior { return posterior{float64(k) + 0.5, float64(n-k) + 0.5} }

// mean is (k+1/2)/(n+1): below 1 also after n of n.
func (p posterior) mean() float64 { return p.a / (p.a + p.b) }

// interval is the middle 95 % of the posterior, Jeffreys' interval (Brown, Cai & DasGupta, Interval estimation for a binomial proportion,
// Statistical Science 16, 2001).
func (p posterior) interval() [2]float64 { return [2]float64{p.quantile(0.025), p.quantile(0.975)} }

// quantile is the share that is not exceeded with the probability q, by halving.
func (p posterior) quantile(q float64) float64 {
	lo, hi := 0.0, 1.0
	for range 50 {
		if mid := (lo + hi) / 2; p.cdf(mid) < q {
			lo = mid
		} else {
			hi = mid
		}
	}
	return (lo + hi) / 2
}

// cdf is the regularized incomplete beta function: its continued fraction, from the last term to the first, on the side of the mean on
// which it converges fast (DLMF 8.17.22, 8.17.23).
func (p posterior) cdf(x float64) float64 {
	a, b := p.a, p.b
	if x > (a+1)/(a+b+2) {
		return 1 - posterior{b, a}.cdf(1-x)
	}
	fraction := 1.0
	for m := 20 + math.Floor(5*math.Sqrt(max(a, b))); m >= 0; m-- {
		odd := -(a + m) * (a + b + m) * x / ((a + 2*m) * (a + 2*m + 1))
		even := (m + 1) * (b - m - 1) * x / ((a + 2*m + 1) * (a + 2*m + 2))
		fraction = 1 + odd/(1+even/fraction)
	}
	return math.Exp(a*math.Log(x)+b*math.Log1p(-x)-logBeta(a, b)) / (a * fraction)
}

// logBeta is the logarithm of the beta function.
func logBeta(a, b float64) float64 {
	la, _ := math.Lgamma(a)
	lb, _ := math.Lgamma(b)
	both, _ := math.Lgamma(a + b)
	return la + lb - both
}
