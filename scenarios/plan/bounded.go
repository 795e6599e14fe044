package plan

import (
	"fmt"
	"time"

	"github.com/seed-ab8b6914/spof/scenarios"
)

// longest is what a plan may last, and its timers' longest period: more than the phases and timers of files can come to.
const longest = 24 * time.Hour

// Bounded says what a plan has more of than Compile gives of files; nil: nothing.
func (p *Plan) Bounded() error {
	if p.End < 0 || p.End > longest || p.PhasePeriod < 0 || p.PhasePeriod > longest {
		return fmt.Errorf("it lasts %s with a period of %s; want 0s to %s", p.End, p.PhasePeriod, longest)
	}
	l, m := p.Scenario.Load, p.Scenario.Measure
	if !(l.Rate >= 0) || l.Timeout < 0 || l.Patience < 0 || !(m.Theta >= 0 && m.Theta <= 1) || m.Window < 0 || !(m.LatencyFactor >= 0) || m.LatencyFloor < 0 {
		return fmt.Errorf("a rate, a time or a measure is out of range: %+v, %+v", l, m)
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
			return fmt.Errorf("%d %s; at most %d are possible", c.n, c.what, c.most)
		}
	}
	if n := p.Scenario.Requests(); !(n <= scenarios.MaxRequests) {
		return fmt.Errorf("%g requests; a trial has at most %d", n, scenarios.MaxRequests)
	}
	return nil
}
