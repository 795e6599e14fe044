package sim

import (
	"context"
	"time"

	"github.com/seed-ab8b6914/spof/proxy"
)

// Clock is the lab's time: nanoseconds of the CLOCK_MONOTONIC from which the agents take the times of events.
type Clock interface {
	Now() int64
	// Wait returns when the clock reaches at, or with the cause of the context's end.
	Wait(ctx context.Context, at int64) error
	// Within is context.WithTimeoutCause on this clock.
	Within(ctx context.Context, d time.Duration, cause error) (context.Context, context.CancelFunc)
	// Uncertainty bounds the error of Now against the agents' clocks.
	Uncertainty() time.Duration
}

// HostClock is the Clock of a lab on this kernel. Only HostClock reads the host's clock in this package.
type HostClock struct{}

// Now is CLOCK_MONOTONIC.
func (HostClock) Now() int64 { return proxy.Monotonic() }

// Wait returns when the clock reaches at, or with the cause of the context's end.
func (HostClock) Wait(ctx context.Context, at int64) error {
	t := time.NewTimer(time.Duration(at - proxy.Monotonic()))
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// Within is context.WithTimeoutCause.
func (HostClock) Within(ctx context.Context, d time.Duration, cause error) (context.Context, context.CancelFunc) {
	return context.WithTimeoutCause(ctx, d, cause)
}

// Uncertainty is 0: controller and agents read one clock.
func (HostClock) Uncertainty() time.Duration { return 0 }
