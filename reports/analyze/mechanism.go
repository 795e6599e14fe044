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
	left   *trace.Event   // the faulted node left the election: FAULT or BACKUP
	master *trace.Event   // another node took the address
	down   *trace.Event   // first removal of a target from service: by a balancer or Squid at the users' entry, a DNS responder or a browser
	downs  []*trace.Event // down, and the first such event of each other target
	others []*trace.Event // the first such event of each target without a fault, at the users' entry; load or the machine caused it
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
		case e.Kind == proxy.EventRecord && e.State == proxy.RecordWithdrawn && r.faulted(e.Subject):
			keepDown(e)
		case e.Kind == proxy.EventPACBad && r.faulted(e.Subject):
			keepDown(e) // each browser detects the failure by itself; the first event counts
		case e.Kind == proxy.EventServerDown || e.Kind == proxy.EventPeerDead:
			switch {
			case r.standsBy(e.Node, e.At):
			case r.about(e.Subject):
				keepDown(e)
			default:
				first(&m.others, e)
			}
		case e.Kind != proxy.EventVRRP || f.Address != "" && e.Subject != f.Address:
		case r.faultedBy(e.Node, e.At) && e.State != proxy.VRRPMaster && m.master == nil:
			keep(&m.left, e)
		case !r.faultedBy(e.Node, e.At) && e.State == proxy.VRRPMaster:
			keep(&m.master, e)
		}
	}
	return m
}

// about reports whether a balancer's name of a server, such as squid-a or proxies/squid-a, names a node with a fault, or a node whose WAN
// link has a fault. It is true for an empty name.
func (r *run) about(server string) bool {
	return server == "" || r.isOf(server, r.faulted)
}

// isOf reports whether a balancer's name of a server names a node for which is(node) or is(link) is true; link is any link of the node.
func (r *run) isOf(server string, is func(string) bool) bool {
	return slices.ContainsFunc(strings.Split(server, "/"), func(node string) bool {
		return is(node) || slices.ContainsFunc(r.plan.Topology.LinksOf(node), is)
	})
}

// standsBy reports whether a node is a known standby: it is a member of the address at which the largest group of users enters, and does
// not hold it. The health checks of a standby do not matter to users. With preemption the member of highest priority holds the address until
// an event says otherwise; without preemption the holder is unknown, and the result is false.
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

// since is the time from the effect to an event in ms; nil: no event. It is 0 for an event before the effect, which the uncertainty
// allows.
func (r *run) since(e *trace.Event) *float64 {
	if e == nil {
		return nil
	}
	v := max(0, ms(e.At-r.effect))
	return &v
}

// tolerance is the largest error of an instant in ms: the resolution, plus the uncertainty of the effect and of the clocks, plus that of
// the event if e is not nil.
func (r *run) tolerance(e *trace.Event) float64 {
	d := r.uncertainty()
	if e != nil {
		d += e.Uncertainty
	}
	return r.resolution() + ms(d)
}

// predicted compares the trial with the prediction for its first planned fault. If the interval bounds a mechanism's event and not the
// failover (EventOnly), the event must lie inside.
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
		seen = Range{Lo: 1, Hi: -1} // empty range: no event
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
