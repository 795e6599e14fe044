package plan

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"time"

	"github.com/seed-ab8b6914/spof/reason"
	"github.com/seed-ab8b6914/spof/scenarios"
	"github.com/seed-ab8b6914/spof/scenarios/fault"
	"github.com/seed-ab8b6914/spof/scenarios/predict"
	"github.com/seed-ab8b6914/spof/topology"
)

// MaxTrials bounds the trials of one plan.
const MaxTrials = 10_000

// Streams of random numbers from a plan's seed. They are separate, so that one does not change another.
const (
	streamTargets = 1
	streamTrials  = 2
	streamAgain   = 3
)

// Compile resolves a validated scenario on a validated topology. The same topology, scenario, seed and number of trials (1 to
// MaxTrials) give the same plan. The error joins everything that the design lacks for the scenario, as *TargetError.
//
// If user groups enter at different places, symbols mean the entry of the largest group.
func Compile(t *topology.Topology, s *scenarios.Scenario, seed uint64, trials int) (*Plan, error) {
	if trials < 1 || trials > MaxTrials {
		return nil, reason.Errorf("trials-out-of-range", "%d trials: want 1 to %d", trials, MaxTrials)
	}
	if len(t.Users) == 0 {
		return nil, reason.Errorf("no-users", "topology %s has no users", t.Name)
	}
	if len(t.Origins) > 1 {
		return nil, reason.Errorf("several-origins", "topology %s has %d origins; the WAN links of a lab lead to one origin", t.Name, len(t.Origins))
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
			errs = append(errs, p.misfit(i, err))
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

// misfit says that the design cannot have fault i.
func (p *Plan) misfit(i int, err error) error {
	f := p.Scenario.Faults[i]
	return &TargetError{Where: f.Target.Where, Scenario: p.Scenario.Name, Topology: p.Topology.Name, Fault: i + 1, Kind: f.Kind, Err: err}
}

// withoutPlaces copies the faults without their positions in a file, which must not change the plan.
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
	var struck []string // by faults that are in force at that instant
	for _, g := range p.Faults {
		if g.Fixed() && g.At <= at && at < g.Undo {
			struck = append(struck, g.Nodes()...)
		}
	}
	planned, err := f.Plan(d.View, at, undo, struck, rng)
	return Fault{Planned: planned}, err
}

// apart refuses two faults that strike the same node at the same time. scenarios.Read refuses equal symbols or names; here a symbol
// and a name may resolve to the same node. It also refuses two losses of feeds that share a generator: the time line of each assumes
// that the generator carries nothing else.
func (p *Plan) apart() error {
	for i, f := range p.Faults {
		for j, g := range p.Faults[:i] {
			if !f.Meets(g.Planned) || !f.Fixed() || !g.Fixed() {
				continue
			}
			if name := fault.SharedGenerator(&p.Topology, f.Planned, g.Planned); name != "" {
				return p.misfit(i, reason.Errorf("shared-generator", "its feed and that of fault %d (%s) share the generator %s, and both are lost at the same time; "+
					"want one %s, or one fault after the other", j+1, g.Kind, name, fault.MainsOutage))
			}
			for _, c := range f.Candidates {
				if slices.ContainsFunc(g.Candidates, c.Meets) {
					return p.misfit(i, reason.Errorf("overlapping-faults", "strikes %s at the same time as fault %d (%s)", c.Node, j+1, g.Kind))
				}
			}
		}
	}
	return nil
}

// alone reports whether no other fault is in force during fault i. Only then a prediction holds.
func (p *Plan) alone(i int) bool {
	for j, g := range p.Faults {
		if j != i && p.Faults[i].Meets(g.Planned) {
			return false
		}
	}
	return true
}

// period is the longest period of the design's timers, within which a fault may come at any phase; 1 s without timers. The time that a
// check runs is not part of it: while nothing fails it is a round trip.
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

// draw stratifies the trials' phases: each trial gets one of n equal strata of the period, in random order, and a uniform offset in
// it. Without a fault the phase is 0.
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

// stratum is the beginning of stratum i of n.
func (p *Plan) stratum(i, n int) time.Duration {
	return p.PhasePeriod * time.Duration(i) / time.Duration(n)
}
