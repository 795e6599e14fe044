package agent

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/seed-ab8b6914/spof/proxy"
	"github.com/seed-ab8b6914/spof/proxy/chassis"
)

var errNoChassis = errors.New("this node has no chassis")

// move changes the chassis at an instant of CLOCK_MONOTONIC.
type move func(c *chassis.Chassis, at int64, f Fault) ([]chassis.Change, error)

// hardware makes an executor of two moves of the chassis.
func hardware(fail, repair move) Executor {
	return Executor{
		inject: func(h *host, ctx context.Context, f Fault) (proxy.Proven, error) {
			return h.strike(ctx, f, fail)
		},
		recover: func(h *host, ctx context.Context, f Fault) (proxy.Proven, error) {
			return h.mend(ctx, f, repair)
		},
	}
}

// strike makes a move of the chassis. If the move turns the chassis off, the node loses its power.
func (h *host) strike(ctx context.Context, f Fault, fail move) (p proxy.Proven, err error) {
	if h.machine == nil {
		return p, errNoChassis
	}
	began := proxy.Monotonic()
	why, off := h.machine.do(func(c *chassis.Chassis) (out []chassis.Change) {
		out, err = fail(c, began, f)
		for _, change := range out {
			p.Proof += strings.TrimSpace(change.Part+" "+change.Name) + ": " + change.Text + "; "
		}
		return out
	})
	p.Interval = proxy.Since(began)
	if err != nil {
		return p, err
	}
	if !off {
		p.Proof += h.machine.state()
		return p, nil
	}
	p, err = h.powerOff(ctx, f)
	p.Proof = why + ": " + p.Proof
	return p, err
}

// mend makes a move that repairs the chassis, and boots the node if its chassis had turned itself off.
func (h *host) mend(ctx context.Context, f Fault, repair move) (p proxy.Proven, err error) {
	if h.machine == nil {
		return p, errNoChassis
	}
	began := proxy.Monotonic()
	h.machine.do(func(c *chassis.Chassis) (out []chassis.Change) {
		out, err = repair(c, began, f)
		return out
	})
	p.Interval = proxy.Since(began)
	if err != nil || !h.machine.offByItself() {
		p.Proof = h.machine.state()
		return p, err
	}
	return h.powerOn(ctx, f)
}

// trip cuts the node's power after the chassis turned itself off at the instant of a threshold.
func (h *host) trip(at int64, why string) {
	h.turn.Lock()
	defer h.turn.Unlock()
	if h.life.Err() != nil || h.dark.Load() || !h.machine.offByItself() {
		return // the agent ended, the node is off already, or it was repaired meanwhile
	}
	ctx, cancel := context.WithTimeout(h.life, effectWithin)
	defer cancel()
	if _, err := h.powerOff(ctx, Fault{}); err != nil {
		h.report(proxy.Event{At: at, Kind: proxy.EventFailed, Text: fmt.Sprintf("%s, but the node still runs: %v", why, err)})
	}
}

// state describes the chassis, for a proof.
func (m *machine) state() string {
	m.mu.Lock()
	defer m.mu.Unlock()
	text := "health " + string(m.c.Health())
	for _, s := range m.cfg.Sensors {
		if t, ok := m.c.Temperature(s.Name); ok {
			text += fmt.Sprintf(", %s %.1f deg C", s.Name, t)
		}
	}
	return text
}
