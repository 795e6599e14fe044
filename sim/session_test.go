package sim_test

import (
	"context"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/seed-ab8b6914/spof/proxy"
	"github.com/seed-ab8b6914/spof/reason"
	"github.com/seed-ab8b6914/spof/scenarios/fault"
	"github.com/seed-ab8b6914/spof/scenarios/plan"
	"github.com/seed-ab8b6914/spof/scenarios/target"
	"github.com/seed-ab8b6914/spof/sim"
	"github.com/seed-ab8b6914/spof/sim/trace"
)

// keeper keeps the events that an observer gets from several goroutines.
type keeper struct {
	sim.NopObserver
	mu   sync.Mutex
	kept []proxy.EventKind
}

func (k *keeper) Event(e trace.Event) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.kept = append(k.kept, e.Kind)
}

func (k *keeper) kinds() []proxy.EventKind {
	k.mu.Lock()
	defer k.mu.Unlock()
	return slices.Clone(k.kept)
}

var _ = Describe("a session", func() {
	const death = `
scenario: death
about: For a test.
load: {rate: 10/s, timeout: 2s, patience: 1s}
phases: {warm_up: 1s, baseline: 3s, fault: 10s, recovery: 10s}
faults:
  - {kind: power-loss, target: serving}
expect: {corrupted: "== 0"}
`
	It("holds a lab open for faults of the caller's own, and for plans", func(context.Context) {
		p := compile(withSignals("ignore"), death, 1)
		ctx, seen := context.Background(), &keeper{}
		var traces []*trace.Trace
		ended := func(t *trace.Trace) string { traces = append(traces, t); return "" }
		synctest.Test(suite, func(*testing.T) {
			s, err := sim.Open(ctx, p.Topology, sim.Options{Runtime: &virtual{elects: true}, Observer: seen, Started: time.Now()})
			Expect(err).NotTo(HaveOccurred())
			Expect(s.Runtime()).To(Equal("virtual"))

			broken, effects, err := s.Break(ctx, p.Faults[0].Planned)
			Expect(err).NotTo(HaveOccurred())
			Expect(effects).To(ConsistOf(And(HaveField("Node", "proxy-a"), HaveField("Proof", "by the spec"))))
			Expect(reason.Codes(s.Run(ctx, p, nil, ended))).To(Equal([]string{"fault-in-force"}))
			time.Sleep(2 * takeover)
			again := p.Faults[0].Planned
			again.Pick, again.Candidates = target.PickAll, []fault.Candidate{{Node: "proxy-b"}, {Node: "proxy-a"}}
			_, _, err = s.Break(ctx, again)
			Expect(reason.Codes(err)).To(Equal([]string{"fault-in-force"}), "its proof would be the effect of the first")
			Expect(broken.Repair(ctx)).To(HaveLen(1))
			_, err = broken.Repair(ctx)
			Expect(err).To(MatchError(sim.ErrRepaired))
			Expect(reason.Codes(err)).To(Equal([]string{"already-repaired"}))
			Expect(s.Steady(ctx)).To(Succeed())
			Expect(seen.kinds()).To(ContainElements(proxy.EventFaultAsked, proxy.EventFaultEffect, proxy.EventVRRP, proxy.EventRecoverEffect))

			Expect(s.Run(ctx, p, nil, ended)).To(Succeed())
			Expect(traces).To(HaveLen(1))
			Expect(traces[0].Broken).To(BeEmpty())
			Expect(metered(traces[0])).To(Equal([]string{p.Topology.WAN[0].Name}), "a fault is not disturbed by readings of the services")

			s.Close(ctx)
			s.Close(ctx)
			_, _, err = s.Break(ctx, p.Faults[0].Planned)
			Expect(reason.Codes(err)).To(Equal([]string{"no-lab-up"}))
		})
	}, SpecTimeout(time.Minute))

	It("measures a load while a fault of the caller is in force", func(context.Context) {
		p := compile(withSignals("ignore"), death, 1)
		steady := p
		steady.Faults, steady.Scenario.Faults = nil, nil
		steady.End, steady.Trials = steady.FaultAt, []plan.Trial{{}}
		ctx := context.Background()
		synctest.Test(suite, func(*testing.T) {
			s, err := sim.Open(ctx, p.Topology, sim.Options{Runtime: &virtual{elects: true}, Started: time.Now()})
			Expect(err).NotTo(HaveOccurred())
			_, err = s.Measure(ctx, p)
			Expect(reason.Codes(err)).To(Equal([]string{"plan-with-faults"}))
			broken, _, err := s.Break(ctx, p.Faults[0].Planned)
			Expect(err).NotTo(HaveOccurred())
			got, err := s.Measure(ctx, steady)
			Expect(err).NotTo(HaveOccurred())
			Expect(got.Samples).To(HaveLen(int(10 * steady.End.Seconds())))
			Expect(got.Header.Plan.Faults).To(BeEmpty())
			Expect(metered(got)).To(ConsistOf(p.Topology.WAN[0].Name, "proxy-a", "proxy-b"))
			Expect(broken.Repair(ctx)).To(HaveLen(1))
			s.Close(ctx)
			_, err = s.Measure(ctx, steady)
			Expect(reason.Codes(err)).To(Equal([]string{"no-lab-up"}))
		})
	}, SpecTimeout(time.Minute))

	It("does not open where the mechanisms never settle", func(context.Context) {
		p := compile(withSignals("ignore"), death, 1)
		synctest.Test(suite, func(*testing.T) {
			_, err := sim.Open(context.Background(), p.Topology, sim.Options{Runtime: &virtual{}, Started: time.Now()})
			Expect(reason.Codes(err)).To(Equal([]string{"not-steady"}))
		})
	}, SpecTimeout(time.Minute))

	It("refuses a plan on another topology", func(context.Context) {
		p, other := compile(withSignals("ignore"), death, 1), compile(withSignals("drain"), death, 1)
		synctest.Test(suite, func(*testing.T) {
			s, err := sim.Open(context.Background(), p.Topology, sim.Options{Runtime: &virtual{elects: true}, Started: time.Now()})
			Expect(err).NotTo(HaveOccurred())
			Expect(reason.Codes(s.Run(context.Background(), other, nil, func(*trace.Trace) string { return "" }))).To(Equal([]string{"mixed-topologies"}))
			s.Close(context.Background())
		})
	}, SpecTimeout(time.Minute))
})
