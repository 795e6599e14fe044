package trace_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"runtime"
	"strings"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/seed-ab8b6914/spof/proxy"
	"github.com/seed-ab8b6914/spof/scenarios"
	"github.com/seed-ab8b6914/spof/sim/trace"
	"github.com/seed-ab8b6914/spof/topology"
)

// repeated is a small file that unpacks to a header and n times the same line, n in thousands.
func repeated(h trace.Header, line string, n int) []byte {
	GinkgoHelper()
	first, err := json.Marshal(h)
	Expect(err).NotTo(HaveOccurred())
	lines := zip(strings.Repeat(line+"\n", 1000))
	return append(zip(string(first)+"\n"), bytes.Repeat(lines, n/1000)...)
}

// allocated is how many bytes a call allocates.
func allocated(call func()) uint64 {
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	call()
	runtime.ReadMemStats(&after)
	return after.TotalAlloc - before.TotalAlloc
}

var _ = Describe("The budget of a trace", func() {
	const (
		event   = `{"e":{"at_ns":1,"kind":"vrrp","node":"proxy-a"}}`
		samples = `{"s":[[1,2,3,4,5,6,1,"ok",0,0,0]]}`
		reading = `{"m":{"at_ns":1,"node":"office","over_ns":100000000}}`
	)

	DescribeTable("ends a file that unpacks to more than its plan can produce, at the line that is too much", func(line string, at int, want string) {
		data := repeated(planned(), line, 4_000_000)
		var err error
		Expect(allocated(func() { _, err = trace.Read(bytes.NewReader(data)) })).To(BeNumerically("<", 256<<20))
		Expect(err).To(MatchError(ContainSubstring(want)))
		Expect(err).To(MatchError(ContainSubstring("line %d: more than", at+2)))
	},
		Entry("events", event, 43_300, "more than 43300 events, which is more than the plan can produce"),
		Entry("samples", samples, 13_100, "more than 13100 samples"),
		Entry("readings", reading, 16_040, "more than 16040 readings of the machine"),
	)

	It("is bounded whatever the plan asks for", func() {
		plan := planned().Plan
		plan.Scenario.Load.Rate, plan.End = 1e300, 1<<62
		budget, n := trace.BudgetOf(&plan), 0
		long := trace.Event{Text: strings.Repeat("x", trace.MaxText)}
		err := budget.Event(&long)
		for ; err == nil; err = budget.Event(&long) {
			n++
		}
		Expect(err).To(MatchError("events, samples and readings of more than 1024 MiB; a trace holds no more"))
		Expect(n).To(BeNumerically("~", 1<<30/trace.MaxText, 1<<30/trace.MaxText/50))
		Expect(budget.Samples(1000)).NotTo(Succeed())
	})

	It("is enough for the requests of the largest plan", func() {
		plan := planned().Plan
		plan.Scenario.Load.Rate = scenarios.MaxRequests / 31
		Expect(trace.BudgetOf(&plan).Samples(scenarios.MaxRequests)).To(Succeed())
	})

	It("is that of a surge, and of streams that break all the time", func() {
		takes := func(p *scenarios.Plan, take func(*trace.Budget) error) (n int) {
			for budget := trace.BudgetOf(p); take(budget) == nil; n++ {
			}
			return n
		}
		samples := func(p *scenarios.Plan) int {
			return takes(p, func(b *trace.Budget) error { return b.Samples(1) })
		}
		events := func(p *scenarios.Plan) int {
			return takes(p, func(b *trace.Budget) error { return b.Event(&trace.Event{}) })
		}
		plan := planned().Plan
		base, quiet := samples(&plan), events(&plan)
		plan.Scenario.Faults = []scenarios.Fault{{Kind: scenarios.Surge, At: 2 * time.Second, For: 5 * time.Second}}
		plan.Scenario.Faults[0].Factor = 4
		Expect(samples(&plan)).To(Equal(base+2*3*5*50), "5 s at four times the rate")

		plan.Topology.Users = append(plan.Topology.Users, topology.Group{Name: "office", Count: 100})
		plan.Scenario.Load.Streams = &scenarios.Streams{Share: 0.5}
		Expect(events(&plan)).To(BeNumerically(">", quiet+50*30*20))
	})

	It("has no place for a plan that never ends before its time", func() {
		h := planned()
		h.Plan.End, h.Plan.Scenario.Phases.Baseline, h.Plan.Scenario.Load.Rate = -1<<62, -1<<62, 1e300
		h.PlanHash = h.Plan.Hash()
		_, err := trace.Read(bytes.NewReader(repeated(h, samples, 1000)))
		Expect(err).To(MatchError(ContainSubstring("line 2: more than 0 samples")))
	})
})

var _ = Describe("A header", func() {
	edited := func(edit func(*trace.Header)) error {
		GinkgoHelper()
		h := planned()
		edit(&h)
		_, err := trace.Read(bytes.NewReader(repeated(h, "", 0)))
		return err
	}

	DescribeTable("whose plan was edited is refused", func(edit func(*trace.Header), want string) {
		Expect(edited(func(*trace.Header) {})).NotTo(HaveOccurred())
		Expect(edited(edit)).To(MatchError(SatisfyAll(ContainSubstring("line 1: header: the plan is not the one that was run"), ContainSubstring(want))))
	},
		Entry("a bound", func(h *trace.Header) {
			h.Plan.Scenario.Expect = []scenarios.Expectation{{Measure: "failover", Op: "<", Value: 1}}
		}, "its hash is"),
		Entry("an offset", func(h *trace.Header) { h.Plan.FaultAt++ }, "its hash is"),
		Entry("the name of the design", func(h *trace.Header) { h.Plan.Topology.Name = "other" }, "its hash is"),
		Entry("the hash", func(h *trace.Header) { h.PlanHash = "" }, `plan_hash says ;`),
		Entry("a trial that the plan has not", func(h *trace.Header) { h.Trial = 1 }, "it draws no trial 1"),
		Entry("a negative one", func(h *trace.Header) { h.Trial = -1 }, "it draws no trial -1"),
		Entry("another phase of a trial", func(h *trace.Header) { h.Redrawn = &scenarios.Trial{Phase: 5, Seed: 7} }, "phase 5ns"),
		Entry("an attempt that Again does not draw", func(h *trace.Header) { h.Redrawn = &scenarios.Trial{Seed: 7, Attempt: 1} }, "attempt 1"),
		Entry("attempts without end", func(h *trace.Header) { h.Redrawn = &scenarios.Trial{Seed: 7, Attempt: 1 << 60} }, "attempt 1152921504606846976"),
		Entry("names of other nodes", func(h *trace.Header) { h.Nodes[1] = "proxy-c" }, "nodes are not those of its topology"),
		Entry("no names", func(h *trace.Header) { h.Nodes = nil }, "nodes are not those of its topology"),
	)

	It("of another attempt is whole", func() {
		Expect(edited(func(h *trace.Header) {
			again := h.Plan.Again(h.Plan.Again(h.Plan.Trials[0]))
			h.Redrawn = &again
		})).NotTo(HaveOccurred())
	})
})

var _ = Describe("A text of an event", func() {
	It("is cut so that the longest event can be read again", func() {
		long := strings.Repeat("\x01", 2*trace.MaxText)
		e := trace.Clip(trace.Event{Node: long, Service: long, Kind: proxy.EventKind(long), Subject: long, State: proxy.State(long), Text: long, Fault: long})
		Expect(e.Text).To(HaveLen(trace.MaxText))
		Expect(e.Text).To(HaveSuffix("\x01…"))
		t := whole()
		t.Events = append(t.Events, e)
		Expect(trace.Read(bytes.NewReader(write(t)))).To(Equal(t))
	})

	It("that fits stays as it is", func() {
		e := whole().Events[1]
		Expect(trace.Clip(e)).To(Equal(e))
	})

	It("is an error of the writer where it was not cut", func() {
		w, err := trace.NewWriter(io.Discard, planned())
		Expect(err).NotTo(HaveOccurred())
		Expect(w.Event(trace.Event{Text: strings.Repeat("x", 1<<20)})).To(MatchError(ContainSubstring("a line of 10486")))
		Expect(errors.Is(w.End(""), trace.ErrEnded)).To(BeFalse())
	})
})
