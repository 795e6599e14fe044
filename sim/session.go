package sim

import (
	"context"
	"errors"
	"fmt"
	"os"
	"reflect"
	"slices"
	"sync"
	"time"

	"github.com/seed-ab8b6914/spof/reason"
	"github.com/seed-ab8b6914/spof/scenarios/fault"
	"github.com/seed-ab8b6914/spof/scenarios/plan"
	"github.com/seed-ab8b6914/spof/sim/trace"
	"github.com/seed-ab8b6914/spof/topology"
)

// Session is a lab that its caller holds: it is up between Open and Close, and the caller decides when a fault begins and ends. One
// goroutine at a time works with it; the methods wait for each other. Options.Observer receives all events, also those outside trials.
type Session struct {
	turn  sync.Mutex
	r     *run
	next  int      // number of the next fault
	force []*Break // in force

	mu  sync.Mutex
	lab *bench // of r
}

// Open brings a topology up and waits for its steady state. On an error it leaves nothing behind.
func Open(ctx context.Context, t topology.Topology, o Options) (*Session, error) {
	s := &Session{r: &run{plan: plan.Plan{Topology: t}, o: o.filled()}}
	s.r.idle = s.r.o.Observer.Event
	if err := Supports(o.Runtime, s.r.plan); err != nil {
		return nil, err
	}
	if err := s.r.ready(ctx); err != nil {
		s.r.close(ctx)
		return nil, err
	}
	s.keep()
	return s, nil
}

// keep makes the current lab the one that Site and CA tell of.
func (s *Session) keep() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.r.lab != nil {
		s.lab = s.r.lab
	}
}

func (s *Session) current() *bench {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.lab
}

// Lab is the lab. After a trial that broke off it is another one, with other addresses.
func (s *Session) Lab() Lab { return s.current().Lab }

// Runtime is the name of the lab's runtime.
func (s *Session) Runtime() string { return s.r.o.Runtime.Name() }

// CA is the authority of the origins' certificates (PEM).
func (s *Session) CA() []byte { return s.current().ca }

// Proxy is the address and port where a group's users enter the proxy service.
func (s *Session) Proxy(g topology.Group) string { return entry(s.Lab().Site(), g) }

// Steady waits until every mechanism is in its normal state.
func (s *Session) Steady(ctx context.Context) error {
	s.turn.Lock()
	defer s.turn.Unlock()
	return s.r.steady(ctx)
}

// Run executes every trial of a plan on the session's topology, as RunAll does. traces and ended are Options.Traces and Options.Ended of
// this plan.
func (s *Session) Run(ctx context.Context, p plan.Plan, traces *os.Root, ended func(*trace.Trace) (again string)) error {
	s.turn.Lock()
	defer s.turn.Unlock()
	if err := s.admits(p); err != nil {
		return err
	}
	if len(s.force) > 0 {
		return reason.Errorf("fault-in-force", "%s cannot begin: a fault is in force; repair it first", p.Scenario.Name)
	}
	defer s.keep()
	s.r.o.Traces, s.r.o.Ended = traces, ended
	return s.r.trials(ctx, p)
}

// Measure executes the first trial of a plan without faults on the lab as it is: faults of Break may be in force. It does not wait for the
// steady state. After a trial that broke off (Trace.Broken) the lab is closed.
func (s *Session) Measure(ctx context.Context, p plan.Plan) (*trace.Trace, error) {
	s.turn.Lock()
	defer s.turn.Unlock()
	if err := s.admits(p); err != nil {
		return nil, err
	}
	if len(p.Faults) > 0 {
		return nil, reason.Errorf("plan-with-faults", "%s has faults of its own; want a plan without, and Break", p.Scenario.Name)
	}
	if s.r.lab == nil {
		return nil, reason.Errorf("no-lab-up", "%s: the lab is closed", p.Scenario.Name)
	}
	s.r.o.Traces, s.r.plan, s.r.hash = nil, p, p.Hash()
	return s.r.measure(ctx, p.Trials[0])
}

// admits refuses a plan on another topology, and one that the runtime cannot carry out.
func (s *Session) admits(p plan.Plan) error {
	if !reflect.DeepEqual(p.Topology, s.r.plan.Topology) {
		return reason.Errorf("mixed-topologies", "a lab for %s cannot run a plan on %s", s.r.plan.Topology.Name, p.Topology.Name)
	}
	return Supports(s.r.o.Runtime, p)
}

// Close ends the lab. It may be called again; ctx may be done.
func (s *Session) Close(ctx context.Context) {
	s.turn.Lock()
	defer s.turn.Unlock()
	s.r.close(ctx)
}

// Break is a fault that a caller of Session.Break holds in force.
type Break struct {
	s       *Session
	fault   fault.Planned
	targets []fault.Candidate
}

// Effect is a proven effect of a fault, or of its undoing, on one target.
type Effect struct {
	fault.Candidate
	At          int64         // on the lab's clock, ns
	Uncertainty time.Duration // the effect lies within At +- Uncertainty
	Proof       string        // what was observed
}

// Break injects a fault now and returns when its effect is proven on every target. The caller undoes it by Repair. A target
// that a fault of Break in force meets is refused (fault-in-force): the proof could be the effect of that one. Two services of a node may be
// broken at once. On an error this fault is not in force.
func (s *Session) Break(ctx context.Context, f fault.Planned) (*Break, []Effect, error) {
	s.turn.Lock()
	defer s.turn.Unlock()
	if err := Supports(s.r.o.Runtime, plan.Plan{Topology: s.r.plan.Topology, Faults: []plan.Fault{{Planned: f}}}); err != nil {
		return nil, nil, err
	}
	if s.r.lab == nil {
		return nil, nil, reason.Errorf("no-lab-up", "fault %s: the lab is closed", f.Kind)
	}
	struck := map[string]bool{}
	for _, c := range f.Candidates {
		struck[c.Node] = s.holds(c) != nil
	}
	targets, err := s.r.lab.watch.strike(f, struck)
	if err != nil {
		return nil, nil, err
	}
	for _, c := range targets {
		if held := s.holds(c); held != nil {
			return nil, nil, reason.Errorf("fault-in-force", "fault %s on %s: the fault %s is in force on %s; repair it first, or break another node or service",
				f.Kind, c, held.fault.Kind, held.meets(c))
		}
	}
	s.next++
	f.ID = fmt.Sprintf("b%d", s.next)
	b := &Break{s: s, fault: f, targets: targets}
	effects, err := b.step(ctx, false)
	if err != nil {
		undo, cancel := s.r.lab.Within(context.WithoutCancel(ctx), closeWithin, nil)
		defer cancel()
		_, _ = b.step(undo, true) // where it took effect
		return nil, nil, err
	}
	s.force = append(s.force, b)
	return b, effects, nil
}

// holds gives the fault in force that meets a target; nil: none.
func (s *Session) holds(c fault.Candidate) *Break {
	for _, b := range s.force {
		if b.meets(c) != nil {
			return b
		}
	}
	return nil
}

// meets gives the target of the fault that meets another one; nil: none.
func (b *Break) meets(c fault.Candidate) *fault.Candidate {
	for i := range b.targets {
		if b.targets[i].Meets(c) {
			return &b.targets[i]
		}
	}
	return nil
}

// ErrRepaired is the error of a second Repair.
var ErrRepaired = reason.Errorf("already-repaired", "the fault is already repaired")

// Repair undoes the fault and returns when that is proven on every target. The mechanisms may take longer: see Session.Steady.
func (b *Break) Repair(ctx context.Context) ([]Effect, error) {
	b.s.turn.Lock()
	defer b.s.turn.Unlock()
	if b.targets == nil {
		return nil, ErrRepaired
	}
	if b.s.r.lab == nil {
		return nil, reason.Errorf("no-lab-up", "fault %s: the lab is closed", b.fault.ID)
	}
	effects, err := b.step(ctx, true)
	if err != nil {
		return nil, err
	}
	b.s.force = slices.DeleteFunc(b.s.force, func(held *Break) bool { return held == b })
	b.targets = nil
	return effects, nil
}

// step does one step to every target, in parallel; a fault with a gap strikes its targets the gap apart.
func (b *Break) step(ctx context.Context, undo bool) ([]Effect, error) {
	lab := b.s.r.lab
	effects, errs := make([]Effect, len(b.targets)), make([]error, len(b.targets))
	now := lab.Now()
	var all sync.WaitGroup
	for i, c := range b.targets {
		all.Go(func() {
			o := order{fault: b.fault, undo: undo, due: now}
			if !undo {
				o.due += int64(i) * b.fault.Gap.Nanoseconds()
			}
			if errs[i] = lab.Wait(ctx, o.due); errs[i] != nil {
				return
			}
			e, err := o.carryOut(ctx, lab, c, b.s.r.idle)
			errs[i] = err
			effects[i] = Effect{Candidate: c, At: e.At, Uncertainty: e.Uncertainty + lab.Uncertainty(), Proof: e.Proof}
		})
	}
	all.Wait()
	return effects, errors.Join(errs...)
}
