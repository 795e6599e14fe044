package dist

import (
	"math"
	"slices"
	"strings"

	"github.com/seed-ab8b6914/spof/reason"
)

// empirical has its samples in order.
type empirical struct{ samples []float64 }

// Empirical draws one of the samples, in hours: every one that was measured, with its tail, and nothing between them.
func Empirical(samples ...float64) (Distribution, error) {
	if len(samples) == 0 {
		return nil, reason.Errorf("distribution-value", "an empirical distribution needs at least one sample, such as empirical 2.1s 2.4s 40s")
	}
	for _, s := range samples {
		if !(s >= 0) || math.IsInf(s, 1) {
			return nil, notATime("sample", s)
		}
	}
	return empirical{slices.Sorted(slices.Values(samples))}, nil
}

func (d empirical) Mean() float64 {
	sum := 0.0
	for _, s := range d.samples {
		sum += s / float64(len(d.samples))
	}
	return sum
}

func (d empirical) CDF(t float64) float64 { return 1 - d.Survival(t) }

func (d empirical) Survival(t float64) float64 {
	above, _ := slices.BinarySearch(d.samples, math.Nextafter(t, math.Inf(1)))
	return float64(len(d.samples)-above) / float64(len(d.samples))
}

func (d empirical) Quantile(p float64) float64 {
	n := len(d.samples)
	return d.samples[min(max(int(math.Ceil(p*float64(n)))-1, 0), n-1)]
}

func (d empirical) Draw(u float64) float64 {
	n := len(d.samples)
	return d.samples[min(n-int(math.Ceil(u*float64(n))), n-1)]
}

func (d empirical) String() string {
	words := []string{"empirical"}
	for _, s := range d.samples {
		words = append(words, hours(s))
	}
	return strings.Join(words, " ")
}
