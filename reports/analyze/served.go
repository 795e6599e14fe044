package analyze

import (
	"slices"
	"time"

	"github.com/seed-ab8b6914/spof/proxy"
	"github.com/seed-ab8b6914/spof/proxy/load"
	"github.com/seed-ab8b6914/spof/sim/trace"
)

// Served is what a constant load was given: the requests due after the warm-up of a trial without faults. Nothing in it is judged.
type Served struct {
	Offered  int
	Share    float64        // of the requests, answered within the patience, 0-1
	P95MS    float64        // latency of the requests that succeeded; 0: none did
	Late     int            // answered after the patience
	Failures map[string]int // requests that failed, by outcome
	// Links is the traffic of each WAN link in its busier direction, bytes per second. A link without readings of its meter is missing.
	Links map[string]float64
	// Cores is how much of one core each service used in its busiest thread, 0-1, by "squid on proxy-a". A service without readings is missing.
	Cores map[string]float64
	// Machine says how the machine was the limit in any second; empty: it was not.
	Machine string
	// Ended says which service ended by itself; empty: none did.
	Ended string
	// Void says why the trial shows nothing; empty: it shows something.
	Void string
}

// ServedBy measures a trial without faults. It puts the samples of the trace in the order in which they were due.
func ServedBy(t *trace.Trace) Served {
	r := newRun(t)
	reqs := r.afterWarmUp()
	s := Served{Offered: len(reqs), P95MS: latency(reqs).P95, Late: count(reqs, r.standard.late), Failures: map[string]int{}, Links: map[string]float64{}}
	s.Share = 1 - ratio(count(reqs, r.standard.lost), len(reqs))
	for _, one := range reqs {
		if failed(one) {
			s.Failures[one.Outcome.String()]++
		}
	}
	from, to := clamp(int64(r.plan.BaselineAt)), clamp(int64(r.plan.End))
	s.Cores = r.cores(from, to)
	for _, link := range r.plan.Topology.WAN {
		if rate, ok := r.busierDirection(link.Name, from, to); ok {
			s.Links[link.Name] = rate
		}
	}
	s.Machine = r.limitedOnce(from, r.end)
	if ended := r.doubts(""); len(ended) > 0 {
		s.Ended = ended[0].text
	}
	void := slices.DeleteFunc(r.void(), func(w reason) bool { return w.code == "few-requests" }) // the caller knows how many it sent
	if len(void) > 0 {
		s.Void = void[0].text
	}
	if n := s.Failures[load.NotSent.String()]; n > 0 {
		s.Machine, s.Void = s.Void, "" // the load generator is a part of the machine
	}
	return s
}

// busierDirection is the traffic of a link between two instants in its busier direction, bytes per second. ok is false without readings of
// its meter.
func (r *run) busierDirection(link string, from, to int64) (rate float64, ok bool) {
	var up, down []reading
	for _, e := range r.events {
		if e.Kind == proxy.EventWANBytes && e.Node == link {
			up, down = append(up, reading{e.At, e.Up}), append(down, reading{e.At, e.Down})
		}
	}
	for _, direction := range [][]reading{up, down} {
		one, ok := perSecond(direction, from, to)
		if !ok {
			return 0, false
		}
		rate = max(rate, one)
	}
	return rate, true
}

// perSecond is the growth of a meter between two instants, per second. ok is false without readings at both.
func perSecond(all []reading, from, to int64) (rate float64, ok bool) {
	first, begun := near(all, from)
	last, ended := near(all, to)
	if !begun || !ended || last.at <= first.at {
		return 0, false
	}
	return float64(last.total-first.total) / time.Duration(last.at-first.at).Seconds(), true
}

// cores is how much of one core each service used between two instants, in the thread that has used most since its start. If that is
// another thread at the end than at the beginning, the true share is higher.
func (r *run) cores(from, to int64) map[string]float64 {
	meters := map[string][]reading{}
	for _, e := range r.events {
		if e.Kind == proxy.EventServiceCPU {
			name := e.Service + " on " + e.Node
			meters[name] = append(meters[name], reading{e.At, int64(e.For)})
		}
	}
	used := map[string]float64{}
	for name, all := range meters {
		if rate, ok := perSecond(all, from, to); ok {
			used[name] = min(max(rate/1e9, 0), 1)
		}
	}
	return used
}
