package trace_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"runtime"
	"strings"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/seed-ab8b6914/spof/proxy"
	"github.com/seed-ab8b6914/spof/scenarios"
	"github.com/seed-ab8b6914/spof/scenarios/fault"
	"github.com/seed-ab8b6914/spof/scenarios/plan"
	"github.com/seed-ab8b6914/spof/sim/trace"
	"github.com/seed-ab8b6914/spof/topology"
)

// headerOf is the first line of a trace.
func headerOf(h trace.Header) string {
	GinkgoHelper()
	line, err := json.Marshal(h)
	Expect(err).NotTo(HaveOccurred())
	return string(line) + "\n"
}

// repeated is a small file that unpacks to a header and n times the same line. n is a multiple of 1000.
func repeated(h trace.Header, line string, n int) []byte {
	GinkgoHelper()
	lines := zip(strings.Repeat(line+"\n", 1000))
	return append(zip(headerOf(h)), bytes.Repeat(lines, n/1000)...)
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

	DescribeTable("refuses a file that unpacks to more than its plan can produce, at the first line beyond it", func(line string, at int, want string) {
		data := repeated(planned(), line, 4_000_000)
		var err error
		Expect(allocated(func() { _, err = trace.Read(bytes.NewReader(data)) })).To(BeNumerically("<", 256<<20))
		Expect(refusal(err)).To(Equal(fmt.Sprint(at+2, " trace-too-large")))
		Expect(err).To(MatchError(ContainSubstring(want)))
	},
		Entry("events", event, 43_300, "more than 43300 events"),
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
		Expect(refusal(err)).To(Equal("trace-too-large"))
		Expect(err).To(MatchError(ContainSubstring("256 MiB")))
		Expect(n).To(BeNumerically("~", 1<<28/trace.MaxText, 1<<28/trace.MaxText/50))
		Expect(budget.Machine(&trace.Reading{Node: strings.Repeat("x", trace.MaxText)})).NotTo(Succeed())
		Expect(budget.Samples(1000)).To(Succeed())
		Expect(budget.Samples(1 << 28)).To(MatchError(ContainSubstring("1024 MiB")))
	})

	It("is enough for the requests of the largest plan", func() {
		plan := planned().Plan
		plan.Scenario.Load.Rate = scenarios.MaxRequests / 31
		Expect(trace.BudgetOf(&plan).Samples(scenarios.MaxRequests)).To(Succeed())
	})

	It("includes the requests of a surge, and the events of streams that break all the time", func() {
		takes := func(p *plan.Plan, take func(*trace.Budget) error) (n int) {
			for budget := trace.BudgetOf(p); take(budget) == nil; n++ {
			}
			return n
		}
		samples := func(p *plan.Plan) int {
			return takes(p, func(b *trace.Budget) error { return b.Samples(1) })
		}
		events := func(p *plan.Plan) int {
			return takes(p, func(b *trace.Budget) error { return b.Event(&trace.Event{}) })
		}
		plan := planned().Plan
		base, quiet := samples(&plan), events(&plan)
		plan.Scenario.Faults = []fault.Fault{{Kind: fault.Surge, At: 2 * time.Second, For: 5 * time.Second}}
		plan.Scenario.Faults[0].Factor = 4
		Expect(samples(&plan)).To(Equal(base+2*3*5*50), "5 s at four times the rate")

		plan.Topology.Users = append(plan.Topology.Users, topology.Group{Name: "office", Count: 100})
		plan.Scenario.Load.Streams = &scenarios.Streams{Share: 0.5}
		Expect(events(&plan)).To(BeNumerically(">", quiet+50*30*20))
	})

	It("refuses a plan of a negative length", func() {
		h := planned()
		h.Plan.End, h.Plan.Scenario.Phases.Baseline, h.Plan.Scenario.Load.Rate = -1<<62, -1<<62, 1e300
		h.PlanHash = h.Plan.Hash()
		_, err := trace.Read(bytes.NewReader(repeated(h, samples, 1000)))
		Expect(refusal(err)).To(HavePrefix("1 plan-out-of-range"))
	})
})

var _ = Describe("A line", func() {
	read := func(h trace.Header, line string) error {
		_, err := trace.Read(bytes.NewReader(append(zip(headerOf(h)), zip(line+"\n")...)))
		return err
	}

	DescribeTable("that is much longer than its content is refused: it costs time, and a small file unpacks to many", func(begin, end string) {
		Expect(read(planned(), begin+strings.Repeat(" ", 100)+end)).To(Succeed())
		Expect(read(planned(), begin+strings.Repeat(" ", 1_000_000)+end)).To(WithTransform(refusal, Equal("2 line-too-long")))
	},
		Entry("spaces in an event", `{"e":{"at_ns":1,"kind":"vrrp"`, "}}"),
		Entry("spaces in samples", `{"s":[[1,2,3,4,5,6,1,"ok",0,0,0]`, "]}"),
		Entry("spaces in a reading", `{"m":{"at_ns":1,"node":"office"`, "}}"),
		Entry("spaces in the end mark", `{"end":{`, "}}"),
		Entry("an unknown field", `{"e":{"at_ns":1,"kind":"vrrp"},"x":"`, `"}`),
	)

	It("of a fault is refused unless the plan's fault may strike there", func() {
		h := planned()
		h.Plan.Faults = []plan.Fault{{Planned: fault.Planned{ID: "f1", Kind: fault.Crash, Candidates: []fault.Candidate{{Node: "proxy-a", Service: "squid"}}}}}
		h.PlanHash = h.Plan.Hash()
		Expect(read(h, `{"e":{"kind":"fault-effect","fault":"f1","node":"proxy-a","service":"squid"}}`)).To(Succeed())
		for _, at := range []string{`"f2","node":"proxy-a","service":"squid"`, `"f1","node":"proxy-b","service":"squid"`, `"f1","node":"proxy-a"`} {
			Expect(read(h, `{"e":{"kind":"fault-effect","fault":`+at+`}}`)).To(WithTransform(refusal, Equal("2 no-such-fault")))
		}
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
		err := edited(edit)
		Expect(refusal(err)).To(Equal("1 plan-edited"))
		Expect(err).To(MatchError(ContainSubstring(want)))
	},
		Entry("a bound", func(h *trace.Header) {
			h.Plan.Scenario.Expect = []scenarios.Expectation{{Measure: "failover", Op: "<", Value: 1}}
		}, "its hash is"),
		Entry("an offset", func(h *trace.Header) { h.Plan.FaultAt++ }, "its hash is"),
		Entry("the name of the design", func(h *trace.Header) { h.Plan.Topology.Name = "other" }, "its hash is"),
		Entry("the hash", func(h *trace.Header) { h.PlanHash = "" }, "plan_hash is ;"),
		Entry("a trial that the plan does not have", func(h *trace.Header) { h.Trial = 1 }, "it draws no trial 1"),
		Entry("a negative one", func(h *trace.Header) { h.Trial = -1 }, "it draws no trial -1"),
		Entry("another phase of a trial", func(h *trace.Header) { h.Redrawn = &plan.Trial{Phase: 5, Seed: 7} }, "phase 5ns"),
		Entry("an attempt that Again does not draw", func(h *trace.Header) { h.Redrawn = &plan.Trial{Seed: 7, Attempt: 1} }, "attempt 1"),
		Entry("attempts without end", func(h *trace.Header) { h.Redrawn = &plan.Trial{Seed: 7, Attempt: 1 << 60} }, "attempt 1152921504606846976"),
		Entry("names of other nodes", func(h *trace.Header) { h.Nodes[1] = "proxy-c" }, "other nodes"),
		Entry("no names", func(h *trace.Header) { h.Nodes = nil }, "other nodes"),
	)

	DescribeTable("whose plan is out of range is refused, also with the plan's own hash", func(edit func(*trace.Header), want string) {
		err := edited(func(h *trace.Header) {
			edit(h)
			h.PlanHash = h.Plan.Hash()
		})
		Expect(refusal(err)).To(HavePrefix("1 plan-out-of-range"))
		Expect(err).To(MatchError(ContainSubstring(want)))
	},
		Entry("nodes", func(h *trace.Header) { h.Plan.Topology.Nodes = make([]topology.Node, 101) }, "want at most 100 nodes, got 101"),
		Entry("services", func(h *trace.Header) { h.Plan.Topology.Nodes[0].Services = make([]topology.Service, 11) }, "want at most 10 services on a node, got 11"),
		Entry("groups", func(h *trace.Header) { h.Plan.Topology.Users = make([]topology.Group, 21) }, "want at most 20 user groups, got 21"),
		Entry("users", func(h *trace.Header) { h.Plan.Topology.Users = []topology.Group{{Count: 40_000}, {Count: 40_000}} }, "want at most 60000 users, got 80000"),
		Entry("users of a group", func(h *trace.Header) { h.Plan.Topology.Users = []topology.Group{{Count: 1 << 62}, {Count: 1 << 62}} }, "users in a group, got 4611686018427387904"),
		Entry("an operator", func(h *trace.Header) {
			h.Plan.Scenario.Expect = []scenarios.Expectation{{Measure: "failover", Op: "=<", Value: 1}}
		}, `unknown operator "=<" of a bound on failover; valid: <=, <, >=, >, ==`),
		Entry("faults", func(h *trace.Header) { h.Plan.Faults = make([]plan.Fault, 33) }, "33 faults; at most 32"),
		Entry("places of a fault", func(h *trace.Header) {
			h.Plan.Faults = []plan.Fault{{Planned: fault.Planned{Candidates: make([]fault.Candidate, 3)}}}
		}, "3 places of a fault; at most 2"),
		Entry("expectations", func(h *trace.Header) { h.Plan.Scenario.Expect = make([]scenarios.Expectation, 1000) }, "1000 expectations; at most"),
		Entry("trials", func(h *trace.Header) { h.Plan.Trials = make([]plan.Trial, 10_001) }, "10001 trials; at most 10000"),
		Entry("requests", func(h *trace.Header) { h.Plan.Scenario.Load.Rate = 1e9 }, "3e+10 requests; a trial has at most 25000000"),
		Entry("a century", func(h *trace.Header) { h.Plan.End = 876_000 * time.Hour }, "it lasts 876000h0m0s"),
		Entry("a timer of a century", func(h *trace.Header) { h.Plan.PhasePeriod = 876_000 * time.Hour }, "it lasts "),
		Entry("a negative patience", func(h *trace.Header) { h.Plan.Scenario.Load.Patience = -1 }, "a rate, a time or a measure"),
		Entry("a share above 1", func(h *trace.Header) { h.Plan.Scenario.Measure.Theta = 2 }, "a rate, a time or a measure"),
	)

	It("whose plan has an unknown schema is refused, also with the plan's own hash", func() {
		for _, schema := range []string{"", "spof/plan/v3"} {
			err := edited(func(h *trace.Header) {
				h.Plan.Schema = schema
				h.PlanHash = h.Plan.Hash()
			})
			Expect(refusal(err)).To(Equal("1 unknown-plan-version"))
		}
	})

	DescribeTable("of each known schema is read, and not with the hash of the other", func(schema, other string) {
		as := func(schema string) func(*trace.Header) { return func(h *trace.Header) { h.Plan.Schema = schema } }
		Expect(edited(func(h *trace.Header) {
			as(schema)(h)
			h.PlanHash = h.Plan.Hash()
		})).NotTo(HaveOccurred())
		Expect(refusal(edited(func(h *trace.Header) {
			as(other)(h)
			h.PlanHash = h.Plan.Hash()
			as(schema)(h)
		}))).To(Equal("1 plan-edited"))
	},
		Entry("the present one", plan.Schema, plan.SchemaV1),
		Entry("the first one", plan.SchemaV1, plan.Schema),
	)

	It("of the first schema is refused if its prose was edited, since its hash covers that", func() {
		prose := func(schema string) error {
			return edited(func(h *trace.Header) {
				h.Plan.Schema = schema
				h.PlanHash = h.Plan.Hash()
				h.Plan.Scenario.About = "other"
			})
		}
		Expect(refusal(prose(plan.SchemaV1))).To(Equal("1 plan-edited"))
		Expect(prose(plan.Schema)).NotTo(HaveOccurred())
	})

	It("with too many rows of fidelity is refused", func() {
		err := edited(func(h *trace.Header) { h.Fidelity = make([]trace.Fidelity, 1001) })
		Expect(refusal(err)).To(Equal("1 trace-too-large"))
		Expect(err).To(MatchError(ContainSubstring("1001 rows")))
	})

	It("of another attempt is read", func() {
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
		t.Header.Plan.Faults = []plan.Fault{{Planned: fault.Planned{ID: e.Fault, Candidates: []fault.Candidate{{Node: e.Node, Service: e.Service}}}}}
		t.Header.PlanHash = t.Header.Plan.Hash()
		t.Events = append(t.Events, e)
		Expect(trace.Read(bytes.NewReader(write(t)))).To(Equal(t))
	})

	It("that is short enough is not changed", func() {
		e := whole().Events[1]
		Expect(trace.Clip(e)).To(Equal(e))
	})

	It("that was not cut is an error of the writer", func() {
		w, err := trace.NewWriter(io.Discard, planned())
		Expect(err).NotTo(HaveOccurred())
		Expect(w.Event(trace.Event{Text: strings.Repeat("x", 1<<20)})).To(WithTransform(refusal, Equal("trace-too-large")))
		Expect(errors.Is(w.End(""), trace.ErrEnded)).To(BeFalse())
	})
})
