package agent

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/seed-ab8b6914/spof/proxy"
	"github.com/seed-ab8b6914/spof/proxy/toxi"
)

// wanFlap loses this node's WAN link and has it return, again and again. Recovery leaves it whole.
func wanFlap(h *host) executor {
	return executor{inject: h.flapWAN, recover: h.steadyWAN, prepare: h.prepareWAN}
}

// flapping is a link that is lost and returns, again and again, until stop.
type flapping struct {
	stop func()
	done chan struct{}
	err  error // what ended it before stop; read after done
}

// flapWAN loses the link, and has it return and be lost again every half period from then on. Each change is proven and told
// as an event. The effect is the first loss.
func (h *host) flapWAN(ctx context.Context, f Fault) (p proxy.Proven, err error) {
	link, err := h.wan()
	if err != nil {
		return proxy.Proven{}, err
	}
	if f.Period <= 0 {
		return proxy.Proven{}, errors.New("a link that flaps needs a period")
	}
	if p, err = lose(ctx, link, f); err != nil {
		return p, err
	}
	h.flipped(proxy.LinkLost, p)
	flying, stop := context.WithCancel(h.life) // ends with the fault, not with this call
	flaps := &flapping{stop: stop, done: make(chan struct{})}
	h.flaps[f.ID] = flaps
	h.background.Go(func() {
		defer close(flaps.done)
		flaps.err = h.flap(flying, link, f, p.Middle())
	})
	return p, nil
}

// flap changes the link every half period after the first loss until ctx ends. A loss that would be due when the fault is to be
// undone does not come.
func (h *host) flap(ctx context.Context, link *toxi.Control, f Fault, lost int64) error {
	for n := int64(1); ; n++ {
		due, state, change := lost+n*f.Period.Nanoseconds()/2, proxy.LinkBack, link.Restore
		if n%2 == 0 {
			if f.Until > 0 && due > f.Until-exact.Nanoseconds() {
				return nil
			}
			state = proxy.LinkLost
			if awaitInstant(ctx, due-ahead(f.Period)) == nil {
				_ = link.Prepare(ctx) // what fails here fails below, and says why
			}
			change = func(ctx context.Context) (proxy.Proven, error) { return lose(ctx, link, f) }
		}
		if err := awaitInstant(ctx, due); err != nil {
			return nil // it is over
		}
		within, cancel := context.WithTimeout(h.life, effectWithin) // the fault's end leaves no change half-way
		p, err := change(within)
		cancel()
		if err != nil {
			return err
		}
		h.flipped(state, p)
	}
}

// ahead is how long before a loss, in ns, its witnesses get their connections.
func ahead(period time.Duration) int64 { return min(time.Second, period/4).Nanoseconds() }

func (h *host) flipped(state proxy.State, p proxy.Proven) {
	h.event(p.Stamp(proxy.Event{Kind: proxy.EventWANFlip, State: state, Text: p.Proof}))
}

// steadyWAN ends the flapping and leaves the link whole.
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
		return proxy.Proven{}, fmt.Errorf("while it flapped: %w", flaps.err)
	}
	stopped := proxy.Since(asked)
	p, err = link.Restore(ctx)
	if errors.Is(err, toxi.ErrNotLost) { // it was back just then
		return proxy.Proven{Interval: stopped, Proof: "the link is back, and stays"}, nil
	}
	if err == nil {
		h.flipped(proxy.LinkBack, p)
	}
	return p, err
}
