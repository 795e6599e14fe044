package analyze

import (
	"slices"

	"github.com/seed-ab8b6914/spof/proxy"
	"github.com/seed-ab8b6914/spof/scenarios/target"
	"github.com/seed-ab8b6914/spof/topology"
)

// Handover is how long two nodes may hold an address at once while it moves, ms: they tell of it one after the other.
const Handover = 100

// dualActive is how long, from the effect to the end of the load, more than one node held an address (split brain), in ms,
// added up over the addresses; nil if the design has no address, or the first holder of one is unknown. A node without
// power holds no address.
func (r *run) dualActive() *float64 {
	if len(r.plan.Topology.Addresses) == 0 {
		return nil
	}
	total := 0.0
	for _, a := range r.plan.Topology.Addresses {
		holder, ok := r.firstHolder(a)
		if !ok {
			return nil
		}
		total += ms(r.dualTime(a.Name, holder))
	}
	return &total
}

// dualTime adds up the time in ns with more than one holder of an address, which holder has to begin with.
func (r *run) dualTime(address, holder string) (total int64) {
	masters := map[string]bool{holder: true}
	since := r.effect
	until := func(at int64) {
		if len(masters) > 1 && at > since {
			total += at - since
		}
		since = max(since, at)
	}
	for _, e := range r.events {
		master := e.Kind == proxy.EventVRRP && e.Subject == address && e.State == proxy.VRRPMaster
		gone := e.Kind == proxy.EventVRRP && e.Subject == address && e.State != proxy.VRRPMaster ||
			e.Kind == proxy.EventPower && e.State == proxy.PowerOff
		if !master && !gone {
			continue
		}
		until(e.At)
		if gone {
			delete(masters, e.Node)
		} else {
			masters[e.Node] = true
		}
	}
	until(r.end)
	return total
}

// firstHolder is the node that held an address when the trial began, in its steady state: with preemption the member of
// highest priority. Without, it is the member that was struck for holding it before anybody took it over, or the one whose first
// word is that it lets go of it; a member that was started anew says that of an address it never held.
func (r *run) firstHolder(a topology.Address) (string, bool) {
	if a.Preempt && len(a.Members) > 0 {
		return a.Members[0].Node, true
	}
	started, taken := map[string]bool{}, false
	for _, e := range r.events {
		switch {
		case e.Kind == proxy.EventFaultEffect && !taken:
			struck := func(f injection) bool {
				return f.ID == e.Fault && f.node == e.Node && f.Pick == target.PickHolder && f.Address == a.Name
			}
			if slices.ContainsFunc(r.faults, struck) {
				return e.Node, true
			}
		case e.Kind == proxy.EventServiceReady, e.Kind == proxy.EventPower:
			started[e.Node] = true
		case e.Kind != proxy.EventVRRP || e.Subject != a.Name:
		case e.State == proxy.VRRPMaster:
			taken, started[e.Node] = true, true
		case !started[e.Node]:
			return e.Node, true
		}
	}
	return "", false
}
