package sim_test

import (
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	"github.com/onsi/gomega/types"

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
	fanFailure = act{name: "fan-failure", fault: "kind: fan-failure, target: serving", during: 5500 * time.Millisecond, then: 2500 * time.Millisecond}
	oneOfTwo   = act{name: "one-of-two", fault: "kind: psu-failure, target: proxy-a, psu: psu-2", during: 1500 * time.Millisecond, then: time.Second}
	onlyOne    = act{name: "only-one", fault: "kind: psu-failure, target: proxy-b", during: 1500 * time.Millisecond, then: time.Second}
	feedLoss   = act{name: "feed-loss", fault: "kind: feed-loss, target: feed-a", during: 3500 * time.Millisecond, then: time.Second}
)

// soon matches how long after an effect something came that the model has at an instant: never earlier, but for the 2 % of the
// model's step and what the effect may be out, and later by no more than a busy machine takes to act on it.
func soon(at time.Duration, effect trace.Event) types.GomegaMatcher {
	out := at/50 + effect.Uncertainty
	return And(BeNumerically(">=", at-out), BeNumerically("<=", at+out+time.Second))
}

// dies is what every runtime owes of a chassis that nobody heeds.
func dies(p *played) {
	It("turns a node that overheats off when the model says, and its users wait for the election", func() {
		t := p.one("fan-failure")
		effect := find(t, proxy.EventFaultEffect, 0)
		off := after(t, effect.At, "proxy-a", proxy.EventPower, proxy.PowerOff)
		Expect(time.Duration(off.At - effect.At)).To(soon(diesAfter, effect))
		Expect(after(t, effect.At, "proxy-b", proxy.EventVRRP, "MASTER").At).To(BeNumerically(">", off.At), "nobody knew before")
		result := analyze.TrialOf(t)
		Expect(result.FailoverMS).To(HaveValue(BeNumerically(">", 1000*diesAfter.Seconds()*0.98-result.FailoverUncertaintyMS)))
	})
}

// leavesInTime is what every runtime owes of one whose signals are heeded.
func leavesInTime(p *played) {
	It("takes a node that overheats out of service before it dies, where its signals are heeded", func() {
		t := p.one("overheat")
		effect := find(t, proxy.EventFaultEffect, 0)
		Expect(time.Duration(after(t, effect.At, "proxy-a", proxy.EventSignal, "drain").At - effect.At)).To(soon(warnsAfter, effect))
		off := after(t, effect.At, "proxy-a", proxy.EventPower, proxy.PowerOff)
		Expect(after(t, effect.At, "proxy-b", proxy.EventVRRP, "MASTER").At).To(BeNumerically("<", off.At), "it left before it died")
		// What is in flight when an address moves is lost, and on a slow machine that is more than one request; but not as much as
		// in an election.
		Expect(analyze.TrialOf(t).ResilienceLossS).To(BeNumerically("<", analyze.TrialOf(p.one("power-loss")).ResilienceLossS), "users kept service")
		repaired := find(t, proxy.EventRecoverEffect, 0)
		Expect(outcomes(t, effect.At, repaired.At)[load.OK]).To(BeNumerically(">", 250), "of 350")
		after(t, repaired.At, "proxy-a", proxy.EventVRRP, "MASTER") // cool again, it is back
	})
}

// losesSupplies is what every runtime owes of power supplies and feeds. The users of proxy-b, which has one supply, are
// numbers 20 to 24.
func losesSupplies(p *played) {
	It("carries a node on one power supply, and says so", func() {
		t := p.one("one-of-two")
		effect := find(t, proxy.EventFaultEffect, 0)
		Expect(effect.Text).To(ContainSubstring("psu psu-2: failed"))
		Expect(after(t, effect.At-effect.Uncertainty.Nanoseconds(), "proxy-a", proxy.EventChassis, "warning").Text).To(Equal("health Warning"))
		Expect(outcomes(t, effect.At, find(t, proxy.EventRecoverEffect, 0).At)).To(And(HaveLen(1), HaveKey(load.OK)))
	})

	It("loses a node with its only power supply", func() {
		t := p.one("only-one")
		Expect(find(t, proxy.EventFaultEffect, 0).Text).To(HavePrefix("0 of 1 PSUs give power, 1 needed: "))
		after(t, 0, "proxy-b", proxy.EventPower, proxy.PowerOff)
	})

	It("loses the nodes of a feed that have no other, in silence", func() {
		t := p.one("feed-loss")
		off := after(t, 0, "proxy-b", proxy.EventPower, proxy.PowerOff).At + unsharp
		repair := find(t, proxy.EventRecoverAsked, 0).At
		hung := repair - (2100 * time.Millisecond).Nanoseconds() // what is due later, its users still wait for then
		Expect(outcomesOf(t, off, repair, 0, 20)).To(And(HaveLen(1), HaveKey(load.OK)), "proxy-a has another feed")
		lost := outcomesOf(t, off, hung, 20, 25)
		Expect(lost[load.Timeout]).To(BeNumerically(">", 5))
		Expect(lost).NotTo(HaveKey(load.Refused))
		Expect(lost).NotTo(HaveKey(load.Reset))
	})
}
