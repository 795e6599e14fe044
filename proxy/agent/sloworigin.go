package agent

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/seed-ab8b6914/spof/proxy"
)

// SlowOrigin makes this node, an origin, wait before each answer. Recovery makes it answer at once.
var SlowOrigin = Executor{inject: (*host).slowOrigin, recover: (*host).hurryOrigin, within: slowWithin}

// hurryProof bounds the proof that an origin answers at once again.
const hurryProof = 5 * time.Second

// slowWithin bounds the injection, whose proof is a slow answer.
const slowWithin = proxy.MaxSlow + 5*time.Second

// slowOrigin sets the origin's delay. The agent's own requests before and after are the proof.
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
		err = fmt.Errorf("the origin answered within %s: want at least %s", slow, f.Latency)
	}
	proof := fmt.Sprintf("the agent's request took %s before and %s after", usual.Round(10*time.Microsecond), slow.Round(time.Millisecond))
	return proxy.Proven{Interval: within, Proof: proof}, err
}

// hurryOrigin removes the origin's delay. An answer below the fault's latency is the proof. A busy machine may be slow once: hurryOrigin
// repeats the request.
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
	return proxy.Proven{Interval: within, Proof: fmt.Sprintf("the agent's request took %s", usual.Round(10*time.Microsecond))}, err
}

// setPace sets the origin's delay, and then measures a request. within is the interval of the change.
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

// origin finds the service whose answers can be delayed.
func (h *host) origin() (*service, error) {
	for _, s := range h.all() {
		if s.p.Pace != "" {
			return s, nil
		}
	}
	return nil, errors.New("this node is not an origin")
}
