package lifetime

import (
	"math"

	"github.com/aclements/go-moremath/stats"

	"github.com/seed-ab8b6914/spof/reliability/dist"
)

// The bins of a histogram: 128 for each doubling, so that a bin is at most 0.8 % wide, from 2^-20 hours (3 ms) to 2^14 (more than a year).
const (
	least, greatest = -20, 14
	perDoubling     = 128
	bins            = (greatest-least)*perDoubling + 1
)

// histogram counts values in hours. The first bin has those below all others.
type histogram struct {
	counts [bins]int64
	n      int64
}

func (h *histogram) add(v float64) {
	h.counts[binOf(v)]++
	h.n++
}

func (h *histogram) merge(o *histogram) {
	h.n += o.n
	for i := range h.counts {
		h.counts[i] += o.counts[i]
	}
}

// binOf reads the exponent and the first seven bits of the fraction.
func binOf(v float64) int {
	const bias = 1023
	at := int(math.Float64bits(v)>>45) - (bias+least)*perDoubling
	return min(max(at+1, 0), bins-1)
}

// middle of a bin; 0 for the first.
func middle(bin int) float64 {
	if bin == 0 {
		return 0
	}
	doubling, part := (bin-1)/perDoubling, (bin-1)%perDoubling
	return math.Ldexp(1+(float64(part)+0.5)/perDoubling, least+doubling)
}

// Quantile is the downtime, or the loss, that a share P of the years does not exceed.
type Quantile struct {
	P     float64
	Hours Estimate
}

// quantile gives the value of rank p n with the interval of order statistics at 95 %, by the normal approximation of the rank (David and
// Nagaraja, Order Statistics, 2003, section 7.1). Beyond the greatest value the interval ends at a whole year. Values are right to 0.4 %.
func (h *histogram) quantile(p float64) Quantile {
	n := float64(h.n)
	spread := stats.StdNormal.InvCDF(1-outside) * math.Sqrt(n*p*(1-p))
	q := Quantile{p, Estimate{h.ranked(math.Ceil(n * p)), h.ranked(math.Floor(n*p - spread)), h.ranked(math.Ceil(n*p+spread) + 1)}}
	return q
}

// ranked gives the value with a rank from 1 to n.
func (h *histogram) ranked(rank float64) float64 {
	switch {
	case rank < 1:
		return 0
	case rank > float64(h.n):
		return dist.Year
	}
	below := int64(0)
	for bin, count := range h.counts {
		if below += count; below >= int64(rank) {
			return middle(bin)
		}
	}
	return dist.Year
}
