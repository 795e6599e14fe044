package analyze

import (
	"github.com/seed-ab8b6914/spof/proxy"
	"github.com/seed-ab8b6914/spof/scenarios"
	"github.com/seed-ab8b6914/spof/topology"
)

// dualActive is how long, from the effect to the end of the load, more than one node held an address (split brain), in ms,
// added up over the addresses; nil where there is no address, or nobody can tell who held one to begin with. A node that
// lost its power holds nothing.
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
		total += ms(r.doubled(a.Name, holder))
	}
	return &total
}

// doubled adds up the time in ns with more than one holder of an address, which holder has to begin with.
func (r *run) doubled(address, holder string) (total int64) {
	masters := map[string]bool{holder: true}
	since := r.effect
	until := func(at int64) {
		if len(masters) > 1 && at > since {
			total += at - since
		}
		since = max(since, at)
	}
	for _, e := range r.events {
		master := e.Kind == proxy.EventVRRP && e.Subject == address && e.State == vrrpMaster
		gone := e.Kind == proxy.EventVRRP && e.Subject == address && e.State != vrrpMaster ||
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
// highest priority. Without, it is the member that was struck for holding it, or whose first event was to let go of it.
func (r *run) firstHolder(a topology.Address) (string, bool) {
	if a.Preempt && len(a.Members) > 0 {
		return a.Members[0].Node, true
	}
	heard := map[string]bool{}
	for _, e := range r.events {
		if e.Kind != proxy.EventVRRP || e.Subject != a.Name || heard[e.Node] {
			continue
		}
		heard[e.Node] = true
		if e.State != vrrpMaster {
			return e.Node, true
		}
	}
	for _, f := range r.faults {
		if f.Pick == scenarios.PickHolder && f.Address == a.Name && f.node != "" {
			return f.node, true
		}
	}
	return "", false
}
