package plan

import (
	"time"

	"github.com/seed-ab8b6914/spof/reason"
	"github.com/seed-ab8b6914/spof/scenarios"
)

// longest bounds a plan's length and its timers' longest period. Plans of files are shorter.
const longest = 24 * time.Hour

// Bounded refuses a plan that is larger than any that Compile makes, or whose bounds cannot be judged. The error has a code, such as
// plan-out-of-bounds.
func (p *Plan) Bounded() error {
	if p.End < 0 || p.End > longest || p.PhasePeriod < 0 || p.PhasePeriod > longest {
		return reason.Errorf("plan-out-of-bounds", "it lasts %s with a period of %s; want 0s to %s", p.End, p.PhasePeriod, longest)
	}
	l, m := p.Scenario.Load, p.Scenario.Measure
	if !(l.Rate >= 0) || l.Timeout < 0 || l.Patience < 0 || !(m.Theta >= 0 && m.Theta <= 1) || m.Window < 0 || !(m.LatencyFactor >= 0) || m.LatencyFloor < 0 {
		return reason.Errorf("plan-out-of-bounds", "a rate, a time or a measure is out of range: %+v, %+v", l, m)
	}
	if err := p.Topology.Bounded(); err != nil {
		return err
	}
	struck, places := 0, len(p.Topology.WAN)+len(p.Topology.Origins)+len(p.Topology.Users)
	for _, f := range p.Faults {
		struck = max(struck, len(f.Candidates))
	}
	for _, n := range p.Topology.Nodes {
		places += 1 + len(n.Services)
	}
	for _, c := range []struct {
		what    string
		n, most int
	}{
		{"faults", max(len(p.Faults), len(p.Scenario.Faults)), scenarios.MaxFaults}, {"places of a fault", struck, places},
		{"expectations", len(p.Scenario.Expect), scenarios.MaxExpectations}, {"trials", len(p.Trials), MaxTrials},
	} {
		if c.n > c.most {
			return reason.Errorf("plan-out-of-bounds", "%d %s; at most %d are possible", c.n, c.what, c.most)
		}
	}
	if n := p.Scenario.Requests(); !(n <= scenarios.MaxRequests) {
		return reason.Errorf("plan-out-of-bounds", "%g requests; a trial has at most %d", n, scenarios.MaxRequests)
	}
	for _, e := range p.Scenario.Expect {
		if err := e.Operates(); err != nil {
			return err
		}
	}
	return nil
}
