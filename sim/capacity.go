package sim

import (
	"context"
	"math"
	"sync"

	"golang.org/x/sync/semaphore"

	"github.com/seed-ab8b6914/spof/scenarios/plan"
)

// Capacity is the load that one machine carries, in requests per second, for labs that run side by side. A trial holds its share while it
// runs. A lab holds the whole capacity while it starts: nothing is measured then, and ended labs are removed. Shares are given in FIFO order:
// large requests are not starved. The nil Capacity has no bounds.
type Capacity struct {
	size int64
	left *semaphore.Weighted

	mu    sync.Mutex
	ended []func()
}

// NewCapacity returns a capacity of rate requests per second. The caller calls Clear at the end.
func NewCapacity(rate int64) *Capacity {
	return &Capacity{size: rate, left: semaphore.NewWeighted(rate)}
}

// Size is the whole capacity in requests per second; 0 for the nil Capacity.
func (r *Capacity) Size() int64 {
	if r == nil {
		return 0
	}
	return r.size
}

// message is the cost of one message of a stream, in requests. A proxy relays a message without reading, logging or opening
// anything.
const message = 0.2

// Share is the capacity that a trial of the plan takes, in requests per second: its peak of requests and messages, at most Size.
func (r *Capacity) Share(p plan.Plan) int64 {
	rate := p.Scenario.Load.Rate
	for _, f := range p.Faults {
		rate = max(rate, p.Scenario.Load.Rate*f.Factor)
	}
	if s := p.Scenario.Load.Streams; s != nil {
		for _, g := range p.Topology.Users {
			rate += message * s.Share * float64(g.Count) / s.Every.Seconds()
		}
	}
	return min(r.Size(), int64(math.Ceil(rate)))
}

// enter takes a share; leave returns it. enter waits until the share is free or ctx is done.
func (r *Capacity) enter(ctx context.Context, share int64) (leave func(), err error) {
	if r == nil {
		return func() {}, nil
	}
	if err := r.left.Acquire(ctx, share); err != nil {
		return nil, context.Cause(ctx)
	}
	return func() { r.left.Release(share) }, nil
}

// alone takes the whole capacity, and removes the labs that have ended.
func (r *Capacity) alone(ctx context.Context) (leave func(), err error) {
	if leave, err = r.enter(ctx, r.Size()); err == nil {
		r.Clear()
	}
	return leave, err
}

// end removes a lab when nothing is measured: at once for the nil Capacity, else in alone or Clear.
func (r *Capacity) end(away func()) {
	if r == nil {
		away()
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.ended = append(r.ended, away)
}

// Clear removes all labs that have ended.
func (r *Capacity) Clear() {
	if r == nil {
		return
	}
	r.mu.Lock()
	ended := r.ended
	r.ended = nil
	r.mu.Unlock()
	for _, away := range ended {
		away()
	}
}
