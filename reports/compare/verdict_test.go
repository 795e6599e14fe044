package compare_test

import (
	"math/rand/v2"
	"slices"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	. "github.com/onsi/gomega/gstruct"

	"github.com/seed-ab8b6914/spof/reports/analyze"
	"github.com/seed-ab8b6914/spof/reports/compare"
)

// failures makes the first n trials fail, and the others pass. The verdict of the cell is that of its trials.
func failures(n int) func(*analyze.Report, *analyze.Cell) {
	return func(_ *analyze.Report, c *analyze.Cell) {
		c.Verdict = analyze.Pass
		for i := range c.Trials {
			c.Trials[i].Verdict = analyze.Pass
			if i < n {
				c.Trials[i].Verdict, c.Verdict = analyze.Fail, analyze.Fail
			}
		}
	}
}

// undecided makes the trials from the nth on inconclusive.
func undecided(n int) func(*analyze.Report, *analyze.Cell) {
	return func(_ *analyze.Report, c *analyze.Cell) {
		for i := n; i < len(c.Trials); i++ {
			c.Trials[i].Verdict = analyze.Inconclusive
		}
	}
}

var _ = DescribeTable("Fisher's exact test, one-sided, has the published p-values", func(baseFails, base, newFails, new int, want, within float64) {
	Expect(compare.Fisher(baseFails, base, newFails, new)).To(BeNumerically("~", want, within))
},
	// Fisher (1935), The Design of Experiments, chapter 2; also in R, ?fisher.test, TeaTasting: 0.2429.
	Entry("of the lady who tastes 3 of 4 cups right: 17 of 70", 1, 4, 3, 4, 17.0/70, 1e-12),
	Entry("of the lady who tastes 4 of 4 cups right: 1 of 70", 0, 4, 4, 4, 1.0/70, 1e-12),
	// Fisher (1962, 1970), Criminal convictions of like-sex twins; R, ?fisher.test, Convictions: 0.0004652.
	Entry("of the convictions of twins", 2, 17, 10, 13, 0.0004652, 5e-8),
	// SciPy, reference of scipy.stats.fisher_exact, whales and sharks, alternative greater: 0.0244755 (280 of 11440).
	Entry("of whales and sharks", 1, 6, 8, 10, 280.0/11440, 1e-12),
	Entry("of no failing trial at all", 0, 6, 0, 6, 1.0, 0.0),
	Entry("of one failing trial: either side is as likely", 0, 6, 1, 6, 0.5, 1e-12),
	Entry("of no failing trial on the new side", 3, 6, 0, 6, 1.0, 1e-12),
)

var _ = DescribeTable("verdicts", func(base, new *analyze.Report, want compare.Change, code ...string) {
	for _, static := range []bool{false, true} {
		o := options
		o.Static = static
		c := both(base, new, o)
		Expect(c.Change).To(Equal(want))
		Expect(slices.DeleteFunc(codes(c), func(code string) bool { return code == "no-difference" })).To(ConsistOf(code))
	}
},
	Entry("that stay, one more fails", sampleReport(10, failures(3)), sampleReport(10, failures(4)), compare.Same),
	Entry("that stay, many more fail", sampleReport(10, failures(1)), sampleReport(10, failures(9)), compare.Worse, "verdict-worse"),
	Entry("that stay, many fewer fail", sampleReport(10, failures(9)), sampleReport(10, failures(1)), compare.Better, "verdict-better"),
	Entry("from pass to fail of all trials", sampleReport(10, failures(0)), sampleReport(10, failures(10)), compare.Worse, "verdict-worse"),
	Entry("from pass to fail of one trial", sampleReport(10, failures(0)), sampleReport(10, failures(1)), compare.Unknown, "fail-not-shown"),
	Entry("from fail of all trials to pass", sampleReport(10, failures(10)), sampleReport(10, failures(0)), compare.Better, "verdict-better"),
	Entry("from fail of one trial to pass", sampleReport(10, failures(1)), sampleReport(10, failures(0)), compare.Same, "pass-not-shown"),
	Entry("from pass to fail, without trials that decide", sampleReport(10, undecided(0)), sampleReport(10, failures(10), undecided(0)), compare.Unknown, "fail-not-shown"),
	Entry("from pass to inconclusive", sampleReport(10), sampleReport(10, verdict(analyze.Inconclusive)), compare.Unknown, "verdict-unknown"),
	Entry("from inconclusive to fail", sampleReport(10, verdict(analyze.Inconclusive)), sampleReport(10, verdict(analyze.Fail)), compare.Unknown, "verdict-unknown"),
	Entry("from inconclusive to pass", sampleReport(10, verdict(analyze.Inconclusive)), sampleReport(10), compare.Same),
)

var _ = Describe("a test of verdicts", func() {
	It("says how many trials fail, and how many would show it", func() {
		c := both(sampleReport(6, failures(0)), sampleReport(6, failures(1)), compare.Options{Static: true, Alpha: .05, Effects: options.Effects})
		Expect(c.Cells[0].Notes).To(ConsistOf(HaveField("Text", And(
			ContainSubstring("1 of 6 new trials fail, and 0 of 6 of the base"), HaveSuffix("if these shares stay, 30 trials a side show it")))))
	})

	DescribeTable("needs as many trials as show these shares", func(baseFails, base, newFails, new, want int) {
		Expect(compare.ShownBy(baseFails, base, newFails, new, .05)).To(Equal(want))
	},
		Entry("5 of 30 against 0 have a p of 0.026, 4 of 29 one of 0.056", 0, 6, 1, 6, 30),
		Entry("3 of 3 against 0 have a p of 1/20", 0, 1, 1, 1, 3),
		Entry("with equal shares: none", 1, 6, 1, 6, 0),
		Entry("without trials: none", 0, 0, 1, 6, 0),
		Entry("with shares that take more than 10000 trials", 0, 5000, 1, 9999, 0),
	)

	It("is in one family with the measures, but where its failing trials can show nothing", func() {
		for fails, tests := range map[int]int{0: 1, 3: 1, 4: 2} {
			c := both(sampleReport(10), sampleReport(10, failures(fails)), options)
			Expect(c.Tests).To(Equal(tests))
			p := c.Cells[0].VerdictTest.PHolm
			if tests == 1 {
				Expect(p).To(BeNil())
			} else {
				Expect(p).To(PointTo(BeNumerically("~", 2*compare.Fisher(0, 10, fails, 10), 1e-12)))
			}
		}
	})

	It("leaves inconclusive trials out", func() {
		c := both(sampleReport(10, undecided(8)), sampleReport(10, failures(3), undecided(7)), options)
		Expect(c.Cells[0].Base).To(MatchFields(IgnoreExtras, Fields{"Passing": Equal(8), "Failing": Equal(0), "Inconclusive": Equal(2)}))
		Expect(c.Cells[0].VerdictTest.P).To(BeNumerically("~", compare.Fisher(0, 8, 3, 7), 1e-12))
	})

	It("says the least number of failing trials that it finds", func() {
		Expect(both(sampleReport(10), sampleReport(10), options).Cells[0].VerdictTest.Finds).To(PointTo(Equal(4)))
		Expect(both(sampleReport(2), sampleReport(2), options).Cells[0].VerdictTest.Finds).To(BeNil())
		n, ok := compare.FailingShown(10, 10, .05)
		Expect([]any{n, ok}).To(Equal([]any{4, true})) // C(10,4)/C(20,4) = 0.043; 3: 0.105
	})

	It("raises at most as many false alarms as its level says", func() {
		rng := rand.New(rand.NewPCG(8, 1))
		const rounds = 4000
		for _, share := range []float64{.05, .3, .7} {
			alarms := 0
			for range rounds {
				fails := func() (n int) {
					for range 12 {
						if rng.Float64() < share {
							n++
						}
					}
					return n
				}
				if compare.Fisher(fails(), 12, fails(), 12) <= .05 {
					alarms++
				}
			}
			Expect(float64(alarms)/rounds).To(BeNumerically("<=", .05+.01), "share %g", share)
		}
	})
})
