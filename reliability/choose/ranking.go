package choose

import (
	"cmp"
	"math"
	"slices"

	"github.com/seed-ab8b6914/spof/reason"
)

// Standing is the place of a design among others whose losses are uncertain.
type Standing struct {
	Design    int     // its index in the draws
	Mean      float64 // loss
	First     float64 // the probability that it loses least: its share of the draws; draws with several first count in parts
	Low, High float64 // the 95 % interval of First, for the number of draws
	Regret    float64 // the mean of what it loses more than the best design of each draw
}

// Rank orders designs by their mean loss. draws has by design the loss in each draw; draw k has the same inputs in every design (common
// random numbers), otherwise noise would change the order. The first of the result stays first with the probability First. Its Regret is
// what exact knowledge of the inputs would save at most: the expected value of perfect information. The interval is Wilson's.
//
// Sources: Wilson, Probable inference, the law of succession, and statistical inference, JASA 22 (1927); Raiffa & Schlaifer, Applied
// Statistical Decision Theory (1961).
//
// Errors: no-option without designs or draws, wrong-value for rows of different lengths and for losses that are not finite.
func Rank(draws [][]float64) ([]Standing, error) {
	if len(draws) == 0 || len(draws[0]) == 0 {
		return nil, reason.Errorf("no-option", "nothing to rank: no design with a draw")
	}
	places := make([]Standing, len(draws))
	for i, row := range draws {
		places[i].Design = i
		if len(row) != len(draws[0]) {
			return nil, reason.Errorf("wrong-value", "design %d has %d draws, design 1 has %d; want the same draws for each", i+1, len(row), len(draws[0]))
		}
		if k := slices.IndexFunc(row, func(x float64) bool { return math.IsNaN(x) || math.IsInf(x, 0) }); k >= 0 {
			return nil, reason.Errorf("wrong-value", "design %d loses %g in draw %d; want a finite figure", i+1, row[k], k+1)
		}
	}
	n := float64(len(draws[0]))
	for k := range draws[0] {
		count(places, draws, k, n)
	}
	for i := range places {
		places[i].Low, places[i].High = wilson(places[i].First, n)
	}
	slices.SortStableFunc(places, func(a, b Standing) int { return cmp.Compare(a.Mean, b.Mean) })
	return places, nil
}

// count adds draw k of n.
func count(places []Standing, draws [][]float64, k int, n float64) {
	best, ties := math.Inf(1), 0.0
	for _, row := range draws {
		best = min(best, row[k])
	}
	for _, row := range draws {
		if row[k] == best {
			ties++
		}
	}
	for i, row := range draws {
		places[i].Mean += row[k] / n
		places[i].Regret += (row[k] - best) / n
		if row[k] == best {
			places[i].First += 1 / ties / n
		}
	}
}

// wilson is the 95 % interval of a share of n draws.
func wilson(share, n float64) (low, high float64) {
	const z = 1.959963984540054
	middle := (share + z*z/(2*n)) / (1 + z*z/n)
	half := z / (1 + z*z/n) * math.Sqrt(share*(1-share)/n+z*z/(4*n*n))
	return max(0, middle-half), min(1, middle+half)
}
