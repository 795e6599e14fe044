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

// Surge proves that the users of this node send more. The load's schedule has the surge itself. Recovery proves that the users send at
// the usual rate again.
var Surge = Executor{inject: (*host).surges, recover: (*host).subside}

// sending is a load of this node's users.
type sending struct {
	rate float64 // requests per second, without surges
	sent *atomic.Int64
}

// sends records the start of a load, and gives the counter of its requests.
func (h *host) sends(spec load.Spec) *atomic.Int64 {
	s := &sending{rate: spec.Rate, sent: new(atomic.Int64)}
	h.sending.Store(s)
	return s.sent
}

// Parameters of the proof that requests leave by the schedule.
const (
	surgeProof = 200 * time.Millisecond // shortest time of counting
	surgeLeast = 20                     // requests due in that time, at least
	surgeSlack = 0.1                    // allowed relative error of the rate
	surgeLooks = 5                      // number of counts, all from the same instant: late requests of a busy machine catch up
)

// surges checks that the users send at the surge's rate from its instant on.
func (h *host) surges(ctx context.Context, f Fault) (proxy.Proven, error) {
	return h.countSent(ctx, f, f.Factor)
}

// subside checks that the users send at the usual rate again.
func (h *host) subside(ctx context.Context, f Fault) (proxy.Proven, error) {
	return h.countSent(ctx, f, 1)
}

// countSent counts the requests from the fault's instant on. The schedule changes at that instant: the next request shows it.
func (h *host) countSent(ctx context.Context, f Fault, factor float64) (p proxy.Proven, err error) {
	s := h.sending.Load()
	if s == nil {
		return p, errors.New("no load runs on this node")
	}
	want := s.rate * factor
	from, count := proxy.Monotonic(), s.sent.Load()
	long := max(surgeProof, time.Duration(surgeLeast/want*float64(time.Second)))
	for look := int64(1); look <= surgeLooks; look++ {
		if err = awaitInstant(ctx, from+look*long.Nanoseconds()); err != nil {
			return p, fmt.Errorf("count the requests of a surge: %w", err)
		}
		n, took := s.sent.Load()-count, time.Duration(proxy.Monotonic()-from)
		p.Proof = fmt.Sprintf("%d requests left within %s", n, took.Round(time.Millisecond))
		// +- 1: a request at an edge of the count.
		due := want * took.Seconds()
		if float64(n) >= due*(1-surgeSlack)-1 && float64(n) <= due*(1+surgeSlack)+1 {
			err = nil
			break
		}
		err = fmt.Errorf("%s: %.0f were due", p.Proof, due)
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
