package main

import (
	"bytes"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/seed-ab8b6914/spof/reports/analyze"
	"github.com/seed-ab8b6914/spof/reports/compare"
)

var _ = Describe("the check of the gate", func() {
	It("has a design whose copy is predicted to take twice as long, and a null side that is the same", func() {
		sides, err := gateSides(GinkgoT().TempDir(), runFlags{trials: gateTrials, seed: 1})
		Expect(err).NotTo(HaveOccurred())
		var hashes []string
		var worst []time.Duration
		for _, s := range sides {
			plans, _, err := s.flags.runnable(s.args)
			Expect(err).NotTo(HaveOccurred())
			hashes, worst = append(hashes, plans[0].Hash()), append(worst, plans[0].Faults[0].Predicted.Hi)
			Expect(plans[0].DependsOn(0)).To(ContainElement("nodes.lb.services.balancer.balance.check.interval"))
		}
		Expect(hashes[1]).To(Equal(hashes[0]))
		Expect(worst).To(Equal([]time.Duration{2 * time.Second, 2 * time.Second, 4 * time.Second}))
	})

	// measured is a report of the gate's design: detection at these ms, one trial each.
	measured := func(interval string, events ...float64) compare.Named {
		const key = "nodes.lb.services.balancer.balance.check.interval"
		hi := map[string]float64{"1s": 2000, "2s": 4000}[interval]
		lo := hi / 2
		c := analyze.Cell{Topology: "gate-check", Scenario: "gate-check", Verdict: analyze.Pass, Machine: analyze.Machine{CPUs: 2},
			Predictions: []analyze.Prediction{{Fault: "f1", LoMS: &lo, HiMS: &hi, EventOnly: true, DependsOn: []string{key}}}}
		for i, at := range events {
			c.Trials = append(c.Trials, analyze.Trial{Trial: i, Predicted: &analyze.Predicted{EventMS: &at}})
		}
		return compare.Named{Report: &analyze.Report{Cells: []analyze.Cell{c},
			Designs: []analyze.Design{{Name: "gate-check", Settings: []analyze.Setting{{Key: key, Value: interval}}}}}}
	}
	base := measured("1s", 1000, 1200, 1400, 1600, 1800, 2000)
	same := measured("1s", 1100, 1300, 1350, 1500, 1900, 1950)
	slow := measured("2s", 2100, 2400, 2700, 3000, 3300, 3600)

	DescribeTable("is", func(base, same, slow compare.Named, want int, lines string) {
		var out bytes.Buffer
		Expect(exitCode(judgeGate(&out, base, same, slow))).To(Equal(want))
		Expect(out.String()).To(MatchRegexp(`(?s)` + lines))
	},
		Entry("right", base, same, slow, exitPass, "null comparison +PASS: .*seeded regression +PASS: prediction worse by .*interval 1s -> 2s"),
		Entry("wrong after a false alarm", base, measured("1s", 2100, 2400, 2700, 3000, 3300, 3600), slow, exitFail, "null comparison +FAIL"),
		Entry("wrong after an improvement that is none", slow, base, slow, exitFail, "null comparison +FAIL"),
		Entry("wrong after a miss", base, same, measured("2s", 1100, 1300, 1350, 1500, 1900, 1950), exitFail, "seeded regression +FAIL"),
		Entry("wrong if the prediction misses the cause", base, same, measured("1s", 2100, 2400, 2700, 3000, 3300, 3600), exitFail, "seeded regression +FAIL"),
		Entry("inconclusive without enough trials", base, measured("1s", 1000, 1100), slow, exitInconclusive, "null comparison +INCONCLUSIVE"),
	)
})
