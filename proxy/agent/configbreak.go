package agent

import (
	"context"
	"fmt"
	"os"
	"syscall"
	"time"

	"github.com/seed-ab8b6914/spof/proxy"
)

// ConfigBreak makes the configuration of one service invalid and reloads it. Recovery restores the configuration.
var ConfigBreak = Executor{inject: (*host).breakConfig, recover: (*host).mendConfig}

// diesWithin is the time for which a service is watched after it refused its configuration: some engines exit then.
const diesWithin = 500 * time.Millisecond

// breakConfig makes a service's configuration invalid and reloads it. The effect is the start of the reload, between the signal and the
// engine's line about it. The proof is the engine's refusal, or its exit.
func (h *host) breakConfig(ctx context.Context, f Fault) (p proxy.Proven, err error) {
	s, reload, err := h.reloadable(f.Service)
	if err != nil {
		return p, err
	}
	if _, err = s.running(); err != nil {
		return p, err
	}
	if err = s.configure(reload.Spoil); err != nil {
		return p, err
	}
	gone := s.expectEnd()
	signalled, begun, refused, err := s.reload(reload.Refused)
	if err != nil {
		return p, err
	}
	defer begun.stop()
	defer refused.stop()
	p.Before = signalled
	said := "it exited without a message"
	select {
	case l := <-refused.lines:
		said, p.After = fmt.Sprintf("it said %q", l.text), l.at
	case <-gone: // all its output has been read
		p.After = proxy.Monotonic()
		select {
		case l := <-refused.lines:
			said, p.After = fmt.Sprintf("it said %q", l.text), l.at
		default:
		}
	case <-ctx.Done():
		return p, fmt.Errorf("service %s did not refuse its invalid configuration%s: %w", f.Service, s.said(), context.Cause(ctx))
	}
	select {
	case l := <-begun.lines:
		p.After = l.at
	default: // no line about the start: it is before the refusal
	}
	died, err := s.diesOf(ctx, gone)
	switch {
	case err != nil:
		return p, fmt.Errorf("service %s: %w; %s", f.Service, err, said)
	case died:
		p.Proof = said + ", and its processes ended"
		return p, nil
	}
	s.unexpect()
	p.Proof = said + ", and still runs"
	return p, nil
}

// diesOf watches a service that refused its configuration. It reports whether the service exits. A service with a closed port is about
// to exit or to open the port again, so diesOf waits for either.
func (s *service) diesOf(ctx context.Context, gone <-chan struct{}) (died bool, err error) {
	watched := time.NewTimer(diesWithin)
	defer watched.Stop()
	select {
	case <-gone:
		return true, nil
	case <-watched.C:
	}
	err = poll(ctx, "neither exits nor accepts at "+s.p.Ready, func() bool {
		select {
		case <-gone:
			died = true
		default:
		}
		return died || s.p.Ready == "" || accepts(s.p.Ready)
	})
	return died, err
}

// mendConfig restores a service's configuration and reloads it, or restarts a service that exited. The effect lies between the signal
// and the engine's line that accepts the configuration.
func (h *host) mendConfig(ctx context.Context, f Fault) (p proxy.Proven, err error) {
	s, reload, err := h.reloadable(f.Service)
	if err != nil {
		return p, err
	}
	if len(s.pids()) == 0 {
		return h.restart(ctx, f)
	}
	if err = s.configure(""); err != nil {
		return p, err
	}
	signalled, begun, accepted, err := s.reload(reload.Accepted)
	if err != nil {
		return p, err
	}
	defer begun.stop()
	defer accepted.stop()
	select {
	case l := <-accepted.lines:
		return proxy.Proven{Interval: proxy.Interval{Before: signalled, After: l.at}, Proof: fmt.Sprintf("it said %q", l.text)}, nil
	case <-ctx.Done():
		return p, fmt.Errorf("service %s did not accept its restored configuration%s: %w", f.Service, s.said(), context.Cause(ctx))
	}
}

func (h *host) reloadable(name string) (*service, *proxy.Reload, error) {
	s, err := h.service(name)
	if err != nil {
		return nil, nil, err
	}
	if s.p.Reload == nil || len(s.p.Files) == 0 {
		return nil, nil, fmt.Errorf("service %s: engine %s cannot reload", name, s.p.Engine)
	}
	return s, s.p.Reload, nil
}

// configure writes the service's configuration with a text appended.
func (s *service) configure(end string) error {
	f := s.p.Files[0]
	return os.WriteFile(f.Path, []byte(f.Content+end), os.FileMode(f.Mode))
}

// reload signals the service to reload, just after the instant signalled. begun gets the line about the start, ended the one that
// matches ends.
func (s *service) reload(ends string) (signalled int64, begun, ended *ear, err error) {
	if begun, err = s.hear(s.p.Reload.Begun); err != nil {
		return
	}
	if ended, err = s.hear(ends); err != nil {
		begun.stop()
		return
	}
	signalled = proxy.Monotonic()
	if err = s.signal(syscall.Signal(s.p.Reload.Signal)); err != nil {
		begun.stop()
		ended.stop()
	}
	return
}
