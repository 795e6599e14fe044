package history_test

import (
	"fmt"
	"math"
	"slices"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/seed-ab8b6914/spof/reason"
	"github.com/seed-ab8b6914/spof/reports/analyze"
	"github.com/seed-ab8b6914/spof/reports/compare"
	"github.com/seed-ab8b6914/spof/reports/history"
)

var began = time.Date(2026, 11, 1, 2, 0, 0, 0, time.UTC)

// report makes the i-th of a series of reports: ten failovers around ms.
func report(i int, ms float64, edit func(*analyze.Report, *analyze.Cell)) *analyze.Report {
	c := analyze.Cell{Topology: "pair", Scenario: "node-death", Runtime: "docker", Verdict: analyze.Pass, LoadHash: "l", DesignHash: "d",
		Machine: analyze.Machine{CPUs: 2, Processor: "Example 3000", Kernel: "6.1.0-9"}}
	for k := range 10 {
		v := ms + 10*float64(k) + float64((i*7)%5) // the runs differ a little
		c.Trials = append(c.Trials, analyze.Trial{Trial: k, Target: "a", FailoverMS: &v, QSteady: 1})
	}
	rep := &analyze.Report{Schema: analyze.ReportSchema, Seed: 7, Started: began.AddDate(0, 0, i), Version: "v1",
		Designs: []analyze.Design{{Name: "pair", Settings: []analyze.Setting{{Key: "advert", Value: "1s", Where: "pair.yaml:9:7"}}}}}
	if edit != nil {
		edit(rep, &c)
	}
	c.Summary = analyze.Summaries(c.Trials)
	rep.Cells = append(rep.Cells, c)
	return rep
}

func read(reports ...*analyze.Report) (runs []history.Run) {
	GinkgoHelper()
	for i, rep := range reports {
		r, err := history.Read(fmt.Sprintf("run-%02d", i), rep)
		Expect(err).NotTo(HaveOccurred())
		runs = append(runs, r)
	}
	return runs
}

func options() history.Options {
	return history.Options{Alpha: .05, Effects: compare.DefaultEffects(), Measures: []string{"failover"}, Last: 100}
}

// shifted makes n reports; from the one at on, the failover is later by ms.
func shifted(n, at int, ms float64) (all []*analyze.Report) {
	for i := range n {
		by := 3000.0
		if i >= at {
			by += ms
		}
		all = append(all, report(i, by, nil))
	}
	return all
}

// onOther puts the reports from the one at on another machine.
func onOther(all []*analyze.Report, at int) []*analyze.Report {
	for _, rep := range all[at:] {
		rep.Cells[0].Machine.CPUs = 8
	}
	return all
}

func codes(notes []compare.Note) (all []string) {
	for _, n := range notes {
		all = append(all, n.Code)
	}
	return all
}

func only(h *history.History) history.Measure {
	GinkgoHelper()
	Expect(h.Series).To(HaveLen(1))
	Expect(h.Series[0].Measures).To(HaveLen(1))
	return h.Series[0].Measures[0]
}

var _ = Describe("a history", func() {
	It("names the runs between which a measure changed, with the medians", func() {
		h := history.Of(read(shifted(12, 7, 2000)...), options())
		m := only(h)
		Expect(m.Code).To(Equal("change-found"))
		Expect(m.Changes).To(HaveLen(1))
		c := m.Changes[0]
		Expect([]int{c.Before, c.After, c.Age}).To(Equal([]int{6, 7, 5}))
		Expect(*c.From).To(BeNumerically("~", 3045, 5))
		Expect(*c.To).To(BeNumerically("~", 5045, 5))
		Expect(c.Change).To(Equal(compare.Worse))
		Expect(c.PCorrected).To(BeNumerically("<=", .05))
		Expect(m.Points[0].CI).NotTo(BeNil())
		Expect(h.WorseWithin(5)).To(BeTrue())
		Expect(h.WorseWithin(4)).To(BeFalse())
	})

	It("takes the runs in the order of their start", func() {
		all := shifted(12, 7, -2000)
		slices.Reverse(all)
		c := only(history.Of(read(all...), options())).Changes
		Expect(c).To(HaveLen(1))
		Expect([]int{c[0].Before, c[0].After}).To(Equal([]int{6, 7}))
		Expect(c[0].Change).To(Equal(compare.Better))
	})

	It("claims nothing from too few runs, and says how many it takes", func() {
		h := history.Of(read(shifted(7, 3, 2000)...), options())
		Expect(only(h).Code).To(Equal("too-few-runs"))
		Expect(only(h).Changes).To(BeEmpty())
		Expect(h.Needed).To(Equal(8))
		Expect(h.Tested()).To(BeFalse())
		one := history.Of(read(report(0, 3000, nil)), options())
		Expect(only(one).Code).To(Equal("too-few-runs"))
	})

	It("asks more of each series the more there are", func() { // two runs of 11 at the end: p is about 2/55, between 5 % and its half
		all := shifted(11, 9, 2000)
		Expect(only(history.Of(read(all...), options())).Code).To(Equal("change-found"))
		o := options()
		o.Measures = []string{"failover", "lost_ratio"}
		for i := range all {
			for k := range all[i].Cells[0].Trials {
				all[i].Cells[0].Trials[k].LostRatio = []float64{.3, .1, .4, .1, .5, .9, .2, .6}[i*5%8]
			}
		}
		h := history.Of(read(all...), o)
		Expect(h.Tests).To(Equal(2))
		Expect(h.Series[0].Measures).To(HaveEach(HaveField("Code", "no-change")))
	})

	It("leaves out a change below the minimum effect", func() {
		Expect(only(history.Of(read(shifted(14, 7, 60)...), options())).Code).To(Equal("no-change"))
		o := options()
		o.Effects["failover"] = 50
		Expect(only(history.Of(read(shifted(14, 7, 60)...), o)).Code).To(Equal("change-found"))
	})

	It("finds that service no longer returns", func() {
		all := shifted(12, 12, 0)
		for i := 6; i < 12; i++ {
			all[i] = report(i, 3000, func(_ *analyze.Report, c *analyze.Cell) {
				for k := range c.Trials {
					c.Trials[k].FailoverMS = nil
				}
			})
		}
		m := only(history.Of(read(all...), options()))
		Expect(m.Changes).To(HaveLen(1))
		Expect(m.Changes[0].To).To(BeNil())
		Expect(m.Changes[0].Change).To(Equal(compare.Worse))
	})

	It("marks a change of the design with its settings, in the same series", func() {
		all := shifted(12, 6, 2000)
		for i := 6; i < 12; i++ {
			all[i].Cells[0].DesignHash = "other"
			all[i].Designs[0].Settings = []analyze.Setting{{Key: "advert", Value: "2s", Where: "pair.yaml:9:7"}}
		}
		h := history.Of(read(all...), options())
		Expect(only(h).Changes[0].Marks).To(HaveLen(1))
		mark := only(h).Changes[0].Marks[0]
		Expect(mark.Code).To(Equal("design-changed"))
		Expect(mark.Settings).To(Equal([]compare.SettingChange{{Key: "advert", Base: "1s", New: "2s", BaseWhere: "pair.yaml:9:7", NewWhere: "pair.yaml:9:7"}}))
		Expect(h.Series[0].Marks).To(HaveLen(1))
	})

	It("makes another machine a series of its own, or goes on if that is accepted", func() {
		all := shifted(16, 8, 2000)
		for i := 8; i < 16; i++ {
			all[i].Cells[0].Machine.CPUs = 8
		}
		h := history.Of(read(all...), options())
		Expect(h.Series).To(HaveLen(2))
		Expect(codes(h.Notes)).To(Equal([]string{"other-machine"}))
		for _, s := range h.Series {
			Expect(s.Runs).To(HaveLen(8))
			Expect(s.Measures[0].Changes).To(BeEmpty())
		}
		o := options()
		o.Accept = []string{"other-machine"}
		h = history.Of(read(all...), o)
		Expect(only(h).Changes).To(HaveLen(1))
		Expect(only(h).Changes[0].Marks).To(HaveExactElements(HaveField("Code", "other-machine")))
	})

	It("goes back to an earlier series when its machine returns", func() {
		all := shifted(6, 6, 0)
		for _, i := range []int{1, 3, 5} {
			all[i].Cells[0].Machine.CPUs = 8
		}
		h := history.Of(read(all...), options())
		Expect(h.Series).To(HaveLen(2))
		Expect(h.Series[0].Runs).To(Equal([]int{0, 2, 4}))
		Expect(h.Series[1].Runs).To(Equal([]int{1, 3, 5}))
	})

	It("judges the newest runs by their own series: another machine's change has ended, and its silence shows nothing", func() {
		h := history.Of(read(onOther(shifted(40, 17, 2000), 20)...), options())
		Expect(h.Series[0].Measures[0].Changes).To(HaveLen(1))
		Expect(h.WorseWithin(5)).To(BeFalse())
		Expect(h.WorseWithin(23)).To(BeTrue())
		Expect(h.Untested()).To(BeNil())

		h = history.Of(read(onOther(shifted(23, 20, 2000), 20)...), options())
		Expect(h.Tested()).To(BeTrue())
		Expect(h.Untested()).To(HaveField("Runs", []int{20, 21, 22}))
	})

	It("takes the two sides of a comparison as two runs", func() {
		all := shifted(2, 2, 0)
		all[1].Started = all[0].Started
		all[0].Cells[0].LabUpMS, all[1].Cells[0].LabUpMS = 812.5, 790.25
		Expect(history.Of(read(all...), options()).Runs).To(HaveLen(2))
	})

	It("counts a run once, and only the newest", func() {
		all := shifted(6, 6, 0)
		all = append(all, all[2])
		o := options()
		o.Last = 4
		h := history.Of(read(all...), o)
		Expect(codes(h.Notes)).To(Equal([]string{"repeated-run", "older-runs"}))
		Expect(h.Runs).To(HaveLen(4))
		Expect(h.Runs[0].Name).To(Equal("run-02"))
	})

	It("takes the mean of rare events, which a median hides", func() {
		all := shifted(16, 16, 0)
		for i := range all {
			for k := range all[i].Cells[0].Trials {
				if k < 2+i%2 && i >= 8 {
					all[i].Cells[0].Trials[k].Bypassed = 30
				}
			}
			all[i].Cells[0].Summary = nil // as an older version wrote it
		}
		o := options()
		o.Measures = []string{"bypassed"}
		m := only(history.Of(read(all...), o))
		Expect(m.Statistic).To(Equal("mean"))
		Expect(m.Changes).To(HaveLen(1))
		Expect(m.Points[8].CI).NotTo(BeNil())
		Expect(m.Points[0].CI).To(BeNil())
	})

	It("refuses a report without a start, and one with a cell twice", func() {
		rep := report(0, 3000, nil)
		rep.Started = time.Time{}
		_, err := history.Read("x", rep)
		Expect(reason.Codes(err)).To(Equal([]string{"no-start"}))
		rep = report(0, 3000, nil)
		rep.Cells = append(rep.Cells, rep.Cells[0])
		_, err = history.Read("x", rep)
		Expect(reason.Codes(err)).To(Equal([]string{"repeated-cell"}))
	})

	It("raises a false alarm in at most the nominal share of histories", func() {
		const n = 40
		red := 0
		for seed := range n {
			var all []*analyze.Report
			for i := range 20 {
				noise := series(uint64(seed*100+i), 1, func(int) float64 { return 0 })[0]
				all = append(all, report(i, 3000+500*noise, nil))
			}
			o := options()
			o.Measures = nil
			h := history.Of(read(all...), o)
			if h.WorseWithin(100) || slices.ContainsFunc(h.Series[0].Measures, func(m history.Measure) bool { return len(m.Changes) > 0 }) {
				red++
			}
		}
		Expect(red).To(BeNumerically("<=", 6)) // of 40 at 5 %: above 6 in fewer than 1 of 100 cases
	})

	It("has no NaN in its points", func() {
		for _, p := range only(history.Of(read(shifted(8, 4, 500)...), options())).Points {
			Expect(math.IsNaN(*p.Value)).To(BeFalse())
		}
	})
})

var _ = DescribeTable("a cell that is run no more", func(since int, counts bool) {
	reports := shifted(12, 10, 1000)
	for i := range since {
		reports = append(reports, report(12+i, 3000, func(_ *analyze.Report, c *analyze.Cell) { c.Topology = "other" }))
	}
	o := options()
	o.Within = 2
	h := history.Of(read(reports...), o)
	Expect(h.WorseWithin(2)).To(Equal(counts))
	if counts {
		Expect(h.Notes).To(BeEmpty())
	} else {
		Expect(h.Notes).To(ConsistOf(And(HaveField("Code", "cell-stopped"), HaveField("Text", HavePrefix("pair under node-death was last run in run-11,")))))
	}
},
	Entry("counts while it is the newest", 0, true),
	Entry("counts while no other was run more often since", 2, true),
	Entry("does not count later", 3, false),
)
