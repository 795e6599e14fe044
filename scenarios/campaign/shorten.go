package campaign

import (
	"slices"
	"time"

	"github.com/seed-ab8b6914/spof/proxy/policy"
	"github.com/seed-ab8b6914/spof/scenarios"
	"github.com/seed-ab8b6914/spof/scenarios/fault"
	"github.com/seed-ab8b6914/spof/scenarios/plan"
	"github.com/seed-ab8b6914/spof/scenarios/predict"
	"github.com/seed-ab8b6914/spof/topology"
)

// What Shorten adds to the times of the design's timers.
const (
	shortRate     = 40                      // requests/s: a resolution of 25 ms
	shortBaseline = 2600 * time.Millisecond // at least 104 requests
	shortMargin   = time.Second             // after the last timer or bound
	shortQuiet    = 3 * time.Second         // of a fault without an outage
	shortStart    = 500 * time.Millisecond  // from a node's repair until its services listen
)

// Shorten is the scenario of a plan with phases as short as the design's timers allow, for a run of many cells.
//   - The fault lasts until the predicted failover, then the measure's window, then the users' patience: within it the repair may
//     still answer a request. Without a failover it lasts until every bound is passed.
//   - The recovery lasts until the design uses the repaired node again.
//   - The rate falls where the load does not change the result, so that more labs run at once.
//
// No phase gets longer. Unchanged are the warm-up, faults without a prediction or with their own length, hardware faults, and faults
// under streams, whose users notice late.
func Shorten(p *plan.Plan, s *scenarios.Scenario, known scenarios.Measures) *scenarios.Scenario {
	b := *s
	if !loaded(p) {
		b.Load.Rate = min(s.Load.Rate, shortRate)
	}
	if len(b.Feasible(p.Flight())) > len(s.Feasible(p.Flight())) { // at the lower rate the phases are too short
		b.Load.Rate = s.Load.Rate
	}
	if len(s.Faults) != 1 {
		return &b
	}
	b.Phases.Baseline = min(s.Phases.Baseline, max(shortBaseline, b.NeededBaseline(p.Flight())))
	f := p.Faults[0]
	if s.Faults[0].For != 0 || f.Predicted == nil || f.Predicted.EventOnly || f.Predicted.Repair || warns(s) || s.Load.Streams != nil {
		return &b
	}
	need := f.Predicted.Hi + b.Measure.Window + max(b.Load.Patience, shortMargin)
	switch {
	case f.Predicted.Never:
		need = patience(&b, known) + shortMargin
	case f.Predicted.Hi == 0:
		need = b.Measure.Window + shortQuiet
	}
	b.Phases.Fault = min(s.Phases.Fault, s.Faults[0].At+max(need, b.NeededFault()))
	if f.Kind == fault.PowerLoss || f.Kind == fault.LinkDown || f.Kind == fault.Crash || f.Kind == fault.Hang {
		b.Phases.Recovery = min(s.Phases.Recovery, takesBack(p)+b.Measure.Window)
	}
	return &b
}

// loaded reports whether the load changes the result: it fills a cache, it surges, a fault limits a link's bandwidth, or it exceeds
// the bandwidth of a link.
func loaded(p *plan.Plan) bool {
	l := p.Scenario.Load
	return l.Objects != nil ||
		slices.ContainsFunc(p.Faults, func(f plan.Fault) bool { return f.Bandwidth > 0 || f.Factor > 0 }) ||
		slices.ContainsFunc(p.Topology.WAN, func(w topology.Link) bool {
			return w.Bandwidth > 0 && l.Rate*float64(8*l.Body) > float64(w.Bandwidth)
		})
}

// patience is the longest outage that any expectation allows.
func patience(s *scenarios.Scenario, known scenarios.Measures) time.Duration {
	var longest time.Duration
	for _, e := range s.Expect {
		unit := map[string]time.Duration{"ms": time.Millisecond, "s": time.Second}[known[e.Measure].Unit]
		longest = max(longest, time.Duration(e.Value*float64(unit)))
	}
	return longest
}

// takesBack is the longest time until the design uses a repaired node again: its start, the checks that must succeed, and the
// election.
func takesBack(p *plan.Plan) time.Duration {
	var checked, elected time.Duration
	for _, n := range p.Topology.Nodes {
		for _, s := range n.Services {
			switch {
			case s.Balances() && s.Balance.Passive != nil:
				return p.Scenario.Phases.Recovery // fail_timeout brings the server back
			case s.Responds():
				checked = max(checked, predict.CheckTimers(s.DNS.Check).BalancerUp().Hi+s.DNS.TTL)
			case s.Balances():
				checked = max(checked, predict.BalancerTimers(*s.Balance).BalancerUp().Hi)
			}
		}
	}
	for _, a := range p.Topology.Addresses {
		if a.Track != nil {
			checked = max(checked, time.Duration(a.Track.Rise)*a.Track.Interval)
		}
		if a.Preempt {
			elected = max(elected, policy.VRRP{Version: a.Version, Advert: a.Advert, Priority: a.Members[0].Priority}.MasterDown())
		}
	}
	if slices.ContainsFunc(p.Topology.Users, func(g topology.Group) bool { return g.PAC != nil }) {
		return p.Scenario.Phases.Recovery // the browser's clock brings users back
	}
	return shortStart + checked + elected
}
