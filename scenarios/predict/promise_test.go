package predict_test

import (
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/seed-ab8b6914/spof/scenarios/plan"
	"github.com/seed-ab8b6914/spof/scenarios/scenariotest"
	"github.com/seed-ab8b6914/spof/topology"
)

var _ = Describe("what a design promises during a fault", func() {
	load := func(name string) *topology.Topology {
		t, err := topology.Load(name)
		Expect(err).NotTo(HaveOccurred())
		return t
	}
	generating := func(change func(*topology.Topology)) *topology.Topology {
		t := load("generator-backed")
		change(t)
		return t
	}
	DescribeTable("follows from its capacities", func(t *topology.Topology, scenario string, share float64, text string) {
		p := scenariotest.Compile(t, scenariotest.Bundled(scenario))
		Expect(p.Faults[0].Promised).To(BeNumerically("~", share, 1e-9))
		Expect(p.Faults[0].PromiseText()).To(Equal(text))
		if text != "" {
			Expect(plan.Text(p)).To(ContainSubstring("\n  " + text + "\n"))
		}
	},
		Entry("a generator's capacity", load("generator-backed"), "mains-outage", 0.7, "promised during the fault: 70 % of the load (capacity of generator diesel)"),
		Entry("the same where its feed alone is lost", load("generator-backed"), "feed-loss", 0.7, "promised during the fault: 70 % of the load (capacity of generator diesel)"),
		Entry("all, if other nodes serve in place of the shed ones", generating(func(t *topology.Topology) { t.Users = t.Users[:1] }), "mains-outage", 0.0, ""),
		Entry("all, if nothing is shed", generating(func(t *topology.Topology) { t.Power.Generators[0].Capacity = 1 }), "mains-outage", 0.0, ""),
		Entry("all, if the generator starts too late", generating(func(t *topology.Topology) { t.Power.Generators[0].Start = time.Minute }), "mains-outage", 0.0, ""),
		// 100/s of 17 KiB and 512 B are 14.3 Mbit/s, of which 10 Mbit/s are 69.7 %.
		Entry("a smaller link", load("dual-wan"), "wan-loss-peak", 0.697, "promised during the fault: 69.7 % of the load (bandwidth of radio)"),
		Entry("a smaller link behind a parent", load("dual-wan-parents"), "wan-loss-peak", 0.697, "promised during the fault: 69.7 % of the load (bandwidth of radio)"),
		Entry("all, if the smaller link carries it", load("dual-wan"), "wan-loss", 0.0, ""),
		Entry("all, if no other link is left", load("active-active"), "wan-loss-peak", 0.0, ""),
		Entry("the exits that are left", load("rotating-pool"), "exit-block", 0.5, "promised during the fault: 50 % of the load (3 of 6 exits left)"),
		Entry("all, if users leave dead exits", load("rotating-pool"), "exit-death", 0.0, ""),
		Entry("all, if the only exit is blocked", load("residential-single"), "exit-block", 0.0, ""),
		Entry("all, if no path is smaller", load("active-passive"), "node-death", 0.0, ""),
	)

	It("predicts only for users whose nodes are not shed", func() {
		p := scenariotest.Compile(load("generator-backed"), scenariotest.Bundled("feed-loss")).Faults[0].Predicted
		Expect(p).To(And(HaveField("Never", false), HaveField("Lo", 5*time.Second), HaveField("Hi", 6*time.Second)))
	})
})
