package choose

import (
	"cmp"
	"context"
	"math"
	"slices"

	"github.com/seed-ab8b6914/spof/reason"
)

// goal is what a search looks for.
type goal interface {
	limit() float64           // a design of a higher cost is not wanted
	hopeless(low Design) bool // no design is wanted that costs no less than low, loses no less and carries no more
	take(Design)
}

// search is a branch and bound over the sets of options. For a set of options that are decided, the design with all others that can still
// be bought is the bound, since redundancy that is only added does not hurt. Options that may hurt or exclude each other are decided first,
// without a bound of the loss.
//
// Source: Land & Doig, An automatic method of solving discrete programming problems, Econometrica 28 (1960).
type search struct {
	*Choices
	ctx   context.Context
	goal  goal
	rest  Design // a bound of the designs that were not tried: least cost, least loss
	ended bool   // by the context, before all was tried
	err   error
}

// run looks at all designs. An end of the context is no error.
func (c *Choices) run(ctx context.Context, g goal) (*search, error) {
	s := &search{Choices: c, ctx: ctx, goal: g, rest: Design{Cost: math.Inf(1), Worth: Worth{Loss: math.Inf(1)}}}
	base, err := c.design(ctx, 0)
	if err != nil {
		return nil, err
	}
	g.take(base)
	if len(c.parts) > 0 {
		(&divided{search: s}).run()
		return s, s.err
	}
	s.test(base)
	s.visit(0, all(len(c.options)), Design{Worth: Worth{Capacity: math.Inf(1)}})
	return s, s.err
}

// test tries each option alone, to find those that hurt and must not.
func (s *search) test(base Design) {
	for i, closure := range s.closures {
		if closure&s.hurting != 0 {
			continue
		}
		if d, ok := s.try(closure, Design{}); !ok || s.hurts(i, d, base) {
			return
		}
	}
}

// visit tries the designs that have the options of in and any of open. None of them is better than low.
func (s *search) visit(in, open Set, low Design) {
	low.Cost = s.Cost(in)
	if !within(low.Cost, s.goal.limit()) || s.goal.hopeless(low) || s.over(low) {
		return
	}
	open = s.possible(in, open, s.goal.limit())
	if first := s.first(open); first >= 0 {
		s.branch(in, open, first, low)
		return
	}
	full, ok := s.try(in|open, low)
	if !ok {
		return
	}
	low.Worth = full.Worth
	if within(full.Cost, s.goal.limit()) {
		s.goal.take(full)
	}
	if open != 0 && !s.goal.hopeless(low) {
		s.divide(in, open, full, low)
	}
}

// first is the first option of open that may hurt or excludes another of open; -1: none.
func (s *search) first(open Set) int {
	for i := range open.All() {
		if s.hurting.Has(i) || s.rivals[i]&open != 0 {
			return i
		}
	}
	return -1
}

// branch tries the designs with option i, then those without.
func (s *search) branch(in, open Set, i int, low Design) {
	with := s.closures[i]
	s.visit(in|with, open&^with, low)
	s.visit(in, open&^only(i), low)
}

// divide decides on the option of open without which full loses most: designs without it are soon hopeless.
func (s *search) divide(in, open Set, full, low Design) {
	var without []omission
	for i := range open.All() {
		d, ok := s.try(full.Set&^s.dependents[i], low)
		if !ok || s.hurts(i, full, d) {
			return
		}
		without = append(without, omission{i, d.Loss})
	}
	slices.SortFunc(without, func(a, b omission) int { return cmp.Compare(a.loss, b.loss) })
	low.Loss = max(low.Loss, s.cover(without, full.Cost-s.goal.limit()))
	if !s.goal.hopeless(low) {
		s.branch(in, open, without[len(without)-1].option, low)
	}
}

// omission is an option with the loss of a design without it.
type omission struct {
	option int
	loss   float64
}

// cover is a bound of the loss of designs that leave out options of a cost of at least excess. The options of least loss may be too cheap
// for that; then one of more loss is left out too.
func (s *search) cover(without []omission, excess float64) (loss float64) {
	for _, o := range without {
		if excess <= 0 {
			break
		}
		excess, loss = excess-s.costs[o.option], o.loss
	}
	return loss
}

// hurts refuses an option with which a design is worse than without it, by more than the rounding of long computations.
func (s *search) hurts(option int, with, without Design) bool {
	if with.Loss*(1-1e-9) <= without.Loss && without.Capacity-with.Capacity <= 1e-9*math.Abs(with.Capacity) {
		return false
	}
	s.err = reason.Errorf("option-hurts", "option %s hurts: the design with %s loses %g and carries %g, without the option %g and %g; say that the option may hurt",
		s.options[option].Name, s.list(with.Set), with.Loss, with.Capacity, without.Loss, without.Capacity)
	return true
}

// try gives a design, unless the search is over.
func (s *search) try(set Set, low Design) (Design, bool) {
	d, err := s.design(s.ctx, set)
	if err == nil {
		return d, true
	}
	if s.ended = s.ctx.Err() != nil; !s.ended {
		s.err = err
	}
	return d, !s.over(low)
}

// over reports whether the search is over. Then low is a bound of what it leaves.
func (s *search) over(low Design) bool {
	is := s.ended || s.err != nil
	if is {
		s.rest.Cost, s.rest.Loss = min(s.rest.Cost, low.Cost), min(s.rest.Loss, low.Loss)
	}
	return is
}
