package analyze_test

import (
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/seed-ab8b6914/spof/proxy"
	"github.com/seed-ab8b6914/spof/reports/analyze"
	"github.com/seed-ab8b6914/spof/scenarios"
	"github.com/seed-ab8b6914/spof/sim/trace"
	"github.com/seed-ab8b6914/spof/topology"
)

var _ = Describe("the rows of measures", func() {
	It("have a unique name and key, and one source of the value", func() {
		keys, names := map[string]bool{}, map[string]bool{}
		for _, m := range analyze.Measures {
			Expect(names).NotTo(HaveKey(m.Name))
			Expect(keys).NotTo(HaveKey(m.Key()))
			names[m.Name], keys[m.Key()] = true, true
			Expect(m.Value == nil).NotTo(Equal(m.Compute == nil), m.Name)
			Expect(analyze.MeasureAt(m.Key()).Name).To(Equal(m.Name))
			if m.With != "" {
				Expect(analyze.MeasureAt(m.With)).NotTo(BeNil(), m.Name)
			}
		}
	})

	It("are enough for a new measure: it is computed from the trace, bounded, judged and summed up", func() {
		analyze.WithMeasure("slowest_answer", func() {
			Expect(analyze.Expectable()).To(HaveKeyWithValue("slowest_answer", scenarios.MeasureInfo{Unit: "ms", About: "For a test.", Fault: true}))
			judged := func(bound float64) analyze.Cell {
				of := synthetic(func(_ int, at time.Duration) reply {
					if at > s && at < s+5*time.Millisecond {
						return reply{latency: 700 * time.Millisecond}
					}
					return fine
				})
				of.Header.Plan.Scenario.Expect = []scenarios.Expectation{{Measure: "slowest_answer", Op: "<=", Value: bound, Text: "<= x"}}
				return analyze.CellOf([]*trace.Trace{of})
			}
			met, missed, unsure := judged(701), judged(600), judged(700.5)
			Expect(met.Verdict).To(Equal(analyze.Pass), "%v", met.Reasons)
			Expect(met.Trials[0].Measures).To(HaveKeyWithValue("slowest_answer_ms", 700.0))
			Expect(met.Summary["slowest_answer_ms"].Median).To(Equal(700.0))
			Expect(met.Bounds[0]).To(And(HaveField("Key", "slowest_answer_ms"), HaveField("Met", 1)))
			Expect(missed.Codes).To(Equal([]string{"bound-missed"}))
			Expect(unsure.Codes).To(Equal([]string{"bound-unsure"}))
		})
		Expect(analyze.Expectable()).NotTo(HaveKey("slowest_answer"))
	})

	It("are no more than the expectations that a scenario may have", func() {
		Expect(len(analyze.Bounded())).To(And(BeNumerically(">", 20), BeNumerically("<=", scenarios.MaxExpectations)))
	})

	It("have a value for every name that expectations may use, under one key in the trial and in the summary", func() {
		of := synthetic(out(0, s))
		of.Header.Plan.Scenario.Load.Objects = &scenarios.Objects{Count: 10, Cacheable: 1}
		for i := range of.Samples {
			of.Samples[i].Bytes = 1000
		}
		of.Header.Plan.Topology.Addresses = []topology.Address{{Name: "vip", Preempt: true, Members: []topology.Member{{Node: "proxy-a"}, {Node: "proxy-b"}}}}
		for _, at := range []time.Duration{s, 4 * s, undoAt} {
			meter(of, "isp", at, 0, at.Milliseconds())
		}
		of.Header.Plan.Topology.Users[0].Pool = &topology.Pool{}
		of.Header.Plan.Scenario.Load.Streams = &scenarios.Streams{Share: 1}
		event(of, trace.Event{Node: "users", Subject: "0", Kind: proxy.EventStreamOpen}, -s)
		t := analyze.TrialOf(of)
		summary := analyze.Summaries([]analyze.Trial{t})
		suffixes := map[string]string{"ms": "_ms", "s": "_s", "B/s": "_bytes_per_s", "count": "", "number": "", "ratio": "", "factor": ""}
		for _, m := range analyze.Bounded() {
			v, ok := m.Of(&t)
			Expect(ok).To(BeTrue(), m.Name)
			Expect(m.Key()).To(HaveSuffix(suffixes[m.Unit]), m.Name)
			want := analyze.Summary{N: 1, Min: v, Median: v, Max: v}
			if m.Mean {
				want.Mean = &v
			}
			Expect(summary).To(HaveKeyWithValue(m.Key(), want), m.Name)
			Expect(t.Measures).To(HaveKeyWithValue(m.Key(), v), m.Name)
		}
	})
})
