package sim_test

import (
	"context"
	"path/filepath"
	"strings"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/seed-ab8b6914/spof/proxy"
	"github.com/seed-ab8b6914/spof/proxy/load"
	"github.com/seed-ab8b6914/spof/reports/analyze"
	"github.com/seed-ab8b6914/spof/scenarios"
	"github.com/seed-ab8b6914/spof/sim"
	"github.com/seed-ab8b6914/spof/sim/trace"
)

// quick is active-passive with timers that do not make a test wait: VRRP version 3 at 0.2 s, so that an election takes
// 0.7 s. A chassis warns after 0.25 s without cooling, is critical after 1.75 s, and turns itself off after 2.25 s. The
// second node has one power supply, and users of its own.
const quick = `
topology: quick
about: A pair with fast timers.
signals: POLICY
nodes:
  proxy-a:
    services: {squid: {engine: squid, port: 3128}}
    chassis: {psus: {psu-1: feed-a, psu-2: feed-b}, sensors: {inlet: {normal: 25, warning: 30, critical: 60, shutdown: 70, rise: 20, fall: 40}}}
  proxy-b:
    services: {squid: {engine: squid, port: 3128}}
    chassis: {psus: {psu-1: feed-a}, sensors: {inlet: {normal: 25, warning: 30, critical: 60, shutdown: 70, rise: 20, fall: 40}}}
power: {feeds: {feed-a: {}, feed-b: {}}}
addresses:
  proxy:
    vrrp:
      version: 3
      router_id: 51
      advert: 200ms
      preempt: true
      members: {proxy-a: 150, proxy-b: 100}
      track: {service: squid, kind: http, interval: 1s, timeout: 1s, fall: 1, rise: 1, weight: 0}
wan: {isp: {latency: 0ms}}
origins: {web: {}}
users: {office: {count: 20, proxy: "proxy:3128"}}
`

// heeding is quick with a policy of its signals.
func heeding(policy string) string { return strings.Replace(quick, "POLICY", policy, 1) }

var (
	powerLoss = act{name: "power-loss", fault: "kind: power-loss, target: serving", streams: ", streams: {share: 50%, every: 50ms, silence: 500ms}", during: 3 * time.Second, then: 4 * time.Second}
	crash     = act{name: "crash", fault: "kind: crash, target: serving", during: 3500 * time.Millisecond, then: 2 * time.Second}
	hang      = act{name: "hang", fault: "kind: hang, target: serving", during: 4 * time.Second, then: 2 * time.Second}
	wanLoss   = act{name: "wan-loss", fault: "kind: wan-loss, target: isp", during: 2 * time.Second, then: 2500 * time.Millisecond, trials: 2}
)

// losesPower is what every runtime owes of a power loss; the rest is fidelity.
func losesPower(p *played) {
	It("loses service by a power loss until VRRP moves the address, in silence", func() {
		t := p.one("power-loss")
		effect := find(t, proxy.EventFaultEffect, 0)
		Expect(effect.Node).To(Equal("proxy-a"))
		Expect(effect.Uncertainty).To(BeNumerically("<", 250*time.Millisecond), "sharper than the election that it starts")
		master := find(t, proxy.EventVRRP, earliest(effect))
		Expect([]string{master.Node, master.State}).To(Equal([]string{"proxy-b", "MASTER"}))
		dark := outcomes(t, latest(effect), master.At-unsharp)
		Expect(dark[load.Refused]).To(BeZero(), "a dead host refuses nothing")
		result := analyze.TrialOf(t)
		Expect(result.EndedBy).To(Equal(analyze.EndedByMechanism))
		Expect(*result.FailoverMS).To(BeNumerically(">=", result.Predicted.Lo-result.FailoverUncertaintyMS))
		Expect(result.FailbackMS).NotTo(BeNil())
		Expect(result.Corrupted).To(BeZero())
		// The address returns, which ends what is in flight on the other node. What is due after that goes to a node that had
		// no power, and answers for none of its old connections.
		back := after(t, find(t, proxy.EventRecoverEffect, 0).At, "proxy-a", proxy.EventVRRP, "MASTER").At + (500 * time.Millisecond).Nanoseconds()
		n := outcomes(t, back, back+(3*time.Second).Nanoseconds())
		Expect(n[load.OK]).To(BeNumerically(">", 50), "how many are due until the end, depends on when it was back")
		Expect(n[load.Timeout]).To(BeZero(), "no old connection is in the way")
	})
}

// breaksStreams is what every runtime owes of the streams that users hold when a power loss strikes.
func breaksStreams(p *played) {
	It("breaks the users' streams, which are open again once the address has moved", func() {
		t := p.one("power-loss")
		effect := find(t, proxy.EventFaultEffect, 0)
		// Not from the event of the new master on: users may be served before it is read.
		moved := earliest(effect) + int64(analyze.TrialOf(t).Predicted.Lo*1e6)
		result := analyze.TrialOf(t)
		s := result.Streams
		Expect(s).NotTo(BeNil())
		Expect(s.Open).To(Equal(10), "half of the users")
		Expect(s.BrokenBefore).To(Equal(10))
		Expect(s.Lost).To(BeZero())
		for _, e := range t.Events {
			if e.Kind == proxy.EventStreamBroken && e.At < moved {
				Expect(e.Text).To(Equal("timeout"), "a dead host is silent")
			}
			if e.Kind == proxy.EventStreamOpen && e.At > latest(effect) {
				Expect(e.At).To(BeNumerically(">=", moved))
			}
		}
	})
}

// losesServices is what every runtime owes of services and links.
func losesServices(p *played) {
	It("loses service by a crash until the track check sees it", func() {
		t := p.one("crash")
		effect := find(t, proxy.EventFaultEffect, 0)
		Expect(effect.Service).To(Equal("squid"))
		fault := after(t, earliest(effect), "proxy-a", proxy.EventVRRP, "FAULT")
		master := after(t, earliest(effect), "proxy-b", proxy.EventVRRP, "MASTER")
		Expect(fault.At).To(BeNumerically("<", master.At+unsharp), "the node tells of its own fault first")
		Expect(analyze.TrialOf(t).EndedBy).To(Equal(analyze.EndedByMechanism))
	})

	It("loses service by a hang until the track check sees it", func() {
		t := p.one("hang")
		effect := find(t, proxy.EventFaultEffect, 0)
		seen := find(t, proxy.EventVRRP, earliest(effect)) // from here on the address moves
		n := outcomes(t, latest(effect), seen.At-unsharp)
		Expect(n[load.Refused]).To(BeZero(), "a frozen process's kernel still answers")
		Expect(analyze.TrialOf(t).EndedBy).To(Equal(analyze.EndedByMechanism))
	})

	It("has no way round a lost WAN link", func() {
		p.one("wan-loss")
		for _, t := range (*p)["wan-loss"] {
			effect, back := find(t, proxy.EventFaultEffect, 0), find(t, proxy.EventRecoverEffect, 0)
			result := analyze.TrialOf(t)
			Expect(result.EndedBy).To(Equal(analyze.EndedByRepair))
			Expect(*result.FailoverMS).To(BeNumerically(">=", float64(earliest(back)-latest(effect))/1e6-result.FailoverUncertaintyMS))
			after := outcomes(t, back.At+(500*time.Millisecond).Nanoseconds(), back.At+(2*time.Second).Nanoseconds())
			Expect(after[load.OK]).To(BeNumerically(">", 100), "service is back after the repair")
		}
	})
}

// behaves is what every runtime owes with its whole set of engines: the acts of a design share a lab, and each is told
// by its own spec.
func behaves(runtime func() sim.Runtime) {
	Context("and signals that are heeded", Ordered, func() {
		p := new(played)
		BeforeAll(func(ctx context.Context) {
			*p = play(ctx, runtime(), heeding("drain"), []act{powerLoss, crash, hang, wanLoss, overheat})
		}, NodeTimeout(4*time.Minute))
		losesPower(p)
		breaksStreams(p)
		losesServices(p)
		leavesInTime(p)
	})

	Context("and signals that are ignored", Ordered, func() {
		p := new(played)
		BeforeAll(func(ctx context.Context) {
			topo := strings.Replace(heeding("ignore"), `proxy: "proxy:3128"}`, `proxy: "proxy:3128"}, lab: {count: 5, proxy: "proxy-b:3128"}`, 1)
			*p = play(ctx, runtime(), topo, []act{fanFailure, oneOfTwo, onlyOne, feedLoss})
		}, NodeTimeout(4*time.Minute))
		dies(p)
		losesSupplies(p)
	})

	It("leaves nothing of an interrupted run", func(ctx context.Context) {
		ctx, cancel := context.WithCancel(ctx)
		time.AfterFunc(3*time.Second, cancel) // somewhere in the middle, wherever that is
		_, err := sim.Run(ctx, compile(heeding("drain"), crash.scenario(), 3), sim.Options{Runtime: runtime(), Started: time.Now()})
		Expect(err).To(MatchError(context.Canceled))
	}, SpecTimeout(60*time.Second))
}

var _ = Describe("a lab", func() {
	It("is of one topology", func(ctx context.Context) {
		other := compile(heeding("drain"), crash.scenario(), 1)
		other.Topology.Name = "other"
		_, err := sim.RunAll(ctx, []scenarios.Plan{compile(heeding("drain"), crash.scenario(), 1), other}, sim.Options{Runtime: onLocal()})
		Expect(err).To(MatchError("a lab for quick cannot run a plan on other"))
	})
})

var _ = Describe("a trial that is to be run again", func() {
	It("is, in the same lab with another phase of its stratum, and all its attempts are kept", func(ctx context.Context) {
		plan := compile(heeding("drain"), act{name: "crash", fault: "kind: crash, target: serving", during: time.Second, then: 2 * time.Second}.scenario(), 2)
		var asked []scenarios.Trial
		dir := GinkgoT().TempDir()
		traces, err := sim.Run(ctx, plan, sim.Options{Runtime: onLocal(), TraceDir: dir, Started: time.Now(), Observer: teller{}, Again: func(t *trace.Trace) string {
			asked = append(asked, t.Header.Drawn())
			if t.Header.Trial == 0 && t.Header.Drawn().Attempt < 2 {
				return "the spec asks for it"
			}
			return ""
		}})
		Expect(err).NotTo(HaveOccurred())
		again := plan.Again(plan.Trials[0])
		Expect(asked).To(Equal([]scenarios.Trial{plan.Trials[0], again, plan.Again(again), plan.Trials[1]}))
		Expect(traces).To(HaveLen(4))
		files, err := filepath.Glob(filepath.Join(dir, "*.jsonl.gz"))
		Expect(err).NotTo(HaveOccurred())
		Expect(files).To(HaveLen(4))
		for i, t := range traces {
			Expect(t.Broken).To(BeEmpty())
			Expect(t.Header.PlanHash).To(Equal(plan.Hash()), "the plan stays what it is")
			Expect(t.Header.Lab).To(Equal(traces[0].Header.Lab))
			due := t.Header.Epoch + (plan.FaultAt + asked[i].Phase).Nanoseconds()
			Expect(find(t, proxy.EventFaultAsked, 0).At).To(Equal(due), "the fault is due at the phase of this attempt")
			kept, err := trace.ReadFile(filepath.Join(dir, sim.TraceName(t.Header)))
			Expect(err).NotTo(HaveOccurred())
			Expect(kept.Header.Drawn()).To(Equal(asked[i]))
		}
	}, SpecTimeout(90*time.Second))
})

var _ = Describe("a run on loopback", func() { behaves(onLocal) })

var _ = Describe("a run in containers", Label("docker"), func() {
	Context("with Squid and keepalived", func() { behaves(func() sim.Runtime { return onDocker(false) }) })

	Context("with spof's own engines", Ordered, func() { // which the runs on loopback have shown already
		p := new(played)
		BeforeAll(func(ctx context.Context) {
			*p = play(ctx, onDocker(true), heeding("drain"), []act{powerLoss, overheat})
		}, NodeTimeout(2*time.Minute))
		losesPower(p)
		breaksStreams(p)
		leavesInTime(p)
	})
})
