package plan

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"time"

	"github.com/seed-ab8b6914/spof/proxy"
	"github.com/seed-ab8b6914/spof/scenarios"
	"github.com/seed-ab8b6914/spof/scenarios/fault"
	"github.com/seed-ab8b6914/spof/scenarios/predict"
	"github.com/seed-ab8b6914/spof/topology"
)

// MaxTrials bounds the trials of one plan.
const MaxTrials = 10_000

// Streams of random numbers drawn from a plan's seed: apart, so that more of one do not change another.
const (
	streamTargets = 1
	streamTrials  = 2
	streamAgain   = 3
)

// Compile resolves a scenario on a topology. Both must have been validated. The same topology, scenario, seed and number
// of trials (1 to MaxTrials) give the same plan. The error joins everything that the scenario asks of the design and the
// design does not have.
//
// Where user groups enter at different places, symbols mean the entry of the largest group.
func Compile(t *topology.Topology, s *scenarios.Scenario, seed uint64, trials int) (*Plan, error) {
	if trials < 1 || trials > MaxTrials {
		return nil, fmt.Errorf("%d trials: want 1 to %d", trials, MaxTrials)
	}
	if len(t.Users) == 0 {
		return nil, fmt.Errorf("topology %s has no users", t.Name)
	}
	if len(t.Origins) > 1 {
		return nil, fmt.Errorf("topology %s has %d origins; a lab's WAN links lead to one, so a run takes one", t.Name, len(t.Origins))
	}
	d := predict.For(t, s)
	p := &Plan{
		Schema: Schema, Topology: *t, Scenario: *s, Seed: seed, PhasePeriod: period(t),
		BaselineAt: s.Phases.WarmUp,
		FaultAt:    s.Phases.WarmUp + s.Phases.Baseline,
		Faults:     []Fault{},
	}
	p.Scenario.Phases.Fault += fault.Prolong(s.Faults, t)
	if len(s.Faults) == 0 {
		p.RecoverAt = p.FaultAt + s.Phases.Fault
	}
	p.End = p.FaultAt + p.Scenario.Phases.Fault + s.Phases.Recovery
	if err := p.plan(d, rand.New(rand.NewPCG(seed, streamTargets))); err != nil {
		return nil, err
	}
	p.Scenario.Faults = withoutPlaces(p.Scenario.Faults)
	p.draw(trials, rand.New(rand.NewPCG(seed, streamTrials)))
	return p, nil
}

// plan resolves the faults.
func (p *Plan) plan(d predict.Predictor, rng *rand.Rand) error {
	var errs []error
	for i, f := range p.Scenario.Faults {
		planned, err := p.fault(d, f, rng)
		if err != nil {
			errs = append(errs, &TargetError{Where: f.Target.Where, Scenario: p.Scenario.Name, Topology: p.Topology.Name, Fault: i + 1, Kind: f.Kind, Err: err})
			continue
		}
		planned.ID = fmt.Sprintf("f%d", i+1)
		p.Faults = append(p.Faults, planned)
		p.RecoverAt = max(p.RecoverAt, planned.Undo)
	}
	if err := errors.Join(errs...); err != nil {
		return err
	}
	if err := p.apart(); err != nil {
		return err
	}
	for i := range p.Faults {
		f := &p.Faults[i]
		f.Promised, f.PromisedBy = d.Promised(f.Planned)
		f.Unpredicted = "another fault is in force at the same time"
		if p.alone(i) {
			f.Predicted, f.Unpredicted = d.Predict(f.Planned, f.Promised)
		}
	}
	return nil
}

// withoutPlaces copies the faults without their places in a file: a plan is the same wherever its scenario stood.
func withoutPlaces(faults []fault.Fault) []fault.Fault {
	faults = slices.Clone(faults)
	for i := range faults {
		faults[i].Target.Where = ""
	}
	return faults
}

// fault resolves one fault.
func (p *Plan) fault(d predict.Predictor, f fault.Fault, rng *rand.Rand) (Fault, error) {
	at, undo := p.FaultAt+f.At, p.FaultAt+f.End(p.Scenario.Phases.Fault)
	var struck []string // by faults that are sure to be in force at that instant
	for _, g := range p.Faults {
		if g.Fixed() && g.At <= at && at < g.Undo {
			struck = append(struck, g.Nodes()...)
		}
	}
	planned, err := f.Plan(d.View, at, undo, struck, rng)
	return Fault{Planned: planned}, err
}

// apart refuses two faults that are sure to strike the same place at the same time: Read sees the same symbol or name
// twice, but not a symbol and a name that come to the same. So it does for losses of feeds that one generator would carry:
// each has a time line of its own, in which the generator carries nothing else.
func (p *Plan) apart() error {
	for i, f := range p.Faults {
		for j, g := range p.Faults[:i] {
			if !f.Meets(g.Planned) || !f.Fixed() || !g.Fixed() {
				continue
			}
			if name := fault.SharedGenerator(&p.Topology, f.Planned, g.Planned); name != "" {
				return fmt.Errorf("%sscenario %s on %s: fault %d (%s): loses a feed of the generator %s, which carries another that fault %d (%s) "+
					"loses at the same time; want one %s, or one after the other",
					at(p.Scenario.Faults[i].Target), p.Scenario.Name, p.Topology.Name, i+1, f.Kind, name, j+1, g.Kind, proxy.MainsOutage)
			}
			for _, c := range f.Candidates {
				if slices.ContainsFunc(g.Candidates, func(o fault.Candidate) bool { return o.Node == c.Node }) {
					return fmt.Errorf("%sscenario %s on %s: fault %d (%s): strikes %s, which fault %d (%s) strikes at the same time",
						at(p.Scenario.Faults[i].Target), p.Scenario.Name, p.Topology.Name, i+1, f.Kind, c.Node, j+1, g.Kind)
				}
			}
		}
	}
	return nil
}

// alone reports whether no other fault is in force during fault i; the predictions hold for such faults alone.
func (p *Plan) alone(i int) bool {
	for j, g := range p.Faults {
		if j != i && p.Faults[i].Meets(g.Planned) {
			return false
		}
	}
	return true
}

// period is the longest timer period in the design that a fault's instant has a phase to; 1 s if there is none. A check's
// own run time is not part of it: while all is well it is a round trip.
func period(t *topology.Topology) time.Duration {
	var longest time.Duration
	for _, a := range t.Addresses {
		longest = max(longest, a.Advert)
		if a.Track != nil {
			longest = max(longest, a.Track.Interval)
		}
	}
	for _, n := range t.Nodes {
		for _, s := range n.Services {
			if s.Responds() {
				longest = max(longest, s.DNS.Check.Interval)
			}
			if s.Balances() {
				longest = max(longest, s.Balance.Check.Interval)
			}
		}
	}
	if longest == 0 {
		return time.Second
	}
	return longest
}

// draw stratifies the trials' phases: the period is cut into as many strata as there are trials, each trial gets one of
// them, in random order, and a uniform offset inside. Without a fault there is nothing to shift.
func (p *Plan) draw(n int, rng *rand.Rand) {
	p.Trials = make([]Trial, n)
	for i, stratum := range rng.Perm(n) {
		lo, hi := p.stratum(stratum, n), p.stratum(stratum+1, n)
		phase := lo + time.Duration(rng.Int64N(max(1, int64(hi-lo))))
		if len(p.Faults) == 0 {
			phase = 0
		}
		p.Trials[i] = Trial{Index: i, Phase: phase, Seed: rng.Uint64()}
	}
}

// stratum is where stratum i of n begins.
func (p *Plan) stratum(i, n int) time.Duration {
	return p.PhasePeriod * time.Duration(i) / time.Duration(n)
}
