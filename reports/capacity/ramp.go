// Package capacity finds how much load a design carries: the rates to try (Ramp), what a try shows (Standard), and the report. It is
// pure: a caller runs the tries on a lab. It knows traces only by what package analyze says of them.
package capacity

import (
	"cmp"
	"math"
	"slices"

	"github.com/seed-ab8b6914/spof/reports/analyze"
)

// Outcome is what one try at a rate showed.
type Outcome string

// The outcomes.
const (
	Held    Outcome = "held"
	GaveWay Outcome = "gave-way" // the design did not carry the rate
	Machine Outcome = "machine"  // the rate was not carried, and this machine may be the reason
)

// Bounds of a ramp.
const (
	agreeing    = 2   // tries with the same outcome that confirm an end of the interval
	machineMost = 3   // tries in which the machine was the limit, until the rate counts as too high for it
	roughly     = 0.5 // interval below a limit of the machine: the result is a lower bound anyway, and each try there is made three times
	triesOfRate = 5   // at one rate
	triesOfRamp = 60  // at all rates
)

// Ramp finds the knee, the highest rate that holds. It doubles the rate until one does not hold, or halves it until one does, and then
// bisects until the two are within Within of each other. Both ends are confirmed by a second try; the majority counts. It decides from the
// outcomes alone.
type Ramp struct {
	Start       float64   // the first rate, requests per second
	Least, Most float64   // no rate outside is tried
	Within      float64   // largest Hi/Lo - 1 of the result, above 0
	Ask         []float64 // rates of gates: those inside the interval are tried
	tallies     []Tally   // by rate, rising
	tries       int
}

// Tally counts the tries at one rate.
type Tally struct {
	Rate    float64 `json:"rate_per_s"`
	Held    int     `json:"held"`
	GaveWay int     `json:"gave_way"`
	Machine int     `json:"machine"` // the machine was the limit
}

func (t Tally) tries() int { return t.Held + t.GaveWay + t.Machine }

// standing is the outcome of the majority; empty: another try is needed. A rate that holds only half of the time does not hold.
func (t Tally) standing() Outcome {
	switch {
	case t.Held > t.GaveWay:
		return Held
	case t.GaveWay > t.Held, t.GaveWay > 0 && t.tries() >= triesOfRate:
		return GaveWay
	case t.Machine >= machineMost:
		return Machine
	}
	return ""
}

// sure reports whether enough tries agree.
func (t Tally) sure() bool {
	return t.tries() >= triesOfRate || t.standing() == Machine || max(t.Held, t.GaveWay) >= agreeing
}

// Add takes the outcome of a try.
func (r *Ramp) Add(rate float64, o Outcome) {
	r.tries++
	at, known := slices.BinarySearchFunc(r.tallies, rate, func(t Tally, rate float64) int { return cmp.Compare(t.Rate, rate) })
	if !known {
		r.tallies = slices.Insert(r.tallies, at, Tally{Rate: rate})
	}
	switch t := &r.tallies[at]; o {
	case Held:
		t.Held++
	case GaveWay:
		t.GaveWay++
	default:
		t.Machine++
	}
}

// ends are the lowest rate that does not hold, and the highest below it that holds; nil: there is none yet.
func (r *Ramp) ends() (lo, hi *Tally) {
	for i := range r.tallies {
		switch t := &r.tallies[i]; t.standing() {
		case Held:
			lo = t
		case GaveWay, Machine:
			return lo, t
		}
	}
	return lo, nil
}

// Next is the rate to try next; false: the knee is known as well as it will be.
func (r *Ramp) Next() (rate float64, more bool) {
	if r.tries >= triesOfRamp {
		return 0, false
	}
	for _, t := range r.tallies {
		if t.standing() == "" {
			return t.Rate, true
		}
	}
	lo, hi := r.ends()
	if rate := r.between(lo, hi); rate > 0 {
		return rate, true
	}
	for _, end := range []*Tally{lo, hi} {
		if end != nil && !end.sure() {
			return end.Rate, true
		}
	}
	return 0, false
}

// between is a new rate that narrows the interval; 0: it is narrow enough.
func (r *Ramp) between(lo, hi *Tally) float64 {
	switch {
	case lo == nil && hi == nil:
		return min(max(r.Start, r.Least), r.Most)
	case hi == nil && lo.Rate < r.Most:
		return min(2*lo.Rate, r.Most)
	case lo == nil && hi.Rate > r.Least:
		return max(hi.Rate/2, r.Least)
	case lo == nil || hi == nil:
		return 0
	}
	for _, asked := range r.Ask {
		if lo.Rate < asked && asked < hi.Rate {
			return asked
		}
	}
	within := r.Within
	if hi.standing() == Machine {
		within = max(within, roughly)
	}
	if hi.Rate/lo.Rate > 1+within {
		return significant(math.Sqrt(lo.Rate * hi.Rate))
	}
	return 0
}

// significant rounds to four digits.
func significant(v float64) float64 {
	unit := math.Pow(10, math.Floor(math.Log10(v))-3)
	return math.Round(v/unit) * unit
}

// Knee is the interval of the highest rate that holds: from the highest rate that held below every one that did not, to the lowest at which
// the design gave way. Hi is +Inf if the design never did.
func (r *Ramp) Knee() analyze.Range {
	g := analyze.Range{Hi: math.Inf(1)}
	if lo, _ := r.ends(); lo != nil {
		g.Lo = lo.Rate
	}
	for _, t := range r.tallies {
		if t.standing() == GaveWay {
			g.Hi = t.Rate
			break
		}
	}
	return g
}

// Limited reports whether the machine keeps the ramp from a narrower interval.
func (r *Ramp) Limited() bool {
	_, hi := r.ends()
	return hi != nil && hi.standing() == Machine
}

// Tallies are the tries at each rate, rising.
func (r *Ramp) Tallies() []Tally { return slices.Clone(r.tallies) }
