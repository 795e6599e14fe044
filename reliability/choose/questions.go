package choose

import (
	"cmp"
	"context"
	"math"

	"github.com/seed-ab8b6914/spof/reason"
)

// Result is the answer to a question.
type Result struct {
	Design
	// Bound is the least loss that any design within the budget can have (Best), or the least cost of any that meets the target (Cheapest).
	Bound float64
	// Proven: no design is better. False if the context ended first; then the design is the best that was found, and a better one lies
	// between it and Bound.
	Proven bool
	// Enumerated are the options that may hurt: every combination of them was tried, since they have no bound.
	Enumerated Set
}

// Best gives the design of the least loss for a budget; of several the cheapest, of those the one of most capacity. It branches and bounds, and
// ends with the context.
//
// Errors: wrong-budget, buys-nothing, option-hurts, wrong-worth, those of Evaluate, and the context's if it ended before the first design.
func (c *Choices) Best(ctx context.Context, budget float64) (Result, error) {
	if err := c.useful(budget); err != nil {
		return Result{}, err
	}
	g := &single{budget: budget, target: Target{Loss: math.Inf(1), Capacity: math.Inf(-1)}, order: func(a, b Design) int {
		return cmp.Or(compare(a.Loss, b.Loss), compare(a.Cost, b.Cost), compare(b.Capacity, a.Capacity))
	}}
	s, err := c.run(ctx, g)
	if err != nil {
		return Result{}, err
	}
	return Result{g.found, min(g.found.Loss, s.rest.Loss), !s.ended, c.hurting}, nil
}

// Target is what a design must reach.
type Target struct {
	Loss     float64 // at most
	Capacity float64 // at least; 0 asks for none
}

// Cheapest gives the design of the least cost that meets a target; of several the one of the least loss, of those of most capacity.
//
// Errors: wrong-value (target), target-missed with what the options can reach, search-ended if the context ended before one was found,
// and those of Best but for the budget.
func (c *Choices) Cheapest(ctx context.Context, t Target) (Result, error) {
	if !(t.Loss >= 0) || !(t.Capacity >= 0) || math.IsInf(t.Capacity, 1) {
		return Result{}, reason.Errorf("wrong-value", "a target of at most %g lost and at least %g carried; want at least 0, and finite", t.Loss, t.Capacity)
	}
	g := &single{budget: math.Inf(1), target: t, cheap: true, order: func(a, b Design) int {
		return cmp.Or(compare(a.Cost, b.Cost), compare(a.Loss, b.Loss), compare(b.Capacity, a.Capacity))
	}}
	s, err := c.run(ctx, g)
	switch {
	case err != nil:
		return Result{}, err
	case !g.is && s.ended:
		return Result{}, reason.Errorf("search-ended", "the search ended before it found a design that meets the target: %w", ctx.Err())
	case !g.is:
		return Result{}, reason.Errorf("target-missed", "no design loses at most %g and carries at least %g; the least loss of any is %g, the most carried %g",
			t.Loss, t.Capacity, g.reach.Loss, g.reach.Capacity)
	}
	return Result{g.found, min(g.found.Cost, s.rest.Cost), !s.ended, c.hurting}, nil
}

// single looks for one design.
type single struct {
	budget float64
	target Target
	order  func(a, b Design) int // the better one first
	cheap  bool                  // cost comes first
	found  Design
	is     bool  // found is a design
	reach  Worth // the best figures of all designs that were tried
}

func (g *single) limit() float64 {
	if g.cheap && g.is {
		return g.found.Cost
	}
	return g.budget
}

func (g *single) meets(w Worth) bool {
	return compare(w.Loss, g.target.Loss) <= 0 && compare(w.Capacity, g.target.Capacity) >= 0
}

func (g *single) hopeless(low Design) bool {
	return !g.meets(low.Worth) || g.is && g.order(low, g.found) >= 0
}

func (g *single) take(d Design) {
	if d.Set == 0 {
		g.reach = d.Worth
	}
	g.reach = Worth{min(g.reach.Loss, d.Loss), max(g.reach.Capacity, d.Capacity)}
	if g.meets(d.Worth) && (!g.is || g.order(d, g.found) < 0) {
		g.found, g.is = d, true
	}
}

// useful refuses a budget for which nothing can be bought.
func (c *Choices) useful(budget float64) error {
	if !(budget >= 0) {
		return reason.Errorf("wrong-budget", "a budget of %g; want at least 0", budget)
	}
	if c.possible(0, all(len(c.options)), budget) != 0 {
		return nil
	}
	least := 0
	for i, closure := range c.closures {
		if c.Cost(closure) < c.Cost(c.closures[least]) {
			least = i
		}
	}
	return reason.Errorf("buys-nothing", "a budget of %g buys nothing; the cheapest option is %s for %g", budget, c.list(c.closures[least]), c.Cost(c.closures[least]))
}
