package sim_test

import (
	"context"
	"strings"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	"github.com/onsi/gomega/types"

	"github.com/seed-ab8b6914/spof/proxy"
	"github.com/seed-ab8b6914/spof/proxy/load"
	"github.com/seed-ab8b6914/spof/reports/analyze"
	"github.com/seed-ab8b6914/spof/sim"
	"github.com/seed-ab8b6914/spof/sim/trace"
)

// hot is quick with a chassis that warns after 0.25 s without cooling, is critical after 1.75 s, and turns itself off
// after 2.25 s. Its election takes 0.7 s.
func hot(signals string) string {
	return strings.Replace(quick, "{services: {squid: {engine: squid, port: 3128}}}", `
    services: {squid: {engine: squid, port: 3128}}
    chassis: {sensors: {inlet: {normal: 25, warning: 30, critical: 60, shutdown: 70, rise: 20, fall: 40}}}`, 1) +
		"signals: " + signals + "\n"
}

// longer leaves room for the heating up, the failover after it, and the proof that service holds.
func longer(scenario string) string { return strings.Replace(scenario, "fault: 4s", "fault: 8s", 1) }

const (
	warns = 250 * time.Millisecond
	dies  = 2250 * time.Millisecond
	// darkness is a resilience loss in s that an election is above and the handover of an address is below.
	darkness = 0.2
)

// soon matches an instant of the model: never earlier, but for the 2 % that the effect may be out, and later by no more
// than a busy machine takes to act on it.
func soon(at time.Duration) types.GomegaMatcher {
	return And(BeNumerically(">=", at-at/50), BeNumerically("<=", at+at/50+200*time.Millisecond))
}

// after gives the first event of a kind on a node in a state after an instant.
func after(t *trace.Trace, at int64, node, kind, state string) trace.Event {
	GinkgoHelper()
	for _, e := range t.Events {
		if e.At >= at && e.Node == node && e.Kind == kind && e.State == state {
			return e
		}
	}
	Fail("the trace has no event " + kind + " " + state + " of " + node)
	return trace.Event{}
}

// heatsUp is what every runtime owes of chassis.
func heatsUp(runtime func() sim.Runtime) {
	It("turns a node that overheats off when the model says, and its users wait for the election", func(ctx context.Context) {
		t := execute(ctx, runtime(), compile(hot("ignore"), longer(brief("kind: fan-failure, target: serving")), 1))[0]
		effect := find(t, proxy.EventFaultEffect, 0)
		off := after(t, effect.At, "proxy-a", proxy.EventPower, proxy.PowerOff)
		Expect(time.Duration(off.At - effect.At)).To(soon(dies))
		Expect(after(t, effect.At, "proxy-b", proxy.EventVRRP, "MASTER").At).To(BeNumerically(">", off.At), "nobody knew before")
		result := analyze.TrialOf(t)
		Expect(result.FailoverMS).To(HaveValue(BeNumerically(">", 1000*dies.Seconds())))
		Expect(result.ResilienceLossS).To(BeNumerically(">", darkness))
	}, SpecTimeout(90*time.Second))

	It("takes a node that overheats out of service before it dies, where its signals are heeded", func(ctx context.Context) {
		t := execute(ctx, runtime(), compile(hot("drain"), longer(brief("kind: overheat, target: serving")), 1))[0]
		effect := find(t, proxy.EventFaultEffect, 0)
		Expect(time.Duration(after(t, effect.At, "proxy-a", proxy.EventSignal, "drain").At - effect.At)).To(soon(warns))
		off := after(t, effect.At, "proxy-a", proxy.EventPower, proxy.PowerOff)
		Expect(after(t, effect.At, "proxy-b", proxy.EventVRRP, "MASTER").At).To(BeNumerically("<", off.At), "it left before it died")
		// What is in flight when an address moves is lost, and on a slow machine that is more than one request.
		Expect(analyze.TrialOf(t).ResilienceLossS).To(BeNumerically("<", darkness), "users kept service")
		repaired := find(t, proxy.EventRecoverEffect, 0)
		n := outcomes(t, effect.At, repaired.At)
		Expect(n[load.OK]).To(BeNumerically(">", 300))
		after(t, repaired.At, "proxy-a", proxy.EventVRRP, "MASTER") // cool again, it is back
	}, SpecTimeout(90*time.Second))

	It("carries a node on one power supply, and says so; without any it is a loss of power", func(ctx context.Context) {
		twin := strings.Replace(quick, "proxy-a: {services: {squid: {engine: squid, port: 3128}}}",
			"proxy-a: {services: {squid: {engine: squid, port: 3128}}, chassis: {psus: {psu-1: feed-a, psu-2: feed-b}}}", 1)
		twin = strings.Replace(twin, "proxy-b: {services: {squid: {engine: squid, port: 3128}}}",
			"proxy-b: {services: {squid: {engine: squid, port: 3128}}, chassis: {psus: {psu-1: feed-a}}}", 1) +
			"power: {feeds: {feed-a: {}, feed-b: {}}}\n"
		t := execute(ctx, runtime(), compile(twin, brief("kind: psu-failure, target: proxy-a, psu: psu-2"), 1))[0]
		effect := find(t, proxy.EventFaultEffect, 0)
		Expect(effect.Text).To(ContainSubstring("psu psu-2: failed"))
		Expect(after(t, effect.At-effect.Uncertainty.Nanoseconds(), "proxy-a", proxy.EventChassis, "warning").Text).To(Equal("health Warning"))
		Expect(analyze.TrialOf(t).ResilienceLossS).To(BeNumerically("<", darkness))

		t = execute(ctx, runtime(), compile(twin, brief("kind: psu-failure, target: proxy-b"), 1))[0]
		effect = find(t, proxy.EventFaultEffect, 0)
		Expect(effect.Text).To(HavePrefix("0 of 1 PSUs give power, 1 needed: "))
		after(t, 0, "proxy-b", proxy.EventPower, proxy.PowerOff)
	}, SpecTimeout(120*time.Second))
}

var _ = Describe("chassis on loopback", Ordered, func() {
	heatsUp(onLocal)
})

var _ = Describe("chassis in containers", Label("docker"), Ordered, func() {
	Context("with spof's own engines", func() { heatsUp(func() sim.Runtime { return onDocker(true) }) })
	Context("with Squid and keepalived", func() { heatsUp(func() sim.Runtime { return onDocker(false) }) })
})
