package analyze

import (
	"github.com/seed-ab8b6914/spof/proxy"
	"github.com/seed-ab8b6914/spof/topology"
)

// moves counts needless moves while the fault lasted: an address left a node without a fault, whether or not another node took it.
// The move back counts too. nil if there is no fault or no address, or if the first holder is unknown.
func (r *run) moves() *int {
	if len(r.faults) == 0 || len(r.plan.Topology.Addresses) == 0 {
		return nil
	}
	total := 0
	for _, a := range r.plan.Topology.Addresses {
		holder, ok := r.firstHolder(a)
		if !ok {
			return nil
		}
		total += r.needlessMoves(a, holder)
	}
	return &total
}

// needlessMoves counts how often an address left a holder without a fault: for another node, or for none. holder is the first holder.
func (r *run) needlessMoves(a topology.Address, holder string) (n int) {
	for _, e := range r.events {
		master := e.State == proxy.VRRPMaster
		if e.Kind != proxy.EventVRRP || e.Subject != a.Name || master == (e.Node == holder) {
			continue // no change: another node does not hold it, or the holder still holds it
		}
		if holder != "" && e.At >= r.effect && e.At < r.undo && !r.faulted(holder) {
			n++
		}
		if holder = ""; master {
			holder = e.Node
		}
	}
	return n
}
