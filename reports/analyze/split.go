package analyze

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"github.com/seed-ab8b6914/spof/proxy"
	"github.com/seed-ab8b6914/spof/scenarios/fault"
	"github.com/seed-ab8b6914/spof/sim/trace"
)

// instant is a moment of a mechanism, ns from the start of the load, and its largest error beside that of the effect.
type instant struct {
	at  int64
	off time.Duration
}

func instantOf(e *trace.Event) *instant { return &instant{e.At, max(0, e.Uncertainty)} }

// chain is how a mechanism moved users: it noticed the failure, decided, and switched. An instant that the trace does not show is nil, and
// unknown says why. A chain has a decision or a switch, and never a notice without a decision.
type chain struct {
	by                         proxy.EventKind
	node                       string
	notice, decision, switched *instant
	unknown                    map[string]string
	again                      string // what service lost a second time; empty: the first switch lasted
}

func (c *chain) hide(p proxy.Part, why string) {
	if c.unknown == nil {
		c.unknown = map[string]string{}
	}
	c.unknown[string(p)] = why
}

// split divides the failover. It is nil, with the reason, if users lost service and nothing in the trace divides it.
func (r *run) split(t *Trial) (*Split, string) {
	switch {
	case t.FailoverMS == nil:
		return nil, "service was not back when the trial ended"
	case r.outage == nil:
		return nil, ""
	case r.ender == EndedByRepair:
		return nil, "no mechanism ended the outage"
	}
	c, why := r.chain()
	if c == nil {
		return nil, why
	}
	s := r.parts(c)
	if s.Waits = r.waits(s, t); c.again != "" {
		s.Waits = "a second failover: " + c.again
	}
	return s, ""
}

// parts measures the parts of a chain. An instant counts at the one before it, or at the return of service, if its error allows it to lie
// beyond: parts are never negative, and add up to the failover.
func (r *run) parts(c *chain) *Split {
	s := &Split{By: string(c.by), Node: c.node, UncertaintyMS: ms(r.uncertainty()), Unknown: c.unknown}
	last := r.effect
	until := func(i *instant) *float64 {
		if i == nil {
			return nil
		}
		at := min(max(i.at, last), r.outage.back)
		v := ms(at - last)
		last = at
		s.UncertaintyMS = max(s.UncertaintyMS, ms(r.uncertainty()+min(i.off, time.Duration(farthest))))
		return &v
	}
	s.Detect = until(cmp.Or(c.notice, c.decision, c.switched))
	if c.notice != nil {
		s.Decide = until(c.decision)
	}
	if c.decision != nil {
		s.Switch = until(c.switched)
	}
	client := ms(r.outage.back - last)
	s.Client = &client
	return s
}

// inTime reports whether an event may lie between the effect and the return of service, by the errors of its instant.
func (r *run) inTime(e *trace.Event) bool {
	return e.At >= r.effect-int64(r.uncertainty()) && ms(e.At-r.outage.back) <= r.tolerance(e)
}

// chain finds how the mechanism acted that ended the outage: the last one that acted before service was back. If several mechanisms have to
// act, users wait for the last.
func (r *run) chain() (c *chain, why string) {
	var last *trace.Event
	removed := map[string]string{} // server -> balancer that took it out first; the others may be standbys
	for i := range r.events {
		e := &r.events[i]
		if !r.inTime(e) || !r.acts(e) {
			continue
		}
		if e.Kind == proxy.EventServerDown || e.Kind == proxy.EventPeerDead {
			if by, known := removed[e.Subject]; known && by != e.Node {
				continue
			}
			removed[e.Subject] = e.Node
		}
		last = e
	}
	if last == nil {
		return nil, "no mechanism reported that it acted before service was back"
	}
	switch last.Kind {
	case proxy.EventServerUp:
		return r.restored(last), ""
	case proxy.EventServerDown, proxy.EventPeerDead, proxy.EventRecord:
		if last.State == proxy.RecordBack {
			return r.restored(last), ""
		}
		return r.removal(last), ""
	case proxy.EventPACBad: // the failed connection of a browser is its decision, and it connects to the next proxy at once
		i := instantOf(last)
		return &chain{by: last.Kind, node: last.Node, notice: i, decision: i, switched: i}, ""
	case proxy.EventRoute:
		c = &chain{by: last.Kind, node: last.Node, switched: instantOf(last)}
		c.hide(proxy.PartDecide, "only the change of the route is seen, not what decided it")
		c.hide(proxy.PartSwitch, "the change of the route ends it, and its begin is not seen")
		return c, ""
	}
	return r.election(last), ""
}

// acts reports whether an event shows that a mechanism moved users away from the target of a fault.
func (r *run) acts(e *trace.Event) bool {
	switch e.Kind {
	case proxy.EventVRRP, proxy.EventAddress, proxy.EventAnnounced:
		return r.takes(e) && r.enteredAt(e.Subject)
	case proxy.EventServerDown, proxy.EventPeerDead:
		return r.switches(*e, r.outage.back) && !r.standsBy(e.Node, e.At)
	case proxy.EventServerUp:
		return !r.standsBy(e.Node, e.At) && r.removedBefore(e) != nil
	case proxy.EventRecord:
		return e.State == proxy.RecordWithdrawn && r.switches(*e, r.outage.back) || e.State == proxy.RecordBack && r.removedBefore(e) != nil
	case proxy.EventPACBad:
		return r.switches(*e, r.outage.back)
	case proxy.EventRoute:
		return !r.faultedBy(e.Node, e.At)
	}
	return false
}

// takes reports whether an event shows that its node takes an address. A node with a fault may recover by itself.
func (r *run) takes(e *trace.Event) bool {
	switch {
	case r.faultedBy(e.Node, e.At) && e.At >= r.repair:
		return false
	case e.Kind == proxy.EventVRRP:
		return e.State == proxy.VRRPMaster
	case e.Kind == proxy.EventAddress:
		return e.State == proxy.Added
	}
	return e.Kind == proxy.EventAnnounced && e.State == proxy.AnnouncementSent
}

// enteredAt reports whether users enter at an address. If the design of the trace says of no group where it enters, every address counts.
func (r *run) enteredAt(address string) bool {
	known := false
	for _, g := range r.plan.Topology.Users {
		if a, ok := r.plan.Topology.EntryAddress(g.Name); ok {
			known = true
			if a.Name == address {
				return true
			}
		}
	}
	return !known
}

// election is the chain of a node that took an address; taken is one of the signs of it. The earliest sign since the node last gave the address
// up is the decision: keepalived adds and announces the address before it tells its state.
func (r *run) election(taken *trace.Event) *chain {
	c := &chain{by: proxy.EventVRRP, node: taken.Node}
	for i := range r.events {
		e := &r.events[i]
		switch {
		case e.Node != taken.Node || e.Subject != taken.Subject || !r.inTime(e):
		case r.takes(e):
			c.decision = cmp.Or(c.decision, instantOf(e))
		case e.Kind == proxy.EventVRRP || e.Kind == proxy.EventAddress:
			c.decision = nil
		}
		if e == taken {
			break
		}
	}
	left, again := r.leaving(taken.Subject, c.decision.at)
	switch {
	case left != nil:
		c.notice = instantOf(left)
		if again {
			c.again = fmt.Sprintf("%s gave the address up %s after the fault, and %s took it %s after the fault",
				left.Node, r.after(left.At), taken.Node, r.after(c.decision.at))
		}
	case r.silenced():
		c.notice = c.decision // the timer that ends is both: RFC 3768 and RFC 5798, 6.4.2
	default:
		c.hide(proxy.PartDecide, "the holder of the address reported no failure before another node took it")
	}
	var why string
	if c.switched, why = r.announced(taken.Subject, taken.Node, c.decision.at); c.switched == nil {
		c.hide(proxy.PartSwitch, why)
	}
	return c
}

// after words an instant by its time since the effect.
func (r *run) after(at int64) string { return duration(ms(max(0, at-r.effect))) }

// leaving is the first event in time, until an instant, by which the last holder of an address leaves the election; nil: none. again says that
// this holder had taken the address after the effect. If the design of the trace does not say who held it first, the nodes with a fault count
// as holders.
func (r *run) leaving(address string, until int64) (left *trace.Event, again bool) {
	a, known := r.plan.Topology.Address(address)
	holder := ""
	if known {
		holder, known = r.firstHolder(a)
	}
	for i := range r.events {
		e := &r.events[i]
		switch {
		case e.At > until:
			return left, again && left != nil
		case e.Kind != proxy.EventVRRP || e.Subject != address:
		case e.State == proxy.VRRPMaster:
			if holder = e.Node; e.At < until && r.inTime(e) {
				left, again = nil, true
			}
		case !r.inTime(e) || left != nil:
		case known && e.Node == holder || !known && r.faultedBy(e.Node, e.At):
			left = e
		}
	}
	return left, again && left != nil
}

// silenced reports whether a fault made a node silent towards the others, so that only their timers tell them.
func (r *run) silenced() bool {
	return slices.ContainsFunc(r.faults, func(f injection) bool {
		return f.effect != nil && (f.Kind == fault.PowerLoss || f.Kind == fault.LinkDown || f.Kind == fault.Partition || r.lostPower(f.node))
	})
}

// announced is when the users' nodes had heard that a node holds an address, or when the node announced it, if no users' node reports what
// it hears. Each group counts with the first announcement that it heard; the last group decides.
func (r *run) announced(address, node string, from int64) (at *instant, why string) {
	if len(r.header.Watching) == 0 {
		return nil, "the trace has no announcements of addresses"
	}
	sent := r.firstAnnouncement(node, proxy.AnnouncementSent, address, "", from)
	hardware := ""
	if sent != nil {
		at, hardware = instantOf(sent), sent.Hardware
	}
	var heard *trace.Event
	for _, g := range r.plan.Topology.Users {
		if e := r.firstAnnouncement(g.Name, proxy.AnnouncementHeard, address, hardware, from); e != nil && (heard == nil || e.At > heard.At) {
			heard = e
		}
	}
	if heard != nil {
		at = instantOf(heard)
	}
	switch {
	case at == nil:
		return nil, "no announcement of the address was seen"
	case ms(at.at-r.outage.back) > r.resolution()+ms(r.uncertainty()+at.off):
		return nil, "the announcement of the address came after service was back"
	}
	return at, ""
}

// firstAnnouncement is the first announcement of an address that a node sent or heard from an instant on; nil: none. An empty hardware
// address stands for any.
func (r *run) firstAnnouncement(node string, state proxy.State, address, hardware string, from int64) *trace.Event {
	i := slices.IndexFunc(r.events, func(e trace.Event) bool {
		return e.Kind == proxy.EventAnnounced && e.Node == node && e.State == state && e.Subject == address &&
			(hardware == "" || e.Hardware == hardware) && e.At+int64(min(max(e.Uncertainty, 0), time.Duration(farthest)))+int64(r.header.ClockUncertainty) >= from
	})
	if i < 0 {
		return nil
	}
	return &r.events[i]
}

// removedBefore is the event by which the node of a server-up or a record that is back took the same server, which no fault touches, out of service after
// the effect; nil: it did not.
func (r *run) removedBefore(up *trace.Event) (down *trace.Event) {
	for i := range r.events {
		e := &r.events[i]
		gone := e.Kind == proxy.EventServerDown || e.Kind == proxy.EventRecord && e.State == proxy.RecordWithdrawn
		if gone && e.At < up.At && r.inTime(e) && e.Node == up.Node && e.Subject == up.Subject && !r.about(e.Subject) {
			down = e
		}
	}
	return down
}

// restored is the chain of a balancer or DNS responder that took a server back which no fault touches: a second failover.
func (r *run) restored(up *trace.Event) *chain {
	down := r.removedBefore(up)
	c := &chain{by: up.Kind, node: up.Node, notice: instantOf(down), decision: instantOf(up)}
	c.switched = c.decision
	c.again = fmt.Sprintf("%s had %s out of service from %s to %s after the fault", up.Node, up.Subject, r.after(down.At), r.after(up.At))
	return c
}

// removal is the chain of a balancer, a Squid or a DNS responder that took a target out of service. It switches with its decision: its next
// connection or answer leaves the target out.
func (r *run) removal(down *trace.Event) *chain {
	c := &chain{by: down.Kind, node: down.Node, decision: instantOf(down)}
	c.switched = c.decision
	missed := slices.IndexFunc(r.events, func(e trace.Event) bool {
		return e.Kind == proxy.EventCheckFailed && e.Node == down.Node && e.Subject == down.Subject && r.inTime(&e) && e.At <= down.At
	})
	switch {
	case missed >= 0:
		c.notice = instantOf(&r.events[missed])
	case down.Kind == proxy.EventPeerDead:
		c.hide(proxy.PartDecide, "Squid reports no failed connection before it declares a peer dead")
	case down.For > 0:
		c.hide(proxy.PartDecide, "passive checks report no failed connection before their decision")
	default:
		c.hide(proxy.PartDecide, "no failed check was reported before the decision")
	}
	return c
}
