package plan

import (
	"fmt"
	"time"

	"github.com/seed-ab8b6914/spof/scenarios"
)

// Warnings lists the problems of the plan that are known before a run.
func (p *Plan) Warnings() []scenarios.Warning {
	all := p.Scenario.Feasible(p.Flight())
	for i, f := range p.Faults {
		if f.Predicted == nil {
			all = append(all, scenarios.Warning{Code: "no-prediction", At: []string{"faults"}, Fault: i + 1, Note: true,
				What: fmt.Sprintf("no prediction for %s: %s", f.Kind, f.Unpredicted)})
		}
	}
	return all
}

// Flight is how long a request is in flight: two answers over the slowest WAN link, at least scenarios.Shortly.
func (p *Plan) Flight() time.Duration {
	longest := scenarios.Shortly
	for _, w := range p.Topology.WAN {
		longest = max(longest, 2*w.Latency)
	}
	return longest
}
