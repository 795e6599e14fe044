package agent

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net/http"

	"github.com/seed-ab8b6914/spof/proxy"
)

// block has the origin refuse what comes over a WAN link, which is all that the site sees of an exit.
func (h *host) block(ctx context.Context, f Fault) (before, after int64, proof string, err error) {
	status := f.Status
	if status == 0 {
		status = http.StatusForbidden
	}
	return h.refuse(ctx, f, func(list proxy.Refusals, addr string) { list[addr] = status },
		fmt.Sprintf("the origin answers %s over %s", fmt.Sprint(status), f.Service))
}

// unblock has the origin serve it again.
func (h *host) unblock(ctx context.Context, f Fault) (before, after int64, proof string, err error) {
	return h.refuse(ctx, f, func(list proxy.Refusals, addr string) { delete(list, addr) }, "the origin serves "+f.Service+" again")
}

// refuse changes the origin's refusals for the link that a fault names, and sees that they are what they should be.
func (h *host) refuse(ctx context.Context, f Fault, change func(proxy.Refusals, string), done string) (before, after int64, proof string, err error) {
	addr, ok := h.spec.Peers[f.Service]
	if !ok {
		return 0, 0, "", fmt.Errorf("no address of the WAN link %q", f.Service)
	}
	control, err := h.refusing()
	if err != nil {
		return
	}
	list, err := proxy.Refused(ctx, control)
	if err != nil {
		return
	}
	if list == nil {
		list = proxy.Refusals{}
	}
	change(list, addr)
	before = proxy.Monotonic()
	now, err := proxy.Refuse(ctx, control, list)
	after = proxy.Monotonic()
	if err == nil && !maps.Equal(now, list) {
		err = fmt.Errorf("the origin refuses %v where %v was asked for", now, list)
	}
	return before, after, done, err
}

// refusing finds the control of this node's origin.
func (h *host) refusing() (string, error) {
	for _, s := range h.services {
		if s.p.Refusing != "" {
			return s.p.Refusing, nil
		}
	}
	return "", errors.New("this node is no origin that knows its clients apart")
}
