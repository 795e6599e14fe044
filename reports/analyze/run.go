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

// run is a trace prepared for measuring. All its instants are ns from the start of the load.
type run struct {
	header  *trace.Header
	plan    *plan.Plan
	broken  string
	rate    float64 // base rate of the load, requests per second
	surges  []surge
	idle    bool            // the plan has no valid rate; rate is 1 then
	samples []trace.Sample  // in the order in which they were due
	events  []trace.Event   // by time; At is ns from the start of the load
	faults  []injection     // in the order of the plan, one for each place with the fault
	machine []trace.Reading // by time; At is ns from the start of the load
	phase   time.Duration   // of this trial
	end     int64           // of the load

	// effect is the earliest effect of a fault, undo is the last undoing. Without faults they are the end of the warm-up and the end of the load.
	effect, undo int64
	// repair is the start of the last undoing, at most undo. If service returns later, the repair ended the outage.
	repair int64
	// until is the end of the window: undo, or the end of the outage if that is later.
	until int64
	// outage is the outage that counts; nil: users never lost service, or the faults are not proven. ender says how it ended.
	outage *outage
	ender  string
	// outages has all outages in the order of time.
	outages []outage
	// undelayed is this run with the delayed requests counted as in time, and the outages that follow from that; nil: none was delayed.
	undelayed *run
	// needless is an action against a healthy node that the machine can have caused; nil: none. spared is this run without it, and best its
	// figures.
	needless *needless
	spared   *run
	best     Trial
	unwell   map[string]bool // nodes that are not healthy, see findUnwell
	// lateInputs is the longest delay of a power input, compared with the plan of a loss of feeds.
	lateInputs time.Duration
	// proven says that every planned fault took effect; without it the window has no meaning.
	proven bool

	standard standard
	baseline []trace.Sample // requests of the baseline whose fate was known before the effect; empty without faults
	before   Quantiles      // latency of the baseline
}

// injection is a planned fault at one place, with its events in the trace; nil: no such event.
type injection struct {
	plan.Fault
	node, service                              string
	repair                                     int64 // start of its undoing
	asked, effect, recoverAsked, recoverEffect *trace.Event
}

// farthest bounds instants, so that the instants of a corrupt trace do not overflow.
const farthest = int64(1) << 60

func clamp(at int64) int64 { return min(max(at, -farthest), farthest) }

// newRun finds the faults, the baseline and the outages of a trace. It puts the samples of the trace in the order in which they were due: a
// copy would take as much memory again. It changes nothing else in the trace.
func newRun(t *trace.Trace) *run {
	r := &run{header: &t.Header, plan: &t.Header.Plan, broken: t.Broken, rate: t.Header.Plan.Scenario.Load.Rate}
	r.phase = t.Header.Drawn().Phase
	if !(r.rate > 0 && r.rate < 1e9) {
		r.rate, r.idle = 1, true
	}
	inOrder(t.Samples)
	r.samples = t.Samples
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
	r.findNeedless()
	return r
}

// inOrder sorts samples by the instant at which they were due. A run records them in the order in which they ended. The other fields of
// the key only make the result independent of that order.
func inOrder(s []trace.Sample) {
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
}

// findFaults pairs the planned faults with their events. A fault at several places has one entry for each.
func (r *run) findFaults() {
	for _, p := range r.plan.Faults {
		places := []injection{}
		for i := range r.events {
			e := &r.events[i]
			if e.Fault != p.ID {
				continue
			}
			at := slices.IndexFunc(places, func(f injection) bool { return f.node == e.Node && f.service == e.Service })
			if at < 0 {
				at = len(places)
				places = append(places, injection{Fault: p, node: e.Node, service: e.Service})
			}
			places[at].note(e)
		}
		if len(places) == 0 {
			places = []injection{{Fault: p}}
		}
		r.faults = append(r.faults, places...)
	}
}

// note keeps an event of the fault if it is the first of its kind.
func (f *injection) note(e *trace.Event) {
	slot := map[proxy.EventKind]**trace.Event{
		proxy.EventFaultAsked: &f.asked, proxy.EventFaultEffect: &f.effect,
		proxy.EventRecoverAsked: &f.recoverAsked, proxy.EventRecoverEffect: &f.recoverEffect,
	}[e.Kind]
	if slot != nil && *slot == nil {
		*slot = e
	}
}

// place names the target of a fault: a node or link, or a service on a node.
func (f *injection) place() string {
	if f.service != "" {
		return f.node + "/" + f.service
	}
	return f.node
}

// sameEffect is the longest time between effects of one fault at several places that count as one joint effect, ns.
const sameEffect = int64(100 * time.Millisecond)

// jointEffect is a fault with all places at which it took effect at the same time.
type jointEffect struct {
	injection
	places []string
}

// jointEffects returns the faults that took effect, in the order of the plan.
func (r *run) jointEffects() (all []*jointEffect) {
	for _, f := range r.faults {
		if f.effect == nil {
			continue
		}
		at := slices.IndexFunc(all, func(s *jointEffect) bool {
			return s.ID == f.ID && max(s.effect.At-f.effect.At, f.effect.At-s.effect.At) <= sameEffect
		})
		if at < 0 {
			at = len(all)
			all = append(all, &jointEffect{injection: f})
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

// findWindow finds effect, repair and undo. If an effect or an undoing has no event, its planned instant counts.
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

// findBaseline finds the baseline, and the standard that follows from it. It leaves out the requests in flight at the effect, because the
// fault may have changed them. A request that was later than the patience before the effect counts: the fault did not cause that.
func (r *run) findBaseline() {
	if len(r.faults) > 0 {
		patience := newStandard(r.plan.Scenario, 0).patience
		for _, s := range r.between(clamp(int64(r.plan.BaselineAt)), r.effect) {
			if min(answered(s), s.Scheduled+patience) <= r.effect {
				r.baseline = append(r.baseline, s)
			}
		}
	}
	r.before = latency(r.baseline)
	r.standard = newStandard(r.plan.Scenario, r.before.P95)
}

// at returns the index of the first sample due at or after an instant.
func (r *run) at(instant int64) int {
	return sort.Search(len(r.samples), func(i int) bool { return r.samples[i].Scheduled >= instant })
}

// between returns the samples due in [from, to).
func (r *run) between(from, to int64) []trace.Sample {
	return r.samples[r.at(from):max(r.at(from), r.at(to))]
}

// window returns the samples due from the effect to the undoing, or to the end of the outage if that is later.
func (r *run) window() []trace.Sample { return r.between(r.effect, r.until) }

// afterWarmUp returns all samples but those of the warm-up.
func (r *run) afterWarmUp() []trace.Sample {
	return r.between(clamp(int64(r.plan.BaselineAt)), r.end)
}

// inFlight returns the requests that were due before the effect and not answered by then.
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

// first returns the fault that took effect first; nil: no fault took effect.
func (r *run) first() *injection {
	var first *injection
	for i := range r.faults {
		if f := &r.faults[i]; f.effect != nil && (first == nil || f.effect.At < first.effect.At) {
			first = f
		}
	}
	return first
}

// target names the targets of the first fault that took effect. If no fault took effect, it names the candidates of the first planned fault.
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

// faulted reports whether a node has a fault. At a loss of feeds only the nodes that lose their power have a fault: other nodes have an event
// of it too, but go on.
func (r *run) faulted(node string) bool { return r.faultedBy(node, farthest) }

// faultedBy reports whether a node has a fault that took effect at an instant or before.
func (r *run) faultedBy(node string, at int64) bool {
	return r.hasFault(node, func(f injection) bool { return f.effect == nil || f.effect.At-int64(f.effect.Uncertainty) <= at })
}

// hasFault reports whether a node has a fault for which is(fault) is true.
func (r *run) hasFault(node string, is func(injection) bool) bool {
	return slices.ContainsFunc(r.faults, func(f injection) bool {
		return f.node == node && is(f) && (len(f.Power) == 0 || r.lostPower(node))
	})
}

func (r *run) lostPower(node string) bool {
	return slices.ContainsFunc(r.events, func(e trace.Event) bool {
		return e.Node == node && e.Kind == proxy.EventPower && e.State == proxy.PowerOff
	})
}

// uncertainty is the largest error of the effect instant: the interval of the proof, the clocks, and the delay of a power input.
func (r *run) uncertainty() time.Duration {
	d := r.header.ClockUncertainty + r.lateInputs
	if f := r.first(); f != nil {
		d += f.effect.Uncertainty
	}
	return d
}

// resolution is the time between two requests in ms. Requests show no instant more exactly.
func (r *run) resolution() float64 { return 1000 / r.rate }

// failed reports whether a request did not succeed.
func failed(s trace.Sample) bool { return s.Outcome != load.OK }

// answered is the instant at which a request ended.
func answered(s trace.Sample) int64 { return s.Scheduled + int64(s.Done)*1000 }

func count(samples []trace.Sample, is func(trace.Sample) bool) (n int) {
	for _, s := range samples {
		if is(s) {
			n++
		}
	}
	return n
}

// ratio is a/b; 0 if b is 0.
func ratio[N int | float64](a, b N) float64 {
	if b == 0 {
		return 0
	}
	return float64(a) / float64(b)
}

// ms converts nanoseconds to milliseconds.
func ms[N int64 | time.Duration](ns N) float64 { return float64(ns) / 1e6 }
