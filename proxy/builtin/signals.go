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

// heed asks a chassis at HAProxy's pace, and tells what it says, until ctx ends. One that does not answer says nothing.
func heed(ctx context.Context, agent string, tell func(proxy.Signal)) error {
	for next := proxy.Monotonic(); sleepUntil(ctx, next); next = proxy.Monotonic() + int64(proxy.AgentInterval) {
		if signal, ok := askChassis(ctx, agent); ok {
			tell(signal)
		}
	}
	return nil
}

// heed heeds the chassis of server i until ctx ends. A server that drains gets no new connections, one that leaves is
// marked down.
func (b *balancer) heed(ctx context.Context, i int) error {
	server := b.cfg.Servers[i]
	return heed(ctx, server.Agent, func(signal proxy.Signal) {
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

// signal takes in what a server's chassis says, and reports whether that is new.
func (b *balancer) signal(i int, signal proxy.Signal) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.signals[i] == signal {
		return false
	}
	b.signals[i] = signal
	b.pool.Set(i, !b.sick[i] && signal == proxy.SignalReady)
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

// signalPace is how often the files of a chassis are read; keepalived is told of a change by the kernel.
const signalPace = 20 * time.Millisecond

// notice is what the files of a chassis say.
type notice struct{ drain, leave bool }

// heed reads the chassis's files, and tells of changes.
func (m *member) heed(ctx context.Context) error {
	var last notice
	for next := proxy.Monotonic(); sleepUntil(ctx, next); next = proxy.Monotonic() + int64(signalPace) {
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

// raised reports whether a file holds something else than 0; one that cannot be read holds 0, as for keepalived.
func raised(file string) bool {
	text, err := os.ReadFile(file)
	digit := strings.TrimSpace(string(text))
	return err == nil && digit != "0" && digit != ""
}
