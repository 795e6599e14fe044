package planner

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/seed-ab8b6914/spof/reliability/dist"
)

// Solve answers a plan. It is deterministic: the same plan gives the same answer. An answer that could not be proven best before the
// context ended says so.
func Solve(ctx context.Context, p *Plan) (*Result, error) {
	studies, err := p.studies()
	if err != nil {
		return nil, err
	}
	r := &Result{Schema: Schema, Plan: p.Name, Title: p.Title, About: p.About, Seed: p.Seed, Currency: p.Currency, Years: p.Years,
		DowntimeCost: p.DowntimeCost, Budget: p.Budget, TargetHours: p.TargetHours}
	r.Peak = p.peak()
	for i, s := range studies {
		d, err := p.design(s, p.Designs[i].About)
		if err != nil {
			return nil, err
		}
		r.Designs = append(r.Designs, d)
	}
	if len(p.Alternatives) > 0 || len(p.Designs) > 1 && (p.Budget != nil || p.TargetHours != nil) {
		chosen, err := p.choose(ctx, r, studies)
		if err != nil {
			return nil, p.placed(err)
		}
		studies = append(studies, chosen)
		bought, err := p.design(chosen, strings.Join(append([]string{"what the plan takes: " + r.Choice.Base}, r.Choice.Best.Buys...), " + "))
		if err != nil {
			return nil, err
		}
		bought.Buys = r.Choice.Best.Buys
		r.Designs = append(r.Designs, bought)
	}
	if r.Doubt, err = p.doubt(ctx, studies); err != nil {
		return nil, err
	}
	if r.Doubt.Turns, err = p.turns(ctx, studies, r.Choice); err != nil {
		return nil, err
	}
	r.Assumed = p.assumptions(studies)
	if err := p.live(r, studies); err != nil {
		return nil, err
	}
	for i := range r.Designs {
		r.Cautions = append(r.Cautions, p.cautions(&r.Designs[i])...)
	}
	r.recommend()
	return r, nil
}

// studies works the designs out.
func (p *Plan) studies() (all []*study, err error) {
	for i := range p.Designs {
		c := &p.Designs[i]
		s, one := newStudy(c.Name, c.Evidence, p.Table)
		err = errors.Join(err, one)
		if one == nil {
			if s, one = s.cared(p.Care); one == nil && c.Costs != nil {
				s.costs = *c.Costs
			}
			err = errors.Join(err, one)
		}
		all = append(all, s)
	}
	return all, err
}

// design tells of a study.
func (p *Plan) design(s *study, about string) (d Design, err error) {
	down, switches := s.hours(bestGuess, 1)
	hours := down + switches
	d = Design{Name: s.name, About: cmp.Or(about, s.Topology.About), Buy: s.costs.Buy, Yearly: s.costs.Yearly, Cost: s.costs.over(p.Years),
		Availability: 1 - hours/dist.Year, Nines: -math.Log10(hours / dist.Year), Hours: hours, Outages: s.outages(), Causes: s.causes(),
		Failover: *s.failover, Users: p.people(), UserHours: p.userHours(hours), Downtime: p.downtime(hours), Importance: s.importance(), CutSets: s.cutSets()}
	d.Affected = d.Outages * float64(d.Users) * p.Demand.Mean()
	d.Loss = p.loss(s.costs, hours)
	d.N1 = s.nMinusOne(d.Users)
	d.Carries, err = s.carries(d.Users)
	for i := range d.Importance {
		d.Importance[i].Cost = p.downtime(d.Importance[i].Hours)
	}
	return d, err
}

// assumptions lists every figure of the designs' components, and their failovers.
func (p *Plan) assumptions(studies []*study) (all []Figure) {
	for _, s := range studies {
		if f := s.failover; f.From != "" {
			all = append(all, Figure{Name: "failover of " + s.name, Value: f.Range(), From: f.From, Source: f.origin()})
		}
		for _, e := range s.Events {
			of := e.Kind
			if s.failover.Coverage != nil && e.Kind == mechanism(s.Topology) {
				of += " of " + s.name
			}
			for _, a := range e.Row.Assumptions(of) {
				all = append(all, Figure{a.Of + ", " + a.Value, a.Text, Source(a.Certainty), a.Source})
			}
		}
	}
	slices.SortStableFunc(all, func(a, b Figure) int { return cmp.Compare(a.Name, b.Name) })
	return slices.Compact(all)
}

// placed says which line of the plan asks for what cannot be had.
func (p *Plan) placed(err error) error {
	if p.at == "" {
		return err
	}
	return fmt.Errorf("%s: %w", p.at, err)
}
