package agent

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/seed-ab8b6914/spof/proxy"
)

// slowWithin bounds the injection of a slow origin, whose proof is an answer that takes its time.
const slowWithin = proxy.MaxSlow + 5*time.Second

// slowOrigin has the origin wait before each answer. An own request before and one after it prove that it does.
func (h *host) slowOrigin(ctx context.Context, f Fault) (before, after int64, proof string, err error) {
	if f.Latency <= 0 {
		return 0, 0, "", errors.New("a slow origin needs a latency above 0")
	}
	usual, _, _, err := h.setPace(ctx, 0)
	if err != nil {
		return
	}
	slow, before, after, err := h.setPace(ctx, f.Latency)
	if err == nil && slow < f.Latency {
		err = fmt.Errorf("the origin answered within %s, which is less than %s", slow, f.Latency)
	}
	return before, after, fmt.Sprintf("an own request took %s, and %s after it", usual.Round(10*time.Microsecond), slow.Round(time.Millisecond)), err
}

// hurryOrigin has the origin answer at once again.
func (h *host) hurryOrigin(ctx context.Context, f Fault) (before, after int64, proof string, err error) {
	usual, before, after, err := h.setPace(ctx, 0)
	if err == nil && usual >= f.Latency {
		err = fmt.Errorf("the origin still takes %s", usual)
	}
	return before, after, fmt.Sprintf("an own request took %s", usual.Round(10*time.Microsecond)), err
}

// setPace sets the origin's delay, between two instants, and then measures a request.
func (h *host) setPace(ctx context.Context, delay time.Duration) (took time.Duration, before, after int64, err error) {
	for _, s := range h.services {
		if s.p.Pace == "" {
			continue
		}
		before = proxy.Monotonic()
		if err = proxy.SlowDown(ctx, s.p.Pace, delay); err != nil {
			return
		}
		after = proxy.Monotonic()
		_, err = proxy.Ask(ctx, "http://"+s.p.Ready+"/o/1/pace")
		return time.Duration(proxy.Monotonic() - after), before, after, err
	}
	return 0, 0, 0, errors.New("this node is no origin")
}
