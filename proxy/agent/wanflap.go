package agent

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/seed-ab8b6914/spof/proxy"
	"github.com/seed-ab8b6914/spof/proxy/toxi"
)

// WANFlap loses this node's WAN link and restores it, repeatedly. Recovery leaves the link up.
var WANFlap = Executor{inject: (*host).flapWAN, recover: (*host).steadyWAN, prepare: (*host).prepareWAN}

// flapping is a link that flaps until stop.
type flapping struct {
	stop func()
	done chan struct{}
	err  error // of a failed change; valid after done
}

// flapWAN loses the link. From then on it restores or loses the link every half period. Each change is proven and reported as an event.
// The effect is the first loss.
func (h *host) flapWAN(ctx context.Context, f Fault) (p proxy.Proven, err error) {
	link, err := h.wan()
	if err != nil {
		return proxy.Proven{}, err
	}
	if f.Period <= 0 {
		return proxy.Proven{}, fmt.Errorf("%s needs a period above 0", f.Kind)
	}
	if p, err = lose(ctx, link, f); err != nil {
		return p, err
	}
	h.flipped(proxy.LinkLost, p)
	flying, stop := context.WithCancel(h.life) // outlives this call
	flaps := &flapping{stop: stop, done: make(chan struct{})}
	h.flaps[f.ID] = flaps
	h.background.Go(func() {
		defer close(flaps.done)
		flaps.err = h.flap(flying, link, f, p.Middle())
	})
	return p, nil
}

// flap changes the link every half period after the first loss until ctx ends. It leaves out a loss that is due at the recovery.
func (h *host) flap(ctx context.Context, link *toxi.Control, f Fault, lost int64) error {
	for n := int64(1); ; n++ {
		due, state, change := lost+n*f.Period.Nanoseconds()/2, proxy.LinkBack, link.Restore
		if n%2 == 0 {
			if f.Until > 0 && due > f.Until-exact.Nanoseconds() {
				return nil
			}
			state = proxy.LinkLost
			if awaitInstant(ctx, due-ahead(f.Period)) == nil {
				_ = link.Prepare(ctx) // change reports an error
			}
			change = func(ctx context.Context) (proxy.Proven, error) { return lose(ctx, link, f) }
		}
		if err := awaitInstant(ctx, due); err != nil {
			return nil // ctx ended
		}
		within, cancel := context.WithTimeout(h.life, effectWithin) // not ctx: the end of the fault does not interrupt a change
		p, err := change(within)
		cancel()
		if err != nil {
			return err
		}
		h.flipped(state, p)
	}
}

// ahead gives the time before a loss, in ns, at which its witnesses connect.
func ahead(period time.Duration) int64 { return min(time.Second, period/4).Nanoseconds() }

func (h *host) flipped(state proxy.State, p proxy.Proven) {
	h.event(p.Stamp(proxy.Event{Kind: proxy.EventWANFlip, State: state, Text: p.Proof}))
}

// steadyWAN ends the flapping and leaves the link up.
func (h *host) steadyWAN(ctx context.Context, f Fault) (p proxy.Proven, err error) {
	link, err := h.wan()
	if err != nil {
		return proxy.Proven{}, err
	}
	flaps := h.flaps[f.ID]
	if flaps == nil {
		return proxy.Proven{}, errors.New("the link does not flap")
	}
	delete(h.flaps, f.ID)
	asked := proxy.Monotonic()
	flaps.stop()
	select {
	case <-flaps.done:
	case <-ctx.Done():
		return proxy.Proven{}, context.Cause(ctx)
	}
	if flaps.err != nil {
		return proxy.Proven{}, fmt.Errorf("a change of the link failed: %w", flaps.err)
	}
	stopped := proxy.Since(asked)
	p, err = link.Restore(ctx)
	if errors.Is(err, toxi.ErrNotLost) { // flap restored it last
		return proxy.Proven{Interval: stopped, Proof: "the link is back, and stays"}, nil
	}
	if err == nil {
		h.flipped(proxy.LinkBack, p)
	}
	return p, err
}
