package planner

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
	"time"

	"github.com/seed-ab8b6914/spof/reason"
	"github.com/seed-ab8b6914/spof/reliability/choose"
)

// searchTime is how long the choice searches if the plan does not say.
const searchTime = 10 * time.Second

// answer is a combination: a design with alternatives for it. Its cost counts the design.
type answer struct {
	*shop
	choose.Design
}

// search looks for the best answer over all designs.
type search struct {
	*Plan
	shops    []*shop
	budget   float64 // infinite: none
	front    []answer
	best     []answer // of each shop
	proven   bool
	buys     bool    // something can be bought
	bound    float64 // hours without service, or with a target the cost, that no answer is below
	refusals []error // of shops that have no answer, or nothing to buy
}

// choose finds which design to take, and what to buy for it: the cheapest for the target, else the best for the budget, else what costs
// least with the downtime that is left.
func (p *Plan) choose(ctx context.Context, r *Result, studies []*study) (*study, error) {
	s := &search{Plan: p, budget: math.Inf(1), proven: true, bound: math.Inf(1)}
	if p.Budget != nil {
		s.budget = *p.Budget
	}
	if err := s.affordable(studies); err != nil {
		return nil, err
	}
	ends := time.Now().Add(cmp.Or(p.SearchTime, searchTime))
	for i, one := range s.shops {
		share, stop := context.WithTimeout(ctx, time.Until(ends)/time.Duration(len(s.shops)-i))
		err := s.visit(share, one)
		stop()
		if err != nil {
			return nil, err
		}
	}
	if err := s.refused(); err != nil {
		return nil, err
	}
	best := slices.MinFunc(s.best, s.order)
	if choose.Compare(best.Cost, s.budget) > 0 {
		return nil, reason.Errorf("target-above-budget", "the cheapest combination that meets the target costs %s, and the budget is %s", Money(best.Cost), Money(s.budget))
	}
	return s.tell(ctx, r, best)
}

// affordable opens the designs that the budget pays.
func (s *search) affordable(studies []*study) error {
	least := math.Inf(1)
	for i, base := range studies {
		cost := base.costs.over(s.Years)
		if least = min(least, cost); choose.Compare(cost, s.budget) > 0 && s.TargetHours == nil {
			continue
		}
		one, err := s.open(i, base)
		if err != nil {
			return err
		}
		s.shops = append(s.shops, one)
	}
	if len(s.shops) == 0 {
		return reason.Errorf("budget-below-designs", "a budget of %s pays none of the designs, of which the cheapest costs %s; the budget counts a design and its alternatives; a design that is there already can say cost: {buy: 0}",
			Money(s.budget), Money(least))
	}
	return nil
}

// visit answers for one design.
func (s *search) visit(ctx context.Context, one *shop) error {
	cost := one.base.costs.over(s.Years)
	take := func(d choose.Design) answer {
		d.Cost += cost
		return answer{one, d}
	}
	if one.Choices == nil {
		return s.bare(ctx, one, take)
	}
	front, err := one.Front(ctx, s.left(cost))
	switch {
	case coded(err, "buys-nothing"):
		s.refusals = append(s.refusals, err)
		return s.bare(ctx, one, take)
	case errors.Is(err, context.DeadlineExceeded): // before the first combination
		s.proven, s.bound = false, min(s.bound, one.floors())
		return s.bare(context.WithoutCancel(ctx), one, take)
	case err != nil:
		return err
	}
	s.buys = true
	for _, d := range front.Designs {
		s.front = append(s.front, take(d))
	}
	best, err := s.ask(ctx, one, front, cost)
	switch {
	case coded(err, "target-missed"):
		s.refusals = append(s.refusals, reason.Errorf("target-missed", "no combination of alternatives brings %s to %s without service a year; the best leaves %s",
			one.base.name, Span(*s.TargetHours), Span(leastOf(front).Loss)))
	case coded(err, "search-ended"):
		s.refusals = append(s.refusals, fmt.Errorf("%s: hours without service a year: %w", one.base.name, err))
		s.proven = false
	case err != nil:
		return err
	default:
		s.best = append(s.best, take(best.Design))
		s.proven = s.proven && best.Proven && front.Proven
		s.bound = min(s.bound, best.Bound)
	}
	return nil
}

// leastOf is the design of least loss of a front.
func leastOf(front choose.Front) choose.Design {
	return slices.MinFunc(front.Designs, func(a, b choose.Design) int { return cmp.Compare(a.Loss, b.Loss) })
}

// left is what a design that costs an amount leaves of the budget. A target is asked for without: what it costs is then held against it.
func (s *search) left(cost float64) float64 {
	if s.TargetHours != nil {
		return math.Inf(1)
	}
	return max(0, s.budget-cost)
}

// bare answers for a design as it is.
func (s *search) bare(ctx context.Context, one *shop, take func(choose.Design) answer) error {
	w, err := one.worth(ctx, 0)
	if err != nil {
		return err
	}
	a := take(choose.Design{Worth: w})
	s.front = append(s.front, a)
	if s.TargetHours != nil && choose.Compare(w.Loss, *s.TargetHours) > 0 {
		s.refusals = append(s.refusals, reason.Errorf("target-missed", "%s is without service for %s a year, and nothing can be bought for it", one.base.name, Span(w.Loss)))
		return nil
	}
	s.best = append(s.best, a)
	s.bound = min(s.bound, w.Loss)
	return nil
}

// ask asks the question of the plan for one design, which costs an amount. A search that ended early may have found better for the front.
func (s *search) ask(ctx context.Context, one *shop, front choose.Front, cost float64) (r choose.Result, err error) {
	switch {
	case s.TargetHours != nil:
		r, err = one.Cheapest(ctx, choose.Target{Loss: *s.TargetHours})
		r.Bound += cost
		for _, d := range front.Designs {
			if !r.Proven && choose.Compare(d.Loss, *s.TargetHours) <= 0 && (coded(err, "search-ended") || d.Cost < r.Cost) {
				r.Design, err = d, nil
			}
		}
		return r, err
	case s.Budget != nil:
		r, err = one.Best(ctx, s.left(cost))
		for _, d := range front.Designs {
			if err == nil && d.Loss < r.Loss {
				r.Design = d
			}
		}
		return r, err
	}
	least := slices.MinFunc(front.Designs, func(a, b choose.Design) int { return cmp.Compare(s.total(a), s.total(b)) })
	return choose.Result{Design: least, Proven: front.Proven, Bound: least.Loss}, nil
}

// order puts the better answer to the question of the plan first.
func (s *search) order(a, b answer) int {
	switch {
	case s.TargetHours != nil:
		return cmp.Or(choose.Compare(a.Cost, b.Cost), choose.Compare(a.Loss, b.Loss))
	case s.Budget != nil:
		return cmp.Or(choose.Compare(a.Loss, b.Loss), choose.Compare(a.Cost, b.Cost))
	}
	return cmp.Compare(s.total(a.Design), s.total(b.Design))
}

// total is what a design costs a year with its downtime.
func (p *Plan) total(d choose.Design) float64 {
	return d.Cost/max(p.Years, 1) + p.downtime(d.Loss)
}

// refused says why there is no answer, or that the budget buys nothing for any design.
func (s *search) refused() error {
	if len(s.best) == 0 || !s.buys && len(s.refusals) > 0 {
		return errors.Join(s.refusals...)
	}
	return nil
}

// tell writes the answer down, and gives its study.
func (s *search) tell(ctx context.Context, r *Result, best answer) (*study, error) {
	chosen, err := best.checked(best.Design)
	if err != nil {
		return nil, err
	}
	best.Capacity = float64(chosen.nMinusOne(s.people()).Users)
	c := &Choice{Base: best.base.name, Best: best.point(), Proven: s.proven}
	if !s.proven && (s.Budget != nil || s.TargetHours != nil) {
		c.Bound = &s.bound
	}
	front := unbeaten(s.front)
	for i, a := range front {
		one, err := a.checked(a.Design)
		if err != nil {
			return nil, err
		}
		front[i].Capacity = float64(one.nMinusOne(s.people()).Users)
	}
	for _, a := range unbeaten(front) {
		c.Front = append(c.Front, a.point())
	}
	if best.Choices != nil {
		short, stop := context.WithTimeout(ctx, searchTime)
		defer stop()
		steps, err := best.Steps(short, s.left(best.base.costs.over(s.Years)))
		if err != nil && !coded(err, "buys-nothing") && !errors.Is(err, context.DeadlineExceeded) {
			return nil, err
		}
		for _, b := range steps {
			c.Steps = append(c.Steps, best.step(b))
		}
	}
	r.Choice = c
	named := *chosen
	named.name, named.care = "choice", best.careWith(best.bought(best.Set)...)
	return &named, nil
}

// unbeaten leaves out the answers that another one beats, and gives the rest by cost.
func unbeaten(all []answer) (kept []answer) {
	slices.SortStableFunc(all, func(a, b answer) int { return cmp.Or(cmp.Compare(a.Cost, b.Cost), cmp.Compare(a.Loss, b.Loss)) })
	for i, a := range all {
		beaten := slices.ContainsFunc(all[:i], func(o answer) bool { return o.Beats(a.Design) }) ||
			slices.ContainsFunc(all[i+1:], func(o answer) bool { return o.Beats(a.Design) && !a.Beats(o.Design) })
		if !beaten {
			kept = append(kept, a)
		}
	}
	return kept
}

// point tells of an answer.
func (a answer) point() Point {
	return Point{Base: a.base.name, Buys: a.names(a.Set), Cost: a.Cost, Hours: a.Loss, Users: int(a.Capacity)}
}

// step tells of a purchase.
func (s *shop) step(b choose.Step) Step {
	var about []string
	for _, i := range s.bought(b.Adds) {
		about = append(about, s.Alternatives[i].text())
	}
	return Step{Buys: s.names(b.Adds), About: strings.Join(about, " + "), Cost: b.Cost, Saves: b.Saves, Alone: b.Alone, Left: b.Loss, Pays: s.downtime(b.Saves) * s.Years}
}

// text is the alternative in words.
func (a Alternative) text() string {
	if a.About != "" {
		return a.About
	}
	return a.Name
}

// coded reports whether an error has a code in its tree.
func coded(err error, code string) bool { return slices.Contains(reason.Codes(err), code) }
