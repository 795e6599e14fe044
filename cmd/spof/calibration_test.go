package main

import (
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/seed-ab8b6914/spof/proxy"
	"github.com/seed-ab8b6914/spof/reports/analyze"
	"github.com/seed-ab8b6914/spof/scenarios"
	"github.com/seed-ab8b6914/spof/scenarios/plan"
	"github.com/seed-ab8b6914/spof/sim/trace"
	"github.com/seed-ab8b6914/spof/topology"
)

var _ = Describe("the calibration of this machine", func() {
	BeforeEach(func() { GinkgoT().Setenv("XDG_CACHE_HOME", GinkgoT().TempDir()) })

	// steady is a plan without faults at a rate, on a bundled design.
	steady := func(rate float64) *plan.Plan {
		t, err := topology.Load("single")
		Expect(err).NotTo(HaveOccurred())
		s, err := scenarios.Open("steady", analyze.Expectable())
		Expect(err).NotTo(HaveOccurred())
		s.Load.Rate = rate
		p, err := plan.Compile(t, s, 1, 1)
		Expect(err).NotTo(HaveOccurred())
		return p
	}
	// ran is the trace of a trial on this machine with a cost for each request.
	ran := func(rate float64, each time.Duration) *trace.Trace {
		p := steady(rate)
		kernel, err := os.ReadFile("/proc/sys/kernel/osrelease")
		Expect(err).NotTo(HaveOccurred())
		t := &trace.Trace{Header: trace.Header{
			Schema: trace.Schema, Plan: *p, CPUs: runtime.NumCPU(), Kernel: strings.TrimSpace(string(kernel)), Started: time.Date(2026, 11, 28, 0, 0, 0, 0, time.UTC),
		}}
		for i := range int(rate * p.End.Seconds()) {
			t.Samples = append(t.Samples, trace.Sample{Scheduled: int64(float64(i) * 1e9 / rate), Done: 1000})
		}
		for at := time.Duration(0); at < p.End; at += 100 * time.Millisecond {
			t.Machine = append(t.Machine, proxy.Reading{At: int64(at), Over: 100 * time.Millisecond, CPUs: runtime.NumCPU(), Busy: rate * each.Seconds() / float64(runtime.NumCPU())})
		}
		return t
	}
	learn := func(traces ...*trace.Trace) (said []scenarios.Warning) {
		for _, t := range traces {
			said = append(said, calibrated("local").learn(t)...)
		}
		return said
	}
	cost := func(runtime string) plan.Cost { return calibrated(runtime).Costs[steady(200).Shape()] }
	const msec = time.Millisecond

	It("is kept between runs and compared with the next load", func() {
		Expect(calibrated("local").demand(steady(10_000))).To(BeEmpty(), "no calibration")
		learn(ran(200, 2*msec))
		Expect(cost("local").PerRequest).To(BeNumerically("~", 2*msec, 10*time.Microsecond))
		Expect(calibrated("local").demand(steady(200))).To(BeEmpty())
		warnings := calibrated("local").demand(steady(10_000))
		Expect(warnings).To(HaveLen(1))
		Expect(warnings[0].What).To(MatchRegexp(`^10000/s need .*20\.0 of \d+ processors .*2 ms .*2026-11-28 at 200/s`))
		Expect(cost("docker")).To(BeZero(), "another runtime")
	})

	It("is known before a run, for any engines", func() {
		plans := []plan.Plan{*steady(200)}
		Expect(measured(plans)).To(BeFalse())
		calibrated(engines("docker", true)).learn(ran(200, 2*msec))
		Expect(measured(plans)).To(BeTrue())
		Expect(known(steady(10_000))).To(ContainElement(HaveField("What", HavePrefix("10000/s need "))))
	})

	It("warns of too much load once, after the first trial", func() {
		each := time.Duration(runtime.NumCPU()) * 10 * msec
		said := learn(ran(200, each), ran(200, each-msec))
		Expect(said).To(ConsistOf(HaveField("What", MatchRegexp(`^200/s need .*\d+\.0 of \d+ processors`))))
	})

	It("is the lowest cost at the highest rate", func() {
		learn(ran(200, 3*msec), ran(200, 2*msec), ran(200, 4*msec))
		Expect(cost("local").PerRequest).To(BeNumerically("~", 2*msec, 10*time.Microsecond))
		learn(ran(400, 5*msec/2))
		Expect(cost("local").Rate).To(Equal(400.))
		learn(ran(100, msec))
		Expect(cost("local").Rate).To(Equal(400.))
	})

	It("ignores a lab on another machine", func() {
		t := ran(200, 2*msec)
		t.Header.Kernel = "1.2.3-elsewhere"
		learn(t)
		Expect(cost("local")).To(BeZero())
	})

	DescribeTable("is empty if its file is", func(spoil func(path string)) {
		learn(ran(200, 2*msec))
		Expect(cost("local")).NotTo(BeZero())
		spoil(calibrated("local").path)
		Expect(cost("local")).To(BeZero())
		learn(ran(200, 2*msec)) // and is written again if possible
	},
		Entry("gone", func(path string) { Expect(os.Remove(path)).To(Succeed()) }),
		Entry("truncated", func(path string) { Expect(os.Truncate(path, 40)).To(Succeed()) }),
		Entry("of another form", func(path string) { Expect(os.WriteFile(path, []byte("[]"), 0o600)).To(Succeed()) }),
		Entry("of another machine", func(path string) {
			data, err := os.ReadFile(path)
			Expect(err).NotTo(HaveOccurred())
			Expect(os.WriteFile(path, []byte(strings.Replace(string(data), "Linux", "Plan 9", 1)), 0o600)).To(Succeed())
		}),
		Entry("impossible", func(path string) {
			data, err := os.ReadFile(path)
			Expect(err).NotTo(HaveOccurred())
			Expect(os.WriteFile(path, []byte(strings.Replace(string(data), `"per_request_ns": `, `"per_request_ns": -`, 1)), 0o600)).To(Succeed())
		}),
		Entry("a directory", func(path string) {
			Expect(os.Remove(path)).To(Succeed())
			Expect(os.Mkdir(path, 0o700)).To(Succeed())
		}),
	)

	It("is written as a whole", func() {
		learn(ran(200, 2*msec))
		files, err := os.ReadDir(filepath.Dir(calibrated("local").path))
		Expect(err).NotTo(HaveOccurred())
		Expect(files).To(HaveLen(1), "no temporary file is left")
	})

	It("is empty for a user without a cache directory", func() {
		GinkgoT().Setenv("XDG_CACHE_HOME", "")
		GinkgoT().Setenv("HOME", "")
		learn(ran(200, 2*msec))
		Expect(cost("local")).To(BeZero())
	})
})
