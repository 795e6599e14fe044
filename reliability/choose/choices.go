// Package choose decides which redundancy to buy: the best for a budget, the cheapest for a target, the Pareto front, the next step, and
// how sure the ranking is. Begin at New for patches of any design, whose worth a function gives; at Series for subsystems in series with
// parts to choose from; at Rank and Tornado for inputs that are uncertain. It knows nothing of topologies, and measures nothing.
//
// Answers are exact unless they say otherwise. Losses, costs and capacities that differ by less than 1e-12 of themselves count as equal,
// so that nothing is bought for a rounding error.
package choose

import (
	"cmp"
	"context"
	"errors"
	"math"
	"math/bits"

	"github.com/seed-ab8b6914/spof/reason"
)

// Option is something that can be bought once: a patch of a design.
type Option struct {
	Name     string
	Buy      float64  // money, once; at least 0
	Yearly   float64  // money a year; at least 0
	Requires []string // options without which it cannot be chosen
	Excludes []string // options with which it cannot be chosen; one side of a pair is enough
	MayHurt  bool     // it may make a design worse, such as a shorter timer; redundancy that is only added does not
}

// Worth is what a design is worth.
type Worth struct {
	Loss     float64 // hours lost a year, money lost a year or unavailability: less is better; finite, at least 0
	Capacity float64 // users or requests a second: more is better; finite. 0 everywhere if it does not matter
}

// Evaluate gives the worth of the design that has the options of a set. One goroutine calls it, and never with options that exclude each
// other or lack what they require.
type Evaluate func(context.Context, Set) (Worth, error)

// Design is a set of options with its cost and worth.
type Design struct {
	Set  Set
	Cost float64
	Worth
}

// The most options, the most of them that may hurt, since all combinations of those are tried, and the most sets whose worth is remembered.
const (
	maxOptions = 64
	maxHurting = 24
	maxKnown   = 1 << 22
)

// Choices answers questions about options. It remembers the worth of the sets that it tried, also from one question to the next: millions
// of them, in up to 200 MB. One goroutine at a time may use it.
type Choices struct {
	options    []Option
	costs      []float64
	closures   []Set // by option: it and all that it requires
	dependents []Set // by option: it and all that require it
	rivals     []Set // by option: those that exclude it or something that it requires, and the reverse
	hurting    Set
	evaluate   Evaluate
	known      map[Set]Worth
	parts      []Share // of the worth; none: it is not divided
	own        []Set   // by part: its options that are not shared
	shared     Set     // options of several parts
}

// New makes Choices of at most 64 options, of which at most 24 may hurt. The cost of an option is Buy + years x Yearly. It reports every mistake.
//
// Errors: no-option, too-many-options, repeated-name, unknown-name, negative-cost, wrong-value (years), requires-cycle, never-possible.
func New(options []Option, years float64, evaluate Evaluate) (*Choices, error) {
	if len(options) == 0 {
		return nil, reason.Errorf("no-option", "no options to choose from")
	}
	if len(options) > maxOptions {
		return nil, reason.Errorf("too-many-options", "%d options; want at most %d", len(options), maxOptions)
	}
	c := &Choices{options: options, evaluate: evaluate, known: map[Set]Worth{}}
	if err := errors.Join(c.price(years), c.connect()); err != nil {
		return nil, err
	}
	if n := c.hurting.Len(); n > maxHurting {
		return nil, reason.Errorf("too-many-options", "%d options may hurt, so that every combination of them must be tried; want at most %d", n, maxHurting)
	}
	return c, nil
}

// price sets the costs.
func (c *Choices) price(years float64) error {
	if !(years >= 0) || math.IsInf(years, 0) {
		return reason.Errorf("wrong-value", "costs over %g years; want a finite number, at least 0", years)
	}
	var errs []error
	for i, o := range c.options {
		cost := o.Buy + years*o.Yearly
		if !(o.Buy >= 0 && o.Yearly >= 0) || math.IsInf(cost, 0) {
			errs = append(errs, reason.Errorf("negative-cost", "option %s costs %g and %g a year; want finite amounts, at least 0", o.Name, o.Buy, o.Yearly))
		}
		c.costs = append(c.costs, cost)
		if o.MayHurt {
			c.hurting |= only(i)
		}
	}
	return errors.Join(errs...)
}

// Names are the names of the options of a set, in the order of New.
func (c *Choices) Names(s Set) (names []string) {
	for i := range s.All() {
		names = append(names, c.options[i].Name)
	}
	return names
}

// Cost is the cost of a set.
func (c *Choices) Cost(s Set) (sum float64) {
	for i := range s.All() {
		sum += c.costs[i]
	}
	return sum
}

// design gives the design with a set of options.
func (c *Choices) design(ctx context.Context, s Set) (Design, error) {
	w, known := c.known[s]
	if !known {
		if err := ctx.Err(); err != nil {
			return Design{}, err
		}
		var err error
		if w, err = c.evaluate(ctx, s); err != nil {
			return Design{}, err
		}
		if !(w.Loss >= 0) || math.IsInf(w.Loss, 1) || math.IsNaN(w.Capacity) || math.IsInf(w.Capacity, 0) {
			return Design{}, reason.Errorf("wrong-worth", "the design with %q loses %g and carries %g; want finite figures, the loss at least 0", c.Names(s), w.Loss, w.Capacity)
		}
		if len(c.known) == maxKnown {
			clear(c.known)
		}
		c.known[s] = w
	}
	return Design{s, c.Cost(s), w}, nil
}

// possible are the options of open that can join a design within a cost.
func (c *Choices) possible(in, open Set, limit float64) (can Set) {
	spent := c.Cost(in)
	for i := range open.All() {
		need := c.closures[i] &^ in
		if need&^open == 0 && c.rivals[i]&in == 0 && within(spent+c.Cost(need), limit) {
			can |= only(i)
		}
	}
	return can
}

// within reports whether a cost is at most a limit, or above it by rounding.
func within(cost, limit float64) bool { return compare(cost, limit) <= 0 }

// Compare is cmp.Compare, with 0 for numbers that differ by rounding.
func Compare(a, b float64) int { return compare(a, b) }

// compare is cmp.Compare, with 0 for numbers that differ by rounding.
func compare(a, b float64) int {
	if math.Abs(a-b) <= 1e-12*min(math.Abs(a), math.Abs(b)) {
		return 0
	}
	return cmp.Compare(a, b)
}

// Set is a set of options, by their index in the list of New.
type Set uint64

func only(i int) Set { return 1 << i }

// Has reports whether option i is in the set.
func (s Set) Has(i int) bool { return s&only(i) != 0 }

// Len is the number of options.
func (s Set) Len() int { return bits.OnesCount64(uint64(s)) }

// All yields the options in rising order.
func (s Set) All() func(yield func(int) bool) {
	return func(yield func(int) bool) {
		for ; s != 0; s &= s - 1 {
			if !yield(bits.TrailingZeros64(uint64(s))) {
				return
			}
		}
	}
}
