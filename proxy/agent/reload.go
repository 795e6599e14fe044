package agent

import (
	"context"
	"errors"
	"fmt"
	"os"
	"regexp"
	"syscall"
	"time"

	"github.com/seed-ab8b6914/spof/proxy"
)

// diesWithin is how long a service that has refused its configuration is watched for whether it dies of it.
const diesWithin = 500 * time.Millisecond

// breakConfig spoils a service's configuration and has it reload, without looking at the file first. The effect is what the
// engine says to that, or its death.
func (h *host) breakConfig(ctx context.Context, f Fault) (before, after int64, proof string, err error) {
	s, reload, err := h.reloadable(f.Service)
	if err != nil {
		return
	}
	if _, err = s.running(); err != nil {
		return
	}
	if err = s.configure(reload.Spoil); err != nil {
		return
	}
	refused, err := s.hear(reload.Refused)
	if err != nil {
		return
	}
	defer refused.stop()
	gone := s.ours()
	watching, done := context.WithCancel(ctx)
	defer done()
	closed := followClosing(watching, s.p.Ready)
	if err = s.signal(syscall.Signal(reload.Signal)); err != nil {
		return
	}
	said := "it died without a word"
	select {
	case l := <-refused.lines:
		said = fmt.Sprintf("it said %q", l.text)
		before, after = l.at-time.Millisecond.Nanoseconds(), l.at
	case <-gone:
	case <-ctx.Done():
		return 0, 0, "", fmt.Errorf("service %s did not refuse its spoiled configuration%s: %w", f.Service, s.said(), context.Cause(ctx))
	}
	died := time.NewTimer(diesWithin)
	defer died.Stop()
	select {
	case <-gone:
		if before, after, err = closed(); err != nil || after != 0 { // Squid closes its port before it reads the file: users see that
			return before, after, said + ", closed its port and ended", err
		}
		before, after = lastMillisecond()
		return before, after, said + ", and its processes ended", nil
	case <-died.C:
	}
	if s.p.Ready != "" && !accepts(s.p.Ready) {
		return 0, 0, "", fmt.Errorf("service %s neither died nor accepts at %s; %s", f.Service, s.p.Ready, said)
	}
	return before, after, said + ", and goes on as before", nil
}

// mendConfig gives a service its configuration back, and has it reload, or starts it anew if it died.
func (h *host) mendConfig(ctx context.Context, f Fault) (before, after int64, proof string, err error) {
	s, reload, err := h.reloadable(f.Service)
	if err != nil {
		return
	}
	if len(s.pids()) == 0 {
		return h.restart(ctx, f)
	}
	if err = s.configure(""); err != nil {
		return
	}
	accepted, err := s.hear(reload.Accepted)
	if err != nil {
		return
	}
	defer accepted.stop()
	if err = s.signal(syscall.Signal(reload.Signal)); err != nil {
		return
	}
	select {
	case l := <-accepted.lines:
		s.mu.Lock()
		s.expected = false
		s.mu.Unlock()
		return l.at - time.Millisecond.Nanoseconds(), l.at, fmt.Sprintf("it said %q", l.text), nil
	case <-ctx.Done():
		return 0, 0, "", fmt.Errorf("service %s did not take its configuration back%s: %w", f.Service, s.said(), context.Cause(ctx))
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

// ours says that the service's end, should it come, is our doing, and gives what is closed then.
func (s *service) ours() <-chan struct{} {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.expected = true
	return s.gone
}

// signal signals the service's first process.
func (s *service) signal(sig syscall.Signal) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.cmd == nil || s.cmd.Process == nil {
		return errors.New("it does not run")
	}
	return s.cmd.Process.Signal(sig)
}

// line is what a service wrote, and when it was read.
type line struct {
	at   int64
	text string
}

// ear waits for the first line of a service that matches.
type ear struct {
	pattern *regexp.Regexp
	lines   chan line // holds one
	s       *service
}

// hear listens for a line from now on.
func (s *service) hear(pattern string) (*ear, error) {
	re, err := regexp.Compile(pattern)
	if err != nil {
		return nil, err
	}
	e := &ear{re, make(chan line, 1), s}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.ear = e
	return e, nil
}

func (e *ear) stop() {
	e.s.mu.Lock()
	defer e.s.mu.Unlock()
	if e.s.ear == e {
		e.s.ear = nil
	}
}

// overheard gives a line to whom it may concern.
func (s *service) overheard(at int64, text string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.ear == nil || !s.ear.pattern.MatchString(text) {
		return
	}
	select {
	case s.ear.lines <- line{at, text}:
	default: // the first is enough
	}
}
