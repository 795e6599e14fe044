package agent

import (
	"context"
	"time"

	"github.com/seed-ab8b6914/spof/proxy"
)

// action changes the node and proves the effect.
type action func(h *host, ctx context.Context, f Fault) (proxy.Proven, error)

// Executor executes and undoes faults of one or more kinds. Each has its own file; scenarios/fault says which kind has which.
type Executor struct {
	inject, recover action
	// prepare does slow work before the fault's instant; nil: none.
	prepare func(h *host, ctx context.Context, f Fault)
	// within bounds the injection; 0: effectWithin does.
	within time.Duration
	// stops says that the fault ends the service in order; its StopsIn is added to the bound.
	stops bool
}

// Complete reports whether the executor can execute a fault and undo it. The zero Executor cannot.
func (e Executor) Complete() bool { return e.inject != nil && e.recover != nil }

// bound gives the longest time of a step.
func (e Executor) bound(s *service, injects bool) time.Duration {
	within := recoverWithin
	if injects {
		within = effectWithin
		if e.within > 0 {
			within = e.within
		}
	}
	if e.stops && s != nil {
		within += s.p.StopsIn
	}
	return within
}
