package docker

import (
	"context"
	"fmt"
	"time"

	"github.com/seed-ab8b6914/spof/proxy/agent"
	"github.com/seed-ab8b6914/spof/sim"
)

// clock is the agents' CLOCK_MONOTONIC as seen from here: the own one plus an offset, 0 where the engine runs on this
// very kernel.
type clock struct {
	sim.HostClock
	offset      int64 // ns to add to the own clock
	uncertainty time.Duration
}

// clockPings is how often the agent's clock is read; the quickest answer counts.
const clockPings = 16

// pinger is an agent whose clock can be read.
type pinger interface {
	Now(ctx context.Context) (before, agent, after int64, err error)
}

var _ pinger = (*agent.Link)(nil)

// measure compares the own clock with an agent's: the agent read its own somewhere within the round trip, so the offset
// is known to half of the shortest one (Cristian's algorithm).
func measure(ctx context.Context, p pinger) (clock, error) {
	best := clock{uncertainty: time.Duration(1<<63 - 1)}
	for range clockPings {
		before, at, after, err := p.Now(ctx)
		if err != nil {
			return clock{}, fmt.Errorf("reading the lab's clock: %w", err)
		}
		if half := time.Duration(after-before) / 2; half < best.uncertainty {
			best = clock{offset: at - (before + int64(half)), uncertainty: half}
		}
	}
	if d := time.Duration(best.offset).Abs(); d <= best.uncertainty {
		best.offset = 0 // one clock explains what was seen
	}
	return best, nil
}

// Now is the lab's time in ns.
func (c clock) Now() int64 { return c.HostClock.Now() + c.offset }

// Wait returns when the clock reaches at, or with the context's error.
func (c clock) Wait(ctx context.Context, at int64) error {
	return c.HostClock.Wait(ctx, at-c.offset)
}

// Uncertainty bounds the error of Now against the agents' clocks.
func (c clock) Uncertainty() time.Duration { return c.uncertainty }
