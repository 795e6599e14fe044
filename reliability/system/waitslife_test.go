//go:build !race

// This spec draws thousands of years: the race detector finds nothing in them, and takes 20 times as long.

package system

import (
	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/seed-ab8b6914/spof/reliability/lifetime"
)

// hall is the model of lifetimes of machines with one crew and one stock.
func hall(s *System, care Care) *lifetime.Model {
	crew, stock, n := care.Crews[0], care.Stocks[0], float64(len(s.Events))
	m := &lifetime.Model{Life: 100 * 8760, Crews: []lifetime.Crew{{Name: crew.Name, Members: crew.Members}}, Stocks: []lifetime.Stock{{Name: "part", Parts: stock.Parts, Lead: stock.Lead}},
		Capacity: func(up lifetime.State) float64 {
			sum := 0.0
			for i := range s.Events {
				if up.Up(i) {
					sum++
				}
			}
			return sum / n
		}}
	for _, e := range s.Events {
		m.Components = append(m.Components, lifetime.Component{Name: e.Name, Fails: e.Row.Failure.Value, Repair: e.Row.Repair.Value, Crew: crew.Name, Stock: "part"})
	}
	return m
}

var _ = Describe("waits, beside simulated lifetimes", func() {
	DescribeTable("give nearly the same share of time down", func(n int, runs, works string, members, parts int, lead string, within float64) {
		s := machines(n, runs, works)
		care := Care{Crews: []Crew{{Name: "onsite", Members: members, Kinds: []string{"machine"}}}, Stocks: []Stock{{Kind: "machine", Parts: parts, Lead: parsed(lead)}}}
		waits, err := s.Waits(care)
		Expect(err).NotTo(HaveOccurred())
		got := s.Waiting(waits).Events[0].Unavailability
		r, err := lifetime.Simulate(hall(s, care), lifetime.Options{Years: 5000, Seed: 1})
		Expect(err).NotTo(HaveOccurred())
		lives := r.Total.Lost.Value / 8760
		GinkgoWriter.Printf("%d of %s, %s, %d members, %d parts, %s: %.6f without waits, %.6f with, %.6f simulated (%.6f to %.6f), off by %.2f %%\n", n, runs, works, members, parts, lead,
			s.Events[0].Unavailability, got, lives, r.Total.Lost.Lo/8760, r.Total.Lost.Hi/8760, 100*(got/lives-1))
		Expect(got).To(BeNumerically("~", lives, within*lives))
		Expect(s.Events[0].Unavailability).To(BeNumerically("<", lives))
	},
		Entry("a design", 14, "exponential mean=109500h", "lognormal mean=24h sigma=1", 1, 0, "fixed 2d", 0.04),
		Entry("failures of age", 14, "weibull shape=3 mean=10000h", "lognormal mean=24h sigma=1", 1, 1, "fixed 2d", 0.05),
		Entry("a crew that is busy a tenth of the time", 12, "exponential mean=1000h", "lognormal mean=8h sigma=1", 1, 3, "fixed 3d", 0.05),
		Entry("half of the time", 60, "exponential mean=1000h", "lognormal mean=8h sigma=1", 1, 9, "lognormal mean=3d sigma=1", 0.1),
		Entry("two members", 60, "exponential mean=1000h", "lognormal mean=8h sigma=1", 2, 4, "fixed 3d", 0.07),
	)
})
