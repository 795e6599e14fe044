package analyze_test

import (
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/seed-ab8b6914/spof/proxy"
	"github.com/seed-ab8b6914/spof/reports/analyze"
	"github.com/seed-ab8b6914/spof/sim/trace"
	"github.com/seed-ab8b6914/spof/topology"
)

var _ = Describe("Moves of an address without a fault at its holder", func() {
	// The fault is on proxy-a, as in every synthetic trace; first holds the address.
	pair := func(first, second string) *trace.Trace {
		t := synthetic(always(fine))
		t.Header.Plan.Topology.Addresses = []topology.Address{{Name: "vip", Preempt: true,
			Members: []topology.Member{{Node: first, Priority: 150}, {Node: second, Priority: 100}}}}
		return t
	}
	master := func(t *trace.Trace, node string, after time.Duration) {
		event(t, trace.Event{Kind: proxy.EventVRRP, Node: node, Subject: "vip", State: "MASTER"}, after)
	}
	moves := func(t *trace.Trace) *int { return analyze.TrialOf(t).Moves }

	It("are counted in both directions if the fault was elsewhere", func() {
		t := pair("lb-a", "lb-b")
		Expect(moves(t)).To(HaveValue(Equal(0)))
		master(t, "lb-b", 1*s)
		master(t, "lb-a", 2*s)
		Expect(moves(t)).To(HaveValue(Equal(2)))
		expect(t, "moves", "==", 0, "== 0")
		Expect(analyze.TrialOf(t).Verdict).To(Equal(analyze.Fail))
	})
	It("are one if every node gives the address up and no node holds it", func() {
		t := pair("lb-a", "lb-b")
		event(t, trace.Event{Kind: proxy.EventVRRP, Node: "lb-b", Subject: "vip", State: "FAULT"}, 1*s)
		event(t, trace.Event{Kind: proxy.EventVRRP, Node: "lb-a", Subject: "vip", State: "FAULT"}, 2*s)
		master(t, "lb-a", 3*s)
		Expect(moves(t)).To(HaveValue(Equal(1)))
	})
	It("are 0 if the fault was on the holder", func() {
		t := pair("proxy-a", "proxy-b")
		master(t, "proxy-b", 1*s)
		Expect(moves(t)).To(HaveValue(Equal(0)))
	})
	It("end with the repair: the return from the standby is failback", func() {
		t := pair("lb-a", "lb-b")
		master(t, "lb-b", time.Duration(endAt-effectAt)-1)
		Expect(moves(t)).To(HaveValue(Equal(0)))
	})
	It("have no value without an address", func() {
		Expect(moves(synthetic(always(fine)))).To(BeNil())
	})
})
