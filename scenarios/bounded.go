package scenarios

import "fmt"

// Bounded says what a plan has more of than Compile gives of files; nil: nothing.
func (p *Plan) Bounded() error {
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
		{"faults", max(len(p.Faults), len(p.Scenario.Faults)), maxFaults}, {"places of a fault", struck, places},
		{"expectations", len(p.Scenario.Expect), len(Measures)}, {"trials", len(p.Trials), MaxTrials},
	} {
		if c.n > c.most {
			return fmt.Errorf("%d %s; at most %d are possible", c.n, c.what, c.most)
		}
	}
	if n := p.Scenario.Requests(); !(n <= MaxRequests) {
		return fmt.Errorf("%g requests; a trial has at most %d", n, MaxRequests)
	}
	return nil
}
