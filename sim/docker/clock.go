package docker

import (
	"context"
	"time"

	"github.com/seed-ab8b6914/spof/proxy/agent"
	"github.com/seed-ab8b6914/spof/reason"
	"github.com/seed-ab8b6914/spof/sim"
)

// clock is the agents' CLOCK_MONOTONIC: the controller's plus an offset, which is 0 if the engine runs on this kernel.
type clock struct {
	sim.HostClock
	offset      int64 // ns to add to the controller's clock
	uncertainty time.Duration
}

// clockPings is how often the agent's clock is read. The quickest answer counts.
const clockPings = 16

// pinger is an agent whose clock can be read.
type pinger interface {
	Now(ctx context.Context) (before, agent, after int64, err error)
}

var _ pinger = (*agent.Link)(nil)

// measure compares the controller's clock with an agent's. The agent reads its clock within the round trip, so the error of the
// offset is at most half of the shortest round trip (Cristian's algorithm).
func measure(ctx context.Context, p pinger) (clock, error) {
	best := clock{uncertainty: time.Duration(1<<63 - 1)}
	for range clockPings {
		before, at, after, err := p.Now(ctx)
		if err != nil {
			return clock{}, reason.Errorf("no-clock", "reading the lab's clock: %w", err)
		}
		if half := time.Duration(after-before) / 2; half < best.uncertainty {
			best = clock{offset: at - (before + int64(half)), uncertainty: half}
		}
	}
	if d := time.Duration(best.offset).Abs(); d <= best.uncertainty {
		best.offset = 0 // both may be one clock
	}
	return best, nil
}

// Now is the lab's time in ns.
func (c clock) Now() int64 { return c.HostClock.Now() + c.offset }

// Wait returns when the clock reaches at, or with the cause of the context's end.
func (c clock) Wait(ctx context.Context, at int64) error {
	return c.HostClock.Wait(ctx, at-c.offset)
}

// Uncertainty bounds the error of Now against the agents' clocks.
func (c clock) Uncertainty() time.Duration { return c.uncertainty }
