package planner

import (
	"cmp"
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"strconv"

	"github.com/seed-ab8b6914/spof/reliability/choose"
	"github.com/seed-ab8b6914/spof/reliability/component"
	"github.com/seed-ab8b6914/spof/reliability/system"
)

// spreads say by how many times a value of a certainty may be too small or too large. They are assumed: wide for guesses, narrow for what
// was read. What was measured of a failover has its own distribution.
var spreads = map[component.Certainty]float64{component.Given: 1.3, component.Measured: 1.3, component.Read: 1.5, component.Derived: 2, component.Memory: 2.5,
	component.Assumed: 4}

// input is a figure that is not known exactly, as a factor of the best guess of what it moves, or as a probability in its place.
type input struct {
	choose.Input
	from   Source
	kind   string // of the events that it moves
	demand bool   // it moves those on demand, else the others
	of     *study // the one that it moves; nil: all
	waits  bool   // it moves the time of failovers
	share  bool   // it is a probability in the place of the guess

	draw func(*rand.Rand) float64 // one of its values; nil: half below the best guess and half above, evenly spread
}

// drawn is one of the values that the input may have.
func (in *input) drawn(rng *rand.Rand) float64 {
	if in.draw != nil {
		return in.draw(rng)
	}
	u := rng.Float64()
	if u > 0.5 {
		return in.Best + (2*u-1)*(in.High-in.Best)
	}
	return in.Low + 2*u*(in.Best-in.Low)
}

// moves reports whether the input moves an event of a study.
func (in *input) moves(s *study, e system.Event) bool {
	return !in.waits && e.Kind == in.kind && e.Demand == in.demand && (in.of == nil || in.of == s)
}

// inputs lists what is uncertain of the designs.
func inputs(studies []*study) (all []input) {
	known := map[string]bool{}
	for _, s := range studies {
		all = append(all, s.waiting()...)
		for _, e := range s.Events {
			if e.Demand && !e.Row.Coverage.Known() { // how long an outage of the mains lasts, which its repair says
				continue
			}
			in, name := kindInput(e), ""
			if e.Demand && e.Row.Coverage.Certainty == component.Measured && s.failover.Coverage != nil {
				in, name = s.covering(e), s.name
			}
			if key := fmt.Sprint(e.Kind, e.Demand, name); !known[key] && e.Unavailability > 0 || in.share && !known[key] {
				known[key] = true
				all = append(all, in)
			}
		}
	}
	return all
}

// kindInput is the input of an event's kind.
func kindInput(e system.Event) input {
	sure, what := worst(e.Row.Failure.Certainty, e.Row.Repair.Certainty), "time down of "
	if e.Demand {
		sure, what = e.Row.Coverage.Certainty, "failed share of "
	}
	by := spreads[sure]
	return input{Input: choose.Input{Name: what + e.Kind, Low: 1 / by, Best: 1, High: by}, from: Source(sure), kind: e.Kind, demand: e.Demand}
}

func worst(a, b component.Certainty) component.Certainty {
	if spreads[a] > spreads[b] {
		return a
	}
	return b
}

// covering is the input of a coverage that was measured on a design: its posterior.
func (s *study) covering(e system.Event) input {
	ci, of := *s.failover.CoverageCI, s.failover.posterior()
	return input{Input: choose.Input{Name: fmt.Sprintf("failed share of %s in %s", e.Kind, s.name), Low: 1 - ci[1], Best: 1 - *s.failover.Coverage, High: 1 - ci[0]},
		from: Measured, kind: e.Kind, demand: true, of: s, share: true, draw: func(rng *rand.Rand) float64 { return 1 - of.quantile(rng.Float64()) }}
}

// waiting is the input of the mean time of a design's failovers, if it has any. A measured one is drawn by the bootstrap.
func (s *study) waiting() []input {
	f := s.failover
	if f.Mean <= 0 {
		return nil
	}
	in := input{Input: choose.Input{Name: "failover of " + s.name, Low: f.Lo / f.Mean, Best: 1, High: f.Hi / f.Mean}, from: f.From, of: s, waits: true}
	if f.MeanCI != nil {
		in.Low, in.High = f.MeanCI[0]/f.Mean, f.MeanCI[1]/f.Mean
		in.draw = func(rng *rand.Rand) float64 { return f.resampled(rng) / f.Mean }
	}
	return []input{in}
}

// losses gives the loss of each study for values of the inputs.
func (p *Plan) losses(studies []*study, ins []input, values []float64) []float64 {
	all := make([]float64, len(studies))
	for i, s := range studies {
		switching := 1.0
		for k := range ins {
			if ins[k].waits && ins[k].of == s {
				switching = values[k]
			}
		}
		down, switches := s.hours(func(e system.Event) float64 { return factor(ins, values, s, e) }, switching)
		all[i] = p.loss(s.costs, down+switches)
	}
	return all
}

// factor is how many times as probable as by the best guess an event is.
func factor(ins []input, values []float64, s *study, e system.Event) float64 {
	by := 1.0
	for k := range ins {
		switch {
		case !ins[k].moves(s, e):
		case ins[k].share:
			by = values[k] / max(e.Unavailability, 1e-12)
		case ins[k].of == nil && e.Demand && e.Row.Coverage.Certainty == component.Measured: // has an input of its own
		default:
			by *= values[k]
		}
	}
	return by
}

// loss is what a design is ranked by: money a year if downtime costs money, else hours without service a year.
func (p *Plan) loss(c Costs, hours float64) float64 {
	if p.DowntimeCost == 0 {
		return hours
	}
	return c.over(p.Years)/max(p.Years, 1) + p.downtime(hours)
}

// over is the cost over years.
func (c Costs) over(years float64) float64 { return c.Buy + years*c.Yearly }

// downtime is the cost a year of hours without service of every user.
func (p *Plan) downtime(hours float64) float64 { return p.userHours(hours) * p.DowntimeCost }

// userHours is what users at work lose in a year with hours without service.
func (p *Plan) userHours(hours float64) float64 { return hours * float64(p.people()) * p.Demand.Mean() }

// people is the number of users: that of the plan, else that of the first design.
func (p *Plan) people() (n int) {
	for _, g := range p.Designs[0].Topology.Users {
		n += g.Count
	}
	return cmp.Or(p.Users, n)
}

const draws = 1000

// doubt works out what would change the ranking of the designs.
func (p *Plan) doubt(ctx context.Context, studies []*study) (d Doubt, err error) {
	ins := inputs(studies)
	if len(ins) == 0 {
		return d, nil
	}
	list := make([]choose.Input, len(ins))
	for i := range ins {
		list[i] = ins[i].Input
	}
	t, err := choose.Tornado(ctx, list, func(_ context.Context, values []float64) ([]float64, error) {
		return p.losses(studies, ins, values), nil
	})
	if err != nil {
		return d, err
	}
	d.Unit = p.lossUnit()
	d.Bars = bars(t, ins, studies)
	d.Draws = draws
	standings, err := choose.Rank(p.drawn(studies, ins))
	for _, s := range standings {
		d.First = append(d.First, Chance{studies[s.Design].name, min(1, s.First), [2]float64{s.Low, s.High}, s.Mean})
	}
	return d, err
}

// lossUnit names the unit of Plan.loss.
func (p *Plan) lossUnit() string {
	if p.DowntimeCost == 0 {
		return "hours a year"
	}
	return cmp.Or(p.Currency, "money") + " a year"
}

// drawn draws all inputs at once. The designs share the draws.
func (p *Plan) drawn(studies []*study, ins []input) [][]float64 {
	rng := rand.New(rand.NewPCG(p.Seed, 0))
	rows := make([][]float64, len(studies))
	values := make([]float64, len(ins))
	for range draws {
		for i := range ins {
			values[i] = ins[i].drawn(rng)
		}
		for i, loss := range p.losses(studies, ins, values) {
			rows[i] = append(rows[i], loss)
		}
	}
	return rows
}

const mostBars = 12

// bars gives the longest bars of a tornado.
func bars(t choose.Sensitivity, ins []input, studies []*study) (all []Bar) {
	for _, swing := range t.Swings {
		in := ins[slices.IndexFunc(ins, func(in input) bool { return in.Name == swing.Name })]
		b := Bar{Name: in.Name, From: in.from, Low: in.text(in.Low), High: in.text(in.High), AtLow: swing.AtLow, AtHigh: swing.AtHigh}
		for _, order := range [][]int{swing.OrderLow, swing.OrderHigh} {
			if swing.Turns && order[0] != t.Order[0] {
				b.First = studies[order[0]].name
			}
		}
		all = append(all, b)
	}
	kept := slices.DeleteFunc(slices.Clone(all), func(b Bar) bool { return b.AtLow == b.AtHigh && b.First == "" })
	return kept[:min(len(kept), mostBars)]
}

// text writes a value of the input.
func (in input) text(v float64) string {
	if in.share {
		return strconv.FormatFloat(100*v, 'g', 3, 64) + " %"
	}
	return "x " + strconv.FormatFloat(v, 'g', 3, 64)
}
