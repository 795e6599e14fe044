package agent

import (
	"context"
	"errors"
	"fmt"
	"net/http"

	"github.com/seed-ab8b6914/spof/proxy"
)

// ExitBlock makes this node, an origin, refuse the requests of one WAN link. Recovery makes it serve them again.
var ExitBlock = Executor{inject: (*host).block, recover: (*host).unblock, prepare: (*host).prepareRefusing}

// block makes the origin refuse a WAN link: the link's address is all that a site sees of an exit.
func (h *host) block(ctx context.Context, f Fault) (proxy.Proven, error) {
	status := f.Status
	if status == 0 {
		status = http.StatusForbidden
	}
	return h.refuse(ctx, f, status, fmt.Sprintf("the origin answers %d over %s", status, f.Service))
}

// unblock makes the origin serve the link again.
func (h *host) unblock(ctx context.Context, f Fault) (proxy.Proven, error) {
	return h.refuse(ctx, f, 0, "the origin serves "+f.Service+" again")
}

// refuse makes the origin answer the fault's link with a status; 0: serve it.
func (h *host) refuse(ctx context.Context, f Fault, status int, done string) (p proxy.Proven, err error) {
	addr, ok := h.spec.Peers[f.Service]
	if !ok {
		return p, fmt.Errorf("no address of the WAN link %q", f.Service)
	}
	control, err := h.refusing()
	if err != nil {
		return p, err
	}
	began := proxy.Monotonic()
	err = proxy.Refuse(ctx, control, addr, status)
	return proxy.Proven{Interval: proxy.Since(began), Proof: done}, err
}

// prepareRefusing connects to the origin's control. refuse reports an error.
func (h *host) prepareRefusing(ctx context.Context, _ Fault) {
	if control, err := h.refusing(); err == nil {
		_ = proxy.Greet(ctx, control)
	}
}

// refusing finds the control of this node's origin.
func (h *host) refusing() (string, error) {
	for _, s := range h.all() {
		if s.p.Refusing != "" {
			return s.p.Refusing, nil
		}
	}
	return "", errors.New("this node has no origin that can refuse clients")
}
