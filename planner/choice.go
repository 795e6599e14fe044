package planner

import (
	"context"
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/seed-ab8b6914/spof/reason"
	"github.com/seed-ab8b6914/spof/reliability/choose"
)

// shop is the first design with alternatives for sale.
type shop struct {
	*Plan
	base    *study
	studies map[choose.Set]*study
	prices  []Costs // of the alternatives
	*choose.Choices
}

// choose finds what to buy: the cheapest for the target, else the best for the budget, else what costs least with the downtime that is left.
func (p *Plan) choose(ctx context.Context, r *Result, base *study) (*study, error) {
	s := &shop{Plan: p, base: base, studies: map[choose.Set]*study{0: base}}
	options, err := s.options()
	if err != nil {
		return nil, err
	}
	if s.Choices, err = choose.New(options, p.Years, s.worth); err != nil {
		return nil, err
	}
	budget := math.Inf(1)
	if p.Budget != nil {
		budget = *p.Budget
	}
	front, err := s.Front(ctx, budget)
	if err != nil {
		return nil, err
	}
	steps, err := s.Steps(ctx, budget)
	if err != nil {
		return nil, err
	}
	best, proven, err := s.best(ctx, front, budget)
	if err != nil {
		return nil, err
	}
	r.Choice = &Choice{Base: base.name, Best: s.point(best), Proven: proven && front.Proven}
	for _, d := range front.Designs {
		r.Choice.Front = append(r.Choice.Front, s.point(d))
	}
	for _, step := range steps {
		r.Choice.Steps = append(r.Choice.Steps, s.step(step))
	}
	chosen := *s.studies[best.Set]
	chosen.name = "choice"
	return &chosen, nil
}

// best answers the question of the plan.
func (s *shop) best(ctx context.Context, front choose.Front, budget float64) (choose.Design, bool, error) {
	switch {
	case s.TargetHours != nil:
		r, err := s.Cheapest(ctx, choose.Target{Loss: *s.TargetHours})
		switch {
		case err != nil:
			err = fmt.Errorf("hours without service a year: %w", err)
		case r.Cost > budget:
			err = reason.Errorf("target-above-budget", "the cheapest combination that meets the target costs %s, and the budget is %s", Money(r.Cost), Money(budget))
		}
		return r.Design, r.Proven, err
	case s.Budget != nil:
		r, err := s.Best(ctx, budget)
		return r.Design, r.Proven, err
	}
	least := slices.MinFunc(front.Designs, func(a, b choose.Design) int {
		if s.total(a) < s.total(b) {
			return -1
		}
		return 1
	})
	return least, front.Proven, nil
}

// total is what a design costs a year with its downtime.
func (s *shop) total(d choose.Design) float64 {
	return d.Cost/max(s.Years, 1) + s.downtime(d.Loss)
}

// options are the alternatives with their costs. Each may hurt: a patch can do anything.
func (s *shop) options() (all []choose.Option, err error) {
	for i, a := range s.Alternatives {
		costs := a.Costs
		if costs == nil {
			if costs, err = s.added(i); err != nil {
				return nil, err
			}
		}
		s.prices = append(s.prices, *costs)
		all = append(all, choose.Option{Name: a.Name, Buy: costs.Buy, Yearly: costs.Yearly, Requires: a.Requires, Excludes: a.Excludes, MayHurt: true})
	}
	return all, nil
}

// added is what the components cost that an alternative adds to what it requires; a change of timers adds none.
func (s *shop) added(alternative int) (*Costs, error) {
	needs := s.needs(alternative)
	with, err := s.patched(needs...)
	if err != nil {
		return nil, err
	}
	without, err := s.patched(slices.DeleteFunc(needs, func(i int) bool { return i == alternative })...)
	if err != nil {
		return nil, err
	}
	buy, yearly := with.Cost()
	buyLess, yearlyLess := without.Cost()
	return &Costs{max(0, buy-buyLess), max(0, yearly-yearlyLess)}, nil
}

// patched works out the first design with alternatives.
func (s *shop) patched(alternatives ...int) (*study, error) {
	t, err := s.Patched(alternatives...)
	if err != nil {
		return nil, err
	}
	e, err := s.evidenceOf(t)
	if err != nil {
		return nil, err
	}
	return newStudy(s.base.name, e, s.tableWith(alternatives...))
}

// worth is what a set of alternatives gives.
func (s *shop) worth(_ context.Context, set choose.Set) (choose.Worth, error) {
	one := s.studies[set]
	if one == nil {
		var err error
		if one, err = s.patched(slices.Collect(set.All())...); err != nil {
			return choose.Worth{}, err
		}
		one.costs = s.base.costs
		for i := range set.All() {
			one.costs.Buy += s.prices[i].Buy
			one.costs.Yearly += s.prices[i].Yearly
		}
		s.studies[set] = one
	}
	down, switches := one.hours(bestGuess, 1)
	return choose.Worth{Loss: down + switches, Capacity: float64(one.nMinusOne(s.people()).Users)}, nil
}

// point tells of a set of alternatives.
func (s *shop) point(d choose.Design) Point {
	return Point{Buys: append([]string{}, s.Names(d.Set)...), Cost: d.Cost, Hours: d.Loss, Users: int(d.Capacity)}
}

// step tells of a purchase.
func (s *shop) step(b choose.Step) Step {
	var about []string
	for i := range b.Adds.All() {
		about = append(about, s.Alternatives[i].text())
	}
	return Step{Buys: s.Names(b.Adds), About: strings.Join(about, " + "), Cost: b.Cost, Saves: b.Saves, Alone: b.Alone, Left: b.Loss}
}

// text is the alternative in words.
func (a Alternative) text() string {
	if a.About != "" {
		return a.About
	}
	return a.Name
}
