package sim

import (
	"context"
	"errors"
	"sort"
	"sync"
	"time"

	"github.com/seed-ab8b6914/spof/scenarios/fault"
)

// step is a fault to inject or to undo.
type step struct {
	fault    fault.Planned
	injected *injection
	due      time.Duration
	undo     bool
}

// injection has the targets of a fault. It is set when the fault is injected, and used again to undo it.
type injection struct {
	done    chan struct{} // closed after the injection
	targets []fault.Candidate
}

// steps lists the injection and the undoing of every fault, in the order of time.
func (x *execution) steps() []step {
	var steps []step
	for _, f := range x.plan.Faults {
		a := &injection{done: make(chan struct{})}
		steps = append(steps, step{f.Planned, a, f.At, false}, step{f.Planned, a, f.Undo, true})
	}
	sort.SliceStable(steps, func(i, j int) bool { return steps[i].due < steps[j].due })
	return steps
}

// fault does one step on every target, and records when it was asked for and when it took effect.
func (x *execution) fault(ctx context.Context, s step) error {
	due := x.at(s.due)
	if err := x.lab.Wait(ctx, due-aim.Nanoseconds()); err != nil {
		return err
	}
	if !s.undo {
		targets, err := x.lab.watch.strike(s.fault, x.struck())
		if err != nil {
			return err
		}
		x.count(targets, 1)
		s.injected.targets = targets
		defer close(s.injected.done) // the undoing waits for the injection
	} else if err := await(ctx, s.injected.done); err != nil {
		return err
	}
	errs := make([]error, len(s.injected.targets))
	var all sync.WaitGroup
	for i, c := range s.injected.targets {
		all.Go(func() { errs[i] = x.inTurn(ctx, s, i, c, due) })
	}
	all.Wait()
	if s.undo {
		x.count(s.injected.targets, -1)
	}
	return errors.Join(errs...)
}

func await(ctx context.Context, done <-chan struct{}) error {
	select {
	case <-done:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// inTurn strikes target number i. A fault with a gap strikes its targets one after another, the gap apart.
func (x *execution) inTurn(ctx context.Context, s step, i int, c fault.Candidate, due int64) error {
	if !s.undo && s.fault.Gap > 0 {
		due += int64(i) * s.fault.Gap.Nanoseconds()
		if err := x.lab.Wait(ctx, due-aim.Nanoseconds()); err != nil {
			return err
		}
	}
	return x.strike(ctx, s, c, due)
}

// count adds n to the number of faults in force on the node of each target.
func (x *execution) count(targets []fault.Candidate, n int) {
	x.mu.Lock()
	defer x.mu.Unlock()
	for _, c := range targets {
		x.force[c.Node] += n
	}
}

// struck returns the nodes on which a fault is in force.
func (x *execution) struck() map[string]bool {
	x.mu.Lock()
	defer x.mu.Unlock()
	nodes := make(map[string]bool)
	for node, n := range x.force {
		nodes[node] = n > 0
	}
	return nodes
}

// strike does one step to one target.
func (x *execution) strike(ctx context.Context, s step, c fault.Candidate, due int64) error {
	_, err := order{s.fault, s.undo, due, x.at(s.fault.Undo)}.carryOut(ctx, x.lab, c, x.rec.event)
	return err
}
