package analyze_test

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"runtime/metrics"
	"slices"
	"testing"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/seed-ab8b6914/spof/proxy"
	"github.com/seed-ab8b6914/spof/reports/analyze"
	"github.com/seed-ab8b6914/spof/scenarios/plan"
	"github.com/seed-ab8b6914/spof/scenarios/predict"
	"github.com/seed-ab8b6914/spof/sim/trace"
)

// trials records a trial for each outage.
func trials(outages ...time.Duration) []*trace.Trace {
	var all []*trace.Trace
	for i, o := range outages {
		t := synthetic(out(0, o))
		event(t, trace.Event{Kind: proxy.EventVRRP, Node: "proxy-b", Subject: "vip", State: "MASTER"}, o-50*msec)
		t.Header.Trial = i
		t.Header.Plan.Trials = make([]plan.Trial, len(outages))
		t.Header.Plan.Faults[0].Predicted = &predict.Prediction{Lo: 2610 * msec, Hi: 3610 * msec, Event: string(proxy.EventVRRP)}
		all = append(all, t)
	}
	return all
}

var _ = Describe("Merging verdicts", func() {
	DescribeTable("gives the worst verdict", func(want analyze.Verdict, of ...analyze.Verdict) {
		Expect(analyze.Merge(of...)).To(Equal(want))
		slices.Reverse(of)
		Expect(analyze.Merge(of...)).To(Equal(want))
	},
		Entry(nil, analyze.Fail, analyze.Pass, analyze.Inconclusive, analyze.Fail),
		Entry(nil, analyze.Inconclusive, analyze.Pass, analyze.Inconclusive),
		Entry(nil, analyze.Pass, analyze.Pass, analyze.Pass),
		Entry("no verdicts are inconclusive", analyze.Inconclusive),
		Entry("an unknown verdict is inconclusive", analyze.Inconclusive, analyze.Pass, analyze.Verdict("fine")),
	)
})

var _ = Describe("A cell", func() {
	It("summarizes its trials in any order", func() {
		all := trials(3100*msec, 2700*msec, 2900*msec, 3300*msec, 2800*msec, 3500*msec, 3000*msec)
		c := analyze.CellOf(all)
		s := c.Summary["failover_ms"]
		Expect(s.N).To(Equal(7))
		Expect([]float64{s.Min, s.Median, s.Max}).To(HaveExactElements(BeNumerically("~", 2700, 3), BeNumerically("~", 3000, 3), BeNumerically("~", 3500, 3)))
		// Binomial: the median lies between the 1st and the 7th of 7 values with 98.4 %, of the 1st and the 6th only with 93.0 %.
		Expect(s.MedianCI).NotTo(BeNil())
		Expect(s.MedianCI[:]).To(HaveExactElements(BeNumerically("~", 2700, 3), BeNumerically("~", 3500, 3)))
		Expect(c.RangeCovered).To(BeNumerically("~", 6.0/7, 1e-9)) // strata, not independent phases: those would span 6/8
		Expect(c.Verdict).To(Equal(analyze.Pass))
		Expect(c.Reasons).To(BeEmpty())
		Expect(c.Sentence).To(Equal("failover 3.00 s (median of 7, 2.70–3.50 s at 95 %; each ± 4.0 ms), 99.9 % of requests lost or late meanwhile; predicted 2.61–3.61 s: 7/7 inside"))
		Expect(c.Summary["event_ms"].Median).To(BeNumerically("~", 2950, 1))
		Expect(c.Summary["users_noticed_ratio"].Min).To(Equal(1.0))

		slices.Reverse(all)
		Expect(analyze.CellOf(all)).To(Equal(c))
	})

	It("counts requests answered after the patience as lost", func() {
		all := trials(0)
		late := synthetic(func(_ int, at time.Duration) reply { // all wait for the switch and succeed, two thirds of them too late
			if lasting(0, 3*s)(at) {
				return reply{latency: 3*s - at}
			}
			return fine
		})
		all[0].Samples = late.Samples
		Expect(analyze.CellOf(all).Sentence).To(HavePrefix("failover 3.000 s ± 7.0 ms, 66.7 % of requests lost or late meanwhile"))
	})

	It("counts no void trial in the covered range", func() {
		all := trials(3*s, 3*s, 3*s)
		all[1].Broken = "agent lost"
		Expect(analyze.CellOf(all).RangeCovered).To(BeNumerically("~", 4.0/9, 1e-9))
	})

	It("has no interval of the median if there are too few trials", func() {
		Expect(analyze.CellOf(trials(3*s, 3*s, 3*s, 3*s, 3*s)).Summary["failover_ms"].MedianCI).To(BeNil())
		Expect(analyze.CellOf(trials(3*s, 3*s, 3*s, 3*s, 3*s, 3*s)).Summary["failover_ms"].MedianCI).NotTo(BeNil())
	})

	It("gives the reason of the failure, the number of trials, and the story", func() {
		all := trials(1*s, 3*s, 4*s)
		for _, t := range all {
			expect(t, "failover", "<=", 2000, "<= 2s")
		}
		c := analyze.CellOf(all)
		Expect(c.Verdict).To(Equal(analyze.Fail))
		Expect(c.Reasons).To(ConsistOf("failover 3.00 s > 2 s (trial 1; 2 of 3 trials: 1-2)"))
		Expect(c.Sentence).To(HaveSuffix(" (proxy-a dark at 4.01 s; VRRP master proxy-b at 6.96 s; users back at 7.01 s) [bound-missed]"))
	})

	DescribeTable("says of a prediction without an interval whether it was right", func(p predict.Prediction, outages []time.Duration, want string) {
		all := trials(outages...)
		for _, t := range all {
			t.Header.Plan.Faults[0].Predicted = &p
		}
		Expect(analyze.CellOf(all).Sentence).To(HaveSuffix(want))
	},
		Entry("no outage", predict.Prediction{}, []time.Duration{0}, "users never lost service; predicted no outage: 1/1 inside"),
		Entry("no outage, and there was one", predict.Prediction{}, []time.Duration{3 * s}, "; predicted no outage: 0/1 inside"),
		Entry("no outage, and there was one in one of two trials", predict.Prediction{}, []time.Duration{0, 3 * s}, "; predicted no outage: 1/2 inside"),
		Entry("never, and a mechanism ended the outage", predict.Prediction{Never: true}, []time.Duration{3 * s}, "; predicted: not before the repair: 0/1 inside"),
		Entry("never, and there was no outage", predict.Prediction{Never: true}, []time.Duration{0}, "users never lost service; predicted: not before the repair: 0/1 inside"),
	)

	It("says that latencies were high until the trial ended, though it passes", func() {
		slow := func(_ int, at time.Duration) reply {
			switch {
			case lasting(0, s)(at):
				return reset
			case at >= s:
				return reply{latency: 60 * msec} // the limit is 25 ms
			}
			return fine
		}
		c := analyze.CellOf([]*trace.Trace{synthetic(slow)})
		Expect(c.Verdict).To(Equal(analyze.Pass))
		Expect(c.Sentence).To(MatchRegexp("^failover 1.0.* s ± .*; latencies were high until the trial ended$"))
		two := trials(s, s)
		two[1].Samples = synthetic(slow).Samples
		Expect(analyze.CellOf(two).Sentence).To(ContainSubstring("; latencies were high until the trial ended at worst; predicted "))
	})

	It("says why nothing was predicted", func() {
		all := trials(3*s, 3*s)
		for _, t := range all {
			t.Header.Plan.Faults = slices.Clone(t.Header.Plan.Faults)
			t.Header.Plan.Faults[0].Predicted, t.Header.Plan.Faults[0].Unpredicted = nil, "no timer says"
		}
		c := analyze.CellOf(all)
		Expect(c.Sentence).To(HaveSuffix(" of requests lost or late meanwhile; no prediction: no timer says"))
		Expect(c.Trials[0].Unpredicted).To(Equal("no timer says"))
	})

	It("counts a failover that never came as missing", func() {
		c := analyze.CellOf(trials(12 * s))
		Expect(c.Summary["failover_ms"]).To(Equal(analyze.Summary{Missing: 1}))
		Expect(c.Sentence).To(Equal("service was not back when the trial ended, 12.0 s after the fault (proxy-a dark at 4.01 s; repair begins at 11.98 s; VRRP master proxy-b at 15.96 s; trial ended, users not back at 16.00 s) [no-return]"))
	})

	It("leaves void trials out of its figures", func() {
		all := trials(3*s, 3*s)
		all[1].Broken = "interrupted"
		c := analyze.CellOf(all)
		Expect(c.Verdict).To(Equal(analyze.Inconclusive))
		Expect(c.Summary["failover_ms"].N).To(Equal(1))
		Expect(c.Sentence).To(Equal("inconclusive: the trial was not finished: interrupted (trial 1) [trial-broken-off]"))
	})

	DescribeTable("does not pass with trials that do not belong together", func(change func([]*trace.Trace) []*trace.Trace, code string) {
		c := analyze.CellOf(change(trials(3*s, 3*s, 3*s)))
		Expect(c.Verdict).To(Equal(analyze.Inconclusive))
		Expect(c.Codes).To(ConsistOf(code))
	},
		Entry("missing", func(t []*trace.Trace) []*trace.Trace { return t[:2] }, "missing-trials"),
		Entry("of another plan", func(t []*trace.Trace) []*trace.Trace { t[1].Header.PlanHash = "other"; return t }, "mixed-plans"),
		Entry("twice", func(t []*trace.Trace) []*trace.Trace { return append(t, t[0]) }, "repeated-trial"),
		Entry("none", func([]*trace.Trace) []*trace.Trace { return nil }, "no-trial"),
	)

	It("says that users never lost service", func() {
		Expect(analyze.CellOf(trials(0)).Sentence).To(HavePrefix("users never lost service"))
	})

	It("words a scenario without faults", func() {
		t := synthetic(out(0, 3*msec))
		t.Header.Plan.Faults, t.Events = nil, nil
		c := analyze.CellOf([]*trace.Trace{t})
		Expect(c.Sentence).To(Equal("3 of 15000 requests failed, p99 latency 2.00 ms"))
		Expect(c.Summary).NotTo(HaveKey("failover_ms"))
	})

	It("becomes a report under the worst verdict", func() {
		r := analyze.NewReport(analyze.Cell{Verdict: analyze.Pass}, analyze.Cell{Verdict: analyze.Inconclusive})
		Expect(r.Schema).To(Equal("spof/report/v1"))
		Expect(r.Verdict).To(Equal(analyze.Inconclusive))
		Expect(analyze.NewReport().Verdict).To(Equal(analyze.Inconclusive))
	})
})

var _ = Describe("A timeline", func() {
	It("shows load, faults, mechanisms and the return of service", func() {
		t := trials(3 * s)[0]
		l := analyze.TimelineOf(t)
		Expect(l.FailoverAtMS).To(about(7010, 3))
		Expect(l.Bands).To(HaveExactElements(analyze.Band{FromMS: 4010, ToMS: 12000, Label: "power-loss proxy-a"}))
		Expect(l.Events).To(HaveExactElements(analyze.TimelineEvent{AtMS: 6960, Kind: "vrrp", Label: "proxy-b MASTER"}))
		Expect(l.EndMS).To(Equal(16000.0))
		Expect(l.PatienceMS).To(Equal(1000.0))
		offered, bad := 0, 0
		for _, b := range l.Bins {
			offered, bad = offered+b.Offered, bad+b.Failed
			Expect(b.Good + b.Failed).To(Equal(b.Offered))
		}
		Expect(offered).To(Equal(16000))
		Expect(bad).To(Equal(3000))
	})

	Context("of a trial whose machine was watched", func() {
		read := func(node string, at, over time.Duration, busy float64, waited time.Duration) trace.Reading {
			return trace.Reading{At: epoch + at.Nanoseconds(), Node: node, Over: over, CPUs: 2, Busy: busy, Stolen: busy / 10, Pressure: -1, Waited: waited}
		}
		machine := func(readings ...trace.Reading) []analyze.MachineBin {
			t := synthetic(always(fine))
			t.Machine = readings
			return analyze.TimelineOf(t).Machine
		}

		It("weighs shares by time, and shows a wait in each bin in which it may have been", func() {
			bins := machine(
				read("users", -50*msec, 100*msec, 1, s), // before the load
				read("users", 50*msec, 100*msec, .2, 3*msec),
				read("users", 150*msec, 100*msec, .4, 9*msec),
				read("users", 450*msec, 300*msec, .8, 250*msec), // it came late
			)
			Expect(bins).To(HaveLen(5))
			for i, want := range []analyze.MachineBin{
				{AtMS: 0, Busy: .3, WaitedMS: 9}, {AtMS: 100, Busy: .6, WaitedMS: 250}, {AtMS: 200, Busy: .8, WaitedMS: 250},
				{AtMS: 300, Busy: .8, WaitedMS: 250}, {AtMS: 400, Busy: .8, WaitedMS: 250},
			} {
				Expect(bins[i].AtMS).To(Equal(want.AtMS))
				Expect(bins[i].Busy).To(BeNumerically("~", want.Busy, 1e-9))
				Expect(bins[i].Stolen).To(BeNumerically("~", want.Busy/10, 1e-9))
				Expect(bins[i].Pressure).To(Equal(-1.0), "no kernel told")
				Expect(bins[i].WaitedMS).To(Equal(want.WaitedMS))
			}
		})

		It("has the largest value of all nodes", func() {
			bins := machine(read("users", 100*msec, 100*msec, .2, 9*msec), read("isp", 100*msec, 100*msec, .7, 3*msec))
			Expect(bins).To(HaveLen(1))
			Expect(bins[0].Busy).To(BeNumerically("~", .7, 1e-9))
			Expect(bins[0].WaitedMS).To(Equal(9.0))
		})

		It("leaves out bins without readings, and marks values that the kernel does not report", func() {
			bins := machine(read("users", 100*msec, 100*msec, .5, -1), read("users", 800*msec, 100*msec, -1, msec))
			Expect(bins).To(HaveLen(2))
			Expect(bins[0]).To(And(HaveField("AtMS", 0.0), HaveField("WaitedMS", -1.0)))
			Expect(bins[1]).To(And(HaveField("AtMS", 700.0), HaveField("Busy", -1.0)))
			Expect(machine()).To(BeEmpty())
		})

		It("has no more bins than a page can hold", func() {
			t := synthetic(always(fine))
			t.Header.Plan.End = time.Hour
			for at := 100 * msec; at <= time.Hour; at += 100 * msec {
				t.Machine = append(t.Machine, read("users", at, 100*msec, .5, msec))
			}
			l := analyze.TimelineOf(t)
			Expect(len(l.Machine)).To(And(BeNumerically(">", 1900), BeNumerically("<=", 2000)))
			Expect(l.MachineBinMS * float64(len(l.Machine))).To(BeNumerically("~", 3.6e6, l.MachineBinMS))
			for _, b := range l.Machine {
				Expect(b.Busy).To(BeNumerically("~", .5, 1e-9))
				Expect(b.WaitedMS).To(Equal(1.0))
			}
		})
	})

	It("thins the points, but keeps one failure in each bin that has one", func() {
		l := analyze.TimelineOf(synthetic(every(997, always(reset), lasting(-4*s, 12*s))))
		Expect(len(l.Points)).To(BeNumerically("<", 4000))
		failures := 0
		for _, p := range l.Points {
			if p.Outcome != "ok" {
				failures++
			}
		}
		Expect(failures).To(Equal(16))
		dense := analyze.TimelineOf(synthetic(always(reset)))
		Expect(len(dense.Points)).To(And(BeNumerically(">=", len(dense.Bins)), BeNumerically("<", 4000)))
	})
})

func BenchmarkTrial(b *testing.B) {
	for _, n := range []int{10_000, 100_000, 1_000_000} {
		b.Run(fmt.Sprintf("samples=%d", n), func(b *testing.B) {
			t := synthetic(out(0, 3*s))
			every := int64(endAt) / int64(n)
			t.Samples = make([]trace.Sample, n)
			for i := range t.Samples {
				t.Samples[i] = trace.Sample{Scheduled: int64(i) * every, Done: uint32(1000 + i%977), User: uint16(i % users)}
			}
			t.Header.Plan.Scenario.Load.Rate = float64(n) / endAt.Seconds()
			for b.Loop() {
				analyze.TrialOf(t)
			}
		})
	}
}

// BenchmarkMillion reads a trace file of a million samples, and judges it with its chart. Targets: 1 s and 200 MB, of which MB is what the
// process has from the system.
func BenchmarkMillion(b *testing.B) {
	file := millionFile(b)
	for b.Loop() {
		t, err := trace.Read(bytes.NewReader(file))
		if err != nil {
			b.Fatal(err)
		}
		if m := analyze.Judge(t); m.Trial.Void {
			b.Fatal(m.Trial.Reasons)
		}
	}
	sizes := []metrics.Sample{{Name: "/memory/classes/total:bytes"}, {Name: "/memory/classes/heap/released:bytes"}}
	metrics.Read(sizes)
	b.ReportMetric(float64(sizes[0].Value.Uint64()-sizes[1].Value.Uint64())/1e6, "MB")
}

// millionFile is a trace file of a trial of 1000 s at 1000 requests/s, with an outage of 3 s.
func millionFile(b *testing.B) []byte {
	const n = 1_000_000
	t := synthetic(out(0, 3*s))
	p := &t.Header.Plan
	longer := n*time.Millisecond - p.End
	p.Scenario.Phases.Recovery += longer
	p.End += longer
	t.Header.PlanHash = p.Hash()
	var file bytes.Buffer
	w, err := trace.NewWriter(&file, t.Header)
	if err != nil {
		b.Fatal(err)
	}
	for _, e := range t.Events {
		w.Event(e)
	}
	w.Samples(t.Samples)
	later := make([]trace.Sample, 0, 1000)
	for i := len(t.Samples); i < n; i++ {
		later = append(later, trace.Sample{Scheduled: int64(i) * 1e6, Late: uint32(i * 7919 % 90_000), FirstByte: 900, Done: uint32(1000 + i*31%977), User: uint16(i % users)})
		if len(later) == cap(later) || i == n-1 {
			rand.New(rand.NewPCG(1, 2)).Shuffle(len(later)/2, func(a, b int) { later[a], later[b] = later[b], later[a] }) // as they end
			w.Samples(later)
			later = later[:0]
		}
	}
	if err := w.End(""); err != nil {
		b.Fatal(err)
	}
	return file.Bytes()
}
