package compare_test

import (
	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	. "github.com/onsi/gomega/gstruct"

	"github.com/seed-ab8b6914/spof/reason"
	"github.com/seed-ab8b6914/spof/reports/analyze"
	"github.com/seed-ab8b6914/spof/reports/compare"
)

var options = compare.Options{Alpha: .05, Power: .9, Effects: compare.DefaultEffects(), Measures: []string{"failover"}}

// advert is the advertisement interval of the invented design.
const advert = "addresses.proxy.vrrp.advert"

// sampleReport is a report of one cell: failover from 2.6 s on, evenly over 1 s, each within 10 ms; predicted 2.6 to 3.6 s.
func sampleReport(n int, edit ...func(*analyze.Report, *analyze.Cell)) *analyze.Report {
	lo, hi := 2600.0, 3600.0
	c := analyze.Cell{
		Topology: "pair", Scenario: "node-death", Runtime: "docker", Verdict: analyze.Pass, LoadHash: "load",
		Machine:     analyze.Machine{CPUs: 2, Processor: "Example 3000", Kernel: "6.1.0-18-amd64", Engines: map[string]string{"haproxy": "2.6.12-1"}},
		Predictions: []analyze.Prediction{{Fault: "f1", Kind: "power-loss", Strikes: []string{"proxy-a"}, LoMS: &lo, HiMS: &hi, DependsOn: []string{advert}}},
	}
	for i := range n {
		v := 2600 + 1000*(float64(i)+.5)/float64(n)
		c.Trials = append(c.Trials, analyze.Trial{
			Trial: i, Target: "proxy-a", FailoverMS: &v, Verdict: analyze.Pass, QSteady: 1,
			Ranges: map[string]analyze.Range{"failover": {Lo: v - 10, Hi: v + 10}},
		})
	}
	rep := &analyze.Report{Schema: analyze.ReportSchema, Version: "v1", Seed: 7, Cells: []analyze.Cell{c}, Designs: []analyze.Design{{Name: "pair", Settings: []analyze.Setting{
		{Key: advert, Value: "1s", Where: "pair.yaml:9:7"}, {Key: "wan.isp.latency", Value: "0s", Where: "pair.yaml:12:3"},
	}}}}
	for _, e := range edit {
		e(rep, &rep.Cells[0])
	}
	return rep
}

// later moves every failover by ms.
func later(ms float64) func(*analyze.Report, *analyze.Cell) {
	return func(_ *analyze.Report, c *analyze.Cell) {
		for i := range c.Trials {
			t := &c.Trials[i]
			v := *t.FailoverMS + ms
			t.FailoverMS = &v
			t.Ranges = map[string]analyze.Range{"failover": {Lo: v - 10, Hi: v + 10}}
		}
	}
}

// uncertain widens the range of every failover.
func uncertain(ms float64) func(*analyze.Report, *analyze.Cell) {
	return func(_ *analyze.Report, c *analyze.Cell) {
		for i := range c.Trials {
			v := *c.Trials[i].FailoverMS
			c.Trials[i].Ranges = map[string]analyze.Range{"failover": {Lo: v - ms, Hi: v + ms}}
		}
	}
}

func verdict(v analyze.Verdict) func(*analyze.Report, *analyze.Cell) {
	return func(_ *analyze.Report, c *analyze.Cell) { c.Verdict = v }
}

func both(base, new *analyze.Report, o compare.Options) *compare.Comparison {
	GinkgoHelper()
	c, err := compare.Reports(compare.Named{Name: "base", Report: base}, compare.Named{Name: "new", Report: new}, o)
	Expect(err).NotTo(HaveOccurred())
	return c
}

// codes are those of all findings of the first cell.
func codes(c *compare.Comparison) (all []string) {
	for _, n := range c.Cells[0].Notes {
		all = append(all, n.Code)
	}
	for _, p := range c.Cells[0].Predictions {
		all = append(all, p.Code)
	}
	for _, m := range c.Cells[0].Measured {
		all = append(all, m.Code)
	}
	return all
}

var _ = DescribeTable("a measured value", func(base, new *analyze.Report, want compare.Change, code string) {
	c := both(base, new, options)
	Expect(c.Change).To(Equal(want))
	Expect(codes(c)).To(ConsistOf(code))
},
	Entry("of the same report has not changed", sampleReport(10), sampleReport(10), compare.Same, "no-difference"),
	Entry("that rises beyond noise is worse", sampleReport(10), sampleReport(10, later(900)), compare.Worse, "measured-worse"),
	Entry("that falls is better, and no regression", sampleReport(10), sampleReport(10, later(-900)), compare.Better, "measured-better"),
	Entry("of many trials that rises by less than the minimum effect has not changed", sampleReport(300), sampleReport(300, later(99)), compare.Same, "below-min-effect"),
	Entry("is not known where the uncertainty is larger than the difference", sampleReport(10, uncertain(500)), sampleReport(10, later(900), uncertain(500)), compare.Unknown, "within-uncertainty"),
	Entry("of three trials a side cannot be judged", sampleReport(3), sampleReport(3, later(9000)), compare.Unknown, "too-few-trials"),
	Entry("that never came is worse than any other", sampleReport(10), sampleReport(10, func(_ *analyze.Report, c *analyze.Cell) {
		for i := range c.Trials {
			c.Trials[i].FailoverMS, c.Trials[i].Ranges = nil, nil
		}
	}), compare.Worse, "measured-worse"),
	Entry("that one side did not take cannot be judged", sampleReport(10), sampleReport(10, func(_ *analyze.Report, c *analyze.Cell) {
		for i := range c.Trials {
			c.Trials[i].Void = true
		}
	}), compare.Unknown, "not-measured"),
	Entry("that no trial of either side has is unknown", sampleReport(10, void), sampleReport(10, void), compare.Unknown, "nothing-measured"),
	Entry("that is bounded, and that no trial of either side has, is unknown", sampleReport(10, void, bound("failover", "<= 9s")), sampleReport(10, void, bound("failover", "<= 9s")),
		compare.Unknown, "not-measured"),
	Entry("that is the same in all trials needs no test", sampleReport(10, constant), sampleReport(10, constant), compare.Same, "equal"),
	Entry("that is the same in three trials a side proves nothing", sampleReport(3, constant), sampleReport(3, constant), compare.Unknown, "too-few-trials"),
)

// void makes every trial void: it shows nothing.
func void(_ *analyze.Report, c *analyze.Cell) {
	c.Verdict = analyze.Inconclusive
	for i := range c.Trials {
		c.Trials[i].Void, c.Trials[i].Verdict = true, analyze.Inconclusive
	}
}

// without has no failover in the trials from the nth on, as if no fault had struck.
func without(n int) func(*analyze.Report, *analyze.Cell) {
	return func(_ *analyze.Report, c *analyze.Cell) {
		for i := n; i < len(c.Trials); i++ {
			c.Trials[i].FailoverMS, c.Trials[i].Target, c.Trials[i].Ranges = nil, "", nil
		}
	}
}

func bound(measure, text string) func(*analyze.Report, *analyze.Cell) {
	return func(_ *analyze.Report, c *analyze.Cell) {
		c.Bounds = append(c.Bounds, analyze.Bound{Measure: measure, Text: text})
	}
}

func constant(_ *analyze.Report, c *analyze.Cell) {
	for i := range c.Trials {
		v := 0.0
		c.Trials[i].FailoverMS, c.Trials[i].Ranges = &v, nil
	}
}

var _ = Describe("a comparison", func() {
	It("corrects for the number of its tests", func() {
		two := func(ms float64) *analyze.Report {
			rep := sampleReport(10, later(ms))
			other := sampleReport(10).Cells[0]
			other.Topology = "other"
			rep.Cells = append(rep.Cells, other)
			return rep
		}
		c := both(two(0), two(600), options)
		Expect(c.Tests).To(Equal(2))
		m := c.Cells[0].Measured[0]
		Expect(*m.PHolm).To(BeNumerically("~", 2**m.P, 1e-12))
		Expect(c.Cells[1].Change).To(Equal(compare.Same))
	})

	It("counts void and inconclusive trials, and leaves only the void ones out", func() {
		c := both(sampleReport(10), sampleReport(10, func(_ *analyze.Report, c *analyze.Cell) {
			c.Trials[0].Void, c.Trials[0].Verdict = true, analyze.Inconclusive
			c.Trials[1].Verdict = analyze.Inconclusive
		}), options)
		Expect(c.Cells[0].New).To(MatchFields(IgnoreExtras, Fields{"N": Equal(10), "Void": Equal(1), "Inconclusive": Equal(2)}))
		Expect(c.Cells[0].Measured[0].New.N).To(Equal(9))
	})

	It("is not unknown for a measure that few trials have, beside others that all have", func() {
		rare := func(_ *analyze.Report, c *analyze.Cell) {
			for i := range 2 {
				v := float64(100 * i)
				c.Trials[i].FailbackMS = &v
			}
		}
		o := options
		o.Measures = []string{"failover", "failback"}
		c := both(sampleReport(10, rare), sampleReport(10, rare), o)
		Expect(codes(c)).To(ConsistOf("no-difference", "too-few-trials"))
		Expect(c.Change).To(Equal(compare.Same))
		o.Measures = []string{"failback"}
		Expect(both(sampleReport(10, rare), sampleReport(10, rare), o).Change).To(Equal(compare.Unknown))
	})

	DescribeTable("is unknown without a measure that is required, though others are judged", func(code string, base, new *analyze.Report) {
		o := options
		o.Measures = nil
		c := both(base, new, o)
		Expect(codes(c)).To(ContainElements(code, "equal"))
		Expect(c.Change).To(Equal(compare.Unknown))
	},
		Entry("the failover, gone from all new trials", "not-measured", sampleReport(10), sampleReport(10, without(0))),
		Entry("the failover, in few new trials", "too-few-trials", sampleReport(10), sampleReport(10, without(1))),
		Entry("one that the scenario bounds", "not-measured", sampleReport(10, bound("failback", "<= 9s")), sampleReport(10, bound("failback", "<= 9s"))),
		Entry("one that only the base bounds", "not-measured", sampleReport(10, bound("failback", "<= 9s")), sampleReport(10)),
	)

	It("tests the measures that the scenario bounds, beside those of the gate", func() {
		o := options
		o.Measures = nil
		bound := bound("error_ratio", "<= 10%")
		names := func(c *compare.Comparison) (all []string) {
			for _, m := range c.Cells[0].Measured {
				all = append(all, m.Measure)
			}
			return all
		}
		Expect(names(both(sampleReport(5), sampleReport(5), o))).To(And(ContainElements("failover", "q_steady"), Not(ContainElement("error_ratio"))))
		Expect(names(both(sampleReport(5, bound), sampleReport(5, bound), o))).To(ContainElements("failover", "error_ratio"))
	})

	It("knows that more is better for some measures", func() {
		less := func(_ *analyze.Report, c *analyze.Cell) {
			for i := range c.Trials {
				c.Trials[i].QSteady = .5 - float64(i)/100
			}
		}
		o := options
		o.Measures = []string{"q_steady"}
		Expect(both(sampleReport(10), sampleReport(10, less), o).Change).To(Equal(compare.Worse))
		Expect(both(sampleReport(10, less), sampleReport(10), o).Change).To(Equal(compare.Better))
	})

	DescribeTable("of verdicts under other bounds says so, and calls none worse", func(base, new analyze.Verdict, want compare.Change, code ...string) {
		for _, o := range []compare.Options{options, {Static: true, Effects: options.Effects}} {
			c := both(sampleReport(10, verdict(base), bound("failover", "<= 4s")), sampleReport(10, verdict(new), bound("failover", "<= 5s")), o)
			Expect(codes(c)).To(ContainElements(append(code, "other-bounds")))
			Expect(codes(c)).NotTo(ContainElements(HavePrefix("verdict-")))
			Expect(c.Change).To(Equal(want))
		}
	},
		Entry("that stay", analyze.Fail, analyze.Fail, compare.Same),
		Entry("from pass to fail, which shows nothing good", analyze.Pass, analyze.Fail, compare.Unknown, "fail-other-bounds"),
		Entry("from fail to pass", analyze.Fail, analyze.Pass, compare.Same),
	)

	It("of predictions and verdicts alone is unknown where both verdicts are inconclusive", func() {
		inconclusive := func() *analyze.Report { return sampleReport(10, verdict(analyze.Inconclusive)) }
		c := both(inconclusive(), inconclusive(), compare.Options{Static: true, Effects: options.Effects})
		Expect(codes(c)).To(ConsistOf("verdict-unknown"))
		Expect(c.Change).To(Equal(compare.Unknown))
		Expect(both(inconclusive(), inconclusive(), options).Change).To(Equal(compare.Same), "measured values tell more")
	})

	It("says which cells the new side lacks", func() {
		c := both(sampleReport(10, other(analyze.Pass)), sampleReport(10), options)
		Expect(c.Cells[1].Notes).To(ConsistOf(HaveField("Code", "missing-cell")))
		Expect(c.Change).To(Equal(compare.Unknown))
	})

	DescribeTable("judges a cell that only the new side has by itself", func(v analyze.Verdict, code string, want compare.Change) {
		c := both(sampleReport(10), sampleReport(10, other(v)), options)
		Expect(c.Cells[1].Notes).To(ConsistOf(HaveField("Code", code)))
		Expect(c.Change).To(Equal(want))
	},
		Entry("that passes", analyze.Pass, "new-cell", compare.Same),
		Entry("that was not run", analyze.Verdict(""), "new-cell", compare.Same),
		Entry("that fails", analyze.Fail, "new-cell-fails", compare.Worse),
		Entry("that is inconclusive", analyze.Inconclusive, "new-cell-unknown", compare.Unknown),
	)

	It("of reports without a common cell, or with a cell twice, is refused", func() {
		other := sampleReport(10, func(_ *analyze.Report, c *analyze.Cell) { c.Scenario = "steady" })
		twice := sampleReport(10)
		twice.Cells = append(twice.Cells, twice.Cells[0])
		for code, new := range map[string]*analyze.Report{"no-common-cell": other, "repeated-cell": twice} {
			_, err := compare.Reports(compare.Named{Name: "base", Report: sampleReport(10)}, compare.Named{Name: "new", Report: new}, options)
			Expect(reason.Codes(err)).To(ConsistOf(code))
		}
	})
})

// other adds a cell of another design.
func other(v analyze.Verdict) func(*analyze.Report, *analyze.Cell) {
	return func(r *analyze.Report, c *analyze.Cell) {
		other := *c
		other.Topology, other.Verdict = "other", v
		r.Cells = append(r.Cells, other)
	}
}

// slower is a design whose advert is 2 s, and which is predicted to take longer; its measured values see nothing.
func slower(r *analyze.Report, c *analyze.Cell) {
	lo, hi := 4600.0, 6600.0
	c.Predictions[0].LoMS, c.Predictions[0].HiMS = &lo, &hi
	r.Designs[0].Settings[0].Value = "2s"
	r.Designs[0].Settings[0].Where = "pair.yaml:10:7"
	r.Designs[0].Settings[1].Value = "5ms" // no prediction depends on it
}

var _ = Describe("a prediction", func() {
	It("that changed names the setting with its place, though the measured values see nothing", func() {
		c := both(sampleReport(10), sampleReport(10, slower), options)
		Expect(c.Change).To(Equal(compare.Worse))
		Expect(codes(c)).To(ConsistOf("prediction-worse", "no-difference"))
		Expect(c.Cells[0].Predictions[0].Causes).To(ConsistOf(compare.SettingChange{
			Key: advert, Base: "1s", New: "2s", BaseWhere: "pair.yaml:9:7", NewWhere: "pair.yaml:10:7",
		}))
		Expect(c.Cells[0].Settings).To(HaveLen(2))
	})

	It("names all changed settings if it depends on none of them", func() {
		c := both(sampleReport(10, func(_ *analyze.Report, c *analyze.Cell) { c.Predictions[0].DependsOn = nil }),
			sampleReport(10, slower, func(_ *analyze.Report, c *analyze.Cell) { c.Predictions[0].DependsOn = nil }), options)
		Expect(c.Cells[0].Predictions[0].Causes).To(HaveLen(2))
	})

	It("that is faster is better", func() {
		Expect(both(sampleReport(10, slower), sampleReport(10), options).Change).To(Equal(compare.Better))
	})

	DescribeTable("has", func(edit func(*analyze.Prediction), code string, want compare.Change) {
		c := both(sampleReport(10), sampleReport(10, func(_ *analyze.Report, c *analyze.Cell) { edit(&c.Predictions[0]) }), options)
		Expect(codes(c)).To(ConsistOf(code, "no-difference"))
		Expect(c.Change).To(Equal(want))
	},
		Entry("no failover any more", func(p *analyze.Prediction) { p.LoMS, p.HiMS, p.Never = nil, nil, true }, "prediction-worse", compare.Worse),
		Entry("no interval any more", func(p *analyze.Prediction) { p.LoMS, p.HiMS = nil, nil }, "prediction-lost", compare.Unknown),
		Entry("a change below the minimum effect", func(p *analyze.Prediction) { hi := *p.HiMS + 50; p.HiMS = &hi }, "prediction-shifted", compare.Same),
		Entry("a worse worst case, though the best case is better", func(p *analyze.Prediction) {
			lo, hi := *p.LoMS-500, *p.HiMS+500
			p.LoMS, p.HiMS = &lo, &hi
		}, "prediction-worse", compare.Worse),
		Entry("a smaller promise", func(p *analyze.Prediction) { p.Promised = .5 }, "prediction-worse", compare.Worse),
	)
})

var _ = DescribeTable("without a minimum effect, equal predictions have not changed", func(word string) {
	effects, err := compare.ParseEffects([]string{word})
	Expect(err).NotTo(HaveOccurred())
	c := both(sampleReport(10), sampleReport(10), compare.Options{Static: true, Effects: effects})
	Expect(codes(c)).To(BeEmpty())
	Expect(c.Change).To(Equal(compare.Same))
	Expect(both(sampleReport(10), sampleReport(10, slower), compare.Options{Static: true, Effects: effects}).Change).To(Equal(compare.Worse))
},
	Entry("of a measure", "failover=0"),
	Entry("of a unit", "ms=0"),
)

var _ = DescribeTable("minimum effects", func(word, code string) {
	_, err := compare.ParseEffects([]string{word})
	Expect(reason.Codes(err)).To(ConsistOf(code))
},
	Entry("of an unknown measure", "speed=1", "unknown-measure"),
	Entry("of a measure without a better direction", "promised_ratio=1%", "unknown-measure"),
	Entry("without a number", "failover=fast", "flag-value"),
	Entry("below zero", "ms=-1", "flag-value"),
	Entry("that are no number", "ms=NaN", "flag-value"),
	Entry("of a time in percent", "ms=5%", "flag-value"),
)

var _ = It("minimum effects are by measure, then by unit", func() {
	e, err := compare.ParseEffects([]string{"ms=50", "failover=250", "ratio=2%"})
	Expect(err).NotTo(HaveOccurred())
	Expect(e).To(And(HaveKeyWithValue("ms", 50.0), HaveKeyWithValue("failover", 250.0), HaveKeyWithValue("ratio", .02), HaveKeyWithValue("count", 1.0)))
})

var _ = It("every measure of the gate has a better direction, and a machine at its limit makes it worse", func() {
	for _, m := range analyze.Measures {
		if m.Gate {
			Expect(m.Better).NotTo(BeEmpty(), m.Name)
		}
		if m.Best != nil {
			want := map[float64]analyze.Direction{0: analyze.Lower, 1: analyze.Higher}[*m.Best]
			Expect(m.Better).To(Equal(want), m.Name)
		}
		if m.Better != "" {
			Expect(compare.DefaultEffects()).To(HaveKey(m.Unit), m.Name)
		}
	}
})
