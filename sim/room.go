package sim

import (
	"context"
	"math"
	"sync"

	"golang.org/x/sync/semaphore"

	"github.com/seed-ab8b6914/spof/scenarios/plan"
)

// Room is the load that one machine carries, in requests per second, for labs side by side. A trial holds its share while it
// runs. A lab holds all of the room while it comes up, so that nothing is measured at that time; ended labs are removed then.
// The room is FIFO: large requests are not starved. The nil Room has no bounds.
type Room struct {
	size int64
	left *semaphore.Weighted

	mu    sync.Mutex
	ended []func()
}

// NewRoom makes a room of rate requests per second. The caller calls Clear at the end.
func NewRoom(rate int64) *Room { return &Room{size: rate, left: semaphore.NewWeighted(rate)} }

// Size is the size of the room in requests per second, 0 for the nil Room.
func (r *Room) Size() int64 {
	if r == nil {
		return 0
	}
	return r.size
}

// message is the cost of one message of a stream, in requests. A proxy relays a message without reading, logging or opening
// anything.
const message = 0.2

// Share is the room that a trial of the plan takes, in requests per second: its peak of requests and messages, at most Size.
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

// enter takes a share; leave returns it. enter waits until there is room or ctx is done.
func (r *Room) enter(ctx context.Context, share int64) (leave func(), err error) {
	if r == nil {
		return func() {}, nil
	}
	if err := r.left.Acquire(ctx, share); err != nil {
		return nil, context.Cause(ctx)
	}
	return func() { r.left.Release(share) }, nil
}

// alone takes all of the room, and removes the labs that have ended.
func (r *Room) alone(ctx context.Context) (leave func(), err error) {
	if leave, err = r.enter(ctx, r.Size()); err == nil {
		r.Clear()
	}
	return leave, err
}

// end removes a lab when nothing is measured: at once for the nil Room, else in alone or Clear.
func (r *Room) end(away func()) {
	if r == nil {
		away()
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.ended = append(r.ended, away)
}

// Clear removes all labs that have ended.
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
