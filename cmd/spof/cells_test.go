package main

import (
	"runtime"
	"time"
	"weak"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/seed-ab8b6914/spof/reports/analyze"
	"github.com/seed-ab8b6914/spof/scenarios"
	"github.com/seed-ab8b6914/spof/scenarios/plan"
	"github.com/seed-ab8b6914/spof/sim/trace"
	"github.com/seed-ab8b6914/spof/topology"
)

var _ = Describe("the cells of a run", func() {
	var p *plan.Plan
	BeforeEach(func() {
		design, err := topology.Load("single")
		Expect(err).NotTo(HaveOccurred())
		scenario, err := scenarios.Open("steady", analyze.Expectable())
		Expect(err).NotTo(HaveOccurred())
		p, err = plan.Compile(design, scenario, 1, 3)
		Expect(err).NotTo(HaveOccurred())
	})
	recorded := func(trial int) *trace.Trace {
		return &trace.Trace{Header: trace.Header{Plan: *p, PlanHash: p.Hash(), Runtime: "docker", Trial: trial}, Samples: make([]trace.Sample, 1000)}
	}

	It("keep no trace in memory", func() {
		cells := newCells(newManifest([]plan.Plan{*p}, "spof run", 1, time.Now()))
		t := recorded(0)
		kept := weak.Make(t)
		samples := weak.Make(&t.Samples[0])
		_, ours := cells.add(t)
		Expect(ours).To(BeTrue())
		t = nil
		runtime.GC()
		Expect(kept.Value()).To(BeNil())
		Expect(samples.Value()).To(BeNil())
		Expect(cells.trials()).To(Equal(1), "it is measured")
	})

	It("are judged in any order of their traces, and tell which trials are missing and why", func() {
		m := newManifest([]plan.Plan{*p}, "spof run", 1, time.Now())
		cells := newCells(m)
		for _, trial := range []int{2, 0} {
			_, ours := cells.add(recorded(trial))
			Expect(ours).To(BeTrue())
		}
		cells.brokeOff([]plan.Plan{*p}, []error{errInterrupted})
		rep, pictures := cells.report()
		Expect(rep.Cells).To(HaveLen(1))
		Expect(rep.Cells[0].Reasons).To(ContainElements("only 2 of 3 trials were recorded", "the run broke off: "+errInterrupted.Error()))
		Expect([]int{pictures[0].Trial, pictures[1].Trial}).To(Equal([]int{0, 2}))
		Expect(rep.Cells[0].Trials).To(HaveExactElements(HaveField("Trial", 0), HaveField("Trial", 2)))
	})

	It("broke off only if a trial is missing", func() {
		cells := newCells(newManifest([]plan.Plan{*p}, "spof run", 1, time.Now()))
		for trial := range 3 {
			cells.add(recorded(trial))
		}
		cells.brokeOff([]plan.Plan{*p}, []error{errInterrupted})
		rep, _ := cells.report()
		Expect(rep.Cells[0].Reasons).NotTo(ContainElement(ContainSubstring("broke off")))
	})

	It("refuse a trace of another run", func() {
		cells := newCells(newManifest(nil, "spof run", 1, time.Now()))
		_, ours := cells.add(recorded(0))
		Expect(ours).To(BeFalse())
		Expect(cells.trials()).To(BeZero())
	})

	It("without a trial are inconclusive", func() {
		rep, _ := newCells(newManifest([]plan.Plan{*p}, "spof run", 1, time.Now())).report()
		Expect(rep.Verdict).To(Equal(analyze.Inconclusive))
	})
})
