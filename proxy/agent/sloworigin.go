package agent

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/seed-ab8b6914/spof/proxy"
)

// slowOrigin has this node, an origin, wait before each answer. Recovery has it answer at once.
func slowOrigin(h *host) executor {
	return executor{inject: h.slowOrigin, recover: h.hurryOrigin, within: slowWithin}
}

// hurryProof bounds the proof that an origin answers at once again.
const hurryProof = 5 * time.Second

// slowWithin bounds the injection of a slow origin, whose proof is an answer that takes its time.
const slowWithin = proxy.MaxSlow + 5*time.Second

// slowOrigin has the origin wait before each answer. An own request before and one after it prove that it does.
func (h *host) slowOrigin(ctx context.Context, f Fault) (p proxy.Proven, err error) {
	if f.Latency <= 0 {
		return p, errors.New("a slow origin needs a latency above 0")
	}
	usual, _, err := h.setPace(ctx, 0)
	if err != nil {
		return p, err
	}
	slow, within, err := h.setPace(ctx, f.Latency)
	if err == nil && slow < f.Latency {
		err = fmt.Errorf("the origin answered within %s, which is less than %s", slow, f.Latency)
	}
	proof := fmt.Sprintf("an own request took %s, and %s after it", usual.Round(10*time.Microsecond), slow.Round(time.Millisecond))
	return proxy.Proven{Interval: within, Proof: proof}, err
}

// hurryOrigin has the origin answer at once again. An answer that takes the machine long proves nothing: the next may.
func (h *host) hurryOrigin(ctx context.Context, f Fault) (p proxy.Proven, err error) {
	usual, within, err := h.setPace(ctx, 0)
	ctx, cancel := context.WithTimeout(ctx, hurryProof)
	defer cancel()
	for err == nil && usual >= f.Latency {
		took := usual
		if usual, err = h.takes(ctx); err != nil {
			err = fmt.Errorf("the origin still takes %s: %w", took.Round(time.Millisecond), err)
		}
	}
	return proxy.Proven{Interval: within, Proof: fmt.Sprintf("an own request took %s", usual.Round(10*time.Microsecond))}, err
}

// setPace sets the origin's delay within an interval, and then measures a request.
func (h *host) setPace(ctx context.Context, delay time.Duration) (took time.Duration, within proxy.Interval, err error) {
	s, err := h.origin()
	if err != nil {
		return took, within, err
	}
	began := proxy.Monotonic()
	if err = proxy.SlowDown(ctx, s.p.Pace, delay); err != nil {
		return took, within, err
	}
	within = proxy.Since(began)
	took, err = h.takes(ctx)
	return took, within, err
}

// takes measures a request to the origin.
func (h *host) takes(ctx context.Context) (time.Duration, error) {
	s, err := h.origin()
	if err != nil {
		return 0, err
	}
	asked := proxy.Monotonic()
	_, err = proxy.Ask(ctx, "http://"+s.p.Ready+"/o/1/pace")
	return time.Duration(proxy.Monotonic() - asked), err
}

// origin is the service whose answers can be slowed down.
func (h *host) origin() (*service, error) {
	for _, s := range h.all() {
		if s.p.Pace != "" {
			return s, nil
		}
	}
	return nil, errors.New("this node is no origin")
}
