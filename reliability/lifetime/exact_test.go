//go:build !race

// These specs draw millions of years on one goroutine each: the race detector finds nothing in them, and takes 20 times as long.

package lifetime_test

import (
	"fmt"
	"math"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/seed-ab8b6914/spof/reliability/lifetime"
)

var _ = Describe("the exact chain", func() {
	It("has the figures of 3-of-5", func() {
		five, _ := group{3, 5, 5, 4000, 48}.exact()
		one, _ := group{3, 5, 1, 4000, 48}.exact()
		Expect([]float64{five, one}).To(HaveExactElements(BeNumerically("~", 1.6377e-5, 5e-10), BeNumerically("~", 9.9906e-5, 5e-10)))
	})

	// With intervals that hold at 95 %, 89 or fewer of 100 have a probability of 1.2 %; the seeds are fixed, so that the spec always sees the
	// same draws.
	DescribeTable("lies inside the interval of at least 90 of 100 seeds", func(g group, years float64) {
		unavailability, outages := g.exact()
		inside := [2]int{}
		for seed := range 100 {
			total := simulate(g.model(), lifetime.Options{Years: years, Seed: uint64(seed), Workers: 2}).Total
			if total.Unavailability().Contains(unavailability) {
				inside[0]++
			}
			if total.Outages.Contains(outages) {
				inside[1]++
			}
		}
		GinkgoWriter.Println(g, "inside:", inside)
		Expect(inside).To(HaveEach(BeNumerically(">=", 90)))
	},
		Entry("3-of-5, a crew each, rare", group{3, 5, 5, 4000, 48}, 2000.0),
		Entry("3-of-5, one crew", group{3, 5, 1, 4000, 48}, 1000.0),
		Entry("2-of-3, two crews, often", group{2, 3, 2, 200, 24}, 200.0),
		Entry("1-of-1", group{1, 1, 1, 1000, 10}, 500.0),
	)
})

var _ = Describe("splitting", func() {
	DescribeTable("agrees with the exact chain", func(g group, copies []int, greatest float64) {
		unavailability, outages := g.exact()
		Expect(unavailability).To(BeNumerically("<", greatest))
		r := simulate(g.model(), lifetime.Options{Years: 2000, Seed: 7, Workers: 2, Splitting: &lifetime.Splitting{Level: g.failed, Copies: copies}})
		GinkgoWriter.Printf("%v: exact %.4g %.4g, simulated %.4g %.4g\n", g, unavailability, outages, r.Total.Unavailability(), r.Total.Outages)
		Expect(r.Total.Unavailability().Contains(unavailability)).To(BeTrue(), fmt.Sprint(unavailability, r.Total.Unavailability()))
		Expect(r.Total.Outages.Contains(outages)).To(BeTrue(), fmt.Sprint(outages, r.Total.Outages))
		half := (r.Total.Outages.Hi - r.Total.Outages.Lo) / 2
		Expect(half/outages).To(BeNumerically("<", 0.25), "the interval says something")
		Expect(r.Down).To(BeEmpty())
	},
		Entry("3-of-5, a crew each, 1.6e-5", group{3, 5, 5, 4000, 48}, []int{20, 20}, 1e-4),
		Entry("1-of-4, 2e-8", group{1, 4, 4, 4000, 48}, []int{20, 30, 50}, 1e-7),
		Entry("1-of-4, one crew", group{1, 4, 1, 8000, 48}, []int{20, 40, 80}, 1e-7),
		Entry("1-of-5, 1e-9", group{1, 5, 5, 4000, 64}, []int{15, 20, 30, 60}, 2e-9),
	)

	// Without waiting, only the mean of a repair counts: components are independent (Rausand and Hoyland, System Reliability Theory, 2nd
	// edition, section 8.6).
	DescribeTable("agrees with independent components, whatever the repairs are", func(repair string, copies []int) {
		g := group{1, 3, 3, 4000, 48}
		m := g.model()
		for i := range m.Components {
			m.Components[i].Repair = law(repair)
		}
		r := simulate(m, lifetime.Options{Years: 2000, Seed: 7, Workers: 2, Splitting: &lifetime.Splitting{Level: g.failed, Copies: copies}})
		Expect(r.Total.Unavailability().Contains(math.Pow(48.0/4048, 3))).To(BeTrue(), "%v", r.Total.Unavailability())
		Expect(r.Total.Unavailability().Hi).To(BeNumerically("<", 1.5*math.Pow(48.0/4048, 3)))
	},
		Entry("lognormal", "lognormal mean=48h sigma=1.2", []int{20, 40}),
		Entry("fixed", "fixed 48h", []int{20, 40}),
		Entry("of samples", "empirical 10h 10h 10h 162h", []int{20, 40}),
	)

	It("is right whatever the copies are", func() {
		g := group{2, 3, 1, 500, 24}
		unavailability, _ := g.exact()
		for _, copies := range [][]int{{1}, {3}, {2, 1}, {1, 3, 2}} {
			r := simulate(g.model(), lifetime.Options{Years: 2000, Seed: 3, Splitting: &lifetime.Splitting{Level: g.failed, Copies: copies}})
			Expect(r.Total.Unavailability().Contains(unavailability)).To(BeTrue(), fmt.Sprint(copies, r.Total))
			Expect(math.Abs(r.Total.Unavailability().Value/unavailability - 1)).To(BeNumerically("<", 0.1))
		}
	})

	It("agrees with lives without copies", func() {
		m, level := site(), func(up lifetime.State) (failed int) {
			for i := range 96 { // all but the services, which a change takes down together
				if !up.Up(i) {
					failed++
				}
			}
			return failed - 1
		}
		plain := simulate(m, lifetime.Options{Years: 2000, Seed: 5, Workers: 2})
		same := simulate(m, lifetime.Options{Years: 2000, Seed: 5, Workers: 2, Splitting: &lifetime.Splitting{Level: level, Copies: []int{1, 1, 1}}})
		Expect(same.Causes).To(Equal(plain.Causes), "one copy is the life itself")
		copied := simulate(m, lifetime.Options{Years: 500, Seed: 6, Workers: 2, Splitting: &lifetime.Splitting{Level: level, Copies: []int{3, 4, 3}}})
		for i, l := range plain.Causes {
			c := copied.Causes[i]
			for k, pair := range [][2]lifetime.Estimate{{l.Hours, c.Hours}, {l.Outages, c.Outages}, {l.Lost, c.Lost}} {
				Expect(pair[0].Lo).To(BeNumerically("<=", pair[1].Hi), fmt.Sprint(l.Cause, k, pair))
				Expect(pair[1].Lo).To(BeNumerically("<=", pair[0].Hi), fmt.Sprint(l.Cause, k, pair))
			}
		}
	})
})
