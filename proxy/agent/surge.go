package agent

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"
	"time"

	"github.com/seed-ab8b6914/spof/proxy"
	"github.com/seed-ab8b6914/spof/proxy/load"
)

// surge proves that the users of this node send more; the load's own schedule is what has them do so. Recovery proves that they send
// as usual again.
func surge(h *host) executor {
	return executor{inject: h.surges, recover: h.subside}
}

// sending is the load that this node's users make.
type sending struct {
	rate float64 // requests per second, without surges
	sent *atomic.Int64
}

// sends takes in that a load begins, and gives what counts its requests.
func (h *host) sends(spec load.Spec) *atomic.Int64 {
	s := &sending{rate: spec.Rate, sent: new(atomic.Int64)}
	h.sending.Store(s)
	return s.sent
}

// A surge is in the load's schedule from the start; what is proven here is that the requests leave by it.
const (
	surgeProof = 200 * time.Millisecond // for how long, at least, they are counted
	surgeLeast = 20                     // and how many, at least
	surgeSlack = 0.1                    // how far their rate may be off
	surgeLooks = 5                      // how often, from the same instant on: what a busy machine holds up catches up
)

// surges sees that the users send the more of a surge from its instant on.
func (h *host) surges(ctx context.Context, f Fault) (proxy.Proven, error) {
	return h.countSent(ctx, f, f.Factor)
}

// subside sees that they send as usual again.
func (h *host) subside(ctx context.Context, f Fault) (proxy.Proven, error) {
	return h.countSent(ctx, f, 1)
}

// countSent counts what leaves from the fault's instant on. The schedule changes at that instant, so it shows with the next
// request at the latest.
func (h *host) countSent(ctx context.Context, f Fault, factor float64) (p proxy.Proven, err error) {
	s := h.sending.Load()
	if s == nil {
		return p, errors.New("no user sends anything from this node")
	}
	want := s.rate * factor
	from, count := proxy.Monotonic(), s.sent.Load()
	long := max(surgeProof, time.Duration(surgeLeast/want*float64(time.Second)))
	for look := int64(1); look <= surgeLooks; look++ {
		if err = awaitInstant(ctx, from+look*long.Nanoseconds()); err != nil {
			return p, fmt.Errorf("counting the requests of a surge: %w", err)
		}
		n, took := s.sent.Load()-count, time.Duration(proxy.Monotonic()-from)
		p.Proof = fmt.Sprintf("%d requests left within %s", n, took.Round(time.Millisecond))
		// One request more or less is a matter of the count's own edges.
		due := want * took.Seconds()
		if float64(n) >= due*(1-surgeSlack)-1 && float64(n) <= due*(1+surgeSlack)+1 {
			err = nil
			break
		}
		err = fmt.Errorf("%s where %.0f were due", p.Proof, due)
	}
	if err != nil {
		return p, err
	}
	at := from
	if f.At > 0 && f.At < from {
		at = f.At
	}
	p.Interval = proxy.Interval{Before: at, After: at + min(int64(float64(time.Second)/want), from-at+time.Millisecond.Nanoseconds())}
	return p, nil
}
