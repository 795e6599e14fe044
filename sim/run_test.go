package sim_test

import (
	"context"
	"path/filepath"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/seed-ab8b6914/spof/proxy"
	"github.com/seed-ab8b6914/spof/proxy/load"
	"github.com/seed-ab8b6914/spof/reports/analyze"
	"github.com/seed-ab8b6914/spof/scenarios"
	"github.com/seed-ab8b6914/spof/sim"
	"github.com/seed-ab8b6914/spof/sim/trace"
	"github.com/seed-ab8b6914/spof/topology"
)

// quick is active-passive with timers that do not make a test wait: VRRP version 3 at 0.2 s.
const quick = `
topology: quick
about: A pair with fast timers.
nodes:
  proxy-a: {services: {squid: {engine: squid, port: 3128}}}
  proxy-b: {services: {squid: {engine: squid, port: 3128}}}
addresses:
  proxy:
    vrrp:
      version: 3
      router_id: 51
      advert: 200ms
      preempt: true
      members: {proxy-a: 150, proxy-b: 100}
      track: {service: squid, kind: http, interval: 1s, timeout: 500ms, fall: 1, rise: 1, weight: 0}
wan: {isp: {latency: 0ms}}
origins: {web: {}}
users: {office: {count: 20, proxy: "proxy:3128"}}
`

// brief is a scenario's text with phases that just fit the quick timers.
func brief(fault string) string {
	return `
scenario: brief
about: For a test.
load: {rate: 100/s, tls: 20%, new: 30%, body: 1KiB, timeout: 2s, patience: 1s}
phases: {warm_up: 500ms, baseline: 2s, fault: 4s, recovery: 4s}
faults:
  - {` + fault + `}
expect: {corrupted: "== 0", bypassed: "== 0"}
`
}

func compile(topo, scen string, trials int) scenarios.Plan {
	t, err := topology.Read("topology.yaml", []byte(topo))
	Expect(err).NotTo(HaveOccurred())
	s, err := scenarios.Read("scenario.yaml", []byte(scen))
	Expect(err).NotTo(HaveOccurred())
	p, err := scenarios.Compile(t, s, 1, trials)
	Expect(err).NotTo(HaveOccurred())
	return *p
}

func execute(ctx context.Context, rt sim.Runtime, p scenarios.Plan) []*trace.Trace {
	dir := GinkgoT().TempDir()
	traces, err := sim.Run(ctx, p, sim.Options{Runtime: rt, TraceDir: dir, Started: time.Now(), Version: "test", Observer: teller{}})
	Expect(err).NotTo(HaveOccurred())
	for _, t := range traces {
		Expect(t.Broken).To(BeEmpty())
		Expect(filepath.Join(dir, sim.TraceName(t.Header))).To(BeARegularFile())
		tellTrouble(t)
	}
	return traces
}

// tellTrouble lets a failing test say which requests had no service, or late.
func tellTrouble(t *trace.Trace) {
	for _, s := range t.Samples {
		if s.Outcome != load.OK || s.Done > 100_000 {
			GinkgoWriter.Printf("due at %d: user %d, %s after %d us by node %d, sent %d us late, flags %b\n",
				t.Header.Epoch+s.Scheduled, s.User, s.Outcome, s.Done, s.Node, s.Late, s.Flags)
		}
	}
}

// teller lets a failing test say what went on.
type teller struct{ sim.Blind }

func (teller) Note(text string)    { GinkgoWriter.Println(text) }
func (teller) Event(e trace.Event) { GinkgoWriter.Printf("%+v\n", e) }

// find gives the first event of a kind after an instant.
func find(t *trace.Trace, kind string, after int64) trace.Event {
	for _, e := range t.Events {
		if e.Kind == kind && e.At >= after {
			return e
		}
	}
	Fail("the trace has no event " + kind)
	return trace.Event{}
}

// outcomes counts how the requests ended that were due between two instants. Those sent again tell of a later one.
func outcomes(t *trace.Trace, from, to int64) map[load.Outcome]int {
	n := map[load.Outcome]int{}
	for _, s := range t.Samples {
		if at := t.Header.Epoch + s.Scheduled; at >= from && at < to && s.Flags&load.Retried == 0 {
			n[s.Outcome]++
		}
	}
	return n
}

// behaves is what every runtime owes; the rest is fidelity.
func behaves(runtime func() sim.Runtime) {
	It("loses service by a power loss until VRRP moves the address, in silence", func(ctx context.Context) {
		t := execute(ctx, runtime(), compile(quick, brief("kind: power-loss, target: serving"), 1))[0]
		effect := find(t, proxy.EventFaultEffect, 0)
		Expect(effect.Node).To(Equal("proxy-a"))
		Expect(effect.Uncertainty).To(BeNumerically("<", 50*time.Millisecond))
		master := find(t, proxy.EventVRRP, effect.At)
		Expect([]string{master.Node, master.State}).To(Equal([]string{"proxy-b", "MASTER"}))
		dark := outcomes(t, effect.At, master.At-(50*time.Millisecond).Nanoseconds())
		Expect(dark[load.Refused]).To(BeZero(), "a dead host refuses nothing")
		result := analyze.TrialOf(t)
		Expect(result.FailoverMS).NotTo(BeNil())
		Expect(*result.FailoverMS).To(BeNumerically(">", 100))
		Expect(result.FailbackMS).NotTo(BeNil())
		Expect(result.Corrupted).To(BeZero())
		// The address returns, which ends what is in flight on the other node. What is due after that goes to a node that had
		// no power, and answers for none of its old connections.
		back := after(t, find(t, proxy.EventRecoverEffect, 0).At, "proxy-a", proxy.EventVRRP, "MASTER").At + (500 * time.Millisecond).Nanoseconds()
		n := outcomes(t, back, back+(3*time.Second).Nanoseconds())
		Expect(n[load.OK]).To(BeNumerically(">", 100))
		Expect(n[load.Timeout]).To(BeZero(), "no old connection is in the way")
	}, SpecTimeout(90*time.Second))

	It("loses service by a crash until the track check sees it", func(ctx context.Context) {
		t := execute(ctx, runtime(), compile(quick, brief("kind: crash, target: serving"), 1))[0]
		effect := find(t, proxy.EventFaultEffect, 0)
		Expect(effect.Service).To(Equal("squid"))
		Expect(find(t, proxy.EventVRRP, effect.At).Node).To(Equal("proxy-a"), "the node tells of its own fault first")
		Expect(analyze.TrialOf(t).FailoverMS).NotTo(BeNil())
	}, SpecTimeout(90*time.Second))

	It("loses service by a hang until the track check sees it", func(ctx context.Context) {
		t := execute(ctx, runtime(), compile(quick, brief("kind: hang, target: serving"), 1))[0]
		effect := find(t, proxy.EventFaultEffect, 0)
		seen := find(t, proxy.EventVRRP, effect.At) // from here on the address moves
		n := outcomes(t, effect.At, seen.At-(50*time.Millisecond).Nanoseconds())
		Expect(n[load.Refused]).To(BeZero(), "a frozen process's kernel still answers")
		Expect(analyze.TrialOf(t).FailoverMS).NotTo(BeNil())
	}, SpecTimeout(90*time.Second))

	It("has no way round a lost WAN link, and two trials share a lab", func(ctx context.Context) {
		traces := execute(ctx, runtime(), compile(quick, brief("kind: wan-loss, target: isp, for: 2s"), 2))
		Expect(traces).To(HaveLen(2))
		Expect(traces[1].Header.Lab).To(Equal(traces[0].Header.Lab))
		for _, t := range traces {
			Expect(analyze.TrialOf(t).FailoverMS).To(BeNil())
			back := find(t, proxy.EventRecoverEffect, 0)
			end := back.At + (2 * time.Second).Nanoseconds()
			after := outcomes(t, back.At+(500*time.Millisecond).Nanoseconds(), end)
			Expect(after[load.OK]).To(BeNumerically(">", 100), "service is back after the repair")
		}
	}, SpecTimeout(120*time.Second))

	It("runs several plans of one topology in one lab, each from the steady state", func(ctx context.Context) {
		plans := []scenarios.Plan{
			compile(quick, brief("kind: crash, target: serving, for: 3s"), 1),
			compile(quick, brief("kind: wan-loss, target: isp, for: 2s"), 1),
		}
		traces, err := sim.RunAll(ctx, plans, sim.Options{Runtime: runtime(), Started: time.Now(), Observer: teller{}})
		Expect(err).NotTo(HaveOccurred())
		Expect(traces).To(HaveLen(2))
		Expect(traces[1][0].Header.Lab).To(Equal(traces[0][0].Header.Lab))
		for i, kind := range []string{"crash", "wan-loss"} {
			Expect(traces[i]).To(HaveLen(1))
			t := traces[i][0]
			Expect(t.Broken).To(BeEmpty())
			Expect(t.Header.PlanHash).To(Equal(plans[i].Hash()))
			Expect(find(t, proxy.EventFaultAsked, 0).Text).To(Equal(kind))
			before := outcomes(t, t.Header.Epoch, find(t, proxy.EventFaultEffect, 0).At-(100*time.Millisecond).Nanoseconds())
			Expect(before).To(HaveLen(1), "the plan before it left nothing behind")
		}
	}, SpecTimeout(120*time.Second))

	It("leaves nothing of an interrupted run", func(ctx context.Context) {
		ctx, cancel := context.WithCancel(ctx)
		time.AfterFunc(3*time.Second, cancel) // somewhere in the middle, wherever that is
		_, err := sim.Run(ctx, compile(quick, brief("kind: crash, target: serving"), 3), sim.Options{Runtime: runtime(), Started: time.Now()})
		Expect(err).To(MatchError(context.Canceled))
	}, SpecTimeout(60*time.Second))
}

var _ = Describe("a lab", func() {
	It("is of one topology", func(ctx context.Context) {
		other := compile(quick, brief("kind: crash, target: serving"), 1)
		other.Topology.Name = "other"
		_, err := sim.RunAll(ctx, []scenarios.Plan{compile(quick, brief("kind: crash, target: serving"), 1), other}, sim.Options{Runtime: onLocal()})
		Expect(err).To(MatchError("a lab for quick cannot run a plan on other"))
	})
})

var _ = Describe("a run on loopback", Ordered, func() { behaves(onLocal) })

var _ = Describe("a run in containers", Label("docker"), Ordered, func() {
	Context("with spof's own engines", func() { behaves(func() sim.Runtime { return onDocker(true) }) })
	Context("with Squid and keepalived", func() { behaves(func() sim.Runtime { return onDocker(false) }) })
})
