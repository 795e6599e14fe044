package analyze

import (
	"fmt"
	"slices"
	"strings"

	"github.com/seed-ab8b6914/spof/proxy"
	"github.com/seed-ab8b6914/spof/scenarios/fault"
	"github.com/seed-ab8b6914/spof/sim/trace"
	"github.com/seed-ab8b6914/spof/topology"
)

// healthyNodeFailed is the code of a doubt: a mechanism acted against a healthy node while the machine was the limit, see needless.
const healthyNodeFailed = "healthy-node-failed"

// needless is the first action of a mechanism against a node that no fault touches, of those that the machine can have caused: it was the
// limit for at least as long as the node would have had to be slow. On a faster machine the mechanism would not have acted.
type needless struct {
	at   int64  // ns from the start of the load, at least the effect
	text string // event, node, time and the state of the machine
}

// findNeedless finds the needless action. There is none if the plan predicts that no mechanism ends the outage.
func (r *run) findNeedless() {
	r.findUnwell()
	if !r.proven || r.repairPredicted() {
		return
	}
	for i := range r.events {
		e := &r.events[i]
		if e.At >= r.end {
			return
		}
		p, ok := r.unprovoked(i)
		if !ok || e.At < r.effect-int64(r.uncertainty()) && !r.inForce(i) {
			continue
		}
		if why := r.slowed(e.At, p); why != "" {
			r.needless = &needless{max(e.At, r.effect), fmt.Sprintf("%s at %.2f s, though no fault of the plan touches it, while %s", r.deed(*e), float64(e.At)/1e9, why)}
			r.spared = r.without(r.needless.at)
			r.best = r.spared.trial()
			return
		}
	}
}

// slowed says how the machine was the limit before an event, if it was for as long as p needs; else it is empty.
func (r *run) slowed(at int64, p grace) string {
	from := at - max(int64(p.over), r.standard.window)
	if r.machineDelay(from, at) < max(int64(p.need), narrowestMachineBin) {
		return ""
	}
	return r.limitedOnce(from, at)
}

// inForce reports whether the state of event i still held at the effect. No event tells when a browser or a Squid uses a proxy again.
func (r *run) inForce(i int) bool {
	e := r.events[i]
	if e.Kind == proxy.EventPACBad || e.Kind == proxy.EventPeerDead {
		return false
	}
	return !slices.ContainsFunc(r.events[i+1:], func(later trace.Event) bool {
		same := later.Kind == e.Kind || e.Kind == proxy.EventServerDown && later.Kind == proxy.EventServerUp
		return same && later.At <= r.effect && later.Node == e.Node && later.Subject == e.Subject
	})
}

// unprovoked reports whether event i is an action of a mechanism against a node that no fault touches, and how long the node must have
// been slow.
func (r *run) unprovoked(i int) (p grace, ok bool) {
	e := &r.events[i]
	switch e.Kind {
	case proxy.EventVRRP:
		if a, known := r.plan.Topology.Address(e.Subject); known {
			return r.unprovokedMove(i, a)
		}
	case proxy.EventServerDown, proxy.EventPeerDead, proxy.EventRecord:
		if e.Subject == "" || e.Kind == proxy.EventRecord && e.State != proxy.RecordWithdrawn || r.standsBy(e.Node, e.At) {
			return p, false
		}
		p, kind := r.graceOf(e)
		needed := []string{e.Node}
		for _, server := range strings.Split(e.Subject, "/") {
			needed = append(needed, r.needed(server, kind)...)
		}
		return p, !r.isOf(e.Subject, r.touched) && !slices.ContainsFunc(needed, r.touched)
	case proxy.EventPACBad:
		p, _ = r.graceOf(e)
		return p, !r.isOf(e.Subject, r.touched) && !slices.ContainsFunc(r.plan.Topology.Responders(), r.touched)
	}
	return p, false
}

// unprovokedMove is unprovoked for a state of VRRP. These are actions against a healthy node:
//   - It goes to FAULT, or gives the address up to a node that ranks below: its own check failed. A fault that the check can meet does not
//     touch it.
//   - A node that ranks below takes the address from it: its adverts came late.
func (r *run) unprovokedMove(i int, a topology.Address) (p grace, ok bool) {
	e := &r.events[i]
	holder, known := r.holderBefore(i, a)
	if e.State == proxy.VRRPMaster {
		healthy := known && holder != "" && holder != e.Node && place(a, e.Node) > place(a, holder) && !r.touched(holder) && !r.touched(e.Node)
		return grace{over: 4 * a.Advert, need: 2 * a.Advert}, healthy
	}
	gone := e.State == proxy.VRRPFault || known && holder == e.Node && !r.preempted(e, a)
	if !gone || a.Track == nil || slices.ContainsFunc(r.needed(e.Node, a.Track.Kind), r.touched) {
		return p, false
	}
	return graceIn(a.Track.Check), true
}

// place is a node's place in an address, 0 for the highest priority.
func place(a topology.Address, node string) int {
	return slices.IndexFunc(a.Members, func(m topology.Member) bool { return m.Node == node })
}

// preempted reports whether a node of higher priority took the address within a window of an event.
func (r *run) preempted(e *trace.Event, a topology.Address) bool {
	return slices.ContainsFunc(r.events, func(o trace.Event) bool {
		return o.Kind == proxy.EventVRRP && o.Subject == a.Name && o.State == proxy.VRRPMaster && place(a, o.Node) < place(a, e.Node) &&
			max(o.At-e.At, e.At-o.At) <= r.standard.window
	})
}

// holderBefore is the node that held an address before event i; empty: none.
func (r *run) holderBefore(i int, a topology.Address) (holder string, known bool) {
	holder, known = r.firstHolder(a)
	for _, e := range r.events[:i] {
		switch {
		case e.Kind != proxy.EventVRRP || e.Subject != a.Name:
		case e.State == proxy.VRRPMaster:
			holder, known = e.Node, true
		case e.Node == holder:
			holder = ""
		}
	}
	return holder, known
}

// touched reports whether a fault of the plan touches a node, a link or an origin: it strikes it, cuts it off, or changes the load of all. A
// node whose chassis warned, or whose service ended by itself, is not healthy either.
func (r *run) touched(name string) bool {
	struck := slices.ContainsFunc(r.faults, func(f injection) bool {
		kind, _ := fault.Of(f.Kind)
		return kind.Section == fault.OfLoad || f.node == name || slices.Contains(f.Apart, name)
	})
	return struck || r.unwell[name]
}

// findUnwell finds the nodes whose chassis warned or changed their power, or whose service ended by itself.
func (r *run) findUnwell() {
	r.unwell = map[string]bool{}
	for _, e := range r.events {
		switch e.Kind {
		case proxy.EventServiceExit, proxy.EventPSU, proxy.EventShutdown, proxy.EventPower:
			r.unwell[e.Node] = true
		case proxy.EventSignal:
			r.unwell[e.Node] = r.unwell[e.Node] || e.State != proxy.State(proxy.SignalReady)
		}
	}
}

// needed lists what a check of a node needs: the node, and if the check goes to the origin also the servers behind the node, their parents
// and siblings, the links and the origins.
func (r *run) needed(node string, kind topology.CheckKind) []string {
	t, names := &r.plan.Topology, []string{node}
	if kind != topology.CheckOrigin {
		return names
	}
	for at := 0; at < len(names); at++ {
		n, _ := t.Node(names[at])
		next := t.LinksOf(names[at])
		for _, s := range n.Services {
			if s.Balances() {
				next = append(next, s.Balance.All()...)
			}
			if s.Parents != nil {
				next = append(next, s.Parents.Nodes...)
			}
			if s.Cache != nil {
				next = append(next, s.Cache.Siblings...)
			}
		}
		for _, name := range next {
			if !slices.Contains(names, name) {
				names = append(names, name)
			}
		}
	}
	for _, o := range t.Origins {
		names = append(names, o.Name)
	}
	return names
}

// deed words an action.
func (r *run) deed(e trace.Event) string {
	switch {
	case e.Kind == proxy.EventVRRP && e.State == proxy.VRRPMaster:
		return e.Node + " took " + e.Subject + " from a node that works"
	case e.Kind == proxy.EventVRRP:
		return e.Node + " went to VRRP " + string(e.State)
	case e.Kind == proxy.EventRecord:
		return e.Node + " withdrew the record of " + e.Subject
	case e.Kind == proxy.EventPACBad:
		return "browsers set " + e.Subject + " aside"
	}
	return e.Node + " took " + e.Subject + " out of service"
}
