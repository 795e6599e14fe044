package compare_test

import (
	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/seed-ab8b6914/spof/reports/analyze"
	"github.com/seed-ab8b6914/spof/reports/compare"
)

var _ = DescribeTable("measured values are not compared", func(code string, edit func(*analyze.Report, *analyze.Cell)) {
	new := sampleReport(10, later(900), edit)
	c := both(sampleReport(10), new, options)
	Expect(codes(c)).To(ConsistOf(code))
	Expect(c.Cells[0].Measured).To(BeEmpty())
	Expect(c.Change).To(Equal(compare.Unknown))

	o := options
	o.Accept = []string{code}
	Expect(both(sampleReport(10), new, o).Change).To(Equal(compare.Worse), "the difference is accepted")

	o = options
	o.Static = true
	Expect(codes(both(sampleReport(10), new, o))).To(BeEmpty())
	Expect(both(sampleReport(10), new, o).Change).To(Equal(compare.Same))
},
	Entry("of another runtime", "other-runtime", func(_ *analyze.Report, c *analyze.Cell) { c.Runtime = "local" }),
	Entry("of a machine with more processors", "other-machine", func(_ *analyze.Report, c *analyze.Cell) { c.Machine.CPUs = 64 }),
	Entry("of other processors", "other-machine", func(_ *analyze.Report, c *analyze.Cell) { c.Machine.Processor = "Example 9000" }),
	Entry("of another kernel", "other-machine", func(_ *analyze.Report, c *analyze.Cell) { c.Machine.Kernel = "6.6.0" }),
	Entry("of an unknown machine", "other-machine", func(_ *analyze.Report, c *analyze.Cell) { c.Machine.CPUs = 0 }),
	Entry("of other versions of the engines", "other-engines", func(_ *analyze.Report, c *analyze.Cell) {
		c.Machine.Engines = map[string]string{"haproxy": "2.8.0-1"}
	}),
	Entry("of another version of spof", "other-version", func(r *analyze.Report, _ *analyze.Cell) { r.Version = "v2" }),
	Entry("under another load", "other-load", func(_ *analyze.Report, c *analyze.Cell) { c.LoadHash = "heavier" }),
	Entry("of another target", "other-target", func(_ *analyze.Report, c *analyze.Cell) { c.Predictions[0].Strikes = []string{"proxy-b"} }),
)

var _ = Describe("measured values", func() {
	It("are compared on the same release of the kernel", func() {
		c := both(sampleReport(10), sampleReport(10, func(_ *analyze.Report, c *analyze.Cell) { c.Machine.Kernel = "6.1.0-21-amd64" }), options)
		Expect(codes(c)).To(ConsistOf("no-difference"))
	})

	It("are compared with another seed, which is said", func() {
		c := both(sampleReport(10), sampleReport(10, func(r *analyze.Report, _ *analyze.Cell) { r.Seed = 8 }), options)
		Expect(c.Notes).To(ConsistOf(HaveField("Code", "other-seed")))
		Expect(c.Change).To(Equal(compare.Same))
	})
})

var _ = DescribeTable("without a run, predictions alone", func(edit func(*analyze.Cell), want compare.Change, found ...string) {
	static := compare.Options{Static: true, Effects: options.Effects}
	planned := func(edits ...func(*analyze.Report, *analyze.Cell)) *analyze.Report {
		r := sampleReport(0, edits...)
		r.Cells[0].Verdict = ""
		return r
	}
	c := both(planned(), planned(func(_ *analyze.Report, c *analyze.Cell) { edit(c) }), static)
	Expect(c.Change).To(Equal(want))
	Expect(codes(c)).To(Equal(append([]string(nil), found...)))
},
	Entry("of equal plans are the same", func(*analyze.Cell) {}, compare.Same),
	Entry("that are equal prove that they do not change", func(c *analyze.Cell) { c.DesignHash = "other" }, compare.Same),
	Entry("that are lost prove nothing", func(c *analyze.Cell) { c.DesignHash, c.Predictions[0].LoMS = "other", nil }, compare.Unknown, "prediction-lost"),
	Entry("of another number of faults prove nothing", func(c *analyze.Cell) { c.LoadHash, c.Predictions = "other", nil }, compare.Unknown, "not-predicted", "prediction-other"),
	Entry("that become longer are a regression", func(c *analyze.Cell) {
		hi := 9000.0
		c.DesignHash, c.Predictions[0].HiMS = "other", &hi
	}, compare.Worse, "prediction-worse"),
)
