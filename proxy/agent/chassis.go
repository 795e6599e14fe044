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

// machine is the node's chassis at work: the state machine, its clock, and those who hear of it. Its Redfish service and
// its agent-check live on the node's own links and power, and are silent with them.
type machine struct {
	cfg    proxy.ChassisConfig
	report func(proxy.Event)
	// tripped carries out that the chassis has turned itself off. It is called without the lock.
	tripped func(at int64, why string)

	// turn serializes moves, each with its reports, so that reports leave in order. It is not held while tripped runs. report may look at
	// the machine, but must not move it.
	turn sync.Mutex
	// mu guards c, signal and self. It is held for a few instructions: never while an event is reported or a file is written.
	mu     sync.Mutex
	c      *chassis.Chassis
	signal proxy.Signal
	self   bool // it is off by its own doing

	wake   chan struct{} // a deadline may have changed
	listen []net.Listener
	face   *chassis.Redfish
	web    *http.Server

	end context.CancelFunc
}

// redfishWithin is how long a request to the Redfish service may take to arrive, how long from then on to be answered, and
// how long a connection may stay without one. Streams of events last, each event within a time of its own.
const redfishWithin = 3 * time.Second

// newMachine turns the chassis on, with all its interfaces. It acts until ctx ends; close ends its interfaces too.
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
		return nil, fmt.Errorf("agent-check of the chassis: %w", err)
	}
	redfish, err := net.Listen("tcp", cfg.Redfish)
	if err != nil {
		_ = signals.Close()
		return nil, fmt.Errorf("the Redfish service of the chassis: %w", err)
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

// close ends it.
func (m *machine) close() {
	m.end()
	m.face.Close()
	_ = m.web.Close()
	for _, l := range m.listen {
		_ = l.Close()
	}
}

// view is what Redfish shows.
func (m *machine) view() chassis.View {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.c.View(proxy.Monotonic())
}

// run lets the chassis reach its thresholds at their instants.
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

// do makes a move and tells of what changed. off says that the chassis has turned itself off by it, and why.
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
			m.report(proxy.Event{At: at, Kind: proxy.EventFailed, Text: "its signal is not told: " + err.Error()})
		}
		m.report(proxy.Event{At: at, Kind: proxy.EventSignal, State: proxy.State(now.signal), Text: "chassis " + strings.ToLower(string(now.health))})
	}
	select {
	case m.wake <- struct{}{}:
	default: // somebody has said so already
	}
	return why, now.off
}

// moved is what a move has changed.
type moved struct {
	changes   []chassis.Change
	health    chassis.Health
	signal    proxy.Signal
	on        bool
	off       bool // it was on before
	signalled bool // signal is new
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

// event reports a change; of the chassis's power the node itself reports, and here only why.
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

// tell writes the signal where keepalived sees it, in the turn of who has changed it: what holds now before what holds no longer, so that a node that drains
// and then leaves is never told in between that all is well.
func (m *machine) tell() error {
	digit := map[bool]string{false: "0\n", true: "1\n"}
	drain := func() error { return replaceFile(m.cfg.Drain, digit[m.signal == proxy.SignalDrain]) }
	leave := func() error { return replaceFile(m.cfg.Leave, digit[m.signal == proxy.SignalLeave]) }
	if m.signal == proxy.SignalLeave {
		return errors.Join(leave(), drain())
	}
	return errors.Join(drain(), leave())
}

// replaceFile writes a file so that nobody reads a half of it.
func replaceFile(name, text string) error {
	if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
		return err
	}
	if err := os.WriteFile(name+".new", []byte(text), 0o644); err != nil {
		return err
	}
	return os.Rename(name+".new", name)
}

// answer answers every connection with the signal, as HAProxy's agent-check has it.
func (m *machine) answer(l net.Listener) {
	for {
		c, err := l.Accept()
		if errors.Is(err, net.ErrClosed) {
			return
		}
		if err != nil {
			time.Sleep(10 * time.Millisecond) // out of descriptors, which passes
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

// lostPower is told of a loss of power that is not the chassis's own doing.
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

// powerOn turns the chassis on, as soon as it is no longer critical.
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

// offByItself reports whether the chassis has turned itself off, and nothing else did.
func (m *machine) offByItself() bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.self
}
