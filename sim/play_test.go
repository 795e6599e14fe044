package sim_test

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/seed-ab8b6914/spof/proxy"
	"github.com/seed-ab8b6914/spof/proxy/load"
	"github.com/seed-ab8b6914/spof/scenarios"
	"github.com/seed-ab8b6914/spof/sim"
	"github.com/seed-ab8b6914/spof/sim/trace"
	"github.com/seed-ab8b6914/spof/topology"
)

// act is one fault for a lab that several share, and how long it and what follows it last.
type act struct {
	name         string
	fault        string
	streams      string // that the users hold, as in a scenario's load; empty: none
	during, then time.Duration
	trials       int // 0: one
}

// played are the traces of acts, by name.
type played map[string][]*trace.Trace

// one gives the first trace of an act, and tells of it in case that its test fails.
func (p played) one(name string) *trace.Trace {
	GinkgoHelper()
	Expect(p).To(HaveKey(name))
	tell(p[name][0])
	return p[name][0]
}

// play runs acts one after another in one lab, and holds what is owed of every one of them: its trials were finished, in
// the same lab, and the one before it left nothing behind.
func play(ctx context.Context, rt sim.Runtime, topo string, acts []act) played {
	GinkgoHelper()
	plans := make([]scenarios.Plan, len(acts))
	for i, a := range acts {
		plans[i] = compile(topo, a.scenario(), max(1, a.trials))
	}
	all, err := sim.RunAll(ctx, plans, sim.Options{
		Runtime: rt, TraceDir: GinkgoT().TempDir(), Started: time.Now(), Version: "test", Observer: teller{}})
	Expect(err).NotTo(HaveOccurred())
	p := played{}
	for i, traces := range all {
		Expect(traces).To(HaveLen(max(1, acts[i].trials)))
		for _, t := range traces {
			tell(t)
			Expect(t.Broken).To(BeEmpty(), acts[i].name)
			Expect(t.Header.PlanHash).To(Equal(plans[i].Hash()))
			Expect(t.Header.Lab).To(Equal(all[0][0].Header.Lab), "a fresh lab for "+acts[i].name)
			before := outcomes(t, t.Header.Epoch, earliest(find(t, proxy.EventFaultEffect, 0))-unsharp)
			Expect(before[load.OK]).To(BeNumerically(">", 120), "what came before %s is over: %v", acts[i].name, before)
			watchesItsMachine(t)
		}
		p[acts[i].name] = traces
	}
	return p
}

func (a act) scenario() string {
	return fmt.Sprintf(`
scenario: %s
about: For a test.
load: {rate: 100/s, tls: 20%%, new: 30%%, body: 1KiB, timeout: 2s, patience: 1s%s}
phases: {warm_up: 500ms, baseline: 1500ms, fault: %s, recovery: %s}
faults:
  - {%s}
expect: {corrupted: "== 0", bypassed: "== 0"}
`, a.name, a.streams, a.during, a.then, a.fault)
}

func compile(topo, scen string, trials int) scenarios.Plan {
	GinkgoHelper()
	t, err := topology.Read("topology.yaml", []byte(topo))
	Expect(err).NotTo(HaveOccurred())
	s, err := scenarios.Read("scenario.yaml", []byte(scen))
	Expect(err).NotTo(HaveOccurred())
	p, err := scenarios.Compile(t, s, 1, trials)
	Expect(err).NotTo(HaveOccurred())
	return *p
}

// teller lets a failing test say how its lab came up.
type teller struct{ sim.Blind }

func (teller) Note(text string) { GinkgoWriter.Println(text) }

// tell lets a failing test say what went on, and which requests had no service, or late.
func tell(t *trace.Trace) {
	for _, e := range t.Events {
		GinkgoWriter.Printf("%+v\n", e)
	}
	for _, s := range t.Samples {
		if s.Outcome != load.OK || s.Done > 100_000 {
			GinkgoWriter.Printf("due at %d: user %d, %s after %d us by node %d, sent %d us late, flags %b\n",
				t.Header.Epoch+s.Scheduled, s.User, s.Outcome, s.Done, s.Node, s.Late, s.Flags)
		}
	}
}

// unsharp is how far, in ns, what a node does may lie from the event that tells of it, where the event has no uncertainty of its
// own: keepalived announces an address before it says that it is the master, and both are heard of by processes that wait for a
// processor.
const unsharp = int64(200 * time.Millisecond)

// earliest and latest are the bounds of the interval that an event was proven to lie in.
func earliest(e trace.Event) int64 { return e.At - e.Uncertainty.Nanoseconds() }

func latest(e trace.Event) int64 { return e.At + e.Uncertainty.Nanoseconds() }

// find gives the first event of a kind after an instant.
func find(t *trace.Trace, kind string, after int64) trace.Event {
	GinkgoHelper()
	return first(t, "event "+kind, func(e trace.Event) bool { return e.Kind == kind && e.At >= after })
}

// after gives the first event of a kind on a node in a state after an instant.
func after(t *trace.Trace, at int64, node, kind, state string) trace.Event {
	GinkgoHelper()
	return first(t, "event "+kind+" "+state+" of "+node, func(e trace.Event) bool {
		return e.At >= at && e.Node == node && e.Kind == kind && e.State == state
	})
}

// first gives the earliest of some events. A trace has them as they came in, and two nodes' events may overtake.
func first(t *trace.Trace, what string, is func(trace.Event) bool) trace.Event {
	GinkgoHelper()
	events := slices.DeleteFunc(slices.Clone(t.Events), func(e trace.Event) bool { return !is(e) })
	if len(events) == 0 {
		Fail("the trace has no " + what)
	}
	return slices.MinFunc(events, func(a, b trace.Event) int { return cmp.Compare(a.At, b.At) })
}

// outcomes counts how the requests ended that were due between two instants. Those sent again tell of a later one.
func outcomes(t *trace.Trace, from, to int64) map[load.Outcome]int {
	return outcomesOf(t, from, to, 0, 1<<16)
}

// outcomesOf does so for the users of numbers from first on, and below limit.
func outcomesOf(t *trace.Trace, from, to int64, first, limit int) map[load.Outcome]int {
	n := map[load.Outcome]int{}
	for _, s := range t.Samples {
		at, user := t.Header.Epoch+s.Scheduled, int(s.User)
		if at >= from && at < to && user >= first && user < limit && s.Flags&load.Retried == 0 {
			n[s.Outcome]++
		}
	}
	return n
}

// watchesItsMachine holds that every node that measures has read its machine from before the first request was due to after
// the last one's end, without a gap. A reader that had to wait for a processor itself says so: its reading spans more time.
func watchesItsMachine(t *trace.Trace) {
	GinkgoHelper()
	end := t.Header.Epoch
	for _, s := range t.Samples {
		end = max(end, t.Header.Epoch+s.Scheduled+int64(s.Done)*1000)
	}
	nodes := map[string][]trace.Reading{}
	for _, m := range t.Machine {
		nodes[m.Node] = append(nodes[m.Node], m)
	}
	for _, g := range t.Header.Plan.Topology.Users {
		Expect(nodes).To(HaveKey(g.Name))
	}
	for _, link := range t.Header.Plan.Topology.WAN {
		Expect(nodes).To(HaveKey(link.Name))
	}
	for node, all := range nodes {
		Expect(all[0].At-all[0].Over.Nanoseconds()).To(BeNumerically("<=", t.Header.Epoch), node)
		Expect(all[len(all)-1].At).To(BeNumerically(">=", end), node)
		for i, m := range all[1:] {
			Expect(m.At-m.Over.Nanoseconds()).To(Equal(all[i].At), "%s has a gap", node)
			Expect(m.Busy).To(And(BeNumerically(">=", 0), BeNumerically("<=", 1)))
			Expect(m.CPUs).To(BeNumerically(">=", 1))
			Expect(m.Waited).To(BeNumerically(">=", 0))
		}
		overs := slices.SortedFunc(slices.Values(all), func(a, b trace.Reading) int { return cmp.Compare(a.Over, b.Over) })
		Expect(overs[len(overs)/2].Over).To(BeNumerically("<", 300*time.Millisecond), "%s reads too seldom", node)
	}
}
