package system

import (
	"fmt"
	"math"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/seed-ab8b6914/spof/reason"
	"github.com/seed-ab8b6914/spof/reliability/component"
	"github.com/seed-ab8b6914/spof/reliability/dist"
	"github.com/seed-ab8b6914/spof/topology"
)

func parsed(text string) dist.Distribution {
	GinkgoHelper()
	d, err := dist.Parse(text)
	Expect(err).NotTo(HaveOccurred())
	return d
}

// machines is a system of n alike machines.
func machines(n int, runs, works string) *System {
	row := component.Row{Failure: component.Value[dist.Distribution]{Value: parsed(runs), Source: "spec"}, Repair: component.Value[dist.Distribution]{Value: parsed(works), Source: "spec"}}
	s := &System{Topology: &topology.Topology{Name: "hall"}}
	for i := range n {
		s.Events = append(s.Events, Event{Name: fmt.Sprint("machine ", i), Kind: "machine", Row: row, Unavailability: row.Unavailability(), Frequency: row.Frequency()})
	}
	return s
}

// birthDeath is the exact share of time for which a machine is down: n machines that fail at a rate and that a crew repairs.
func birthDeath(n, members int, fails, repairs float64) float64 {
	p, sum, down := 1.0, 1.0, 0.0
	for k := 1; k <= n; k++ {
		p *= float64(n-k+1) * fails / (float64(min(k, members)) * repairs)
		sum += p
		down += float64(k) * p
	}
	return down / sum / float64(n)
}

var _ = Describe("waits", func() {
	crew := func(members int) Care {
		return Care{Crews: []Crew{{Name: "onsite", Members: members, Kinds: []string{"machine"}}}}
	}

	DescribeTable("for a crew are close to the exact birth-death chain", func(n, members int, hours, within float64) {
		s := machines(n, "exponential mean=1000h", fmt.Sprintf("exponential mean=%gh", hours))
		waits, err := s.Waits(crew(members))
		Expect(err).NotTo(HaveOccurred())
		want := birthDeath(n, members, 1.0/1000, 1/hours)
		got := s.Waiting(waits).Events[0].Unavailability
		Expect(got).To(BeNumerically("~", want, within*want))
		Expect(s.Events[0].Unavailability).To(BeNumerically("<=", want)) // without waits
	},
		Entry("one machine never waits", 1, 1, 8.0, 1e-12),
		Entry("two", 2, 1, 8.0, 1e-4),
		Entry("ten", 10, 1, 8.0, 1e-3),
		Entry("ten, two members", 10, 2, 8.0, 1e-3),
		Entry("thirty, a busy crew", 30, 1, 16.0, 0.04),
		Entry("thirty, two members", 30, 2, 16.0, 0.01),
	)

	It("for a crew are those of Pollaczek and Khinchine if many parts fail seldom", func() {
		const n = 4000
		for _, works := range []string{"fixed 8h", "exponential mean=8h", "lognormal mean=8h sigma=1"} {
			s := machines(n, fmt.Sprintf("exponential mean=%gh", n*16.0), works)
			waits, err := s.Waits(crew(1))
			Expect(err).NotTo(HaveOccurred())
			squares := map[string]float64{"fixed 8h": 64, "exponential mean=8h": 128, "lognormal mean=8h sigma=1": 64 * math.E}
			Expect(waits(s.Events[0])).To(BeNumerically("~", squares[works]/16/(2*(1-0.5)), 0.01*squares[works]/16), works)
		}
	})

	DescribeTable("for a part are those of Palm", func(parts int, want float64) {
		s := machines(10, "exponential mean=1000h", "fixed 0.001h")
		care := Care{Stocks: []Stock{{Kind: "machine", Parts: parts, Lead: parsed("fixed 72h")}}}
		waits, err := s.Waits(care)
		Expect(err).NotTo(HaveOccurred())
		Expect(waits(s.Events[0])).To(BeNumerically("~", want, 1e-3))
		Expect(waits(Event{Kind: "other"})).To(BeZero())
	},
		Entry("no part: the lead", 0, 72.0),
		Entry("one part", 1, (0.72-1+math.Exp(-0.72))*100),
		Entry("two", 2, (0.72-2+math.Exp(-0.72)*(2+0.72))*100),
	)

	It("for a part of a kind that never fails are the lead, or nothing", func() {
		for parts, want := range map[int]float64{0: 72, 1: 0} {
			waits, err := machines(0, "never", "fixed 1h").Waits(Care{Stocks: []Stock{{Kind: "machine", Parts: parts, Lead: parsed("fixed 72h")}}})
			Expect(err).NotTo(HaveOccurred())
			Expect(waits(Event{Kind: "machine"})).To(Equal(want))
		}
	})

	It("add up, and keep what the crew does not repair", func() {
		s := machines(10, "exponential mean=1000h", "exponential mean=8h")
		s.Events[9].Kind = "other"
		care := crew(1)
		alone, err := s.Waits(care)
		Expect(err).NotTo(HaveOccurred())
		care.Stocks = []Stock{{Kind: "machine", Parts: 0, Lead: parsed("fixed 72h")}}
		both, err := s.Waits(care)
		Expect(err).NotTo(HaveOccurred())
		Expect(both(s.Events[0])).To(BeNumerically("~", 72+alone(s.Events[0]), 0.1))
		Expect(s.Waiting(both).Events[9]).To(Equal(s.Events[9]))
	})

	It("refuse a crew with more to do than it can", func() {
		_, err := machines(30, "exponential mean=100h", "exponential mean=8h").Waits(crew(2))
		Expect(reason.Codes(err)).To(ConsistOf("crew-overloaded"))
		Expect(err).To(MatchError("hall: crew onsite has 2.22 repairs at once on average, and 2 can be done; want more members, or fewer kinds"))
	})
})
