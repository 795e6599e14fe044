package planner

import (
	"cmp"
	"fmt"
	"maps"
	"math"
	"runtime"
	"slices"
	"strings"

	"github.com/seed-ab8b6914/spof/reliability/dist"
	"github.com/seed-ab8b6914/spof/reliability/lifetime"
	"github.com/seed-ab8b6914/spof/reliability/system"
	"github.com/seed-ab8b6914/spof/topology"
)

// The size of a simulation. A year of a design with few failures costs less, so that more of them are drawn.
const (
	lifeEvents   = 400_000 // of all years, about
	leastYears   = 1_000
	mostYears    = 20_000
	mostEvents   = 5_000 // of a year; beyond, years take too long
	fewOutages   = 30    // below, outages are rare
	rareCopies   = 20
	yearsOfALife = 10
)

// live adds the simulated lifetimes to the designs of a result.
func (p *Plan) live(r *Result, studies []*study) (err error) {
	for i, s := range studies {
		if r.Designs[i].Lifetimes, err = p.lifetimes(s); err != nil {
			return fmt.Errorf("%s: %w", s.name, err)
		}
	}
	return nil
}

// lifetimes simulates a design with its care, and with less of it.
func (p *Plan) lifetimes(s *study) (*Lifetimes, error) {
	l := &player{plan: p, study: s.without(), laws: map[string]dist.Distribution{}}
	l.years = math.Floor(min(max(lifeEvents/l.events(), leastYears), mostYears)/yearsOfALife) * yearsOfALife
	down, switches := s.hours(bestGuess, 1)
	out := &Lifetimes{Years: l.years, Seed: p.Seed, Exact: down + switches}
	if n := l.events(); n > mostEvents {
		out.Left = fmt.Sprintf("%.0f failures, repairs and failovers a year are too many to draw", n)
		return out, nil
	}
	if err := l.findLaws(); err != nil {
		return nil, err
	}
	return out, l.play(out)
}

// without is the study of a design on which nobody waits.
func (s *study) without() *study {
	one := *s
	one.System = s.plain
	one.switches = one.Switches(one.wait)
	return &one
}

// player simulates a design.
type player struct {
	plan  *Plan
	study *study
	laws  map[string]dist.Distribution // of a failover, by group; nil: there is none
	years float64
}

// events is how much happens in a year, about.
func (l *player) events() float64 {
	n := 1.0
	for _, e := range l.study.Events {
		n += 2 * e.Frequency * dist.Year
	}
	for _, w := range l.study.switches {
		n += 2 * w.PerYear
	}
	return n
}

// findLaws takes the failover of the largest group as it is, and predicts those of the others.
func (l *player) findLaws() error {
	for _, g := range l.study.Topology.Users {
		f := l.study.failover
		if g.Name != largest(l.study.Topology).Name {
			var err error
			if f, err = predicted(l.study.Topology, g); err != nil {
				return err
			}
		}
		d, err := f.law()
		if err != nil {
			return err
		}
		l.laws[g.Name] = d
	}
	return nil
}

// law is the distribution of a failover, in hours: every time that was measured, or any time that is predicted. nil: there is none.
func (f *Failover) law() (dist.Distribution, error) {
	const perHour = 3600
	switch {
	case len(f.times) > 0:
		hours := make([]float64, len(f.times))
		for i, s := range f.times {
			hours[i] = s / perHour
		}
		return dist.Empirical(hours...)
	case f.From == Predicted && f.Hi > 0:
		return dist.Uniform(f.Lo/perHour, f.Hi/perHour)
	}
	return nil, nil
}

// outage is what a group loses while the design switches. One of several servers has its share of the requests.
func (l *player) outage(group string, lost topology.Component) system.Outage {
	d := l.laws[group]
	if d == nil || d.Mean() == 0 {
		return system.Outage{}
	}
	return system.Outage{Share: min(1, l.study.wait(group, lost)/d.Mean()), Lasts: d}
}

// simulate plays the years of the design with a care.
func (l *player) simulate(care system.Care) (*lifetime.Result, bool, error) {
	m, err := l.study.Lifetimes(system.Life{Care: care, Outage: l.outage, Capacities: l.study.limits(l.plan.peak()), Demand: l.plan.Demand.week()})
	if err != nil {
		return nil, false, err
	}
	m.Life = yearsOfALife * dist.Year
	o := lifetime.Options{Years: l.years, Seed: l.plan.Seed, Workers: runtime.GOMAXPROCS(0)}
	r, err := lifetime.Simulate(m, o)
	if err != nil || outagesSeen(r) >= fewOutages {
		return r, false, err
	}
	if o.Splitting = l.study.Rare(rareCopies); o.Splitting == nil {
		return r, false, nil
	}
	rare, err := lifetime.Simulate(m, o)
	if err == nil {
		rare.Down, rare.Unserved, rare.Lost = r.Down, r.Unserved, r.Lost // copies have no years
	}
	return rare, true, err
}

// outagesSeen counts the outages of a simulation that are not those of failovers.
func outagesSeen(r *lifetime.Result) (n float64) {
	for _, c := range r.Causes {
		if c.Cause != system.CauseFailover {
			n += c.Outages.Value * r.Years
		}
	}
	return n
}

// week is the demand of a simulation; nil: it is constant.
func (d Demand) week() *lifetime.Week {
	if slices.Min(d[:]) == slices.Max(d[:]) {
		return nil
	}
	week := lifetime.Week(d)
	return &week
}

// play simulates with the parts of the care one after the other, the last with all of them, which is told in full.
func (l *player) play(out *Lifetimes) error {
	care, sofar := l.study.care, system.Care{}
	r, rare, err := l.simulate(sofar)
	for _, part := range []struct {
		name  string
		given bool
		add   func()
	}{
		{"crews", len(care.Crews) > 0, func() { sofar.Crews = care.Crews }},
		{"spare parts", len(care.Stocks) > 0, func() { sofar.Stocks = care.Stocks }},
		{"maintenance windows", len(care.Windows) > 0, func() { sofar.Windows = care.Windows }},
	} {
		if err != nil || !part.given {
			continue
		}
		before := r.Total.Unserved
		part.add()
		if r, rare, err = l.simulate(sofar); err == nil {
			out.Added = append(out.Added, Added{part.name, less(r.Total.Unserved, before)})
		}
	}
	if err != nil {
		return err
	}
	out.Rare = rare
	l.tell(out, r)
	return nil
}

// less is the difference of two independent means.
func less(a, b lifetime.Estimate) Interval {
	d := a.Value - b.Value
	return Interval{d, d - math.Hypot(a.Value-a.Lo, b.Hi-b.Value), d + math.Hypot(a.Hi-a.Value, b.Value-b.Lo)}
}

// tell fills in what a simulation says.
func (l *player) tell(out *Lifetimes, r *lifetime.Result) {
	users := l.plan.userHours(1)
	out.Hours, out.UserHours = interval(r.Total.Unserved, 1), interval(r.Total.Lost, users)
	if r.Total.Lost.Value > 0 && l.plan.Demand.week() != nil {
		share := r.Total.Busy.Value / r.Total.Lost.Value
		out.Busy = &share
	}
	for i, q := range r.Unserved {
		if lost := r.Lost[i].Hours; q.P <= 0.99 {
			out.Bad = append(out.Bad, BadYear{q.P, interval(q.Hours, 1), interval(lost, users), lost.Value * users * l.plan.DowntimeCost})
		}
	}
	out.Causes = l.causes(r, users)
	l.compare(out, r.Total.Unserved)
}

// causes sums the losses up by what a manager knows, the greatest first.
func (l *player) causes(r *lifetime.Result, users float64) (all []LifeCause) {
	hours, lost := map[string]float64{}, map[string]float64{}
	for _, c := range r.Causes {
		area := cmp.Or(areas[c.Cause], "failovers that do not work")
		if c.Cause == system.CauseFailover {
			area = "time of failovers"
		}
		hours[area] += c.Unserved.Value
		lost[area] += c.Lost.Value * users
	}
	for _, area := range slices.Sorted(maps.Keys(hours)) {
		if hours[area] > 0 {
			all = append(all, LifeCause{area, hours[area], lost[area]})
		}
	}
	slices.SortStableFunc(all, func(a, b LifeCause) int { return cmp.Compare(b.Hours, a.Hours) })
	return all
}

// compare says whether the exact hours are inside the interval at 99.9 %, and why not.
func (l *player) compare(out *Lifetimes, e lifetime.Estimate) {
	out.Agrees = e.Wide().Contains(out.Exact)
	if out.Agrees {
		return
	}
	var why []string
	if len(l.study.care.Windows) > 0 {
		why = append(why, "maintenance windows")
	}
	if len(l.study.care.Crews)+len(l.study.care.Stocks) > 0 {
		why = append(why, "approximate mean waits")
	}
	if l.ages() {
		why = append(why, "ageing: the years are those of new components")
	}
	if out.Why = strings.Join(why, ", "); out.Why == "" {
		out.Why = "chance: one interval of a thousand misses"
	}
}

// ages reports whether a component fails with an age.
func (l *player) ages() bool {
	return slices.ContainsFunc(l.study.Events, func(e system.Event) bool {
		return e.Frequency > 0 && !strings.HasPrefix(e.Row.Failure.Value.String(), "exponential")
	})
}

func interval(e lifetime.Estimate, by float64) Interval {
	return Interval{e.Value * by, e.Lo * by, e.Hi * by}
}
