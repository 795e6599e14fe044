package compare

import (
	"math"
	"math/rand/v2"
	"slices"

	"github.com/aclements/go-moremath/stats"
)

// Bounds of the simulation of power. It draws from a fixed seed: the same report gives the same statement.
const (
	powerDraws = 400
	powerSize  = 100 // trials a side; for more, the result is scaled by the square root
	powerSteps = 20  // of the search, to a millionth of its range
)

// finds gives the least worsening that a comparison with n new trials would find with the given probability, from the spread of the
// base's values: by simulation. Both sides are drawn from the base's distribution, interpolated between its values and extended to its
// ends; the new side is then moved. A draw finds the move if the test is significant at alpha and the medians differ by the minimum
// effect. ok is false if no move can be found, for too few trials.
func finds(base []float64, n int, alpha, power, least float64) (move float64, ok bool) {
	if len(base) == 0 || slices.ContainsFunc(base, func(v float64) bool { return math.IsInf(v, 0) }) {
		return 0, false
	}
	a, b := min(len(base), powerSize), min(n, powerSize)
	critical, ok := criticalU(a, b, alpha)
	if !ok {
		return 0, false
	}
	s := simulation{critical: critical, least: least}
	rng := rand.New(rand.NewPCG(1, uint64(a)<<32|uint64(b)))
	sorted := slices.Sorted(slices.Values(base))
	for range powerDraws {
		s.base = append(s.base, draw(sorted, a, rng))
		s.new = append(s.new, draw(sorted, b, rng))
	}
	spread := sorted[len(sorted)-1] - sorted[0]
	hi := 3*spread + 2*least
	if hi == 0 {
		return 0, true // all values are equal: any move is found
	}
	lo := 0.0
	for range powerSteps {
		mid := lo + (hi-lo)/2
		if s.found(mid) >= power {
			hi = mid
		} else {
			lo = mid
		}
	}
	return max(least, hi*scale(len(base), n)), true
}

// scale is the ratio of the standard errors with all trials and with at most powerSize of them.
func scale(base, n int) float64 {
	per := func(a, b int) float64 { return 1/float64(a) + 1/float64(b) }
	return math.Sqrt(per(base, n) / per(min(base, powerSize), min(n, powerSize)))
}

// simulation holds the draws for the search of a move.
type simulation struct {
	base, new [][]float64 // each sorted
	critical  float64
	least     float64
}

// found gives the share of the draws that find a move.
func (s *simulation) found(move float64) float64 {
	n := 0
	for i := range s.base {
		moved := slices.Clone(s.new[i])
		for k := range moved {
			moved[k] += move
		}
		if below(s.base[i], moved) <= s.critical && sortedMedian(moved)-sortedMedian(s.base[i]) >= s.least {
			n++
		}
	}
	return float64(n) / float64(len(s.base))
}

// draw draws n values from a sorted sample, and sorts them. Between neighbours of the sample the density is even; beyond its ends, half
// the distance to the next.
func draw(sorted []float64, n int, rng *rand.Rand) []float64 {
	v := make([]float64, n)
	last := len(sorted) - 1
	at := func(i int) float64 { return sorted[min(max(i, 0), last)] }
	for k := range v {
		x := rng.Float64()*float64(last+1) - 0.5 // from -0.5 to last+0.5
		i := int(math.Floor(x))
		part := x - float64(i)
		switch {
		case last == 0:
			v[k] = sorted[0]
		case i < 0:
			v[k] = at(0) - (1-part)*(at(1)-at(0))
		case i >= last:
			v[k] = at(last) + part*(at(last)-at(last-1))
		default:
			v[k] = at(i) + part*(at(i+1)-at(i))
		}
	}
	slices.Sort(v)
	return v
}

// below gives Mann-Whitney's U of b over a: the pairs with b below a; equal values count a half. Both are sorted.
func below(a, b []float64) (u float64) {
	lo, hi := 0, 0
	for _, x := range a {
		for lo < len(b) && b[lo] < x {
			lo++
		}
		for hi < len(b) && b[hi] <= x {
			hi++
		}
		u += float64(lo) + float64(hi-lo)/2
	}
	return u
}

func sortedMedian(v []float64) float64 {
	n := len(v)
	return (v[(n-1)/2] + v[n/2]) / 2
}

// criticalU is the greatest U that is significant at alpha, two-sided; ok is false if none is.
func criticalU(a, b int, alpha float64) (u float64, ok bool) {
	significant := func(u float64) bool { return 2*stats.UDist{N1: a, N2: b}.CDF(u) <= alpha*(1+1e-9) }
	if max(a, b) > stats.MannWhitneyExactLimit { // the approximation of the test, with its continuity correction
		mu, sigma := float64(a*b)/2, math.Sqrt(float64(a*b*(a+b+1))/12)
		significant = func(u float64) bool { return 2*stats.StdNormal.CDF((u+0.5-mu)/sigma) <= alpha }
	}
	if !significant(0) {
		return 0, false
	}
	lo, hi := 0, a*b/2+1 // significant(lo), not significant(hi)
	for hi-lo > 1 {
		if mid := (lo + hi) / 2; significant(float64(mid)) {
			lo = mid
		} else {
			hi = mid
		}
	}
	return float64(lo), true
}
