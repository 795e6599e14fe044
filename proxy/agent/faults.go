package agent

import (
	"context"
	"fmt"
	"time"

	"github.com/seed-ab8b6914/spof/proxy"
)

// effectWithin bounds how long the proof of an effect may take, which is milliseconds on a machine with nothing else to do;
// recoverWithin that of an undoing, which boots services. A proof that comes late leaves a wide interval, not none.
const (
	effectWithin  = 5 * time.Second
	recoverWithin = readyWithin + 5*time.Second
)

// maxAhead bounds how far in the future a fault may be asked for.
const maxAhead = time.Minute

// inject carries a fault out at its instant and proves its effect.
func (h *host) inject(ctx context.Context, f Fault) (*Effect, error) {
	return h.step(ctx, f, injecting, active)
}

// recover undoes a fault at its instant and proves it.
func (h *host) recover(ctx context.Context, f Fault) (*Effect, error) {
	return h.step(ctx, f, recovering, absent)
}

func (h *host) step(ctx context.Context, f Fault, during, then faultState) (*Effect, error) {
	of, known := executors[f.Kind]
	if !known {
		return nil, fmt.Errorf("unknown fault %q", f.Kind)
	}
	kind := of(h)
	s, _ := h.service(f.Service) // the action says what is wrong with it
	within := kind.bound(s, during == injecting)
	if f.At > proxy.Monotonic()+maxAhead.Nanoseconds() {
		return nil, fmt.Errorf("fault %s is due more than %s ahead", f.ID, maxAhead)
	}
	act, prepare := kind.recover, func(context.Context, Fault) {}
	if during == injecting {
		act = kind.inject
		if kind.prepare != nil {
			prepare = kind.prepare
		}
	}
	if err := h.begin(ctx, f, during, within+maxAhead, prepare); err != nil {
		return nil, err
	}
	waited := awaitInstant(ctx, f.At) // what else becomes of the node meanwhile does not wait for this
	return h.finish(ctx, f, then, within, waited, act)
}

// begin takes a fault into a step and prepares that.
func (h *host) begin(ctx context.Context, f Fault, during faultState, within time.Duration, prepare func(context.Context, Fault)) error {
	h.turn.Lock()
	defer h.turn.Unlock()
	if err := h.faults.move(f.ID, during); err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, within)
	defer cancel()
	prepare(ctx, f)
	return nil
}

// finish acts at the end of the wait for the fault's instant, unless that failed, and ends the step.
func (h *host) finish(ctx context.Context, f Fault, then faultState, within time.Duration, waited error, act action) (*Effect, error) {
	h.turn.Lock()
	defer h.turn.Unlock()
	if waited != nil {
		return nil, h.faults.settle(f.ID, then, waited)
	}
	ctx, cancel := context.WithTimeout(ctx, within)
	defer cancel()
	p, err := act(ctx, f)
	if err := h.faults.settle(f.ID, then, err); err != nil {
		return nil, err
	}
	return effectOf(p), nil
}

// exact is the last stretch before an instant: Go's timers are a millisecond coarse.
const exact = 5 * time.Millisecond

// awaitInstant returns at an instant of CLOCK_MONOTONIC, or with the context's cause before it.
func awaitInstant(ctx context.Context, at int64) error {
	if left := time.Duration(at - proxy.Monotonic()); left > exact {
		timer := time.NewTimer(left - exact)
		defer timer.Stop()
		select {
		case <-timer.C:
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
	proxy.WaitMonotonic(at)
	return nil
}
