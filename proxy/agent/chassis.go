package agent

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"github.com/seed-ab8b6914/spof/proxy"
	"github.com/seed-ab8b6914/spof/proxy/chassis"
)

// machine runs the node's chassis: the state machine, its clock, and its interfaces. The Redfish service and the agent-check use the
// node's links and power, and stop answering with them.
type machine struct {
	cfg    proxy.ChassisConfig
	report func(proxy.Event)
	// tripped is called when the chassis turned itself off by a deadline, without any lock.
	tripped func(at int64, why string)

	// turn serializes moves with their reports, so that reports are in order. It is not held while tripped runs. report may read the
	// machine, but must not move it.
	turn sync.Mutex
	// mu guards c, signal and self. It is held for a few instructions: never while an event is reported or a file is written.
	mu     sync.Mutex
	c      *chassis.Chassis
	signal proxy.Signal
	self   bool // the chassis is off and turned itself off

	wake   chan struct{} // a deadline may have changed
	listen []net.Listener
	face   *chassis.Redfish
	web    *http.Server

	end context.CancelFunc
}

// redfishWithin is the time-out of the Redfish service, for reading a request, for its answer, and for an idle connection. Streams of
// events have a time-out for each event instead.
const redfishWithin = 3 * time.Second

// newMachine turns the chassis on and starts its interfaces. The chassis acts until ctx ends; close also ends the interfaces.
func newMachine(ctx context.Context, node string, cfg proxy.ChassisConfig, report func(proxy.Event), tripped func(at int64, why string)) (*machine, error) {
	c, err := chassis.New(cfg.Chassis, proxy.Monotonic())
	if err != nil {
		return nil, err
	}
	m := &machine{cfg: cfg, report: report, tripped: tripped, c: c, signal: proxy.SignalReady, wake: make(chan struct{}, 1)}
	if err := m.tell(); err != nil {
		return nil, err
	}
	signals, err := net.Listen("tcp", cfg.Signal)
	if err != nil {
		return nil, fmt.Errorf("the chassis has no agent-check: %w", err)
	}
	redfish, err := net.Listen("tcp", cfg.Redfish)
	if err != nil {
		_ = signals.Close()
		return nil, fmt.Errorf("the chassis has no Redfish service: %w", err)
	}
	m.listen = []net.Listener{signals, redfish}
	m.face = chassis.NewRedfish(node, cfg.Access, m.view)
	m.web = &http.Server{Handler: m.face, ReadTimeout: redfishWithin, WriteTimeout: redfishWithin, IdleTimeout: redfishWithin}
	ctx, m.end = context.WithCancel(ctx)
	go m.run(ctx)
	go m.answer(signals)
	go func() { _ = m.web.Serve(redfish) }()
	return m, nil
}

func (m *machine) close() {
	m.end()
	m.face.Close()
	_ = m.web.Close()
	for _, l := range m.listen {
		_ = l.Close()
	}
}

// view gives the present state, for Redfish.
func (m *machine) view() chassis.View {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.c.View(proxy.Monotonic())
}

// run advances the chassis at the instants of its thresholds.
func (m *machine) run(ctx context.Context) {
	for {
		m.mu.Lock()
		at, ok := m.c.Deadline()
		m.mu.Unlock()
		sleep, cancel := ctx, context.CancelFunc(func() {})
		if ok {
			sleep, cancel = context.WithTimeout(ctx, max(0, time.Duration(at-proxy.Monotonic())-exact))
		}
		select {
		case <-m.wake:
			cancel()
			continue
		case <-sleep.Done():
			cancel()
		}
		if ctx.Err() != nil {
			return
		}
		if proxy.Monotonic() < at {
			proxy.WaitMonotonic(at)
		}
		if why, off := m.do(func(c *chassis.Chassis) []chassis.Change { return c.Tick(proxy.Monotonic()) }); off {
			m.tripped(at, why)
		}
	}
}

// do makes a move and reports the changes. off says that the chassis turned off by the move, and why gives the reason.
func (m *machine) do(move func(*chassis.Chassis) []chassis.Change) (why string, off bool) {
	m.turn.Lock()
	defer m.turn.Unlock()
	now := m.apply(move)
	m.face.Tell(now.changes, time.Now())
	for _, change := range now.changes {
		m.event(change)
		if change.Part == chassis.PartPower && !now.on {
			why = change.Text
		}
	}
	if now.signalled {
		at := proxy.Monotonic()
		if err := m.tell(); err != nil {
			m.report(proxy.Event{At: at, Kind: proxy.EventFailed, Text: "cannot write its signal files: " + err.Error()})
		}
		m.report(proxy.Event{At: at, Kind: proxy.EventSignal, State: proxy.State(now.signal), Text: "chassis " + strings.ToLower(string(now.health))})
	}
	select {
	case m.wake <- struct{}{}:
	default: // run is notified already
	}
	return why, now.off
}

// moved is the result of a move.
type moved struct {
	changes   []chassis.Change
	health    chassis.Health
	signal    proxy.Signal
	on        bool
	off       bool // the move turned the chassis off
	signalled bool // the move changed the signal
}

func (m *machine) apply(move func(*chassis.Chassis) []chassis.Change) (now moved) {
	m.mu.Lock()
	defer m.mu.Unlock()
	was := m.c.On()
	now.changes = move(m.c)
	now.on, now.health = m.c.On(), m.c.Health()
	now.off = was && !now.on
	m.self = m.self && !now.on || now.off
	now.signal = proxy.SignalOf(m.cfg.Policy, now.health)
	now.signalled = now.signal != m.signal
	m.signal = now.signal
	return now
}

// event reports a change. The node itself reports power on and off; of the power, event only reports why the chassis turned off.
func (m *machine) event(c chassis.Change) {
	kinds := map[string]proxy.EventKind{
		chassis.PartSupply: proxy.EventPSU, chassis.PartFans: proxy.EventFans, chassis.PartSensor: proxy.EventSensor,
		chassis.PartChassis: proxy.EventChassis, chassis.PartPower: proxy.EventShutdown,
	}
	if c.Part == chassis.PartPower && c.Health == chassis.OK {
		return
	}
	m.report(proxy.Event{At: c.At, Kind: kinds[c.Part], Subject: c.Name, State: proxy.State(strings.ToLower(string(c.Health))), Text: c.Text})
}

// tell writes the signal to the files that keepalived tracks. The caller holds turn, or is newMachine. tell sets the new file before it
// clears the old one, so that a node that drains and then leaves is never ready in between.
func (m *machine) tell() error {
	digit := map[bool]string{false: "0\n", true: "1\n"}
	drain := func() error { return replaceFile(m.cfg.Drain, digit[m.signal == proxy.SignalDrain]) }
	leave := func() error { return replaceFile(m.cfg.Leave, digit[m.signal == proxy.SignalLeave]) }
	if m.signal == proxy.SignalLeave {
		return errors.Join(leave(), drain())
	}
	return errors.Join(drain(), leave())
}

// replaceFile replaces a file at once: readers see the old or the new text.
func replaceFile(name, text string) error {
	if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
		return err
	}
	if err := os.WriteFile(name+".new", []byte(text), 0o644); err != nil {
		return err
	}
	return os.Rename(name+".new", name)
}

// answer answers every connection with the signal, in the form of HAProxy's agent-check.
func (m *machine) answer(l net.Listener) {
	for {
		c, err := l.Accept()
		if errors.Is(err, net.ErrClosed) {
			return
		}
		if err != nil {
			time.Sleep(10 * time.Millisecond) // no file descriptor left, which passes
			continue
		}
		m.mu.Lock()
		text := m.signal.AgentCheck()
		m.mu.Unlock()
		_ = c.SetDeadline(time.Now().Add(time.Second))
		_, _ = c.Write([]byte(text))
		_ = c.Close()
	}
}

// lostPower turns the chassis off after a power loss that the chassis did not cause.
func (m *machine) lostPower(at int64) {
	m.mu.Lock()
	on := m.c.On()
	m.mu.Unlock()
	if !on {
		return
	}
	m.do(func(c *chassis.Chassis) []chassis.Change { return c.PowerOff(at) })
	m.mu.Lock()
	m.self = false
	m.mu.Unlock()
}

// powerOn waits until the chassis is no longer critical, and turns it on.
func (m *machine) powerOn(ctx context.Context) error {
	for {
		var refused error
		m.do(func(c *chassis.Chassis) (out []chassis.Change) {
			out, refused = c.PowerOn(proxy.Monotonic())
			return out
		})
		m.mu.Lock()
		at, cooling := m.c.Deadline()
		carries := m.c.Carries()
		m.mu.Unlock()
		if refused == nil {
			return nil
		}
		if !carries || !cooling {
			return refused
		}
		if err := awaitInstant(ctx, at); err != nil {
			return fmt.Errorf("%w: %w", refused, err)
		}
	}
}

// offByItself reports whether the chassis is off because it turned itself off.
func (m *machine) offByItself() bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.self
}
