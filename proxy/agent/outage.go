package agent

import (
	"context"
	"errors"
	"fmt"

	"github.com/seed-ab8b6914/spof/proxy"
	"github.com/seed-ab8b6914/spof/proxy/chassis"
	"github.com/seed-ab8b6914/spof/proxy/policy"
)

// PowerOutage executes a loss of feeds: the plan's time line says when each input of this node is lost and comes back. Recovery gives
// every input its mains again, and boots a node that lost its power.
var PowerOutage = Executor{inject: (*host).loseInputs, recover: (*host).restoreInputs}

// outage is the rest of an outage's time line on this node. The host's turn guards it.
type outage struct {
	fault Fault
	left  []policy.Change
	lost  map[string]bool // inputs, by their PSU
	end   context.CancelFunc
	err   error
}

// loseInputs makes the changes at the fault's instant, and starts follow for the later ones. If a UPS carries the node, the effect is
// only the chassis's event: the node has lost nothing yet.
func (h *host) loseInputs(ctx context.Context, f Fault) (p proxy.Proven, err error) {
	if h.machine == nil {
		return p, errNoChassis
	}
	var first []policy.Change
	o := &outage{fault: f, lost: map[string]bool{}}
	for _, c := range f.Power {
		switch {
		case c.Node != h.spec.Node, c.Supply == policy.Mains:
		case c.At == 0:
			first = append(first, c)
		default:
			o.left = append(o.left, c)
		}
	}
	if len(first) == 0 {
		return p, errors.New("the fault takes no input of this node")
	}
	o.moves(first)
	if p, err = h.input(ctx, first, f); err != nil {
		return p, err
	}
	run, cancel := context.WithCancel(h.life)
	o.end = cancel
	h.outages[f.ID] = o
	h.background.Go(func() { h.follow(run, o) })
	return p, nil
}

// follow makes the later changes of a time line, each at its instant.
func (h *host) follow(ctx context.Context, o *outage) {
	for at, more := h.next(ctx, o, false); more; at, more = h.next(ctx, o, true) {
		if awaitInstant(ctx, at) != nil {
			return
		}
	}
}

// next makes the changes of the present instant if due is set, and gives the instant of the next ones. more is false if there are none,
// or if ctx has ended.
func (h *host) next(ctx context.Context, o *outage, due bool) (at int64, more bool) {
	h.turn.Lock()
	defer h.turn.Unlock()
	if due && ctx.Err() == nil {
		h.due(o)
	}
	if len(o.left) == 0 || ctx.Err() != nil {
		return 0, false
	}
	return o.fault.At + o.left[0].At.Nanoseconds(), true
}

// due makes the changes of the next instant. If an input is lost or comes back, due reports the interval from the planned instant to
// the real one: a busy machine may be late. If one source takes over from another that still carries, no input changes.
func (h *host) due(o *outage) {
	n := 1
	for n < len(o.left) && o.left[n].At == o.left[0].At {
		n++
	}
	now := o.left[:n]
	o.left = o.left[n:]
	due, carried, moved := o.fault.At+now[0].At.Nanoseconds(), proxy.Monotonic(), o.moves(now)
	ctx, cancel := context.WithTimeout(h.life, recoverWithin)
	defer cancel()
	done, err := h.input(ctx, now, o.fault)
	if err != nil {
		o.err = errors.Join(o.err, err)
		return
	}
	if o.lost[now[0].PSU] { // an input that comes back is there before the node has booted
		carried = max(carried, done.After)
	}
	if moved {
		h.report(proxy.Interval{Before: due, After: carried}.Stamp(
			proxy.Event{Kind: proxy.EventInput, Subject: now[0].PSU, Text: now[0].Why}))
	}
}

// moves records the inputs that some changes lose or bring back, and reports whether an input changed.
func (o *outage) moves(now []policy.Change) (moved bool) {
	for _, c := range now {
		lost := c.Supply == policy.NoSupply
		moved = moved || lost != o.lost[c.PSU]
		o.lost[c.PSU] = lost
	}
	return moved
}

// input makes the changes of one instant: the node loses its power, boots, or still runs.
func (h *host) input(ctx context.Context, now []policy.Change, f Fault) (p proxy.Proven, err error) {
	gone := false
	move := func(c *chassis.Chassis, at int64, _ Fault) (out []chassis.Change, err error) {
		for _, change := range now {
			out = append(out, c.SetInput(at, change.Feed, change.Supply != policy.NoSupply)...)
		}
		return out, nil
	}
	for _, change := range now {
		gone = gone || change.Supply == policy.NoSupply
	}
	if gone {
		p, err = h.strike(ctx, f, move)
	} else {
		p, err = h.mend(ctx, f, move)
	}
	why := ""
	for _, change := range now {
		why += change.PSU + ": " + change.Why + "; "
		if change.Supply != policy.NoSupply && err == nil {
			h.report(proxy.Event{At: p.Before, Kind: proxy.EventPSU, Subject: change.PSU, State: proxy.HardwareWarning, Text: change.Why})
		}
	}
	p.Proof = why + p.Proof
	return p, err
}

// restoreInputs gives every input of the node its mains again, and boots a node that lost its power. It fails if a change of the time
// line was not made.
func (h *host) restoreInputs(ctx context.Context, f Fault) (p proxy.Proven, err error) {
	o := h.outages[f.ID]
	if o == nil {
		return p, fmt.Errorf("fault %s is not in force on this node", f.ID)
	}
	delete(h.outages, f.ID)
	o.end()
	for len(o.left) > 0 && o.fault.At+o.left[0].At.Nanoseconds() <= proxy.Monotonic() { // a busy machine is late
		h.due(o)
	}
	if len(o.left) > 0 {
		o.err = errors.Join(o.err, fmt.Errorf("the mains are back before %d planned change(s) of the node's inputs", len(o.left)))
	}
	p, err = h.mend(ctx, f, func(c *chassis.Chassis, at int64, f Fault) (out []chassis.Change, err error) {
		for _, change := range f.Power {
			if change.Node == h.spec.Node && change.Supply == policy.Mains {
				out = append(out, c.SetInput(at, change.Feed, true)...)
			}
		}
		return out, nil
	})
	p.Proof = "mains back: " + p.Proof
	return p, errors.Join(o.err, err)
}
