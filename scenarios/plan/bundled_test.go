package plan_test

import (
	"errors"
	"sync"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/seed-ab8b6914/spof/reason"
	"github.com/seed-ab8b6914/spof/reports/analyze"
	"github.com/seed-ab8b6914/spof/scenarios"
	"github.com/seed-ab8b6914/spof/scenarios/plan"
	"github.com/seed-ab8b6914/spof/scenarios/scenariotest"
	"github.com/seed-ab8b6914/spof/topology"
)

var _ = Describe("the bundled scenarios on the bundled designs", func() {
	for _, name := range topology.Designs() {
		load := sync.OnceValues(func() (*topology.Topology, error) { return topology.Load(name) })
		for _, scenario := range scenarios.Library() {
			It(scenario+" on "+name+" compiles, or the error has a code", func() {
				t, err := load()
				Expect(err).NotTo(HaveOccurred())
				s := scenariotest.Bundled(scenario)
				p, err := plan.Compile(t, s, 1, 10)
				if err != nil {
					Expect(reason.Codes(err)).NotTo(BeEmpty())
					Expect(err).To(MatchError(MatchRegexp(`^`+scenario+`\.yaml:\d+:\d+: scenario `+scenario+` on `+name+`: fault \d+ `)), "with its position")
					return
				}
				for i, f := range p.Faults {
					if f.Predicted == nil || f.Predicted.Never {
						p.DependsOn(i) // panics at no design
					} else if f.Predicted.Hi > 0 {
						Expect(p.DependsOn(i)).NotTo(BeEmpty(), "an interval comes from a setting")
					}
					Expect(f.Unpredicted != "").To(Equal(f.Predicted == nil), "a prediction, or the reason for none")
					if f.Predicted != nil && !f.Predicted.Never {
						Expect(f.Predicted.Hi+s.Measure.Window).To(BeNumerically("<", s.Phases.Fault), "the prediction must fit into the fault phase")
					}
				}
			})
		}
	}

	for _, name := range []string{"single", "active-passive", "active-active"} {
		for _, scenario := range []string{"node-death", "proxy-death", "service-crash", "service-hang", "wan-loss"} {
			It(scenario+" on "+name+" has a prediction", func() {
				t, err := topology.Load(name)
				Expect(err).NotTo(HaveOccurred())
				p, err := plan.Compile(t, scenariotest.Bundled(scenario), 1, 1)
				Expect(err).NotTo(HaveOccurred())
				for _, f := range p.Faults {
					Expect(f.Predicted).NotTo(BeNil())
					Expect(f.Predicted.Never).To(Equal(name == "single" || scenario == "wan-loss"))
				}
			})
		}
	}
})

var _ = Describe("a scenario that a design cannot have", func() {
	It("names what the design lacks, with and without the cell", func() {
		t, err := topology.Load("single")
		Expect(err).NotTo(HaveOccurred())
		s, err := scenarios.Read("ours.yaml", []byte(`scenario: ours
load: {rate: 20/s}
phases: {baseline: 2s, fault: 2s, recovery: 2s}
faults:
  - {kind: power-loss, target: standby, for: 1s}
  - {kind: power-loss, target: standby, at: 1s}
expect: {corrupted: "== 0"}
`), analyze.Expectable())

		Expect(err).NotTo(HaveOccurred())
		_, err = plan.Compile(t, s, 1, 1)
		var misfit *plan.TargetError
		Expect(errors.As(err, &misfit)).To(BeTrue())
		Expect(misfit.Error()).To(Equal("ours.yaml:5:32: scenario ours on single: fault 1 (power-loss): target standby: no node stands by for proxy-a"))
		Expect(plan.Reason(err)).To(Equal("target standby: no node stands by for proxy-a"), "once for two faults")
		Expect(reason.Codes(err)).To(Equal([]string{"no-standby"}))
		Expect(plan.Reason(errors.New("else"))).To(Equal("else"))
	})
})

// lingering sets the shutdown_lifetime of the Squids.
func lingering(t *topology.Topology, lifetime time.Duration) *topology.Topology {
	for i := range t.Nodes {
		if s := &t.Nodes[i].Services[0]; s.Engine == topology.Squid {
			s.Timers = &topology.Timers{ShutdownLifetime: lifetime}
		}
	}
	return t
}
