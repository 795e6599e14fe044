package sim

import (
	"os"
	"path/filepath"
	"strings"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/seed-ab8b6914/spof/proxy"
	"github.com/seed-ab8b6914/spof/proxy/load"
	"github.com/seed-ab8b6914/spof/scenarios"
	"github.com/seed-ab8b6914/spof/scenarios/plan"
	"github.com/seed-ab8b6914/spof/sim/trace"
	"github.com/seed-ab8b6914/spof/topology"
)

var _ = Describe("a recorder", func() {
	header := func() trace.Header {
		h := trace.Header{Schema: trace.Schema, Plan: plan.Plan{
			Schema:   plan.Schema,
			Scenario: scenarios.Scenario{Load: scenarios.Load{Rate: 10}, Phases: scenarios.Phases{Baseline: 10 * time.Second}}, End: 10 * time.Second, Trials: []plan.Trial{{}},
		}}
		h.PlanHash = h.Plan.Hash()
		return h
	}

	It("leaves out what exceeds the budget of the plan, and marks the trace as broken", func() {
		dir := GinkgoT().TempDir()
		root, err := os.OpenRoot(dir)
		Expect(err).NotTo(HaveOccurred())
		DeferCleanup(root.Close)
		rec, err := newRecorder(header(), root, NopObserver{})
		Expect(err).NotTo(HaveOccurred())
		rec.samples(make([]load.Sample, 100))
		rec.event(trace.Event{Kind: "vrrp", Text: strings.Repeat("\x01", 2*trace.MaxText)})
		for range 11_000 {
			rec.event(trace.Event{Kind: "vrrp"})
		}
		rec.samples(make([]load.Sample, 1_000_000))
		rec.samples(make([]load.Sample, 50))
		t, err := rec.end("")
		Expect(err).NotTo(HaveOccurred())
		Expect(t.Broken).To(Equal("the nodes sent more than 10200 events, which is more than the plan can produce"))
		Expect(t.Events).To(HaveLen(10_200))
		Expect(t.Samples).To(HaveLen(150))
		kept, err := trace.ReadFile(filepath.Join(dir, TraceName(t.Header)))
		Expect(err).NotTo(HaveOccurred())
		Expect(*kept).To(Equal(*t))
	})

	It("drops the fault of an event from a node", func() {
		rec, err := newRecorder(header(), nil, NopObserver{})
		Expect(err).NotTo(HaveOccurred())
		w := newWatch(topology.Topology{}, HostClock{})
		w.rec = rec
		w.Event(trace.Event{Kind: proxy.EventFaultEffect, Node: "proxy-a", Fault: "f1"})
		Expect(rec.end("")).To(HaveField("Events", HaveExactElements(HaveField("Fault", ""))))
	})

	It("keeps the cause of a broken trial, even if something was left out", func() {
		rec, err := newRecorder(header(), nil, NopObserver{})
		Expect(err).NotTo(HaveOccurred())
		rec.samples(make([]load.Sample, 1_000_000))
		Expect(rec.end("the agent is gone")).To(HaveField("Broken", "the agent is gone"))
	})
})
