package analyze_test

import (
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/seed-ab8b6914/spof/proxy"
	"github.com/seed-ab8b6914/spof/reports/analyze"
	"github.com/seed-ab8b6914/spof/sim/trace"
	"github.com/seed-ab8b6914/spof/topology"
)

// pooled is the synthetic trial with a pool of exits: exit returns the exit of request i, due at an instant after the effect.
func pooled(exit func(i int, at time.Duration) uint8) *trace.Trace {
	t := synthetic(always(fine))
	t.Header.Plan.Topology.Users[0].Pool = &topology.Pool{Exits: []string{"a", "b", "c", "d"}}
	for i := range t.Samples {
		t.Samples[i].Node = exit(i, time.Duration(t.Samples[i].Scheduled)-effectAt)
	}
	return t
}

var _ = Describe("The diversity of a pool", func() {
	It("is the number of exits if they are used evenly, and the number of the remaining exits after a fault", func() {
		t := analyze.TrialOf(pooled(func(i int, at time.Duration) uint8 {
			if at >= 0 {
				return uint8(1 + i%3)
			}
			return uint8(1 + i%4)
		}))
		Expect(t.Exits.Before.Distinct).To(BeEquivalentTo(4))
		Expect(t.Exits.Before.Effective).To(BeNumerically("~", 4, 0.01))
		Expect(t.Exits.During.Distinct).To(BeEquivalentTo(3))
		Expect(t.Exits.During.Effective).To(BeNumerically("~", 3, 0.01))
		left, ok := t.Measure("diversity")
		Expect(ok).To(BeTrue())
		Expect(left).To(BeNumerically("~", 0.75, 0.01))
	})
	It("is smaller if one exit carries most requests", func() {
		t := analyze.TrialOf(pooled(func(i int, at time.Duration) uint8 {
			if at >= 0 && i%10 > 0 { // nine of ten by the first
				return 1
			}
			return 2
		}))
		Expect(t.Exits.During.Distinct).To(BeEquivalentTo(2))
		Expect(t.Exits.During.Effective).To(BeNumerically("~", 1/(0.81+0.01), 0.01))
	})
	It("is the median over whole seconds", func() {
		use := func(exits ...int) float64 { // in each second of the baseline; from its end on one exit is in use
			t := analyze.TrialOf(pooled(func(i int, _ time.Duration) uint8 {
				if second := i/rate - 1; second >= 0 && second < len(exits) {
					return uint8(1 + i%exits[second])
				}
				return 1
			}))
			return t.Exits.Before.Distinct
		}
		Expect(use(4, 2, 4)).To(BeEquivalentTo(4), "the 10 ms before the effect, with one exit, are no whole second")
		Expect(use(1, 2, 3)).To(BeEquivalentTo(2))
		half := pooled(func(i int, _ time.Duration) uint8 { return uint8(1 + i%2) })
		half.Header.Plan.BaselineAt = 2 * s
		for i := range half.Samples {
			if half.Samples[i].Scheduled < (3 * s).Nanoseconds() {
				half.Samples[i].Node = uint8(1 + i%3)
			}
		}
		Expect(analyze.TrialOf(half).Exits.Before.Distinct).To(BeEquivalentTo(2.5))
	})
	It("counts only successful requests", func() {
		of := pooled(func(i int, _ time.Duration) uint8 { return uint8(1 + i%4) })
		for i := range of.Samples {
			if of.Samples[i].Node == 1 && of.Samples[i].Scheduled >= effectAt.Nanoseconds() {
				of.Samples[i].Outcome = reset.outcome
			}
		}
		Expect(analyze.TrialOf(of).Exits.During.Effective).To(BeNumerically("~", 3, 0.01))
	})
	It("counts broken sessions from the effect on", func() {
		of := pooled(func(int, time.Duration) uint8 { return 1 })
		event(of, trace.Event{Kind: proxy.EventSessionBroken, Node: "users", Subject: "a"}, -2*s)
		event(of, trace.Event{Kind: proxy.EventSessionBroken, Node: "users", Subject: "a"}, s)
		event(of, trace.Event{Kind: proxy.EventSessionBroken, Node: "users", Subject: "a"}, s)
		Expect(analyze.TrialOf(of).Exits.SessionsBroken).To(Equal(2))
	})
	It("has no value without a pool", func() {
		t := analyze.TrialOf(synthetic(always(fine)))
		Expect(t.Exits).To(BeNil())
		_, ok := t.Measure("exits_effective")
		Expect(ok).To(BeFalse())
	})
})
