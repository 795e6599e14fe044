package analyze

import (
	"slices"

	"github.com/seed-ab8b6914/spof/proxy"
	"github.com/seed-ab8b6914/spof/sim/trace"
)

// Who ended an outage.
const (
	EndedByMechanism = "mechanism" // service was back before the repair began, or a mechanism's own event shows that it acted
	EndedByRepair    = "repair"    // service was back only with the undoing of the fault
	EndedByNobody    = "nobody"    // service was not back when the trial ended
)

// enderOf says who ended an outage. Where the repair may have, it was a mechanism only if its own event says so.
func (r *run) enderOf(o outage) string {
	switch {
	case !o.ended:
		return EndedByNobody
	case o.hi <= r.repairOf(o):
		return EndedByMechanism
	}
	since := o.lo - r.standard.window
	if repair := r.repairOf(o); repair < r.repair { // users may follow long after, once their answers of DNS are too old
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

// repairOf is when the repair began that may have ended an outage: the first undoing of any fault since it began.
func (r *run) repairOf(o outage) int64 {
	first := r.repair
	for _, f := range r.faults {
		if f.repair > o.begin {
			first = min(first, f.repair)
		}
	}
	return first
}

// surelyRepaired reports whether service was gone until the repair began, as well as answers can tell. It is in doubt in two cases.
// Service was back before the repair. Or it may have been back more than a reading of the machine before the repair, and the machine was
// the limit from then to the first answers: a busy machine can hide that service is back. Only half a window before the repair is
// looked at.
func (r *run) surelyRepaired() bool {
	o, repair := r.outage, r.repairOf(*r.outage)
	early := max(o.lo, repair-r.standard.window/2)
	return o.back >= repair && (early >= repair-max(r.firstAnswerDelay(), narrowestMachineBin) || r.machineDelay(early, o.back)+r.firstAnswerDelay() < o.back-early)
}

// surelyLost reports whether service would not have been back at the end of the trial on any machine.
func (r *run) surelyLost() bool { return r.undelayed == nil || r.undelayed.ender == EndedByNobody }

// switches reports whether an event is of a mechanism that leads users away from what was struck, and service was back at an instant: one
// that gives their address to another node, takes out of service what was not being repaired by then, or, while another fault lasts,
// takes back what was repaired.
func (r *run) switches(e trace.Event, back int64) bool {
	lasts := func(node string) bool { return r.hit(node, func(f fault) bool { return f.repair >= back }) }
	mended := func(node string) bool {
		return e.At < r.repair && r.hit(node, func(f fault) bool { return f.repair <= e.At })
	}
	switch e.Kind {
	case proxy.EventVRRP:
		return e.State == proxy.VRRPMaster && (!r.struckBy(e.Node, e.At) || e.At < r.repair) // what was struck may be well by itself
	case proxy.EventServerUp:
		return r.isOf(e.Subject, mended)
	case proxy.EventServerDown, proxy.EventPeerDead:
		return e.Subject == "" && back <= r.repair || r.isOf(e.Subject, lasts)
	case proxy.EventRecord:
		return e.State == proxy.RecordWithdrawn && lasts(e.Subject) || e.State == proxy.RecordBack && mended(e.Subject)
	case proxy.EventPACBad:
		return lasts(e.Subject)
	}
	return false
}
