package agent

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/seed-ab8b6914/spof/proxy"
)

// effectWithin bounds an injection with its proof, which takes milliseconds on an idle machine. recoverWithin bounds a recovery, which
// may boot services. A late proof only makes the interval wider.
const (
	effectWithin  = 5 * time.Second
	recoverWithin = readyWithin + 5*time.Second
)

// maxAhead bounds how far in the future a fault's instant may be.
const maxAhead = time.Minute

// inject executes a fault at its instant and proves its effect.
func (h *host) inject(ctx context.Context, e Executor, f Fault) (*Effect, error) {
	return h.step(ctx, e, f, injecting, active)
}

// recover undoes a fault at its instant and proves it.
func (h *host) recover(ctx context.Context, e Executor, f Fault) (*Effect, error) {
	return h.step(ctx, e, f, recovering, absent)
}

func (h *host) step(ctx context.Context, e Executor, f Fault, during, then faultState) (*Effect, error) {
	s, _ := h.service(f.Service) // the action reports a missing service
	within := e.bound(s, during == injecting)
	if f.At > proxy.Monotonic()+maxAhead.Nanoseconds() {
		return nil, fmt.Errorf("fault %s is due more than %s ahead", f.ID, maxAhead)
	}
	act, prepare := e.recover, func(*host, context.Context, Fault) {}
	if during == injecting {
		act = e.inject
		if e.prepare != nil {
			prepare = e.prepare
		}
	}
	if err := h.begin(ctx, f, during, within+maxAhead, prepare); err != nil {
		return nil, err
	}
	waited := awaitInstant(ctx, f.At) // without turn: other changes of the node do not wait
	return h.finish(ctx, f, then, within, waited, act)
}

// begin starts a step of a fault and prepares it.
func (h *host) begin(ctx context.Context, f Fault, during faultState, within time.Duration, prepare func(*host, context.Context, Fault)) error {
	h.turn.Lock()
	defer h.turn.Unlock()
	if err := h.faults.move(f.ID, during); err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, within)
	defer cancel()
	prepare(h, ctx, f)
	return nil
}

// finish acts after the wait for the fault's instant and ends the step. waited is the wait's error.
func (h *host) finish(ctx context.Context, f Fault, then faultState, within time.Duration, waited error, act action) (*Effect, error) {
	h.turn.Lock()
	defer h.turn.Unlock()
	if waited != nil {
		return nil, h.faults.settle(f.ID, then, waited)
	}
	ctx, cancel := context.WithTimeout(ctx, within)
	defer cancel()
	p, err := act(h, ctx, f)
	if err == nil && p.Proof == "" {
		err = errors.New("no proof of the effect")
	}
	if err := h.faults.settle(f.ID, then, err); err != nil {
		return nil, err
	}
	return effectOf(p), nil
}

// exact is the time before an instant in which awaitInstant sleeps by the clock itself: Go's timers are only good to a millisecond.
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
