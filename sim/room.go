package sim

import (
	"context"
	"math"
	"sync"

	"golang.org/x/sync/semaphore"

	"github.com/seed-ab8b6914/spof/scenarios/plan"
)

// Room is what one machine carries of labs side by side, in requests per second. A trial takes its load of it while it
// runs; a lab takes all of it while it is brought up, so that nothing is measured beside that, and the labs that have
// ended since the last time are taken away then. It is first in, first out, so that large requests are not starved by small
// ones. The nil Room has no bounds.
type Room struct {
	size int64
	left *semaphore.Weighted

	mu    sync.Mutex
	ended []func()
}

// NewRoom makes room for so many requests per second. Clear ends its use.
func NewRoom(rate int64) *Room { return &Room{size: rate, left: semaphore.NewWeighted(rate)} }

// Size is the whole room; that of a nil Room is 0.
func (r *Room) Size() int64 {
	if r == nil {
		return 0
	}
	return r.size
}

// message is what a message of a stream is taken for, in requests: it is relayed as it is, nobody reads or logs it, and
// nothing is opened for it.
const message = 0.2

// Share is what a trial of the plan takes: its load at the highest, requests and messages of streams, and never more than
// there is.
func (r *Room) Share(p plan.Plan) int64 {
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

// enter takes a share and gives what hands it back. It waits until there is room, or ctx is done.
func (r *Room) enter(ctx context.Context, share int64) (leave func(), err error) {
	if r == nil {
		return func() {}, nil
	}
	if err := r.left.Acquire(ctx, share); err != nil {
		return nil, context.Cause(ctx)
	}
	return func() { r.left.Release(share) }, nil
}

// alone takes all of the room, and takes away what has ended.
func (r *Room) alone(ctx context.Context) (leave func(), err error) {
	if leave, err = r.enter(ctx, r.Size()); err == nil {
		r.Clear()
	}
	return leave, err
}

// end takes a lab away when nothing is measured, at once where there are no others.
func (r *Room) end(away func()) {
	if r == nil {
		away()
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.ended = append(r.ended, away)
}

// Clear takes away all labs that have ended.
func (r *Room) Clear() {
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
