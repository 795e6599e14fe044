package sim_test

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"math"
	"os"
	"slices"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	"golang.org/x/sync/errgroup"

	"github.com/seed-ab8b6914/spof/proxy"
	"github.com/seed-ab8b6914/spof/proxy/load"
	"github.com/seed-ab8b6914/spof/reports/analyze"
	"github.com/seed-ab8b6914/spof/scenarios"
	"github.com/seed-ab8b6914/spof/scenarios/plan"
	"github.com/seed-ab8b6914/spof/sim"
	"github.com/seed-ab8b6914/spof/sim/trace"
	"github.com/seed-ab8b6914/spof/topology"
)

// act is one fault, with the lengths of the fault and of the recovery. Several acts share a lab.
type act struct {
	name         string
	fault        string
	streams      string // of the users, as in the load of a scenario; empty: none
	during, then time.Duration
	trials       int // 0: 1
}

// stage is a design with its acts, which run one after another in one lab, and their traces.
type stage struct {
	runtime func() sim.Runtime
	topo    string
	acts    []act

	plans  []plan.Plan
	traces [][]*trace.Trace // of each act
}

// ended keeps the trace of a trial for its act.
func (s *stage) ended(t *trace.Trace) string {
	i := slices.IndexFunc(s.plans, func(p plan.Plan) bool { return p.Hash() == t.Header.PlanHash })
	s.traces[i] = append(s.traces[i], t)
	return ""
}

// one gives the first trace of an act, and logs it for a failing spec.
func (s *stage) one(name string) *trace.Trace {
	GinkgoHelper()
	t := s.all(name)[0]
	tell(t)
	return t
}

func (s *stage) all(name string) []*trace.Trace {
	GinkgoHelper()
	i := slices.IndexFunc(s.acts, func(a act) bool { return a.name == name })
	Expect(i).To(BeNumerically(">=", 0), "no act "+name)
	return s.traces[i]
}

// rootOf opens a directory for traces.
func rootOf(dir string) *os.Root {
	GinkgoHelper()
	root, err := os.OpenRoot(dir)
	Expect(err).NotTo(HaveOccurred())
	DeferCleanup(root.Close)
	return root
}

// parallelLabs is the number of labs side by side. Labs mostly wait.
const parallelLabs = 2

// play runs stages side by side, and checks what holds for all of them.
func play(ctx context.Context, stages ...*stage) {
	GinkgoHelper()
	errs := make([]error, len(stages))
	var labs errgroup.Group
	labs.SetLimit(parallelLabs)
	for i, s := range stages {
		for _, a := range s.acts {
			s.plans = append(s.plans, compile(s.topo, a.scenario(), max(1, a.trials)))
		}
		s.traces = make([][]*trace.Trace, len(s.plans))
		o := sim.Options{
			Runtime: s.runtime(), Traces: rootOf(GinkgoT().TempDir()), Started: time.Now(), Version: "test", Observer: noteLogger{}, Ended: s.ended,
		}
		labs.Go(func() error {
			errs[i] = sim.RunAll(ctx, s.plans, o)
			return nil // the other stages go on
		})
	}
	_ = labs.Wait()
	for i, s := range stages {
		Expect(errs[i]).NotTo(HaveOccurred())
		s.played()
	}
}

// played checks every act: its trials are whole and in the same lab, and the act before it left nothing behind.
func (s *stage) played() {
	GinkgoHelper()
	for i, a := range s.acts {
		Expect(s.traces[i]).To(HaveLen(max(1, a.trials)))
		for _, t := range s.traces[i] {
			tell(t)
			Expect(t.Broken).To(BeEmpty(), a.name)
			Expect(t.Header.PlanHash).To(Equal(s.plans[i].Hash()))
			Expect(t.Header.Lab).To(Equal(s.traces[0][0].Header.Lab), "a fresh lab for "+a.name)
			allServed(t, t.Header.Epoch, earliest(find(t, proxy.EventFaultEffect, 0))-inFlight, everyone, "the act before %s left nothing behind", a.name)
			watchesItsMachine(t)
		}
	}
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

func compile(topo, scen string, trials int) plan.Plan {
	GinkgoHelper()
	t, err := topology.Read("topology.yaml", []byte(topo))
	Expect(err).NotTo(HaveOccurred())
	s, err := scenarios.Read("scenario.yaml", []byte(scen), analyze.Expectable())
	Expect(err).NotTo(HaveOccurred())
	p, err := plan.Compile(t, s, 1, trials)
	Expect(err).NotTo(HaveOccurred())
	return *p
}

// noteLogger logs the notes of a run for a failing spec.
type noteLogger struct{ sim.NopObserver }

func (noteLogger) Note(text string) { GinkgoWriter.Println(text) }

// tell logs the events, and the requests that failed or were late, for a failing spec.
func tell(t *trace.Trace) {
	for _, e := range t.Events {
		GinkgoWriter.Printf("%+v\n", e)
	}
	for _, s := range t.Samples {
		if s.Outcome != load.OK || s.Done > 100_000 {
			GinkgoWriter.Printf("due at %d: user %d, %s after %d us by node %d, sent %d us late, flags %b\n",
				t.Header.Epoch+s.Scheduled, s.User, s.Outcome, s.Done, s.Node, s.Late/1000, s.Flags)
		}
	}
}

// eventDelay is the longest time, in ns, between an action of a node and its event, for events without an uncertainty. keepalived announces
// an address before it logs that it is the master, and the processes that read the log may wait for a processor.
const eventDelay = int64(200 * time.Millisecond)

// inFlight is how long, in ns, a request may last on a busy machine. A request that is due less than inFlight before a fault may meet the
// fault.
const inFlight = int64(time.Second)

// earliest and latest are the bounds of the interval of an event.
func earliest(e trace.Event) int64 { return e.At - e.Uncertainty.Nanoseconds() }

func latest(e trace.Event) int64 { return e.At + e.Uncertainty.Nanoseconds() }

// find gives the first event of a kind after an instant.
func find(t *trace.Trace, kind proxy.EventKind, after int64) trace.Event {
	GinkgoHelper()
	return first(t, "event "+string(kind), func(e trace.Event) bool { return e.Kind == kind && e.At >= after })
}

// after gives the first event of a kind on a node in a state after an instant.
func after(t *trace.Trace, at int64, node string, kind proxy.EventKind, state proxy.State) trace.Event {
	GinkgoHelper()
	return first(t, fmt.Sprintf("event %s %s of %s", kind, state, node), func(e trace.Event) bool {
		return e.At >= at && e.Node == node && e.Kind == kind && e.State == state
	})
}

// first gives the earliest matching event. A trace has events in the order of their arrival; those of two nodes may be out of order.
func first(t *trace.Trace, what string, is func(trace.Event) bool) trace.Event {
	GinkgoHelper()
	events := slices.DeleteFunc(slices.Clone(t.Events), func(e trace.Event) bool { return !is(e) })
	if len(events) == 0 {
		Fail("the trace has no " + what)
	}
	return slices.MinFunc(events, func(a, b trace.Event) int { return cmp.Compare(a.At, b.At) })
}

// takenOver checks that another node restores the service, not the repair: every request is served that is due after this node has the
// address and before the repair. It gives the start of that time.
func takenOver(t *trace.Trace, by string) int64 {
	GinkgoHelper()
	served := after(t, earliest(find(t, proxy.EventFaultEffect, 0)), by, proxy.EventVRRP, "MASTER").At + eventDelay
	allServed(t, served, find(t, proxy.EventRecoverAsked, 0).At, everyone, "due after %s has the address", by)
	return served
}

// ever is an instant after every request.
const ever = math.MaxInt64

// outcomes counts the outcomes of the requests that were due between two instants, without those sent again.
func outcomes(t *trace.Trace, from, to int64) map[load.Outcome]int {
	return outcomesOf(t, from, to, everyone)
}

// members are the users from first to limit - 1.
type members struct{ first, limit int }

var everyone = members{0, 1 << 16}

// outcomesOf is outcomes of some users.
func outcomesOf(t *trace.Trace, from, to int64, users members) map[load.Outcome]int {
	n := map[load.Outcome]int{}
	for _, s := range offered(t, from, to, users) {
		n[s.Outcome]++
	}
	return n
}

// offered gives the requests of some users that were due between two instants, without those sent again.
func offered(t *trace.Trace, from, to int64, users members) (all []load.Sample) {
	for _, s := range t.Samples {
		at, user := t.Header.Epoch+s.Scheduled, int(s.User)
		if at >= from && at < to && user >= users.first && user < users.limit && s.Flags&load.Retried == 0 {
			all = append(all, s)
		}
	}
	return all
}

// allServed checks that there are requests due between two instants, and that each was served, except those that the machine may have
// failed.
func allServed(t *trace.Trace, from, to int64, users members, why ...any) {
	GinkgoHelper()
	n := map[load.Outcome]int{}
	for _, s := range offered(t, from, to, users) {
		if s.Outcome == load.OK || !hindered(t, s) {
			n[s.Outcome]++
		}
	}
	Expect(n).To(And(HaveLen(1), HaveKey(load.OK)), why...)
}

// hindered reports whether the machine was the limit for at least half of a request's life: it was busy, lost CPU time to other virtual
// machines, made threads wait, or read itself late. The life of a short request, such as a reset one, counts as 1 s: a check may have
// been late in that time.
func hindered(t *trace.Trace, s load.Sample) bool {
	from, to := life(t, s)
	from = min(from, to-time.Second.Nanoseconds())
	limited := map[string]int64{} // ns, as each node read it
	for _, m := range t.Machine {
		over := m.Over.Nanoseconds()
		if m.Busy >= 0.85 || m.Stolen >= 0.1 || m.Waited >= 50*time.Millisecond || m.Over >= 300*time.Millisecond {
			limited[m.Node] += max(0, min(to, m.At)-max(from, m.At-over))
		}
	}
	return slices.Max(append(slices.Collect(maps.Values(limited)), 0)) >= (to-from)/2
}

// life returns the instant at which a request was due, and the instant at which it ended.
func life(t *trace.Trace, s load.Sample) (from, to int64) {
	from = t.Header.Epoch + s.Scheduled
	return from, from + int64(s.Done)*time.Microsecond.Nanoseconds()
}

// watchesItsMachine checks that every measuring node has read its machine without a gap, from the warm-up to the end of the last request.
// A reader that waited for a processor has readings that span more time.
func watchesItsMachine(t *trace.Trace) {
	GinkgoHelper()
	end := t.Header.Epoch
	for _, s := range t.Samples {
		end = max(end, t.Header.Epoch+s.Scheduled+int64(s.Done)*1000)
	}
	baseline := t.Header.Epoch + t.Header.Plan.BaselineAt.Nanoseconds()
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
		Expect(all[0].At-all[0].Over.Nanoseconds()).To(BeNumerically("<=", baseline), node)
		Expect(all[len(all)-1].At).To(BeNumerically(">=", end), node)
		for i, m := range all[1:] {
			Expect(m.At-m.Over.Nanoseconds()).To(Equal(all[i].At), "%s has a gap", node)
			Expect(m.Busy).To(And(BeNumerically(">=", 0), BeNumerically("<=", 1)))
			Expect(m.CPUs).To(BeNumerically(">=", 1))
			Expect(m.Waited).To(BeNumerically(">=", 0))
		}
		overs := slices.SortedFunc(slices.Values(all), func(a, b trace.Reading) int { return cmp.Compare(a.Over, b.Over) })
		Expect(overs[len(overs)/2].Over).To(BeNumerically("<", 300*time.Millisecond), "%s reads too rarely", node)
	}
}
