package choose_test

import (
	"context"
	"math"
	"math/rand/v2"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/seed-ab8b6914/spof/reliability/choose"
)

// power is a service with a timer, a second feed and a second supply that help only together, a second node, and a third that needs it.
func power() *choose.Choices {
	return made(hours(func(s choose.Set) float64 {
		loss := 10.0
		if s.Has(0) {
			loss -= 1 // timer
		}
		if s.Has(1) && s.Has(2) {
			loss -= 4 // feed and supply
		}
		if s.Has(3) {
			loss -= 2 // node
		}
		if s.Has(4) {
			loss -= 0.5 // third node
		}
		return loss
	}),
		choose.Option{Name: "timer"}, choose.Option{Name: "feed", Buy: 1500, Yearly: 500}, choose.Option{Name: "supply", Buy: 200},
		choose.Option{Name: "node", Buy: 3000}, choose.Option{Name: "third node", Buy: 3000, Requires: []string{"node"}})
}

var _ = Describe("the steps", func() {
	ctx := context.Background()

	It("begin with what is free, take a pair that helps only together, and say what each is worth", func() {
		c := power()
		steps, err := c.Steps(ctx, 8000)
		Expect(err).NotTo(HaveOccurred())
		var names [][]string
		for _, s := range steps {
			names = append(names, c.Names(s.Adds))
		}
		Expect(names).To(Equal([][]string{{"timer"}, {"feed", "supply"}, {"node"}}))
		pair := steps[1]
		Expect(pair).To(Equal(choose.Step{Adds: 6, Cost: 2200, Saves: 4, Alone: 4, Last: 4, Design: choose.Design{Set: 7, Cost: 2200, Worth: choose.Worth{Loss: 5}}}))
		Expect(pair.PerMoney()).To(BeNumerically("~", 4.0/2200))
		Expect(steps[0].PerMoney()).To(Equal(math.Inf(1)))
	})

	It("buy what an option requires with it, and count what requires it", func() {
		c := made(hours(func(s choose.Set) float64 { return 10 - 3*float64(b2i(s.Has(1))) - float64(b2i(s.Has(0))) }),
			choose.Option{Name: "node", Buy: 10}, choose.Option{Name: "third", Buy: 1, Requires: []string{"node"}})
		steps, err := c.Steps(ctx, 20)
		Expect(err).NotTo(HaveOccurred())
		Expect(steps).To(HaveLen(1))
		Expect(steps[0]).To(Equal(choose.Step{Adds: 3, Cost: 11, Saves: 4, Alone: 4, Last: 4, Design: choose.Design{Set: 3, Cost: 11, Worth: choose.Worth{Loss: 6}}}))
	})

	It("tell a saving alone, on the way and at the end apart", func() {
		c := made(hours(func(s choose.Set) float64 { return []float64{10, 4, 3, 2}[s] }), choose.Option{Name: "a", Buy: 1}, choose.Option{Name: "b", Buy: 1})
		steps, err := c.Steps(ctx, 2)
		Expect(err).NotTo(HaveOccurred())
		Expect([]float64{steps[0].Saves, steps[0].Alone, steps[0].Last}).To(Equal([]float64{7, 7, 2})) // b
		Expect([]float64{steps[1].Saves, steps[1].Alone, steps[1].Last}).To(Equal([]float64{1, 6, 1})) // a
	})

	It("of random markets are valid, within the budget, and not better than the best", func() {
		rng := rand.New(rand.NewPCG(9, 10))
		for range 200 {
			m := randomMarket(rng, 8, rng.IntN(4), true)
			c := m.choices(1, m.worth)
			if c == nil {
				continue
			}
			steps, err := c.Steps(ctx, 20)
			if err != nil {
				Expect(err).To(haveCode("buys-nothing"))
				continue
			}
			best, err := c.Best(ctx, 20)
			Expect(err).NotTo(HaveOccurred())
			var before choose.Design
			before.Worth, _ = m.worth(ctx, 0)
			for _, s := range steps {
				Expect(m.valid(s.Set)).To(BeTrue())
				Expect(s.Set).To(Equal(before.Set | s.Adds))
				Expect(s.Design.Cost).To(And(Equal(c.Cost(s.Set)), BeNumerically("<=", 20)))
				Expect(s.Saves).To(And(BeNumerically(">", 0), Equal(before.Loss-s.Loss)))
				Expect(s.Loss).To(BeNumerically(">=", best.Loss-1e-9))
				before = s.Design
			}
		}
	})

	It("whose context ends come with its error, wherever it ends", func() {
		for stopAt := 1; ; stopAt++ {
			short, stop := context.WithCancel(ctx)
			DeferCleanup(stop)
			tried := 0
			c := made(hours(func(s choose.Set) float64 {
				if tried++; tried == stopAt {
					stop()
				}
				return float64(9-s.Len()) + float64(b2i(s == 6)) // two of them are worth less together
			}), many(4, false)...)
			steps, err := c.Steps(short, 3)
			if err == nil {
				Expect(steps).To(HaveLen(3))
				Expect(stopAt).To(BeNumerically(">", 11)) // the base, four options, six pairs
				break
			}
			Expect(err).To(MatchError(context.Canceled))
			Expect(len(steps) > 0).To(Equal(stopAt >= 11))
		}
	})
})
