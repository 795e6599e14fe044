package builtin

import (
	"context"
	"io"
	"net"
	"os"
	"strings"
	"time"

	"github.com/seed-ab8b6914/spof/proxy"
)

// pollSignals asks a chassis's agent-check every proxy.AgentInterval until ctx ends, and passes each answer to tell.
func pollSignals(ctx context.Context, agent string, tell func(proxy.Signal)) error {
	for next := proxy.Monotonic(); sleepUntil(ctx, next); next = proxy.Monotonic() + int64(proxy.AgentInterval) {
		if signal, ok := askChassis(ctx, agent); ok {
			tell(signal)
		}
	}
	return nil
}

// followChassis follows the chassis of server i until ctx ends. A server with the signal drain or leave gets no new
// connections. A server with leave is down: its connections close if the configuration says so.
func (b *balancer) followChassis(ctx context.Context, i int) error {
	server := b.cfg.Servers[i]
	return pollSignals(ctx, server.Agent, func(signal proxy.Signal) {
		if !b.signal(i, signal) {
			return
		}
		event := proxy.Event{At: proxy.Monotonic(), Kind: proxy.EventServerUp, Subject: server.Name, Text: "chassis: " + string(signal)}
		if signal != proxy.SignalReady {
			event.Kind = proxy.EventServerDown
		}
		b.events.print(event)
	})
}

// signal records the signal of a server's chassis, and reports whether it changed.
func (b *balancer) signal(i int, signal proxy.Signal) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.signals[i] == signal {
		return false
	}
	b.signals[i] = signal
	b.pool.Set(i, !b.failing[i] && signal == proxy.SignalReady)
	if signal == proxy.SignalLeave && b.cfg.ShutdownSessions {
		b.disconnect(i)
	}
	return true
}

// askChassis is one agent-check.
func askChassis(ctx context.Context, addr string) (proxy.Signal, bool) {
	c, err := (&net.Dialer{Timeout: proxy.AgentInterval}).DialContext(ctx, "tcp", addr)
	if err != nil {
		return "", false
	}
	defer c.Close()
	_ = c.SetDeadline(time.Now().Add(proxy.AgentInterval))
	text, err := io.ReadAll(io.LimitReader(c, 256))
	if err != nil {
		return "", false
	}
	for _, signal := range []proxy.Signal{proxy.SignalReady, proxy.SignalDrain, proxy.SignalLeave} {
		if string(text) == signal.AgentCheck() {
			return signal, true
		}
	}
	return "", false
}

// signalInterval is the interval of reading a chassis's files. keepalived does not poll: the kernel reports changes (inotify).
const signalInterval = 20 * time.Millisecond

// notice is the content of a chassis's files.
type notice struct{ drain, leave bool }

// followChassis reads the chassis's files and passes changes to elect.
func (m *member) followChassis(ctx context.Context) error {
	var last notice
	for next := proxy.Monotonic(); sleepUntil(ctx, next); next = proxy.Monotonic() + int64(signalInterval) {
		now := notice{raised(m.cfg.Signals.Drain), raised(m.cfg.Signals.Leave)}
		if now == last {
			continue
		}
		last = now
		select {
		case m.notices <- now:
		case <-ctx.Done():
		}
	}
	return nil
}

// raised reports whether a file holds another value than 0. An unreadable file counts as 0, as in keepalived.
func raised(file string) bool {
	text, err := os.ReadFile(file)
	digit := strings.TrimSpace(string(text))
	return err == nil && digit != "0" && digit != ""
}
