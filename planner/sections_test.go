package planner

import (
	"cmp"
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/seed-ab8b6914/spof/reliability/choose"
)

// opened opens the first design of a plan for the choice.
func opened(p *Plan) *shop {
	GinkgoHelper()
	studies, err := p.studies()
	Expect(err).NotTo(HaveOccurred())
	s, err := p.open(0, studies[0])
	Expect(err).NotTo(HaveOccurred())
	return s
}

var _ = Describe("the sections of a design", func() {
	DescribeTable("add up to the whole, whatever is bought", func(name string, sections int) {
		p, err := Open(name, reports(nil))
		Expect(err).NotTo(HaveOccurred())
		s := opened(p)
		Expect(s.parts).To(HaveLen(sections))
		rng := rand.New(rand.NewPCG(1, 2))
		for range 60 {
			set := s.closed(choose.Set(rng.Uint64()) & (1<<len(s.offers) - 1))
			sum, err := s.worth(context.Background(), set)
			Expect(err).NotTo(HaveOccurred())
			all, err := s.checked(choose.Design{Set: set, Worth: sum})
			Expect(err).NotTo(HaveOccurred())
			Expect(int(sum.Capacity)).To(Equal(all.nMinusOne(p.people()).Users), "%v", s.names(set))
			Expect(s.floors()).To(BeNumerically("<", sum.Loss))
		}
	},
		Entry(nil, "office", 3),
	)
})

// somePlan is a plan with some of the 24 alternatives, at random costs.
func somePlan(rng *rand.Rand, n int) *Plan {
	GinkgoHelper()
	p, err := manyAlternatives()
	Expect(err).NotTo(HaveOccurred())
	kept := map[int]bool{}
	for len(kept) < n {
		for _, i := range p.needs(rng.IntN(len(p.Alternatives))) {
			kept[i] = true
		}
	}
	all := p.Alternatives
	p.Alternatives = nil
	for i, a := range all {
		if kept[i] {
			a.Costs = &Costs{Buy: float64(100 * rng.IntN(90)), Yearly: float64(100 * rng.IntN(10))}
			p.Alternatives = append(p.Alternatives, a)
		}
	}
	return p
}

// enumerated gives all combinations of the first design of a plan, each worked out as a whole.
func enumerated(p *Plan) (all []choose.Design) {
	GinkgoHelper()
	s := opened(p)
	for set := range choose.Set(1) << len(s.offers) {
		if s.closed(set) != set {
			continue
		}
		one, err := s.whole(set)
		Expect(err).NotTo(HaveOccurred())
		down, switches := one.hours(bestGuess, 1)
		all = append(all, choose.Design{Set: set, Cost: one.costs.over(p.Years), Worth: choose.Worth{Loss: down + switches, Capacity: float64(one.nMinusOne(p.people()).Users)}})
	}
	return all
}

var _ = Describe("the choice", func() {
	It("is that of an enumeration of all combinations, for any alternatives, costs and budget", func() {
		rng := rand.New(rand.NewPCG(3, 4))
		for range 8 {
			p := somePlan(rng, 5)
			budget := float64(rng.IntN(30_000))
			p.Budget = &budget
			all := enumerated(p)
			within := slices.DeleteFunc(slices.Clone(all), func(d choose.Design) bool { return choose.Compare(d.Cost, budget) > 0 })
			r, err := Solve(context.Background(), p)
			if coded(err, "buys-nothing") {
				Expect(within).To(HaveLen(1))
				continue
			}
			Expect(err).NotTo(HaveOccurred())
			Expect(r.Choice.Proven).To(BeTrue())
			want := slices.MinFunc(within, func(a, b choose.Design) int {
				return cmp.Or(choose.Compare(a.Loss, b.Loss), choose.Compare(a.Cost, b.Cost))
			})
			Expect(r.Choice.Best.Hours).To(BeNumerically("~", want.Loss, 1e-9*want.Loss))
			Expect(r.Choice.Best.Cost).To(Equal(want.Cost))
			front := choose.Unbeaten(within)
			Expect(r.Choice.Front).To(HaveLen(len(front)))
			for i, d := range front {
				Expect(r.Choice.Front[i].Hours).To(BeNumerically("~", d.Loss, 1e-9*d.Loss))
				Expect([]any{r.Choice.Front[i].Cost, float64(r.Choice.Front[i].Users)}).To(Equal([]any{d.Cost, d.Capacity}))
			}
			like := within[rng.IntN(len(within))]
			p.Budget, p.TargetHours = nil, &like.Loss
			want = slices.MinFunc(slices.DeleteFunc(all, func(d choose.Design) bool { return choose.Compare(d.Loss, like.Loss) > 0 }),
				func(a, b choose.Design) int { return choose.Compare(a.Cost, b.Cost) })
			Expect(must(Solve(context.Background(), p)).Choice.Best.Cost).To(Equal(want.Cost))
		}
	})

	It("is over all designs, with the alternatives of each", func() {
		const text = "plan: a\nyears: 1\nbudget: %.0f\ndesigns:\n  one: {topology: single, cost: {buy: 1000}}\n  pair: {topology: active-passive, cost: {buy: 5000}}\n" +
			"alternatives:\n  fast: {for: [pair], patch: {addresses: {proxy: {vrrp: {version: 3, advert: 100ms}}}}}\n" +
			"  spare: {for: [one, pair], cost: {buy: 500}, spares: {node: {parts: 1}}}\nspares: {node: {parts: 0, lead: fixed 5d}}\n"
		best := func(budget float64) Choice { return *must(solved(fmt.Sprintf(text, budget), nil)).Choice }
		rich, poor := best(900_000), best(4000)
		Expect(rich.Base).To(Equal("pair"))
		Expect(rich.Best.Buys).To(ContainElement("fast"))
		Expect(rich.Best.Cost).To(BeNumerically(">=", 5000))
		Expect([]any{poor.Base, poor.Best.Buys, poor.Best.Cost}).To(Equal([]any{"one", []string{"spare"}, 1500.0}))
		Expect(rich.Front).To(ContainElements(HaveField("Base", "one"), HaveField("Base", "pair")))
		_, err := solved(fmt.Sprintf(text, 900.0), nil)
		Expect(coded(err, "budget-below-designs")).To(BeTrue())
		Expect(err).To(MatchError(HavePrefix("plan.yaml:3:9: ")))
	})

	It("takes a design alone if there is a budget and nothing to buy", func() {
		r := must(solved("plan: a\nyears: 1\nbudget: 2000\ndesigns: {one: {topology: single, cost: {buy: 1000}}, pair: {topology: active-passive, cost: {buy: 5000}}}", nil))
		Expect(r.Choice.Best).To(HaveField("Base", "one"))
		Expect(r.Verdict[0]).To(HavePrefix("Take one for 1,000"))
	})

	It("buys a spare part and a technician, which shorten the repairs", func() {
		const text = "plan: a\nyears: 1\ndowntime_cost: 1000\ndesigns: {one: {topology: single, cost: {buy: 0}}}\ncrews: {onsite: {members: 1, kinds: [node, psu]}}\n" +
			"spares: {node: {parts: 0, lead: fixed 5d}}\nalternatives:\n  spare: {cost: {buy: 1}, spares: {node: {parts: 1}}}\n  faster: {cost: {buy: 1}, excludes: [spare], spares: {node: {parts: 0, lead: fixed 4d}}}\n" +
			"  second: {cost: {buy: 0}, crews: {onsite: {members: 2}}}\n"
		r := must(solved(text, nil))
		Expect(r.Choice.Best.Buys).To(ContainElement("spare"))
		Expect(r.Choice.Steps[1].Saves).To(BeNumerically("~", 120*8760.0/(109500+24+120), 0.2))
		without := must(solved(strings.Replace(text, "fixed 5d", "fixed 1m", 1), nil))
		Expect(r.Designs[0].Hours).To(BeNumerically(">", without.Designs[0].Hours+9)) // the designs themselves wait too
	})
})
