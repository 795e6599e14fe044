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

// The chassis of quick, from the failure of its cooling.
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

// due holds that something came when the model has it, at an instant after the effect: never earlier, but for the 2 % of the
// model's step and what the effect may be out, and while the fault lasts.
func due(t *trace.Trace, e trace.Event, at time.Duration) {
	GinkgoHelper()
	effect := find(t, proxy.EventFaultEffect, 0)
	Expect(time.Duration(e.At - effect.At)).To(BeNumerically(">=", at-at/50-effect.Uncertainty))
	Expect(e.At).To(BeNumerically("<", find(t, proxy.EventRecoverAsked, 0).At))
}

// dies is what every runtime owes of a chassis that nobody heeds.
func dies(s *stage) {
	It("turns a node that overheats off when the model says, and its users wait for the election", func() {
		t := s.one("fan-failure")
		effect := find(t, proxy.EventFaultEffect, 0)
		off := after(t, effect.At, "proxy-a", proxy.EventPower, proxy.PowerOff)
		due(t, off, diesAfter)
		Expect(after(t, effect.At, "proxy-b", proxy.EventVRRP, "MASTER").At).To(BeNumerically(">", off.At), "nobody knew before")
		result := analyze.TrialOf(t)
		Expect(result.FailoverMS).To(HaveValue(BeNumerically(">", 1000*diesAfter.Seconds()*0.98-result.FailoverUncertaintyMS)))
	})
}

// leavesInTime is what every runtime owes of one whose signals are heeded.
func leavesInTime(s *stage) {
	It("takes a node that overheats out of service before it dies, where its signals are heeded", func() {
		t := s.one("overheat")
		effect := find(t, proxy.EventFaultEffect, 0)
		due(t, after(t, effect.At, "proxy-a", proxy.EventSignal, "drain"), warnsAfter)
		served := takenOver(t, "proxy-b")
		off := after(t, effect.At, "proxy-a", proxy.EventPower, proxy.PowerOff)
		due(t, off, diesAfter)
		Expect(off.At).To(BeNumerically(">", served), "it left before it died, which nobody noticed")
		after(t, find(t, proxy.EventRecoverEffect, 0).At, "proxy-a", proxy.EventVRRP, "MASTER") // cool again, it is back
	})
}

// losesSupplies is what every runtime owes of power supplies and feeds. The users of proxy-b, which has one supply, are
// numbers 20 to 24.
func losesSupplies(s *stage) {
	It("carries a node on one power supply, and says so", func() {
		t := s.one("one-of-two")
		effect := find(t, proxy.EventFaultEffect, 0)
		Expect(effect.Text).To(ContainSubstring("psu psu-2: failed"))
		Expect(after(t, effect.At-effect.Uncertainty.Nanoseconds(), "proxy-a", proxy.EventChassis, "warning").Text).To(Equal("health Warning"))
		allServed(t, effect.At, find(t, proxy.EventRecoverEffect, 0).At, everyone)
	})

	It("loses a node with its only power supply", func() {
		t := s.one("only-one")
		Expect(find(t, proxy.EventFaultEffect, 0).Text).To(HavePrefix("0 of 1 PSUs give power, 1 needed: "))
		after(t, 0, "proxy-b", proxy.EventPower, proxy.PowerOff)
	})

	It("loses the nodes of a feed that have no other, in silence", func() {
		t := s.one("feed-loss")
		off := after(t, 0, "proxy-b", proxy.EventPower, proxy.PowerOff).At + unsharp
		repair := find(t, proxy.EventRecoverAsked, 0).At
		hung := repair - (2100 * time.Millisecond).Nanoseconds() // what is due later, its users still wait for then
		allServed(t, off, repair, members{0, 20}, "proxy-a has another feed")
		lost := outcomesOf(t, off, hung, members{20, 25})
		Expect(lost).To(HaveKey(load.Timeout))
		Expect(lost).NotTo(HaveKey(load.OK))
		Expect(lost).NotTo(HaveKey(load.Refused))
		Expect(lost).NotTo(HaveKey(load.Reset))
	})
}
