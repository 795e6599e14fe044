package analyze

import (
	"cmp"
	"slices"
	"sort"
	"strings"
	"time"

	"github.com/seed-ab8b6914/spof/proxy"
	"github.com/seed-ab8b6914/spof/proxy/load"
	"github.com/seed-ab8b6914/spof/scenarios/plan"
	"github.com/seed-ab8b6914/spof/sim/trace"
)

// run is a trace made ready for measuring. All its instants are ns from the start of the load.
type run struct {
	header  *trace.Header
	plan    *plan.Plan
	broken  string
	rate    float64 // requests per second that were due
	surges  []surge
	idle    bool            // the plan has no rate that makes sense; rate is 1 then
	samples []trace.Sample  // in the order in which they were due
	events  []trace.Event   // by time; At is ns from the start of the load
	faults  []injection     // in the order of the plan, one for each place that was struck
	machine []trace.Reading // by time; At is ns from the start of the load
	phase   time.Duration   // of this trial
	end     int64           // of the load

	// From the earliest effect of a fault to the last undoing. Without faults it is all of the load but the warm-up.
	effect, undo int64
	// repair is when the last undoing began, at most undo. Service that returns later is the repair's work.
	repair int64
	// until is the end of the window: undo, or the end of the outage where that comes later.
	until int64
	// outage is what the fault cost the users; nil: they never lost service, or nothing is known. ender is who ended it.
	outage *outage
	ender  string
	// outages are that one and the others, in the order of time.
	outages []outage
	// undelayed is this run with the delayed requests counted as in time, and the outages that follow from that; nil: none was delayed.
	undelayed *run
	// lateInputs is by how much, at most, an input of power was switched later than the plan of a loss of feeds says.
	lateInputs time.Duration
	// proven says that every planned fault took effect; without it the window means nothing.
	proven bool

	standard standard
	baseline []trace.Sample // known to be served or lost after the warm-up and before the effect; empty without faults
}

// injection is a planned fault at one place and what the trace says of it; events that are missing are nil.
type injection struct {
	plan.Fault
	node, service                              string
	repair                                     int64 // when its undoing began
	asked, effect, recoverAsked, recoverEffect *trace.Event
}

// farthest bounds instants, so that a trace with absurd ones does not overflow.
const farthest = int64(1) << 60

func clamp(at int64) int64 { return min(max(at, -farthest), farthest) }

// newRun orders a trace and finds its faults. It leaves the trace alone.
func newRun(t *trace.Trace) *run {
	r := &run{header: &t.Header, plan: &t.Header.Plan, broken: t.Broken, rate: t.Header.Plan.Scenario.Load.Rate}
	r.phase = t.Header.Drawn().Phase
	if !(r.rate > 0 && r.rate < 1e9) {
		r.rate, r.idle = 1, true
	}
	r.samples = inOrder(t.Samples)
	r.events = slices.Clone(t.Events)
	for i := range r.events {
		r.events[i].At = clamp(clamp(r.events[i].At) - clamp(t.Header.Epoch))
	}
	slices.SortStableFunc(r.events, func(a, b trace.Event) int { return cmp.Compare(a.At, b.At) })
	r.end = clamp(int64(r.plan.End + r.phase))
	if n := len(r.samples); n > 0 {
		r.end = max(r.end, r.samples[n-1].Scheduled+1)
	}
	for _, e := range r.events {
		if e.Kind == proxy.EventInput {
			r.lateInputs = max(r.lateInputs, 2*min(max(e.Uncertainty, 0), time.Duration(farthest/4)))
		}
	}
	r.readMachine(t)
	r.findSurges()
	r.findFaults()
	r.findWindow()
	r.findBaseline()
	r.findOutage()
	r.findUndelayed()
	return r
}

// inOrder gives the samples in the order in which they were due. They arrive by completion; the rest of the key only
// makes the order, and so the result, independent of that.
func inOrder(samples []trace.Sample) []trace.Sample {
	s := slices.Clone(samples)
	for i := range s {
		s[i].Scheduled = clamp(s[i].Scheduled)
	}
	order := func(a, b trace.Sample) int {
		if a.Scheduled != b.Scheduled {
			return cmp.Compare(a.Scheduled, b.Scheduled)
		}
		return cmp.Or(cmp.Compare(a.User, b.User), cmp.Compare(a.Done, b.Done), cmp.Compare(a.Outcome, b.Outcome),
			cmp.Compare(a.Late, b.Late), cmp.Compare(a.FirstByte, b.FirstByte), cmp.Compare(a.Flags, b.Flags))
	}
	if !slices.IsSortedFunc(s, order) {
		slices.SortFunc(s, order)
	}
	return s
}

// findFaults pairs the planned faults with their events. A fault that strikes several places is there once for each.
func (r *run) findFaults() {
	for _, p := range r.plan.Faults {
		struck := []injection{}
		for i := range r.events {
			e := &r.events[i]
			if e.Fault != p.ID {
				continue
			}
			at := slices.IndexFunc(struck, func(f injection) bool { return f.node == e.Node && f.service == e.Service })
			if at < 0 {
				at = len(struck)
				struck = append(struck, injection{Fault: p, node: e.Node, service: e.Service})
			}
			struck[at].note(e)
		}
		if len(struck) == 0 {
			struck = []injection{{Fault: p}}
		}
		r.faults = append(r.faults, struck...)
	}
}

// note keeps the first event of each kind.
func (f *injection) note(e *trace.Event) {
	slot := map[proxy.EventKind]**trace.Event{
		proxy.EventFaultAsked: &f.asked, proxy.EventFaultEffect: &f.effect,
		proxy.EventRecoverAsked: &f.recoverAsked, proxy.EventRecoverEffect: &f.recoverEffect,
	}[e.Kind]
	if slot != nil && *slot == nil {
		*slot = e
	}
}

// place names what a fault strikes: a node or link, or a service on a node.
func (f *injection) place() string {
	if f.service != "" {
		return f.node + "/" + f.service
	}
	return f.node
}

// sameStrike is how far apart the effects of one fault at several places may be to count as one strike, ns.
const sameStrike = int64(100 * time.Millisecond)

// strike is a fault at all places where it took effect at one time.
type strike struct {
	injection
	places []string
}

// strikes are the faults that took effect, in the order of the plan.
func (r *run) strikes() (all []*strike) {
	for _, f := range r.faults {
		if f.effect == nil {
			continue
		}
		at := slices.IndexFunc(all, func(s *strike) bool {
			return s.ID == f.ID && max(s.effect.At-f.effect.At, f.effect.At-s.effect.At) <= sameStrike
		})
		if at < 0 {
			at = len(all)
			all = append(all, &strike{injection: f})
		}
		s := all[at]
		s.places = append(s.places, f.place())
		if f.effect.At < s.effect.At {
			s.effect = f.effect
		}
		if s.recoverEffect != nil && (f.recoverEffect == nil || f.recoverEffect.At > s.recoverEffect.At) {
			s.recoverEffect = f.recoverEffect
		}
	}
	return all
}

// findWindow finds effect, repair and undo. Where an undoing left no event, its planned instant stands in.
func (r *run) findWindow() {
	if len(r.faults) == 0 {
		r.proven = true
		r.effect, r.repair, r.undo, r.until = clamp(int64(r.plan.BaselineAt)), r.end, r.end, r.end
		return
	}
	r.proven, r.effect = true, farthest
	for _, f := range r.faults {
		if f.effect == nil {
			r.proven = false
			r.effect = min(r.effect, clamp(int64(f.At+r.phase)))
			continue
		}
		r.effect = min(r.effect, f.effect.At)
	}
	for i := range r.faults {
		f := &r.faults[i]
		undo := clamp(int64(f.Undo + r.phase))
		repair := undo
		if f.recoverAsked != nil {
			repair, undo = f.recoverAsked.At, f.recoverAsked.At
		}
		if f.recoverEffect != nil {
			undo = f.recoverEffect.At
			repair = min(repair, undo)
		}
		f.repair = repair
		if undo >= r.undo {
			r.undo, r.repair = undo, repair
		}
	}
	r.undo = max(min(r.undo, r.end), r.effect)
	r.repair = max(min(r.repair, r.undo), r.effect)
	r.until = r.undo
}

// findBaseline finds the baseline and the standard that it sets. Requests in flight at the effect are left out because
// the fault may have changed them, unless they were later than the patience by then: the fault did not cause that.
func (r *run) findBaseline() {
	if len(r.faults) > 0 {
		patience := newStandard(r.plan.Scenario, 0).patience
		for _, s := range r.between(clamp(int64(r.plan.BaselineAt)), r.effect) {
			if min(answered(s), s.Scheduled+patience) <= r.effect {
				r.baseline = append(r.baseline, s)
			}
		}
	}
	r.standard = newStandard(r.plan.Scenario, latency(r.baseline).P95)
}

// at gives the index of the first sample due at or after an instant.
func (r *run) at(instant int64) int {
	return sort.Search(len(r.samples), func(i int) bool { return r.samples[i].Scheduled >= instant })
}

// between gives the samples due in [from, to).
func (r *run) between(from, to int64) []trace.Sample {
	return r.samples[r.at(from):max(r.at(from), r.at(to))]
}

// window gives the samples due from the effect to the undoing, or to the end of the outage where that comes later.
func (r *run) window() []trace.Sample { return r.between(r.effect, r.until) }

// afterWarmUp gives all samples but those of the warm-up.
func (r *run) afterWarmUp() []trace.Sample {
	return r.between(clamp(int64(r.plan.BaselineAt)), r.end)
}

// inFlight gives the requests that were due before the effect and not answered by then.
func (r *run) inFlight() []trace.Sample {
	var s []trace.Sample
	if len(r.faults) > 0 {
		for _, one := range r.between(-farthest, r.effect) {
			if answered(one) > r.effect {
				s = append(s, one)
			}
		}
	}
	return s
}

// first gives the fault that took effect first; nil without faults or effects.
func (r *run) first() *injection {
	var first *injection
	for i := range r.faults {
		if f := &r.faults[i]; f.effect != nil && (first == nil || f.effect.At < first.effect.At) {
			first = f
		}
	}
	return first
}

// target names what the first fault struck, or, if it took no effect, what it might have.
func (r *run) target() string {
	var names []string
	if first := r.first(); first != nil {
		for _, f := range r.faults {
			if f.effect != nil && f.ID == first.ID {
				names = append(names, f.place())
			}
		}
		return strings.Join(names, ", ")
	}
	if len(r.faults) > 0 {
		for _, c := range r.faults[0].Candidates {
			names = append(names, c.Node)
		}
	}
	return strings.Join(names, " or ")
}

// struck reports whether any fault struck a node. A loss of feeds strikes only the nodes that lose their power: others have an event of
// it too, but go on.
func (r *run) struck(node string) bool { return r.struckBy(node, farthest) }

// struckBy is struck at an instant: faults of the plan, or targets of one fault, that follow later do not count.
func (r *run) struckBy(node string, at int64) bool {
	return r.hit(node, func(f injection) bool { return f.effect == nil || f.effect.At-int64(f.effect.Uncertainty) <= at })
}

// hit reports whether a fault of which something is true struck a node.
func (r *run) hit(node string, is func(injection) bool) bool {
	return slices.ContainsFunc(r.faults, func(f injection) bool {
		return f.node == node && is(f) && (len(f.Power) == 0 || r.lostPower(node))
	})
}

func (r *run) lostPower(node string) bool {
	return slices.ContainsFunc(r.events, func(e trace.Event) bool {
		return e.Node == node && e.Kind == proxy.EventPower && e.State == proxy.PowerOff
	})
}

// uncertainty is how far the effect instant may be off: the proof's own interval, the clocks, and how late an input of a node was lost or
// came back.
func (r *run) uncertainty() time.Duration {
	d := r.header.ClockUncertainty + r.lateInputs
	if f := r.first(); f != nil {
		d += f.effect.Uncertainty
	}
	return d
}

// resolution is the time between two requests in ms: no instant is known better from the users' side.
func (r *run) resolution() float64 { return 1000 / r.rate }

// failed reports whether a request did not succeed.
func failed(s trace.Sample) bool { return s.Outcome != load.OK }

// answered is when a request ended.
func answered(s trace.Sample) int64 { return s.Scheduled + int64(s.Done)*1000 }

func count(samples []trace.Sample, is func(trace.Sample) bool) (n int) {
	for _, s := range samples {
		if is(s) {
			n++
		}
	}
	return n
}

// ratio is a/b, and 0 where there is nothing to divide.
func ratio[N int | float64](a, b N) float64 {
	if b == 0 {
		return 0
	}
	return float64(a) / float64(b)
}

// ms gives nanoseconds as milliseconds.
func ms[N int64 | time.Duration](ns N) float64 { return float64(ns) / 1e6 }
