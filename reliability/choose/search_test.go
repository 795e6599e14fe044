package choose_test

import (
	"context"
	"math"
	"math/rand/v2"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/seed-ab8b6914/spof/reliability/choose"
)

var _ = Describe("a search", func() {
	ctx := context.Background()
	const years = 2

	// each calls f with random markets that have choices, at least n of them, and all their designs.
	each := func(n int, f func(rng *rand.Rand, m *market, c *choose.Choices, all []choose.Design)) {
		rng, tried := rand.New(rand.NewPCG(5, 6)), 0
		for range 2 * n {
			m := randomMarket(rng, 1+rng.IntN(10), 0, false)
			if rng.IntN(2) == 0 {
				size := 4 + rng.IntN(7)
				m = randomMarket(rng, size, rng.IntN(size+1), true)
			}
			if c := m.choices(years, m.worth); c != nil {
				f(rng, m, c, m.designs(years))
				tried++
			}
		}
		Expect(tried).To(BeNumerically(">=", n))
	}

	It("finds the best for a budget, as an enumeration does", func() {
		each(400, func(rng *rand.Rand, m *market, c *choose.Choices, all []choose.Design) {
			budget := float64(rng.IntN(40))
			got, err := c.Best(ctx, budget)
			want, _ := first(all, func(d choose.Design) bool { return d.Cost <= budget }, byLoss)
			if err != nil {
				Expect(err).To(haveCode("buys-nothing"))
				Expect(want.Set).To(BeZero())
				return
			}
			alike(got.Design, want)
			Expect(got.Proven).To(BeTrue())
			Expect(got.Bound).To(Equal(got.Loss))
			Expect(got.Enumerated).To(Equal(m.hurting))
			Expect(m.valid(got.Set)).To(BeTrue())
		})
	})

	It("finds the cheapest for a target, as an enumeration does, or says how far the options reach", func() {
		missed := 0
		each(400, func(rng *rand.Rand, m *market, c *choose.Choices, all []choose.Design) {
			like := all[rng.IntN(len(all))]
			target := choose.Target{Loss: like.Loss * (0.7 + rng.Float64()/2), Capacity: like.Capacity * float64(rng.IntN(2))}
			got, err := c.Cheapest(ctx, target)
			want, is := first(all, func(d choose.Design) bool { return d.Loss <= target.Loss && d.Capacity >= target.Capacity }, byCost)
			if !is {
				Expect(err).To(haveCode("target-missed"))
				missed++
				return
			}
			Expect(err).NotTo(HaveOccurred())
			alike(got.Design, want)
			Expect(got.Proven).To(BeTrue())
			Expect(got.Bound).To(Equal(got.Cost))
		})
		Expect(missed).To(BeNumerically(">", 5))
	})

	It("finds the Pareto front, as an enumeration does", func() {
		each(200, func(rng *rand.Rand, m *market, c *choose.Choices, all []choose.Design) {
			got, err := c.Front(ctx, math.Inf(1))
			Expect(err).NotTo(HaveOccurred())
			Expect(got.Proven).To(BeTrue())
			want := choose.Unbeaten(all)
			Expect(got.Designs).To(HaveLen(len(want)))
			for i, d := range got.Designs {
				alike(d, want[i])
				_, beaten := first(all, func(o choose.Design) bool {
					return o.Cost <= d.Cost && o.Loss <= d.Loss+1e-9 && o.Capacity >= d.Capacity && (o.Cost < d.Cost || o.Loss < d.Loss-1e-9 || o.Capacity > d.Capacity)
				}, byLoss)
				Expect(beaten).To(BeFalse())
			}
		})
	})

	// interrupted makes choices whose context ends in the evaluation with a number.
	interrupted := func(m *market, number int) (context.Context, *choose.Choices) {
		short, stop := context.WithCancel(ctx)
		DeferCleanup(stop)
		return short, m.choices(years, func(ctx context.Context, s choose.Set) (choose.Worth, error) {
			if number--; number == 0 {
				stop()
			}
			return m.worth(ctx, s)
		})
	}

	It("whose context ends says the best that it found, and a bound of what it missed", func() {
		unproven := 0
		each(300, func(rng *rand.Rand, m *market, _ *choose.Choices, all []choose.Design) {
			short, c := interrupted(m, 1+rng.IntN(20))
			got, err := c.Best(short, 20)
			if err != nil {
				Expect(err).To(haveCode("buys-nothing"))
				return
			}
			want, _ := first(all, func(d choose.Design) bool { return d.Cost <= 20 }, byLoss)
			Expect(got.Loss).To(BeNumerically(">=", want.Loss-1e-9))
			Expect(got.Bound).To(BeNumerically("<=", want.Loss+1e-9))
			if got.Proven {
				Expect(got.Loss).To(BeNumerically("~", want.Loss, 1e-9))
			} else {
				unproven++
			}
		})
		Expect(unproven).To(BeNumerically(">", 50))
	})

	It("for a target whose context ends says the cheapest that it found, or that it found none", func() {
		unproven, none := 0, 0
		each(300, func(rng *rand.Rand, m *market, _ *choose.Choices, all []choose.Design) {
			target := choose.Target{Loss: all[rng.IntN(len(all))].Loss + 1e-9}
			short, c := interrupted(m, 1+rng.IntN(20))
			got, err := c.Cheapest(short, target)
			if err != nil {
				Expect(err).To(haveCode("search-ended"))
				Expect(err).To(MatchError(context.Canceled))
				none++
				return
			}
			want, _ := first(all, func(d choose.Design) bool { return d.Loss <= target.Loss }, byCost)
			Expect(got.Cost).To(BeNumerically(">=", want.Cost))
			Expect(got.Bound).To(BeNumerically("<=", want.Cost))
			if got.Proven {
				Expect(got.Cost).To(Equal(want.Cost))
			} else {
				unproven++
			}
		})
		Expect(min(unproven, none)).To(BeNumerically(">", 10))
	})
})
