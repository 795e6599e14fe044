package plan_test

import (
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/seed-ab8b6914/spof/scenarios/plan"
	"github.com/seed-ab8b6914/spof/scenarios/scenariotest"
)

var _ = Describe("another attempt at a trial", func() {
	DescribeTable("has another phase of the same stratum, and does not change the plan", func(trials int) {
		p, err := plan.Compile(scenariotest.Pair(), scenariotest.Bundled("node-death"), 7, trials)
		Expect(err).NotTo(HaveOccurred())
		hash := p.Hash()
		width := p.PhasePeriod / time.Duration(trials)
		for _, first := range p.Trials {
			seen := map[time.Duration]bool{first.Phase: true}
			t := first
			for attempt := 1; attempt <= 5; attempt++ {
				Expect(p.Again(t)).To(Equal(p.Again(t)), "the same every time")
				t = p.Again(t)
				Expect(t.Index).To(Equal(first.Index))
				Expect(t.Attempt).To(Equal(attempt))
				Expect(t.Seed).NotTo(Equal(first.Seed))
				Expect(t.Phase/width).To(Equal(first.Phase/width), "stratum of %s and %s", first.Phase, t.Phase)
				Expect(seen).NotTo(HaveKey(t.Phase))
				seen[t.Phase] = true
			}
		}
		Expect(p.Hash()).To(Equal(hash))
	},
		Entry("of one", 1), Entry("of four", 4), Entry("of many", 250),
	)

	It("has no phase where there is no fault, and other seeds", func() {
		p, err := plan.Compile(scenariotest.Pair(), scenariotest.Bundled("steady"), 7, 2)
		Expect(err).NotTo(HaveOccurred())
		t := p.Again(p.Trials[1])
		Expect(t).To(Equal(plan.Trial{Index: 1, Seed: t.Seed, Attempt: 1}))
		Expect(t.Seed).NotTo(Equal(p.Trials[1].Seed))
	})
})
