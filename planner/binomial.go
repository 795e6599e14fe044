package planner

import "math"

// binomialInterval is the interval at 95 % of a probability of which k of n trials (n at least 1) came true: by Clopper and Pearson (The
// use of confidence or fiducial limits illustrated in the case of the binomial, Biometrika 26, 1934).
func binomialInterval(k, n int) [2]float64 {
	const tail = 0.025
	lo, hi := 0.0, 1.0
	if k > 0 {
		lo = crossing(func(p float64) bool { return binomialTail(k, n, p) < tail })
	}
	if k < n {
		hi = crossing(func(p float64) bool { return 1-binomialTail(k+1, n, p) > tail })
	}
	return [2]float64{lo, hi}
}

// crossing is the probability below which is holds, by halving.
func crossing(is func(float64) bool) float64 {
	lo, hi := 0.0, 1.0
	for range 60 {
		if p := (lo + hi) / 2; is(p) {
			lo = p
		} else {
			hi = p
		}
	}
	return (lo + hi) / 2
}

// binomialTail is the probability of at least k of n.
func binomialTail(k, n int, p float64) (sum float64) {
	all, _ := math.Lgamma(float64(n + 1))
	for i := k; i <= n; i++ {
		some, _ := math.Lgamma(float64(i + 1))
		others, _ := math.Lgamma(float64(n - i + 1))
		sum += math.Exp(all - some - others + float64(i)*math.Log(p) + float64(n-i)*math.Log1p(-p))
	}
	return sum
}
