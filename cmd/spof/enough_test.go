package main

import (
	"bytes"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/seed-ab8b6914/spof/reports/compare"
)

var _ = Describe("before a comparison is measured", func() {
	// warned gives what the comparison of a bundled design says about a number of trials.
	warned := func(scenario string, trials int, o compare.Options) string {
		GinkgoHelper()
		f := runFlags{topologies: []string{"active-passive"}, trials: 1, seed: 1}
		plans, _, err := f.runnable([]string{scenario})
		Expect(err).NotTo(HaveOccurred())
		var b bytes.Buffer
		sayFinds(&b, o, plans, trials)
		return b.String()
	}

	DescribeTable("few trials are told", func(trials int, o compare.Options, want string) {
		o.Alpha = .05
		if want == "" {
			Expect(warned("node-death", trials, o)).NotTo(ContainSubstring("few-trials"))
		} else {
			Expect(warned("node-death", trials, o)).To(MatchRegexp(want + `.* \[few-trials\]\n$`))
		}
	},
		Entry("that find nothing", 3, compare.Options{}, `3 .* are too few .* need -n [67]`),
		Entry("that find nothing if all measures have values", 5, compare.Options{}, `5 .* can be too few`),
		Entry("by one measure", 3, compare.Options{Measures: []string{"failover"}}, `are too few .*: up to 2 test\(s\) need -n 5`),
		Entry("not, if they are enough for one measure and the verdict", 5, compare.Options{Measures: []string{"failover"}}, ""),
		Entry("not, if they are enough", 10, compare.Options{}, ""),
		Entry("not, if no value is compared", 1, compare.Options{Static: true}, ""),
	)

	DescribeTable("what they find of the verdicts is told", func(trials int, want string) {
		o := compare.Options{Alpha: .05, Measures: []string{"failover"}}
		Expect(warned("node-death", trials, o)).To(HavePrefix("note: with up to 2 test(s), " + want + "\n"))
	},
		Entry("of few trials", 3, "3 trial(s) a side cannot show a worse verdict, even if all new ones fail"),                   // 1/20
		Entry("of some trials", 4, "4 trial(s) a side show a worse verdict if at least 4 new ones fail and none of the base"),   // 1/70
		Entry("of more trials", 10, "10 trial(s) a side show a worse verdict if at least 5 new ones fail and none of the base"), // 252/15504
	)

	It("says nothing where no lab runs", func() {
		Expect(warned("node-death", 1, compare.Options{Alpha: .05, Static: true})).To(BeEmpty())
	})

	It("counts no measure of a fault where there is none", func() {
		o := compare.Options{Alpha: .05, Measures: []string{"failover"}}
		Expect(warned("node-death", 3, o)).To(ContainSubstring("up to 2 test(s) need"))
		Expect(warned("steady", 3, o)).To(Equal("note: with up to 1 test(s), 3 trial(s) a side show a worse verdict if at least 3 new ones fail and none of the base\n"))
	})
})
