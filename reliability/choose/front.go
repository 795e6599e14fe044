package choose

import (
	"cmp"
	"context"
	"math"
	"slices"
)

// Front is a Pareto front.
type Front struct {
	Designs []Design // by cost: no other design is at least as good in cost, loss and capacity
	// Proven: every design was tried or is beaten. False if the context ended first; then a design outside the list may beat those in it.
	Proven bool
	// Enumerated are the options that may hurt: every combination of them was tried.
	Enumerated Set
}

// Front gives the Pareto front of cost, loss and capacity of all designs within a budget, which may be infinite. Of several designs with
// the same figures it has one. Errors are those of Best.
func (c *Choices) Front(ctx context.Context, budget float64) (Front, error) {
	if err := c.useful(budget); err != nil {
		return Front{}, err
	}
	g := &front{budget: budget}
	s, err := c.run(ctx, g)
	if err != nil {
		return Front{}, err
	}
	return Front{sorted(g.designs), !s.ended, c.hurting}, nil
}

// Unbeaten gives the designs that no other is at least as good as in cost, loss and capacity, by cost.
func Unbeaten(designs []Design) []Design {
	g := &front{budget: math.Inf(1)}
	for _, d := range designs {
		g.take(d)
	}
	return sorted(g.designs)
}

func sorted(designs []Design) []Design {
	slices.SortFunc(designs, func(a, b Design) int {
		return cmp.Or(cmp.Compare(a.Cost, b.Cost), cmp.Compare(a.Loss, b.Loss), cmp.Compare(a.Set, b.Set))
	})
	return designs
}

// front looks for a Pareto front.
type front struct {
	budget  float64
	designs []Design
}

func (g *front) limit() float64 { return g.budget }

func (g *front) hopeless(low Design) bool {
	return slices.ContainsFunc(g.designs, func(d Design) bool { return beats(d, low) })
}

func (g *front) take(d Design) {
	if !g.hopeless(d) {
		g.designs = append(slices.DeleteFunc(g.designs, func(old Design) bool { return beats(d, old) }), d)
	}
}

// Beats reports whether a design is at least as good as another in cost, loss and capacity.
func (d Design) Beats(o Design) bool { return beats(d, o) }

// beats reports whether a is at least as good as b in everything.
func beats(a, b Design) bool {
	return compare(a.Cost, b.Cost) <= 0 && compare(a.Loss, b.Loss) <= 0 && compare(a.Capacity, b.Capacity) >= 0
}
