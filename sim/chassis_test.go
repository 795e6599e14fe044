package sim_test

import (
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/seed-ab8b6914/spof/proxy"
	"github.com/seed-ab8b6914/spof/proxy/load"
	"github.com/seed-ab8b6914/spof/reports/analyze"
	"github.com/seed-ab8b6914/spof/sim/trace"
)

// The chassis of quick warns and turns itself off this long after the failure of its cooling.
const (
	warnsAfter = 250 * time.Millisecond
	diesAfter  = 2250 * time.Millisecond
)

var (
	overheat   = act{name: "overheat", fault: "kind: overheat, target: serving", during: 3500 * time.Millisecond, then: 3 * time.Second}
	fanFailure = act{name: "fan-failure", fault: "kind: fan-failure, target: serving", during: 4500 * time.Millisecond, then: 2 * time.Second}
	oneOfTwo   = act{name: "one-of-two", fault: "kind: psu-failure, target: proxy-a, psu: psu-2", during: 1500 * time.Millisecond, then: time.Second}
	onlyOne    = act{name: "only-one", fault: "kind: psu-failure, target: proxy-b", during: 1500 * time.Millisecond, then: time.Second}
	feedLoss   = act{name: "feed-loss", fault: "kind: feed-loss, target: feed-a", during: 3500 * time.Millisecond, then: time.Second}
)

// due checks that an event came at the time that the model predicts, after the effect and while the fault lasted. It may be earlier by 2 %
// (the model's step) and by the uncertainty of the effect.
func due(t *trace.Trace, e trace.Event, at time.Duration) {
	GinkgoHelper()
	effect := find(t, proxy.EventFaultEffect, 0)
	Expect(time.Duration(e.At - effect.At)).To(BeNumerically(">=", at-at/50-effect.Uncertainty))
	Expect(e.At).To(BeNumerically("<", find(t, proxy.EventRecoverAsked, 0).At))
}

// dies has the specs of a design that ignores signals, for every runtime.
func dies(s *stage) {
	It("turns an overheated node off when the model predicts it, and the address moves by the election", func() {
		t := s.one("fan-failure")
		effect := find(t, proxy.EventFaultEffect, 0)
		off := after(t, effect.At, "proxy-a", proxy.EventPower, proxy.PowerOff)
		due(t, off, diesAfter)
		Expect(after(t, effect.At, "proxy-b", proxy.EventVRRP, "MASTER").At).To(BeNumerically(">", off.At), "after the power was off")
		result := analyze.TrialOf(t)
		Expect(result.FailoverMS).To(HaveValue(BeNumerically(">", 1000*diesAfter.Seconds()*0.98-result.FailoverUncertaintyMS)))
	})
}

// leavesInTime has the specs of a design that drains by signals, for every runtime.
func leavesInTime(s *stage) {
	It("drains an overheated node before it turns itself off", func() {
		t := s.one("overheat")
		effect := find(t, proxy.EventFaultEffect, 0)
		due(t, after(t, effect.At, "proxy-a", proxy.EventSignal, "drain"), warnsAfter)
		served := takenOver(t, "proxy-b")
		off := after(t, effect.At, "proxy-a", proxy.EventPower, proxy.PowerOff)
		due(t, off, diesAfter)
		Expect(off.At).To(BeNumerically(">", served), "the address moved before the node was off")
		after(t, find(t, proxy.EventRecoverEffect, 0).At, "proxy-a", proxy.EventVRRP, "MASTER") // cool again, it is back
	})
}

// losesSupplies has the specs of power supplies and feeds, for every runtime. Users 20 to 24 enter at proxy-b, which has one power supply.
func losesSupplies(s *stage) {
	It("keeps a node up on one of two power supplies, with a warning", func() {
		t := s.one("one-of-two")
		effect := find(t, proxy.EventFaultEffect, 0)
		Expect(effect.Text).To(ContainSubstring("psu psu-2: failed"))
		Expect(after(t, effect.At-effect.Uncertainty.Nanoseconds(), "proxy-a", proxy.EventChassis, "warning").Text).To(Equal("health Warning"))
		allServed(t, effect.At, find(t, proxy.EventRecoverEffect, 0).At, everyone)
	})

	It("turns a node off with its only power supply", func() {
		t := s.one("only-one")
		Expect(find(t, proxy.EventFaultEffect, 0).Text).To(HavePrefix("0 of 1 PSUs give power, 1 needed: "))
		after(t, 0, "proxy-b", proxy.EventPower, proxy.PowerOff)
	})

	It("turns off the nodes of a feed that have no other feed, silently", func() {
		t := s.one("feed-loss")
		off := after(t, 0, "proxy-b", proxy.EventPower, proxy.PowerOff).At + eventDelay
		repair := find(t, proxy.EventRecoverAsked, 0).At
		hung := repair - (2100 * time.Millisecond).Nanoseconds() // later requests may still be in flight at the repair
		allServed(t, off, repair, members{0, 20}, "proxy-a has another feed")
		lost := outcomesOf(t, off, hung, members{20, 25})
		Expect(lost).To(HaveKey(load.Timeout))
		Expect(lost).NotTo(HaveKey(load.OK))
		Expect(lost).NotTo(HaveKey(load.Refused))
		Expect(lost).NotTo(HaveKey(load.Reset))
	})
}
