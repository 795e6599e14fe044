package planner

import (
	"context"
	"math"
	"slices"

	"github.com/seed-ab8b6914/spof/reason"
	"github.com/seed-ab8b6914/spof/reliability/choose"
	"github.com/seed-ab8b6914/spof/reliability/dist"
	"github.com/seed-ab8b6914/spof/reliability/system"
	"github.com/seed-ab8b6914/spof/topology"
)

// shop is a design with the alternatives for it.
type shop struct {
	*Plan
	design  int
	base    *study
	offers  []int // the alternatives, by their index in the plan
	prices  []Costs
	care    choose.Set // those that change crews or spare parts
	parts   []section
	studies map[choose.Set]*study       // by the alternatives that change the topology
	lost    map[choose.Set]losing       // likewise
	loads   map[choose.Set]system.Waits // by care
	known   []map[choose.Set]shared
	*choose.Choices
}

// losing gives by component the share of all users that its loss leaves without service, by their group.
type losing map[topology.Component]map[string]float64

// shared is what a section gives: hours without service of an average user of the design, and the share of all users that is lost with the
// worst component of its own, and with the mains.
type shared struct{ hours, worst, mains float64 }

// open prepares a design for the choice. Choices is nil if there is no alternative for it.
func (p *Plan) open(design int, base *study) (s *shop, err error) {
	s = &shop{Plan: p, design: design, base: base, studies: map[choose.Set]*study{}, lost: map[choose.Set]losing{}, loads: map[choose.Set]system.Waits{}}
	for i, a := range p.Alternatives {
		if slices.Contains(a.For, design) {
			s.offers = append(s.offers, i)
		}
	}
	if s.parts, err = s.sections(); err != nil {
		return nil, err
	}
	for range s.parts {
		s.known = append(s.known, map[choose.Set]shared{})
	}
	if len(s.offers) == 0 {
		return s, nil
	}
	options, err := s.options()
	if err != nil {
		return nil, err
	}
	if s.Choices, err = choose.New(options, p.Years, s.worth); err != nil {
		return nil, err
	}
	s.Divide(s.shares())
	return s, nil
}

// options are the alternatives with their costs.
func (s *shop) options() (all []choose.Option, err error) {
	for at, i := range s.offers {
		a := s.Alternatives[i]
		costs := a.Costs
		if costs == nil {
			if costs, err = s.added(i); err != nil {
				return nil, err
			}
		}
		s.prices = append(s.prices, *costs)
		if len(a.care.Crews)+len(a.care.Stocks) > 0 {
			s.care |= 1 << at
		}
		excludes := slices.DeleteFunc(slices.Clone(a.Excludes), func(name string) bool { return !slices.Contains(s.offers, s.alternative(name)) })
		all = append(all, choose.Option{Name: a.Name, Buy: costs.Buy, Yearly: costs.Yearly, Requires: a.Requires, Excludes: excludes})
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
	return &Costs{max(0, with.costs.Buy-without.costs.Buy), max(0, with.costs.Yearly-without.costs.Yearly)}, nil
}

// patched works out the design with alternatives of the plan, but for their care.
func (s *shop) patched(alternatives ...int) (*study, error) {
	t, err := s.Patched(s.design, alternatives...)
	if err != nil {
		return nil, err
	}
	e, err := s.evidenceOf(s.design, t)
	if err != nil {
		return nil, err
	}
	return newStudy(s.base.name, e, s.tableWith(alternatives...))
}

// bought gives the alternatives of a set by their index in the plan.
func (s *shop) bought(set choose.Set) (all []int) {
	for i := range set.All() {
		all = append(all, s.offers[i])
	}
	return all
}

// study works out the design with a set of alternatives, but for their care. It remembers.
func (s *shop) study(set choose.Set) (*study, error) {
	set &^= s.care
	if one := s.studies[set]; one != nil {
		return one, nil
	}
	one, err := s.patched(s.bought(set)...)
	if err == nil {
		s.studies[set] = one
	}
	return one, err
}

// waits are those of the base with the care of a set. What is bought fails too, and is not counted: a design of the plan has waits of its
// own.
func (s *shop) waits(set choose.Set) (system.Waits, error) {
	set &= s.care
	if w := s.loads[set]; w != nil {
		return w, nil
	}
	bare, err := s.study(0)
	if err != nil {
		return nil, err
	}
	w, err := bare.waits(s.careWith(s.bought(set)...))
	if err == nil {
		s.loads[set] = w
	}
	return w, err
}

// whole works out the design with a set of alternatives, and their care.
func (s *shop) whole(set choose.Set) (*study, error) {
	bare, err := s.study(set)
	if err != nil {
		return nil, err
	}
	waits, err := s.waits(set)
	if err != nil {
		return nil, err
	}
	one := bare.late(waits)
	one.costs = s.base.costs
	for i := range set.All() {
		one.costs.Buy += s.prices[i].Buy
		one.costs.Yearly += s.prices[i].Yearly
	}
	return one, nil
}

// shares are the sections for the search.
func (s *shop) shares() (all []choose.Share) {
	for i, part := range s.parts {
		all = append(all, choose.Share{On: part.on, Floor: s.floor(part), Worth: func(ctx context.Context, set choose.Set) (choose.Worth, []float64, error) {
			one, err := s.share(ctx, i, set)
			return choose.Worth{Loss: one.hours, Capacity: s.left(one.worst)}, []float64{one.mains}, err
		}})
	}
	return all
}

// left is the number of users who are served without a share of them.
func (s *shop) left(lost float64) float64 { return math.Round(float64(s.people()) * (1 - lost)) }

// share works out a section of the design with a set of alternatives that change it.
func (s *shop) share(ctx context.Context, part int, set choose.Set) (one shared, err error) {
	if one, known := s.known[part][set]; known {
		return one, nil
	}
	if err := ctx.Err(); err != nil {
		return one, err
	}
	all, err := s.whole(set)
	if err != nil {
		return one, err
	}
	p, weights := all.probabilities(bestGuess), all.weights()
	for _, g := range all.Groups {
		if slices.Contains(s.parts[part].groups, g.Name) {
			one.hours += weights[g.Name] * all.Diagrams.Probability(g.Down, p) * dist.Year
		}
	}
	for _, w := range all.switches {
		if slices.Contains(s.parts[part].groups, w.Group) {
			one.hours += weights[w.Group] * w.Hours
		}
	}
	one.worst, one.mains = s.losing(set, all).of(s.parts[part].groups)
	s.known[part][set] = one
	return one, nil
}

// losing works out what each component means for the users.
func (s *shop) losing(set choose.Set, all *study) losing {
	set &^= s.care
	if s.lost[set] == nil {
		weights, by := all.weights(), losing{}
		for _, point := range all.Topology.SinglePoints() {
			by[point.Component] = map[string]float64{}
			for _, g := range all.Groups {
				served := 0.0
				for _, carried := range all.Topology.Flows(g.Name, point.Component) {
					served += carried
				}
				by[point.Component][g.Name] = weights[g.Name] * (1 - min(served, 1))
			}
		}
		s.lost[set] = by
	}
	return s.lost[set]
}

// of is the share of all users that groups lose with the worst component, and with the mains, which other sections lose too.
func (l losing) of(groups []string) (worst, mains float64) {
	for c, by := range l {
		sum := 0.0
		for _, g := range groups {
			sum += by[g]
		}
		if c.Kind == topology.KindMains {
			mains = sum
		} else {
			worst = max(worst, sum)
		}
	}
	return worst, mains
}

// floor is what users of a section lose to causes outside of the design, whatever is bought; 0 if an alternative changes figures.
func (s *shop) floor(part section) (hours float64) {
	if slices.ContainsFunc(s.offers, func(i int) bool { return s.Alternatives[i].table.Present() }) {
		return 0
	}
	works, weights := 1.0, s.base.weights()
	for _, e := range s.base.Events {
		if kind := s.Table.Row(e.Kind, e.Name); outside[e.Kind] {
			works *= 1 - kind.Unavailability()
		}
	}
	for _, g := range part.groups {
		hours += weights[g] * (1 - works) * dist.Year
	}
	return hours
}

// floors is what users lose whatever is bought.
func (s *shop) floors() (hours float64) {
	for _, part := range s.parts {
		hours += s.floor(part)
	}
	return hours
}

// outside are the kinds of events that cut everyone off, whatever the design.
var outside = map[string]bool{"site": true, "change": true, "people": true}

// worth is what a set of alternatives gives.
func (s *shop) worth(ctx context.Context, set choose.Set) (choose.Worth, error) {
	hours, worst, mains := 0.0, 0.0, 0.0
	for i, part := range s.parts {
		one, err := s.share(ctx, i, set&s.closed(part.on))
		if err != nil {
			return choose.Worth{}, err
		}
		hours, worst, mains = hours+one.hours, max(worst, one.worst), mains+one.mains
	}
	return choose.Worth{Loss: hours, Capacity: s.left(max(worst, mains))}, nil
}

// closed is a set with all that it requires.
func (s *shop) closed(set choose.Set) (all choose.Set) {
	for i := range set.All() {
		for _, need := range s.needs(s.offers[i]) {
			all |= 1 << slices.Index(s.offers, need)
		}
	}
	return all
}

// checked works out the design with a set of alternatives as a whole, and holds the sum of the sections against it.
func (s *shop) checked(d choose.Design) (*study, error) {
	one, err := s.whole(d.Set)
	if err != nil {
		return nil, err
	}
	down, switches := one.hours(bestGuess, 1)
	if math.Abs(down+switches-d.Loss) > 1e-9*d.Loss {
		return nil, reason.Errorf("sections-differ", "%s with %v loses %g h a year as a whole, and %g h as the sum of its sections; this is a mistake of spof, please report it", s.base.name, s.names(d.Set),
			down+switches, d.Loss)
	}
	return one, nil
}

// names are those of the alternatives of a set.
func (s *shop) names(set choose.Set) []string {
	names := []string{}
	for _, i := range s.bought(set) {
		names = append(names, s.Alternatives[i].Name)
	}
	return names
}
