package analyze

import (
	"github.com/seed-ab8b6914/spof/proxy"
	"github.com/seed-ab8b6914/spof/topology"
)

// moves counts how often an address moved for nothing while the fault lasted: it left a node that no fault struck, be it that
// no other took it. The way back is a move of its own. nil where there is no fault or no address, or nobody can tell who held it to begin with.
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

// needlessMoves counts how often one address, which holder has to begin with, left its holder: for another node, or for none.
func (r *run) needlessMoves(a topology.Address, holder string) (n int) {
	for _, e := range r.events {
		master := e.State == proxy.VRRPMaster
		if e.Kind != proxy.EventVRRP || e.Subject != a.Name || master == (e.Node == holder) {
			continue // another node's word of not holding it, or the holder's of holding it
		}
		if holder != "" && e.At >= r.effect && e.At < r.undo && !r.struck(holder) {
			n++
		}
		if holder = ""; master {
			holder = e.Node
		}
	}
	return n
}
