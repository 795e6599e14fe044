package predict_test

import (
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/seed-ab8b6914/spof/scenarios/fault"
	"github.com/seed-ab8b6914/spof/scenarios/scenariotest"
	"github.com/seed-ab8b6914/spof/topology"
)

var _ = Describe("what a plan predicts if the repair may come first", func() {
	slow := func(a *topology.Address) { a.Advert = 10 * time.Second }
	quick := func(a *topology.Address) { a.Version, a.Advert = 3, 10*time.Second }
	death := scenariotest.FaultOf(fault.PowerLoss, "serving", "entry")

	DescribeTable("may end after the repair", func(t *topology.Topology, f fault.Fault, event string, lo, hi time.Duration, text string) {
		p := predicted(t, f)
		Expect(p).NotTo(BeNil())
		Expect(p.Repair).To(BeTrue())
		Expect([]time.Duration{p.Lo, p.Hi}).To(Equal([]time.Duration{lo, hi}))
		Expect(p.Event).To(Equal(event))
		Expect(p.Text).To(ContainSubstring(text))
	},
		// Two members of a lab, adverts of 10 s, away for 12 s: the backup was master after 20.8 and 29.5 s, users failed until then.
		Entry("a node that returns waits behind its backup", changed(scenariotest.Pair(), slow), lasting(death, 12*time.Second), "vrrp", 20*time.Second+skew, 30*time.Second+skew,
			"returns after 12s as BACKUP and waits for its own MDI, 30.414s, until 42.414s at the earliest"),
		Entry("with version 3 and a long advert it may be first", changed(scenariotest.Pair(), quick), lasting(death, time.Second), "",
			26093750*time.Microsecond, 36093750*time.Microsecond, "so either may be first"),
		Entry("a service that is repaired before its check has failed", scenariotest.Pair(), lasting(scenariotest.FaultOf(fault.Crash, "serving", "entry"), time.Second), "",
			time.Second, 2050*ms+skew, "the fault ends after 1s, and the repair restores service if it comes first: 1s to 2.659s"),
	)

	It("is no event that the repair may prevent", func() {
		f := lasting(scenariotest.FaultOf(fault.PowerLoss, "serving", "proxy"), 2*time.Second)
		plan := scenariotest.Compile(scenariotest.Balanced(), scenariotest.With(f)).Faults[0]
		Expect(plan.Predicted).To(BeNil())
		Expect(plan.Unpredicted).To(HavePrefix("the fault ends after 2s, possibly before its detection: balancer: "))
	})

	It("is the same if the mechanism comes first", func() {
		Expect(predicted(scenariotest.Pair(), death).Repair).To(BeFalse())
	})
})
