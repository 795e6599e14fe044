package compare

import (
	"cmp"
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

// finds gives the least worsening that a comparison with n new trials would find with the given probability, from the values of the base
// and their uncertainty: by simulation. Both sides are drawn from the base's distribution, interpolated between its values and extended to
// its ends; each draw has the uncertainty of its nearest trial. The new side is then moved upward, which stands for both directions, as both
// sides are alike. A draw finds the move if the three conditions of decide hold. ok is false if no move can be found, for too few trials or
// for too much uncertainty.
func finds(base sample, n int, alpha, power, least float64) (move float64, ok bool) {
	if len(base.v) == 0 || slices.ContainsFunc(base.v, func(v float64) bool { return math.IsInf(v, 0) }) {
		return 0, false
	}
	a, b := min(len(base.v), powerSize), min(n, powerSize)
	critical, ok := criticalU(a, b, alpha)
	if !ok {
		return 0, false
	}
	s := simulation{critical: critical, least: least}
	rng := rand.New(rand.NewPCG(1, uint64(a)<<32|uint64(b)))
	base = base.sorted()
	for range powerDraws {
		s.base = append(s.base, draw(base, a, rng))
		s.new = append(s.new, draw(base, b, rng))
	}
	hi := 3*(base.v[len(base.v)-1]-base.v[0]) + 2*least + base.widest()
	if hi == 0 {
		return 0, true // all values are equal: any move is found
	}
	if s.found(hi) < power {
		return 0, false // some values have no bound
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
	if len(base.v) <= powerSize && n <= powerSize {
		return max(least, hi), true
	}
	return max(least, -shift(base.hi, base.lo), hi*scale(len(base.v), n)), true // more trials do not make one of them more certain
}

// sorted gives the trials in the order of their values.
func (s sample) sorted() (ordered sample) {
	order := make([]int, len(s.v))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(s.v[a], s.v[b]) })
	for _, i := range order {
		ordered.v, ordered.lo, ordered.hi = append(ordered.v, s.v[i]), append(ordered.lo, s.lo[i]), append(ordered.hi, s.hi[i])
	}
	return ordered
}

// widest is the greatest distance between the ends of the uncertainty of a value, of those that have both.
func (s sample) widest() (w float64) {
	for i := range s.v {
		if d := s.hi[i] - s.lo[i]; !math.IsInf(d, 0) {
			w = max(w, d)
		}
	}
	return w
}

// scale is the ratio of the standard errors with all trials and with at most powerSize of them.
func scale(base, n int) float64 {
	per := func(a, b int) float64 { return 1/float64(a) + 1/float64(b) }
	return math.Sqrt(per(base, n) / per(min(base, powerSize), min(n, powerSize)))
}

// simulation holds the draws for the search of a move.
type simulation struct {
	base, new []sample // each list of values and of ends is sorted by itself
	critical  float64
	least     float64
}

// found gives the share of the draws that find a move.
func (s *simulation) found(move float64) float64 {
	n := 0
	for i := range s.base {
		base, new := s.base[i], s.new[i]
		half := float64(len(base.v)*len(new.v)) / 2
		// The Hodges-Lehmann shift is at least x if at most half of the pairs differ by less than x.
		if below(base.v, moved(new.v, move)) <= s.critical && below(base.v, moved(new.v, move-s.least)) <= half &&
			below(base.hi, moved(new.lo, move)) < half {
			n++
		}
	}
	return float64(n) / float64(len(s.base))
}

func moved(v []float64, move float64) []float64 {
	v = slices.Clone(v)
	for i := range v {
		v[i] += move
	}
	return v
}

// draw draws n values from a sorted sample. Between neighbours of the sample the density is even; beyond its ends, half the distance to the
// next.
func draw(from sample, n int, rng *rand.Rand) (s sample) {
	last := len(from.v) - 1
	at := func(i int) float64 { return from.v[min(max(i, 0), last)] }
	for range n {
		x := rng.Float64()*float64(last+1) - 0.5 // from -0.5 to last+0.5
		i := int(math.Floor(x))
		part := x - float64(i)
		v := from.v[0]
		switch {
		case last == 0:
		case i < 0:
			v = at(0) - (1-part)*(at(1)-at(0))
		case i >= last:
			v = at(last) + part*(at(last)-at(last-1))
		default:
			v = at(i) + part*(at(i+1)-at(i))
		}
		near := min(max(int(math.Round(x)), 0), last)
		s.v, s.lo, s.hi = append(s.v, v), append(s.lo, v-(from.v[near]-from.lo[near])), append(s.hi, v+(from.hi[near]-from.v[near]))
	}
	for _, list := range [][]float64{s.v, s.lo, s.hi} {
		slices.Sort(list)
	}
	return s
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

// criticalU is the greatest U that is significant at alpha, two-sided; ok is false if none is.
func criticalU(a, b int, alpha float64) (u float64, ok bool) {
	rare := func(u float64) bool { return significant(2*stats.UDist{N1: a, N2: b}.CDF(u), alpha) }
	if max(a, b) > stats.MannWhitneyExactLimit { // the approximation of the test, with its continuity correction
		mu, sigma := float64(a*b)/2, math.Sqrt(float64(a*b*(a+b+1))/12)
		rare = func(u float64) bool { return 2*stats.StdNormal.CDF((u+0.5-mu)/sigma) <= alpha }
	}
	if !rare(0) {
		return 0, false
	}
	lo, hi := 0, a*b/2+1 // rare(lo), not rare(hi)
	for hi-lo > 1 {
		if mid := (lo + hi) / 2; rare(float64(mid)) {
			lo = mid
		} else {
			hi = mid
		}
	}
	return float64(lo), true
}
