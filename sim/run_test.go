package sim_test

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/seed-ab8b6914/spof/proxy"
	"github.com/seed-ab8b6914/spof/proxy/load"
	"github.com/seed-ab8b6914/spof/reason"
	"github.com/seed-ab8b6914/spof/reports/analyze"
	"github.com/seed-ab8b6914/spof/scenarios/plan"
	"github.com/seed-ab8b6914/spof/sim"
	"github.com/seed-ab8b6914/spof/sim/trace"
)

// quick is active-passive with fast timers: VRRP version 3 with an advert of 0.2 s, so that an election takes 0.7 s. A chassis without
// cooling warns after 0.25 s, is critical after 1.75 s, and turns itself off after 2.25 s. The second node has one power supply.
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

// withSignals is quick with a reaction to signals.
func withSignals(policy string) string { return strings.Replace(quick, "POLICY", policy, 1) }

// twoGroups is quick that ignores signals, with a second group of users at proxy-b.
var twoGroups = strings.Replace(withSignals("ignore"), `proxy: "proxy:3128"}`, `proxy: "proxy:3128"}, lab: {count: 5, proxy: "proxy-b:3128"}`, 1)

var (
	powerLoss = act{name: "power-loss", fault: "kind: power-loss, target: serving", streams: ", streams: {share: 50%, every: 50ms, silence: 500ms}", during: 3 * time.Second, then: 4 * time.Second}
	crash     = act{name: "crash", fault: "kind: crash, target: serving", during: 3500 * time.Millisecond, then: 2 * time.Second}
	hang      = act{name: "hang", fault: "kind: hang, target: serving", during: 4 * time.Second, then: 2 * time.Second}
	wanLoss   = act{name: "wan-loss", fault: "kind: wan-loss, target: isp", during: 2 * time.Second, then: 5 * time.Second, trials: 2}
)

// losesPower has the specs of a power loss, for every runtime.
func losesPower(s *stage) {
	It("has no service from a power loss until VRRP moves the address, without refusals", func() {
		t := s.one("power-loss")
		effect := find(t, proxy.EventFaultEffect, 0)
		Expect(effect.Node).To(Equal("proxy-a"))
		master := find(t, proxy.EventVRRP, earliest(effect))
		Expect([]string{master.Node, string(master.State)}).To(Equal([]string{"proxy-b", "MASTER"}))
		Expect(latest(effect)).To(BeNumerically("<", master.At), "the uncertainty of the effect is less than the election")
		dark := outcomes(t, latest(effect), master.At-eventDelay)
		Expect(dark[load.Refused]).To(BeZero(), "a dead host refuses nothing")
		takenOver(t, "proxy-b")
		result := analyze.TrialOf(t)
		Expect(result.EndedBy).To(Equal(analyze.EndedByMechanism))
		Expect(*result.FailoverMS).To(BeNumerically(">=", result.Predicted.Lo-result.FailoverUncertaintyMS))
		Expect(result.FailbackMS).NotTo(BeNil())
		Expect(result.Corrupted).To(BeZero())
		// The address returns, which ends the requests in flight on the other node. Later requests go to a node that had no power and
		// knows none of its old connections.
		back := after(t, find(t, proxy.EventRecoverEffect, 0).At, "proxy-a", proxy.EventVRRP, "MASTER").At + (500 * time.Millisecond).Nanoseconds()
		allServed(t, back, ever, everyone, "no old connection disturbs")
	})
}

// dividesFailover has the specs of the parts of a failover, for every runtime.
func dividesFailover(s *stage) {
	It("divides the failover: the new holder announces the address, the users hear it, and the parts add up", func() {
		t := s.one("power-loss")
		from := earliest(find(t, proxy.EventFaultEffect, 0))
		sent := after(t, from, "proxy-b", proxy.EventAnnounced, proxy.AnnouncementSent)
		Expect(t.Header.Watching).To(ContainElements("proxy-a", "proxy-b"))
		if t.Header.Runtime == "docker" {
			Expect(t.Header.Watching).To(ContainElement("office"))
			heard := after(t, from, "office", proxy.EventAnnounced, proxy.AnnouncementHeard)
			Expect(heard.Hardware).To(Equal(sent.Hardware))
			Expect(heard.At + heard.Uncertainty.Nanoseconds()).To(BeNumerically(">=", sent.At-sent.Uncertainty.Nanoseconds()))
			Expect(time.Duration(heard.At-sent.At)).To(BeNumerically("<", 100*time.Millisecond), "one segment")
			added := after(t, from, "proxy-b", proxy.EventAddress, proxy.Added)
			Expect(added.Subject).To(Equal("proxy"))
		}
		result := analyze.TrialOf(t)
		Expect(result.Split).NotTo(BeNil(), result.Unsplit)
		sum := 0.0
		for _, p := range result.Split.Parts() {
			if p.MS != nil {
				Expect(*p.MS).To(BeNumerically(">=", 0), p.Name)
				sum += *p.MS
			}
		}
		Expect(sum).To(BeNumerically("~", *result.FailoverMS, 1e-6))
		Expect(result.Split.Decide).To(HaveValue(BeZero()), "one timer detects and decides")
		Expect(*result.Split.Detect).To(BeNumerically(">=", result.Predicted.Lo-result.Split.UncertaintyMS), "as the timer says")
	})
}

// breaksStreams has the specs of the users' streams at a power loss, for every runtime.
func breaksStreams(s *stage) {
	It("breaks the users' streams, which open again after the address moved", func() {
		t := s.one("power-loss")
		effect := find(t, proxy.EventFaultEffect, 0)
		// Not the event of the new master: users may be served before the event is read.
		moved := earliest(effect) + int64(analyze.TrialOf(t).Predicted.Lo*1e6)
		result := analyze.TrialOf(t)
		streams := result.Streams
		Expect(streams).NotTo(BeNil())
		Expect(streams.Open).To(Equal(10), "half of the users")
		Expect(streams.BrokenBefore).To(BeNumerically(">=", 10), "a stream that opened again may be silent on a busy machine")
		Expect(streams.Lost).To(BeZero())
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

// losesServices has the specs of faults of services, for every runtime.
func losesServices(s *stage) {
	It("has no service from a crash until the track check fails", func() {
		t := s.one("crash")
		effect := find(t, proxy.EventFaultEffect, 0)
		Expect(effect.Service).To(Equal("squid"))
		after(t, earliest(effect), "proxy-a", proxy.EventVRRP, "FAULT") // of the VRRP router
		takenOver(t, "proxy-b")
		// The check may come so soon after the crash that no outage is measurable.
		Expect(analyze.TrialOf(t).EndedBy).NotTo(Equal(analyze.EndedByRepair))
	})

	It("has no service from a hang until the track check fails", func() {
		t := s.one("hang")
		effect := find(t, proxy.EventFaultEffect, 0)
		seen := find(t, proxy.EventVRRP, earliest(effect)) // the address moves from here on
		n := outcomes(t, latest(effect), seen.At-eventDelay)
		Expect(n[load.Refused]).To(BeZero(), "the kernel accepts connections for a frozen process")
		takenOver(t, "proxy-b")
		Expect(analyze.TrialOf(t).EndedBy).To(Equal(analyze.EndedByMechanism))
	})

}

// losesLinks has the specs of WAN links, for every runtime.
func losesLinks(s *stage) {
	It("has no service without its only WAN link", func() {
		for _, t := range s.all("wan-loss") {
			tell(t)
			effect, back := find(t, proxy.EventFaultEffect, 0), find(t, proxy.EventRecoverEffect, 0)
			result := analyze.TrialOf(t)
			Expect(result.EndedBy).To(Equal(analyze.EndedByRepair))
			Expect(*result.FailoverMS).To(BeNumerically(">=", float64(earliest(back)-latest(effect))/1e6-result.FailoverUncertaintyMS))
			allServed(t, latest(back)+(500*time.Millisecond).Nanoseconds(), ever, everyone, "service is back after the repair")
		}
	})
}

// behaves has the specs of every runtime. The acts of a design share a lab, and each act has its own spec. The stages in beside run at the
// same time.
func behaves(runtime func() sim.Runtime, beside ...*stage) {
	reacting := &stage{runtime: runtime, topo: withSignals("drain"), acts: []act{powerLoss, crash, hang, overheat}}
	ignored := &stage{runtime: runtime, topo: twoGroups, acts: []act{fanFailure, oneOfTwo, onlyOne, feedLoss, wanLoss}}
	chosen := &stage{runtime: runtime, topo: browsers, acts: []act{refusing, silent}}
	BeforeAll(func(ctx context.Context) {
		play(ctx, append([]*stage{reacting, ignored, chosen}, beside...)...)
	}, NodeTimeout(6*time.Minute))

	Context("with a drain policy for signals", func() {
		losesPower(reacting)
		dividesFailover(reacting)
		breaksStreams(reacting)
		losesServices(reacting)
		leavesInTime(reacting)
	})
	Context("with ignored signals", func() {
		dies(ignored)
		losesSupplies(ignored)
		losesLinks(ignored)
	})
	Context("with users with a PAC file", func() { chooses(chosen) })

	It("ends with the cause if it is interrupted", func(ctx context.Context) {
		ctx, cancel := context.WithCancel(ctx)
		time.AfterFunc(3*time.Second, cancel) // at any point of the run
		_, err := sim.Run(ctx, compile(withSignals("drain"), crash.scenario(), 3), sim.Options{Runtime: runtime(), Started: time.Now()})
		Expect(err).To(MatchError(context.Canceled))
	}, SpecTimeout(60*time.Second))
}

var _ = Describe("a lab", func() {
	It("has one topology", func(ctx context.Context) {
		other := compile(withSignals("drain"), crash.scenario(), 1)
		other.Topology.Name = "other"
		err := sim.RunAll(ctx, []plan.Plan{compile(withSignals("drain"), crash.scenario(), 1), other}, sim.Options{Runtime: onLocal()})
		Expect(reason.Codes(err)).To(Equal([]string{"mixed-topologies"}))
	})
})

var _ = Describe("a repeated trial", func() {
	It("runs in the same lab with another phase of its stratum, and all attempts are kept", func(ctx context.Context) {
		var asked []plan.Trial
		p := compile(withSignals("drain"), act{name: "wan-loss", fault: wanLoss.fault, during: time.Second, then: time.Second}.scenario(), 2)
		dir := GinkgoT().TempDir()
		traces, err := sim.Run(ctx, p, sim.Options{Runtime: onLocal(), Traces: rootOf(dir), Started: time.Now(), Observer: noteLogger{}, Ended: func(t *trace.Trace) string {
			asked = append(asked, t.Header.Drawn())
			if t.Header.Trial == 0 && t.Header.Drawn().Attempt < 2 {
				return "the spec asks for it"
			}
			return ""
		}})
		Expect(err).NotTo(HaveOccurred())
		again := p.Again(p.Trials[0])
		Expect(asked).To(Equal([]plan.Trial{p.Trials[0], again, p.Again(again), p.Trials[1]}))
		Expect(traces).To(HaveLen(4))
		files, err := os.ReadDir(dir)
		Expect(err).NotTo(HaveOccurred())
		Expect(files).To(HaveLen(4))
		for i, t := range traces {
			Expect(t.Broken).To(BeEmpty())
			Expect(t.Header.PlanHash).To(Equal(p.Hash()), "the plan does not change")
			Expect(t.Header.Lab).To(Equal(traces[0].Header.Lab))
			due := t.Header.Epoch + (p.FaultAt + asked[i].Phase).Nanoseconds()
			Expect(find(t, proxy.EventFaultAsked, 0).At).To(Equal(due), "the phase of this attempt")
			Expect(sim.IsTrace(sim.TraceName(t.Header), p.Topology.Name, p.Scenario.Name)).To(BeTrue(), "a name of the cell")
			kept, err := trace.ReadFile(filepath.Join(dir, sim.TraceName(t.Header)))
			Expect(err).NotTo(HaveOccurred())
			Expect(kept.Header.Drawn()).To(Equal(asked[i]))
		}
	}, SpecTimeout(90*time.Second))
})

var _ = Describe("a run on loopback", Ordered, ContinueOnFailure, func() { behaves(onLocal) })

var _ = Describe("a run in containers, with Squid and keepalived", Label("docker"), Ordered, ContinueOnFailure, func() {
	real, own := func() sim.Runtime { return onDocker(false) }, func() sim.Runtime { return onDocker(true) }
	builtin := &stage{runtime: own, topo: withSignals("drain"), acts: []act{powerLoss, overheat}} // loopback covers the rest
	behaves(real, builtin)

	Context("and with spof's own engines beside it", func() {
		losesPower(builtin)
		dividesFailover(builtin)
		breaksStreams(builtin)
		leavesInTime(builtin)
	})
})
