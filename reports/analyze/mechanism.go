package analyze

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"github.com/seed-ab8b6914/spof/proxy"
	"github.com/seed-ab8b6914/spof/sim/trace"
	"github.com/seed-ab8b6914/spof/topology"
)

// mechanisms are the events of the failover mechanisms in the window; nil: not seen.
type mechanisms struct {
	left   *trace.Event   // the struck node left the election: FAULT or BACKUP
	master *trace.Event   // another node took the address
	down   *trace.Event   // a balancer or a Squid that users enter at, a DNS responder or the first of their browsers took the struck node out of service
	downs  []*trace.Event // down, and the first such event of each other place that was struck
	others []*trace.Event // the first of each place that was not struck and that users need: the load's or the machine's doing
}

// mechanisms finds the first event of each kind in the window.
func (r *run) mechanisms() mechanisms {
	var m mechanisms
	f := r.first()
	if f == nil {
		return m
	}
	keep := func(slot **trace.Event, e *trace.Event) {
		if *slot == nil {
			*slot = e
		}
	}
	first := func(list *[]*trace.Event, e *trace.Event) {
		if !slices.ContainsFunc(*list, func(d *trace.Event) bool { return d.Subject == e.Subject }) {
			*list = append(*list, e)
		}
	}
	keepDown := func(e *trace.Event) {
		keep(&m.down, e)
		first(&m.downs, e)
	}
	for i := range r.events {
		e := &r.events[i]
		switch {
		case e.At < r.effect-int64(r.uncertainty()) || e.At >= r.until:
		case e.Kind == proxy.EventRecord && e.State == proxy.RecordWithdrawn && r.struck(e.Subject):
			keepDown(e)
		case e.Kind == proxy.EventPACBad && r.struck(e.Subject):
			keepDown(e) // the first user knows; the others find out each by themselves
		case e.Kind == proxy.EventServerDown || e.Kind == proxy.EventPeerDead:
			switch {
			case r.standsBy(e.Node, e.At):
			case r.about(e.Subject):
				keepDown(e)
			default:
				first(&m.others, e)
			}
		case e.Kind != proxy.EventVRRP || f.Address != "" && e.Subject != f.Address:
		case r.struckBy(e.Node, e.At) && e.State != proxy.VRRPMaster && m.master == nil:
			keep(&m.left, e)
		case !r.struckBy(e.Node, e.At) && e.State == proxy.VRRPMaster:
			keep(&m.master, e)
		}
	}
	return m
}

// about reports whether a balancer's name for a server, such as squid-a or proxies/squid-a, means a node that was struck,
// or one whose WAN link was.
func (r *run) about(server string) bool {
	return server == "" || r.isOf(server, r.struck)
}

// isOf reports whether something is true of a node, or of one of its links, that a balancer's name for a server means.
func (r *run) isOf(server string, is func(string) bool) bool {
	return slices.ContainsFunc(strings.Split(server, "/"), func(node string) bool {
		return is(node) || slices.ContainsFunc(r.plan.Topology.LinksOf(node), is)
	})
}

// standsBy reports whether a node is known not to hold the address at which most users enter: its checks of servers
// do not matter to users. With preemption the member of highest priority holds the address until an event says otherwise;
// without preemption the holder is unknown, and the result is false.
func (r *run) standsBy(node string, at int64) bool {
	if len(r.plan.Topology.Users) == 0 {
		return false
	}
	largest := slices.MaxFunc(r.plan.Topology.Users, func(a, b topology.Group) int { return cmp.Compare(a.Count, b.Count) })
	address, ok := r.plan.Topology.EntryAddress(largest.Name)
	if !ok || !address.Preempt || !slices.ContainsFunc(address.Members, func(m topology.Member) bool { return m.Node == node }) {
		return false
	}
	holder := address.Members[0].Node
	for _, e := range r.events {
		if e.At <= at && e.Kind == proxy.EventVRRP && e.Subject == address.Name && e.State == proxy.VRRPMaster {
			holder = e.Node
		}
	}
	return node != holder
}

// since gives the time from the effect to an event in ms; nil without one. An event that the uncertainty puts before the
// effect is at 0.
func (r *run) since(e *trace.Event) *float64 {
	if e == nil {
		return nil
	}
	v := max(0, ms(e.At-r.effect))
	return &v
}

// split says where the failover's time went. A mechanism's event that came after the failover had no part in it, and
// what no event shows stays nil. If the struck node reported its own failure, detecting ends and deciding begins with
// that event. If it fell silent, the peers' timer covers both, and all of it counts as detecting. No event shows switching (the
// network learns the new place of the address) yet.
func (r *run) split(failover *float64) *Split {
	if failover == nil || r.ender == EndedByRepair { // no mechanism had a part in it
		return nil
	}
	m := r.mechanisms()
	latest := *failover + r.tolerance(nil)
	had := func(e *trace.Event) *float64 {
		if v := r.since(e); v != nil && *v <= latest {
			return v
		}
		return nil
	}
	left, master, down := had(m.left), had(m.master), had(m.down)
	var s Split
	last := 0.0
	switch {
	case master != nil && left != nil:
		decide := *master - *left
		s.Detect, s.Decide, last = left, &decide, *master
	case master != nil:
		s.Detect, last = master, *master
	case down != nil:
		s.Detect = down
	default:
		return nil
	}
	if down != nil {
		last = max(last, *down)
	}
	client := max(0, *failover-last)
	s.Client = &client
	return &s
}

// tolerance is how far an instant may be off in ms: the printed resolution, and the uncertainty of the effect, of the
// clocks and of the event, if it is one.
func (r *run) tolerance(e *trace.Event) float64 {
	d := r.uncertainty()
	if e != nil {
		d += e.Uncertainty
	}
	return r.resolution() + ms(d)
}

// predicted compares the trial with what the configuration's timers say of its first planned fault. Where the interval
// bounds a mechanism's event and not the users, it is the event that must lie inside.
func (r *run) predicted(failover *float64) *Predicted {
	if len(r.faults) == 0 || r.faults[0].Predicted == nil {
		return nil
	}
	p := r.faults[0].Predicted
	out := &Predicted{Lo: ms(p.Lo), Hi: ms(p.Hi), Never: p.Never, Event: p.Event, EventOnly: p.EventOnly, Text: p.Text}
	m := r.mechanisms()
	var event *trace.Event
	switch proxy.EventKind(p.Event) {
	case proxy.EventVRRP:
		event = m.master
	case proxy.EventServerDown, proxy.EventPeerDead, proxy.EventRecord:
		event = m.down
	}
	out.EventMS = r.since(event)
	seen := r.failoverRange()
	if p.EventOnly {
		seen = Range{Lo: 1, Hi: -1} // of no event
		if v := out.EventMS; v != nil {
			off := r.tolerance(event)
			seen = Range{Lo: *v - off, Hi: *v + off}
		}
	}
	switch {
	case p.Never:
		out.Inside = r.outage != nil && r.ender != EndedByMechanism
	case failover != nil || p.EventOnly:
		out.Inside = seen.Lo <= seen.Hi && seen.overlaps(out.Lo, out.Hi)
	}
	return out
}

// effectDelay is the time from the instant planned for the first fault to its effect, in ms.
func (r *run) effectDelay() float64 {
	f := r.first()
	if f == nil || f.asked == nil {
		return 0
	}
	return ms(time.Duration(f.effect.At - f.asked.At))
}
