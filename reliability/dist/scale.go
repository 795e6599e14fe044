package dist

import (
	"math"
	"slices"
)

// Scale gives the distribution of a time multiplied by a factor above 0.
func Scale(d Distribution, by float64) Distribution {
	switch d := d.(type) {
	case exponential:
		return exponential{d.mean * by}
	case weibull:
		return weibull{d.shape, d.mean * by, d.scale * by}
	case lognormal:
		return lognormal{d.mean * by, d.mu + math.Log(by), d.sigma}
	case fixed:
		return fixed{d.value * by}
	case uniform:
		return uniform{d.from * by, d.to * by}
	case empirical:
		samples := slices.Clone(d.samples)
		for i := range samples {
			samples[i] *= by
		}
		return empirical{samples}
	}
	return d // it never happens
}
