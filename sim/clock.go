package sim

import (
	"context"
	"time"

	"github.com/seed-ab8b6914/spof/proxy"
)

// HostClock is the Clock of a lab that runs on this very kernel.
type HostClock struct{}

// Now is CLOCK_MONOTONIC.
func (HostClock) Now() int64 { return proxy.Monotonic() }

// Wait returns when the clock reaches at, or with the context's cause.
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

// Uncertainty is 0: there is one clock.
func (HostClock) Uncertainty() time.Duration { return 0 }
