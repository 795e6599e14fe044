package agent

import (
	"context"
	"errors"
	"fmt"
	"net"
	"syscall"
	"time"

	"github.com/seed-ab8b6914/spof/proxy"
)

// Crash kills the processes of one service. The host stays up: its kernel closes their connections and refuses new ones. Recovery starts
// the service.
var Crash = Executor{inject: (*host).killService, recover: (*host).restart}

// killService kills one service's processes. The effect is that they run no more. The kernel still accepts connections, and then resets
// them, until it has freed the memory and closed the sockets; for Squid this takes 10 to 20 ms.
func (h *host) killService(ctx context.Context, f Fault) (p proxy.Proven, err error) {
	s, pids, err := h.running(f.Service)
	if err != nil {
		return p, err
	}
	if p.Interval, err = s.crash(ctx, pids); err != nil {
		return p, err
	}
	p.Proof = fmt.Sprintf("%d process(es) dead", len(pids))
	if s.p.Ready != "" {
		refused, err := awaitRefused(ctx, s.p.Ready, p.After)
		if err != nil {
			return p, err
		}
		p.Proof += fmt.Sprintf(", %s refuses %s later", s.p.Ready, time.Duration(refused.After-p.After).Round(time.Millisecond))
	}
	return p, awaitDead(ctx, pids)
}

// crash kills the service's processes and gives the interval in which the last of them ran its last instruction.
func (s *service) crash(ctx context.Context, pids []int) (proxy.Interval, error) {
	began := proxy.Monotonic()
	s.kill()
	err := poll(ctx, "killed, but still running", func() bool { return allEnded(pids) })
	return proxy.Since(began), err
}

func (h *host) restart(ctx context.Context, f Fault) (proxy.Proven, error) {
	s, err := h.service(f.Service)
	if err != nil {
		return proxy.Proven{}, err
	}
	if err = s.awaitGone(ctx); err != nil {
		return proxy.Proven{}, err
	}
	ready, err := s.start(ctx)
	return proxy.Proven{Interval: ready, Proof: "service " + f.Service + " listening"}, err
}

// awaitRefused waits until connects to an address are refused. It gives the interval in which this began, not before the instant from.
func awaitRefused(ctx context.Context, addr string, from int64) (proxy.Interval, error) {
	return pollBetween(ctx, addr+" still accepts", from, func() bool { return refuses(addr) })
}

// refuses reports whether a connect is refused.
func refuses(addr string) bool {
	c, err := net.DialTimeout("tcp", addr, 200*time.Millisecond)
	if err == nil {
		_ = c.Close()
	}
	return errors.Is(err, syscall.ECONNREFUSED)
}
