package agent

import (
	"context"
	"fmt"
	"syscall"
	"time"

	"github.com/seed-ab8b6914/spof/proxy"
)

// RollingRestart ends one service in order and starts it again, like an upgrade. There is nothing to undo.
var RollingRestart = Executor{inject: (*host).reboot, recover: (*host).rebooted, within: recoverWithin, stops: true}

// stopsWithin is added to a service's StopsIn; after that time the service is killed, as by systemd.
const stopsWithin = 5 * time.Second

// reboot ends a service in order and starts it again. The effect is the end of the service. reboot returns when the service listens
// again.
func (h *host) reboot(ctx context.Context, f Fault) (proxy.Proven, error) {
	return h.restartAfter(ctx, f, func() error { return nil })
}

// restartAfter is reboot that calls meanwhile while the service does not run.
func (h *host) restartAfter(ctx context.Context, f Fault, meanwhile func() error) (p proxy.Proven, err error) {
	s, pids, err := h.running(f.Service)
	if err != nil {
		return p, err
	}
	gone := s.expectEnd()
	signalled := proxy.Monotonic()
	if err = s.signal(syscall.SIGTERM); err != nil {
		return p, err
	}
	killed := time.AfterFunc(stopsWithin+s.p.StopsIn, s.kill)
	defer killed.Stop()
	s.mu.Lock()
	s.closeListeners()
	s.mu.Unlock()
	ended := func() bool { return allEnded(pids) }
	if s.p.Ready != "" { // it may close its port first, and end after its connections
		ended = func() bool { return refuses(s.p.Ready) }
	}
	p.Interval, err = pollBetween(ctx, "service "+f.Service+" does not end", signalled, ended)
	if err != nil {
		return p, err
	}
	select {
	case <-gone:
	case <-ctx.Done():
		return p, fmt.Errorf("service %s does not end: %w", f.Service, context.Cause(ctx))
	}
	if err = awaitDead(ctx, pids); err != nil {
		return p, err
	}
	if err = meanwhile(); err != nil {
		return p, err
	}
	ready, err := s.start(ctx)
	p.Proof = fmt.Sprintf("%d process(es) ended in order; listening again %s later", len(pids),
		time.Duration(ready.After-p.After).Round(time.Millisecond))
	return p, err
}

// rebooted checks that the service runs: there is nothing to undo.
func (h *host) rebooted(_ context.Context, f Fault) (proxy.Proven, error) {
	began := proxy.Monotonic()
	_, _, err := h.running(f.Service)
	return proxy.Proven{Interval: proxy.Since(began), Proof: "service " + f.Service + " runs"}, err
}
