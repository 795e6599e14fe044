package analyze

import (
	"slices"

	"github.com/seed-ab8b6914/spof/proxy"
	"github.com/seed-ab8b6914/spof/sim/trace"
)

// How an outage ended.
const (
	EndedByMechanism = "mechanism" // service was back before the repair began, or a mechanism's own event shows that it acted
	EndedByRepair    = "repair"    // service was back only with the undoing of the fault
	EndedByNobody    = "nobody"    // service was not back when the trial ended
)

// enderOf says how an outage ended. If service may have come back after the repair began, a mechanism ended the outage only if an
// event shows that the mechanism acted.
func (r *run) enderOf(o outage) string {
	switch {
	case !o.ended:
		return EndedByNobody
	case o.hi <= r.repairOf(o):
		return EndedByMechanism
	}
	since := o.lo - r.standard.window
	if repair := r.repairOf(o); repair < r.repair { // users may follow much later, when the TTL of their DNS answers has passed
		since = min(since, repair)
	}
	acted := slices.ContainsFunc(r.events, func(e trace.Event) bool {
		return r.switches(e, o.back) && e.At >= since && e.At <= o.back+int64(r.uncertainty()+e.Uncertainty)
	})
	if acted {
		return EndedByMechanism
	}
	return EndedByRepair
}

// repairOf is when the repair began that may have ended an outage: the first repair of any fault after the outage began. Without one it
// is the trial's repair.
func (r *run) repairOf(o outage) int64 {
	first := r.repair
	for _, f := range r.faults {
		if f.repair > o.begin {
			first = min(first, f.repair)
		}
	}
	return first
}

// surelyRepaired reports whether the answers show that there was no service until the repair began. It is false in two cases:
//   - Service was back before the repair.
//   - Service may have been back before the repair by more than firstAnswerDelay and narrowestMachineBin, and the machine was the limit
//     from then to the first answers. A busy machine can hide that service is back. At most half a window before the repair counts.
func (r *run) surelyRepaired() bool {
	o, repair := r.outage, r.repairOf(*r.outage)
	early := max(o.lo, repair-r.standard.window/2)
	return o.back >= repair && (early >= repair-max(r.firstAnswerDelay(), narrowestMachineBin) || r.machineDelay(early, o.back)+r.firstAnswerDelay() < o.back-early)
}

// surelyLost reports whether service was not back when the trial ended, even if the delayed requests count as in time.
func (r *run) surelyLost() bool { return r.undelayed == nil || r.undelayed.ender == EndedByNobody }

// switches reports whether an event shows that a mechanism moved users away from the target of a fault; service was back at instant back.
// There are three such events:
//   - Another node takes the users' address.
//   - A target is taken out of service, and its repair had not begun at instant back.
//   - A repaired target is taken back into service while another fault lasts.
func (r *run) switches(e trace.Event, back int64) bool {
	lasts := func(node string) bool { return r.hasFault(node, func(f injection) bool { return f.repair >= back }) }
	repaired := func(node string) bool {
		return e.At < r.repair && r.hasFault(node, func(f injection) bool { return f.repair <= e.At })
	}
	switch e.Kind {
	case proxy.EventVRRP:
		return e.State == proxy.VRRPMaster && (!r.faultedBy(e.Node, e.At) || e.At < r.repair) // a node with a fault may recover by itself
	case proxy.EventServerUp:
		return r.isOf(e.Subject, repaired)
	case proxy.EventServerDown, proxy.EventPeerDead:
		return e.Subject == "" && back <= r.repair || r.isOf(e.Subject, lasts)
	case proxy.EventRecord:
		return e.State == proxy.RecordWithdrawn && lasts(e.Subject) || e.State == proxy.RecordBack && repaired(e.Subject)
	case proxy.EventPACBad:
		return lasts(e.Subject)
	}
	return false
}
