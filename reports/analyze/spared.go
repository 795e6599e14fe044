package analyze

import (
	"math"
	"slices"
	"sort"

	"github.com/seed-ab8b6914/spof/proxy"
	"github.com/seed-ab8b6914/spof/proxy/load"
	"github.com/seed-ab8b6914/spof/sim/trace"
)

// without is the run as it may have been at best if a mechanism had not acted at an instant: from then on every request is answered as before
// the fault, and no mechanism acts. What was measured before that instant stays. Delayed requests count as in time.
func (r *run) without(at int64) *run {
	other := *r
	other.needless, other.undelayed = nil, nil
	other.samples = slices.Clone(r.samples)
	usual := int64(r.before.P50 * 1e6)
	for i := range other.samples {
		switch s := &other.samples[i]; {
		case answered(*s) > at && s.Scheduled+r.standard.patience >= at:
			s.Outcome, s.Done = load.OK, uint32(min(int64(s.Done), max(at-s.Scheduled, usual)/1000))
			if s.Scheduled >= at {
				s.SYNs = 0
			}
		case r.delayed(*s):
			r.count(s)
		}
	}
	other.events = r.settled(at)
	other.judgeAgain()
	return &other
}

// count makes a request count as in time.
func (r *run) count(s *trace.Sample) {
	s.Done, s.Outcome = uint32(min(r.standard.patience/1000, math.MaxUint32)), load.OK
}

// judgeAgain finds the outages again after a change of samples.
func (r *run) judgeAgain() {
	r.outage, r.outages, r.ender, r.until = nil, nil, "", r.undo
	r.findOutage()
}

// settled are the events as if no mechanism acted from an instant on: at that instant each address has one holder and each stream is open.
func (r *run) settled(at int64) (events []trace.Event) {
	then := []trace.Event{}
	for _, e := range r.events {
		switch late := e.At >= at; {
		case e.Kind == proxy.EventStreamEnd:
			e.For = 0
			then = append(then, e)
		case late && slices.Contains(moving, e.Kind):
		case late:
			then = append(then, e)
		default:
			events = append(events, e)
			if e.Kind == proxy.EventStreamBroken {
				e.Kind, e.At = proxy.EventStreamOpen, at
				then = slices.Insert(then, 0, e)
			}
		}
	}
	n := sort.Search(len(r.events), func(i int) bool { return r.events[i].At >= at })
	for _, a := range r.plan.Topology.Addresses {
		holder, _ := r.holderBefore(n, a)
		for _, m := range a.Members {
			if m.Node != holder {
				events = append(events, trace.Event{At: at, Kind: proxy.EventVRRP, Node: m.Node, Subject: a.Name, State: proxy.VRRPBackup})
			}
		}
	}
	return append(events, then...)
}

// moving are the kinds of event that settled ends: acts of mechanisms and what they do to users.
var moving = []proxy.EventKind{
	proxy.EventVRRP, proxy.EventAddress, proxy.EventAnnounced, proxy.EventRoute, proxy.EventServerUp, proxy.EventServerDown, proxy.EventPeerDead,
	proxy.EventRecord, proxy.EventPACBad, proxy.EventStreamOpen, proxy.EventStreamBroken, proxy.EventSessionBroken,
}

// widenByNeedless widens the ranges of the measures that the mechanism's needless action can have made worse: they reach to the value that
// the measure has without it.
func (r *run) widenByNeedless(t *Trial) {
	if r.needless == nil {
		return
	}
	for i := range Measures {
		m := &Measures[i]
		best, ok := m.RangeOf(&r.best)
		if m.Best == nil || !ok {
			continue
		}
		v := best.Lo
		if m.Better == Higher {
			v = best.Hi
		}
		if g, ok := m.RangeOf(t); ok && (m.Better == Lower && v < g.Lo || m.Better == Higher && v > g.Hi) {
			t.widen(m, v, r.needless.text, healthyNodeFailed)
		}
	}
}
