package analyze_test

import (
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/seed-ab8b6914/spof/proxy"
	"github.com/seed-ab8b6914/spof/reports/analyze"
	"github.com/seed-ab8b6914/spof/scenarios/plan"
	"github.com/seed-ab8b6914/spof/scenarios/target"
	"github.com/seed-ab8b6914/spof/sim/trace"
	"github.com/seed-ab8b6914/spof/topology"
)

var _ = Describe("The time with two holders of an address", func() {
	split := func(preempt bool) *trace.Trace {
		t := synthetic(always(fine))
		t.Header.Plan.Topology.Addresses = []topology.Address{{Name: "vip", Preempt: preempt,
			Members: []topology.Member{{Node: "proxy-a", Priority: 150}, {Node: "proxy-b", Priority: 100}}}}
		t.Header.Plan.Faults[0].Pick = target.PickHolder
		return t
	}
	vrrp := func(t *trace.Trace, node string, state proxy.State, after time.Duration) {
		event(t, trace.Event{Kind: proxy.EventVRRP, Node: node, Subject: "vip", State: state}, after)
	}
	dual := func(t *trace.Trace) *float64 { return analyze.TrialOf(t).DualActiveMS }

	for _, preempt := range []bool{true, false} {
		It("lasts from MASTER of the second node until the second node leaves MASTER", func() {
			t := split(preempt)
			vrrp(t, "proxy-b", "MASTER", 3*s)
			vrrp(t, "proxy-b", "BACKUP", 8*s)
			Expect(dual(t)).To(about(5000, 0.001))
		})
	}
	It("lasts to the end if no node gives the address up", func() {
		t := split(true)
		vrrp(t, "proxy-b", "MASTER", 3*s)
		Expect(dual(t)).To(about(ms(endAt-effectAt)-3000, 1.001))
	})
	It("is 0 if the first node gave the address up, or lost its power, before", func() {
		t := split(true)
		vrrp(t, "proxy-a", "FAULT", 2*s)
		vrrp(t, "proxy-b", "MASTER", 3*s)
		Expect(dual(t)).To(about(0, 0))

		t = split(true)
		event(t, trace.Event{Kind: proxy.EventPower, Node: "proxy-a", State: proxy.PowerOff}, 0)
		vrrp(t, "proxy-b", "MASTER", 3*s)
		Expect(dual(t)).To(about(0, 0))
	})
	It("does not count a restarted node whose first event is BACKUP", func() {
		t := split(false)
		t.Header.Plan.Faults[0].Pick = target.PickAll
		event(t, trace.Event{Kind: proxy.EventServiceReady, Node: "proxy-b"}, 1*s)
		vrrp(t, "proxy-b", "BACKUP", 2*s)
		vrrp(t, "proxy-b", "MASTER", 3*s)
		vrrp(t, "proxy-a", "FAULT", 8*s)
		Expect(dual(t)).To(about(5000, 0.001))
		t.Header.Plan.Faults[0].Pick, t.Header.Plan.Faults[0].Address = target.PickHolder, "vip" // of the fault on proxy-a
		Expect(dual(t)).To(about(5000, 0.001))
	})
	It("has no value without an address, or if the holder is unknown", func() {
		Expect(dual(synthetic(always(fine)))).To(BeNil())
		t := split(false)
		t.Header.Plan.Faults[0].Pick = target.PickAll
		vrrp(t, "proxy-b", "MASTER", 3*s)
		Expect(dual(t)).To(BeNil())
	})
	It("is not reported for a handover; of several trials the longest is reported", func() {
		handed, torn := split(true), split(true)
		vrrp(handed, "proxy-b", "MASTER", 3*s)
		vrrp(handed, "proxy-a", "BACKUP", 3*s+time.Millisecond)
		Expect(analyze.CellOf([]*trace.Trace{handed}).Sentence).NotTo(ContainSubstring("at once"))
		vrrp(torn, "proxy-b", "MASTER", 3*s)
		vrrp(torn, "proxy-b", "BACKUP", 8*s)
		torn.Header.Trial = 1
		for _, t := range []*trace.Trace{handed, torn} {
			t.Header.Plan.Trials = make([]plan.Trial, 2)
		}
		Expect(analyze.CellOf([]*trace.Trace{handed, torn}).Sentence).To(HaveSuffix("; two nodes held the address at once for 5.00 s at worst"))
	})
	It("can be bounded, and is reported", func() {
		t := split(true)
		vrrp(t, "proxy-b", "MASTER", 3*s)
		vrrp(t, "proxy-b", "BACKUP", 8*s)
		expect(t, "dual_active", "<=", 1000, "<= 1s")
		Expect(analyze.TrialOf(t).Reasons).To(ConsistOf("dual active 5.00 s > 1 s"))
		t.Header.Plan.Scenario.Expect = nil
		Expect(analyze.CellOf([]*trace.Trace{t}).Sentence).To(HaveSuffix("; two nodes held the address at once for 5.00 s"))
	})
})
