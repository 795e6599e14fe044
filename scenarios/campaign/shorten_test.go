package campaign_test

import (
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/seed-ab8b6914/spof/reports/analyze"
	"github.com/seed-ab8b6914/spof/scenarios"
	"github.com/seed-ab8b6914/spof/scenarios/campaign"
	"github.com/seed-ab8b6914/spof/scenarios/plan"
	"github.com/seed-ab8b6914/spof/scenarios/scenariotest"
	"github.com/seed-ab8b6914/spof/topology"
)

var _ = Describe("a brief scenario", func() {
	brief := func(scenario, name string) (full, cut *plan.Plan) {
		t, s := scenariotest.Design(name), scenariotest.Bundled(scenario)
		full, err := plan.Compile(t, s, 1, 1)
		Expect(err).NotTo(HaveOccurred())
		cut, err = plan.Compile(t, campaign.Shorten(full, s, analyze.Expectable()), 1, 1)
		Expect(err).NotTo(HaveOccurred())
		return full, cut
	}

	DescribeTable("cuts phases to what the timers need", func(scenario, name string, rate float64, fault, recovery time.Duration) {
		_, cut := brief(scenario, name)
		Expect(cut.Scenario.Load.Rate).To(Equal(rate))
		Expect(cut.Scenario.Phases.Fault).To(BeNumerically("~", fault, time.Millisecond))
		Expect(cut.Scenario.Phases.Recovery).To(BeNumerically("~", recovery, time.Millisecond))
	},
		Entry("the failover as predicted, the window and the patience", "node-death", "active-passive", 40., 6609*time.Millisecond, 6914*time.Millisecond),
		Entry("until every bound is past where service never returns", "node-death", "single", 40., 6*time.Second, 1500*time.Millisecond),
		Entry("nothing where no formula covers it", "wan-flap", "single", 40., 10*time.Second, 6*time.Second),
		Entry("nothing of a load that fills a link", "wan-loss-peak", "dual-wan", 100., 8*time.Second, 6*time.Second),
		Entry("nothing of a load that warms a cache", "cold-takeover", "cold-standby", 100., 6609*time.Millisecond, 6914*time.Millisecond),
	)

	It("is never longer than the scenario, and still holds what was predicted and its window", func() {
		for _, name := range topology.Designs() {
			for _, scenario := range scenarios.Library() {
				t, s := scenariotest.Design(name), scenariotest.Bundled(scenario)
				if _, err := plan.Compile(t, s, 1, 1); err != nil {
					continue
				}
				full, cut := brief(scenario, name)
				Expect(cut.End).To(BeNumerically("<=", full.End))
				for i, f := range cut.Faults {
					if p := f.Predicted; p != nil && !p.Never && full.Faults[i].Undo-full.Faults[i].At >= p.Hi+s.Measure.Window {
						Expect(f.Undo-f.At).To(BeNumerically(">=", p.Hi+s.Measure.Window), scenario+" on "+name)
					}
				}
			}
		}
	})
})
