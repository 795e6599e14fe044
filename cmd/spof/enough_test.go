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
		warnFew(&b, o, plans, trials)
		return b.String()
	}

	DescribeTable("few trials are told", func(trials int, o compare.Options, want string) {
		o.Alpha = .05
		if want == "" {
			Expect(warned("node-death", trials, o)).To(BeEmpty())
		} else {
			Expect(warned("node-death", trials, o)).To(MatchRegexp(want + `.* \[few-trials\]\n$`))
		}
	},
		Entry("that find nothing", 3, compare.Options{}, `3 .* are too few .* need -n [67]`),
		Entry("that find nothing if all measures have values", 5, compare.Options{}, `5 .* can be too few`),
		Entry("by one measure", 3, compare.Options{Measures: []string{"failover"}}, `are too few .*: up to 1 test\(s\) need -n 4`),
		Entry("not, if they are enough for one measure", 4, compare.Options{Measures: []string{"failover"}}, ""),
		Entry("not, if they are enough", 10, compare.Options{}, ""),
		Entry("not, if no value is compared", 1, compare.Options{Static: true}, ""),
	)

	It("counts no measure of a fault where there is none", func() {
		o := compare.Options{Alpha: .05, Measures: []string{"failover"}}
		Expect(warned("node-death", 3, o)).To(ContainSubstring("up to 1 test"))
		Expect(warned("steady", 3, o)).To(BeEmpty())
	})
})
