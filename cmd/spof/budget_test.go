package main

import (
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/seed-ab8b6914/spof/reason"
	"github.com/seed-ab8b6914/spof/scenarios/plan"
)

var _ = Describe("--budget", func() {
	compiled := func(f *runFlags, args ...string) []plan.Plan {
		GinkgoHelper()
		plans, _, err := f.plans(args)
		Expect(err).NotTo(HaveOccurred())
		return plans
	}
	cells := func(plans []plan.Plan) (names []string) {
		for _, p := range plans {
			names = append(names, p.Topology.Name+"/"+p.Scenario.Name)
		}
		return names
	}

	It("takes as many trials of each cell as fit, and no more", func() {
		f := &runFlags{topologies: []string{"single", "active-passive"}, trials: 1, seed: 7, budget: 10 * time.Minute}
		kept, left := f.afford(compiled(f, "node-death"), maxTrials)
		Expect(left).To(BeEmpty())
		Expect(f.trials).To(BeNumerically(">", 5))
		for _, p := range kept {
			Expect(p.Trials).To(HaveLen(f.trials))
		}
		Expect(f.estimate(kept)).To(BeNumerically("<=", f.budget))
		Expect(f.estimate(withTrials(kept, f.trials+1))).To(BeNumerically(">", f.budget))
	})

	It("gives the plans that -n of the same number gives", func() {
		f := &runFlags{topologies: []string{"active-passive"}, trials: 1, seed: 7, budget: 5 * time.Minute}
		kept, _ := f.afford(compiled(f, "node-death"), maxTrials)
		same := &runFlags{topologies: []string{"active-passive"}, trials: f.trials, seed: 7}
		Expect(kept[0].Hash()).To(Equal(compiled(same, "node-death")[0].Hash()))
	})

	It("takes at most -n", func() {
		f := &runFlags{topologies: []string{"single"}, trials: 3, seed: 7, budget: time.Hour}
		kept, _ := f.afford(compiled(f, "node-death"), 3)
		Expect(kept[0].Trials).To(HaveLen(3))
	})

	It("leaves out what has no time, the least valuable first, and says so", func() {
		f := &runFlags{topologies: []string{"single", "active-passive"}, trials: 1, seed: 7}
		plans := compiled(f, "steady", "node-death") // steady bounds nothing of a fault
		all := f.estimate(plans)
		f.budget = all - time.Second
		kept, left := f.afford(plans, maxTrials)
		Expect(cells(kept)).To(ContainElements("single/node-death", "active-passive/node-death"))
		Expect(len(kept) + len(left)).To(Equal(len(plans)))
		Expect(left).NotTo(BeEmpty())
		for _, s := range left {
			Expect(s.Scenario).To(Equal("steady"))
			Expect(s.Code).To(Equal("over-budget"))
			Expect(s.Reason).NotTo(BeEmpty())
		}
		Expect(f.trials).To(Equal(1))
		f.over = true
		Expect(f.command([]string{"steady", "node-death"}, "local", false)).To(ContainSubstring("--budget "))
	})

	It("refuses a budget that has no time for a single trial", func() {
		f := &runFlags{topologies: []string{"single", "active-passive"}, trials: 1, seed: 7, budget: 3 * time.Second}
		err := f.affordable(compiled(f, "node-death"))
		Expect(reason.Codes(err)).To(Equal([]string{"budget-too-short"}))
		Expect(exitCode(err)).To(Equal(exitInvalid))
		f.budget = time.Hour
		Expect(f.affordable(compiled(f, "node-death"))).To(Succeed())
	})
})
