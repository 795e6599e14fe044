package analyze

import (
	"slices"

	"github.com/seed-ab8b6914/spof/proxy"
	"github.com/seed-ab8b6914/spof/scenarios/target"
	"github.com/seed-ab8b6914/spof/topology"
)

// Handover is the longest time for which two nodes may seem to hold an address while it moves, ms: the nodes report one after the other.
const Handover = 100

// dualActive is the time for which more than one node held an address (split brain), from the effect to the end of the load, in ms. It is
// the sum over the addresses. nil: the design has no address, or the first holder of one is unknown. A node without power holds no address.
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

// dualTime is the time with more than one holder of an address, ns. holder is the first holder.
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

// firstHolder is the node that held an address when the trial began; ok is false if it is unknown. With preemption it is the member of highest
// priority. Without preemption it is the first of:
//   - the target of a fault on the holder of this address, before any node became master
//   - the node whose first event is that it gives the address up; a node that was started again also reports this, and does not count
func (r *run) firstHolder(a topology.Address) (holder string, ok bool) {
	if a.Preempt && len(a.Members) > 0 {
		return a.Members[0].Node, true
	}
	started, taken := map[string]bool{}, false
	for _, e := range r.events {
		switch {
		case e.Kind == proxy.EventFaultEffect && !taken:
			onHolder := func(f injection) bool {
				return f.ID == e.Fault && f.node == e.Node && f.Pick == target.PickHolder && f.Address == a.Name
			}
			if slices.ContainsFunc(r.faults, onHolder) {
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
