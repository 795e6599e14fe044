package campaign

import (
	"slices"
	"time"

	"github.com/seed-ab8b6914/spof/proxy"
	"github.com/seed-ab8b6914/spof/proxy/policy"
	"github.com/seed-ab8b6914/spof/scenarios"
	"github.com/seed-ab8b6914/spof/scenarios/plan"
	"github.com/seed-ab8b6914/spof/scenarios/predict"
	"github.com/seed-ab8b6914/spof/topology"
)

// What Shorten leaves beside what the timers say.
const (
	shortRate     = 40                      // requests per second: a resolution of 25 ms
	shortBaseline = 2600 * time.Millisecond // 104 requests and more
	shortMargin   = time.Second             // after the last timer or bound
	shortQuiet    = 3 * time.Second         // of a fault that should not show
	shortStart    = 500 * time.Millisecond  // a repaired node until its services listen
)

// Shorten is the scenario of a plan with its phases cut to what the design's own timers need, for a run of many cells. A
// fault lasts until its failover as predicted, the measure's window after it, and the users' patience, within which a
// request may be answered by the repair's doing; where no failover is to come, until every bound on it is past. The
// recovery lasts until what is repaired is taken back. No phase is longer than the scenario has it. What no formula bounds
// stays as it is, as do the warm-up, a fault with a length of its own, one of the hardware, which takes its course, and one
// under streams, which notice late. Where the load is no part of what happens there is less of it, so that more labs stand
// beside each other.
func Shorten(p *plan.Plan, s *scenarios.Scenario, known scenarios.Measures) *scenarios.Scenario {
	b := *s
	if !loaded(p) {
		b.Load.Rate = min(s.Load.Rate, shortRate)
	}
	if len(b.Feasible(p.Flight())) > len(s.Feasible(p.Flight())) { // less load may need longer phases than the scenario has
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
	if f.Kind == proxy.PowerLoss || f.Kind == proxy.Crash || f.Kind == proxy.Hang {
		b.Phases.Recovery = min(s.Phases.Recovery, takesBack(p)+b.Measure.Window)
	}
	return &b
}

// loaded reports whether the load is a part of what the scenario does to the design: it warms a cache, is what surges,
// meets a link that gets narrow, or is more than the narrowest link carries.
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

// takesBack is how long a design takes at most until it uses a repaired node again: its start, the checks that must
// succeed, and the election.
func takesBack(p *plan.Plan) time.Duration {
	var checked, elected time.Duration
	for _, n := range p.Topology.Nodes {
		for _, s := range n.Services {
			switch {
			case s.Balances() && s.Balance.Passive != nil:
				return p.Scenario.Phases.Recovery // a server that is set aside comes back by its own time
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
		return p.Scenario.Phases.Recovery // browsers come back by their own clock
	}
	return shortStart + checked + elected
}
