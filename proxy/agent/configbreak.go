package agent

import (
	"context"
	"fmt"
	"os"
	"syscall"
	"time"

	"github.com/seed-ab8b6914/spof/proxy"
)

// configBreak spoils the configuration of one service and has it reload. Recovery gives it its own back.
func configBreak(h *host) executor {
	return executor{inject: h.breakConfig, recover: h.mendConfig}
}

// diesWithin is how long a service that has refused its configuration is watched for whether it dies of it. One that dies later has
// died of it all the same.
const diesWithin = 500 * time.Millisecond

// breakConfig spoils a service's configuration and has it reload, without looking at the file first. The effect is that the
// engine takes the reload up, between the signal and its own word for that; what it says to the file, or its death, proves it.
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
	gone := s.ours()
	signalled, begun, refused, err := s.reload(reload.Refused)
	if err != nil {
		return p, err
	}
	defer begun.stop()
	defer refused.stop()
	p.Before = signalled
	said := "it died without a word"
	select {
	case l := <-refused.lines:
		said, p.After = fmt.Sprintf("it said %q", l.text), l.at
	case <-gone: // all its words have been read
		p.After = proxy.Monotonic()
		select {
		case l := <-refused.lines:
			said, p.After = fmt.Sprintf("it said %q", l.text), l.at
		default:
		}
	case <-ctx.Done():
		return p, fmt.Errorf("service %s did not refuse its spoiled configuration%s: %w", f.Service, s.said(), context.Cause(ctx))
	}
	select {
	case l := <-begun.lines:
		p.After = l.at
	default: // one that says nothing of it: it has when it refuses
	}
	died, err := s.diesOf(ctx, gone)
	switch {
	case err != nil:
		return p, fmt.Errorf("service %s: %w; %s", f.Service, err, said)
	case died:
		p.Proof = said + ", and its processes ended"
		return p, nil
	}
	s.goesOn()
	p.Proof = said + ", and goes on as before"
	return p, nil
}

// diesOf watches a service that has refused its configuration: it dies of it, or accepts. One whose port is closed is about to die, or to
// open it again.
func (s *service) diesOf(ctx context.Context, gone <-chan struct{}) (died bool, err error) {
	watched := time.NewTimer(diesWithin)
	defer watched.Stop()
	select {
	case <-gone:
		return true, nil
	case <-watched.C:
	}
	err = poll(ctx, "neither died nor accepts at "+s.p.Ready, func() bool {
		select {
		case <-gone:
			died = true
		default:
		}
		return died || s.p.Ready == "" || accepts(s.p.Ready)
	})
	return died, err
}

// mendConfig gives a service its configuration back, and has it reload, or starts it anew if it died. That it has taken it lies
// between the signal and its own word for it.
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
		return p, fmt.Errorf("service %s did not take its configuration back%s: %w", f.Service, s.said(), context.Cause(ctx))
	}
}

func (h *host) reloadable(name string) (*service, *proxy.Reload, error) {
	s, err := h.service(name)
	if err != nil {
		return nil, nil, err
	}
	if s.p.Reload == nil || len(s.p.Files) == 0 {
		return nil, nil, fmt.Errorf("service %s: engine %s reads its configuration once and cannot reload", name, s.p.Engine)
	}
	return s, s.p.Reload, nil
}

// configure writes the service's configuration with something added at its end.
func (s *service) configure(end string) error {
	f := s.p.Files[0]
	return os.WriteFile(f.Path, []byte(f.Content+end), os.FileMode(f.Mode))
}

// reload signals the service to reload, just after an instant, and listens for its word that it has begun to, and for how that ends.
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
