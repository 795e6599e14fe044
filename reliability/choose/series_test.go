package choose_test

import (
	"math"
	"math/rand/v2"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/seed-ab8b6914/spof/reliability/choose"
)

// measured is what an allocation costs, weighs and is worth, by its counts alone.
func measured(s choose.Series, counts [][]int) choose.Allocation {
	a, works := choose.Allocation{Counts: counts}, 1.0
	for i, sub := range s {
		fails := 1.0
		for k, n := range counts[i] {
			a.Cost += n * sub.Parts[k].Cost
			a.Weight += n * sub.Parts[k].Weight
			fails *= math.Pow(1-sub.Parts[k].Reliability, float64(n))
		}
		works *= 1 - fails
	}
	a.Unreliable = 1 - works
	return a
}

// enumerate calls f with every allocation of a series.
func enumerate(s choose.Series, f func(counts [][]int)) {
	counts := make([][]int, len(s))
	var fill func(i, part, left int)
	fill = func(i, part, left int) {
		switch {
		case i == len(s):
			f(counts)
		case part == len(s[i].Parts):
			if left < s[i].Most { // one part or more
				next := i + 1
				most := 0
				if next < len(s) {
					counts[next], most = make([]int, len(s[next].Parts)), s[next].Most
				}
				fill(next, 0, most)
			}
		default:
			for n := range left + 1 {
				counts[i][part] = n
				fill(i, part+1, left-n)
			}
			counts[i][part] = 0
		}
	}
	counts[0] = make([]int, len(s[0].Parts))
	fill(0, 0, s[0].Most)
}

var _ = Describe("a series of subsystems", func() {
	It("of Fyffe, Hines & Lee has the known optima of the 33 instances", func() {
		all, err := fyffe.Allocate(130, 191)
		Expect(err).NotTo(HaveOccurred())
		Expect(optima).To(HaveLen(33))
		for i, want := range optima {
			weight := 191 - i
			got, err := all.At(130, weight)
			Expect(err).NotTo(HaveOccurred())
			Expect(1-got.Unreliable).To(BeNumerically("~", want, 0.5e-8), "weight %d", weight)
			check := measured(fyffe, got.Counts)
			Expect(got.Cost).To(Equal(check.Cost))
			Expect(got.Weight).To(Equal(check.Weight))
			Expect(got.Unreliable).To(BeNumerically("~", check.Unreliable, 1e-13))
			Expect(got.Cost).To(BeNumerically("<=", 130))
			Expect(got.Weight).To(BeNumerically("<=", weight))
		}
	})

	It("has the best allocation of an enumeration, for all budgets", func() {
		rng := rand.New(rand.NewPCG(7, 8))
		for range 60 {
			s := make(choose.Series, 1+rng.IntN(3))
			for i := range s {
				s[i].Most = 1 + rng.IntN(3)
				for range 1 + rng.IntN(3) {
					s[i].Parts = append(s[i].Parts, choose.Part{Reliability: rng.Float64(), Cost: rng.IntN(4), Weight: rng.IntN(4)})
				}
			}
			const most = 12
			var best [most + 1][most + 1]float64
			for c := range best {
				for w := range best[c] {
					best[c][w] = math.Inf(1)
				}
			}
			enumerate(s, func(counts [][]int) {
				a := measured(s, counts)
				for c := a.Cost; c <= most; c++ {
					for w := a.Weight; w <= most; w++ {
						best[c][w] = min(best[c][w], a.Unreliable)
					}
				}
			})
			all, err := s.Allocate(most, most)
			if err != nil {
				Expect(err).To(haveCode("buys-nothing"))
				Expect(best[most][most]).To(Equal(math.Inf(1)))
				continue
			}
			for c := range best {
				for w, want := range best[c] {
					got, err := all.At(c, w)
					if math.IsInf(want, 1) {
						Expect(err).To(haveCode("buys-nothing"))
						continue
					}
					Expect(err).NotTo(HaveOccurred())
					Expect(got.Unreliable).To(BeNumerically("~", want, 1e-12))
					Expect(measured(s, got.Counts).Unreliable).To(BeNumerically("~", want, 1e-12))
				}
			}
		}
	})

	It("keeps its precision where nearly nothing fails", func() {
		s := choose.Series{{Name: "a", Parts: []choose.Part{{Name: "x", Reliability: 1 - 0x1p-30, Cost: 1}}, Most: 4}}
		all, err := s.Allocate(4, 0)
		Expect(err).NotTo(HaveOccurred())
		got, err := all.At(3, 0)
		Expect(err).NotTo(HaveOccurred())
		Expect(got.Unreliable).To(BeNumerically("~", 0x1p-90, 1e-12*0x1p-90))
	})

	It("has nothing for a negative budget", func() {
		all, err := one(1, choose.Part{Reliability: 0.9}).Allocate(1, 1)
		Expect(err).NotTo(HaveOccurred())
		for _, budgets := range [][2]int{{-1, 0}, {0, -1}} {
			_, err = all.At(budgets[0], budgets[1])
			Expect(err).To(haveCode("buys-nothing"))
		}
	})

	DescribeTable("is refused", func(code string, s choose.Series, cost, weight int) {
		_, err := s.Allocate(cost, weight)
		Expect(err).To(haveCode(code))
	},
		Entry("without subsystems", "no-option", choose.Series{}, 9, 9),
		Entry("without parts", "no-option", choose.Series{{Name: "a", Most: 1}}, 9, 9),
		Entry("without room", "wrong-value", one(0, choose.Part{Reliability: 0.9}), 9, 9),
		Entry("with a reliability above 1", "wrong-value", one(1, choose.Part{Reliability: 1.1}), 9, 9),
		Entry("with no number", "wrong-value", one(1, choose.Part{Reliability: math.NaN()}), 9, 9),
		Entry("with a negative cost", "negative-cost", one(1, choose.Part{Cost: -1}), 9, 9),
		Entry("with a negative weight", "negative-cost", one(1, choose.Part{Weight: -1}), 9, 9),
		Entry("with a negative budget", "wrong-budget", one(1, choose.Part{Reliability: 0.9}), -1, 9),
		Entry("with a budget for no part", "buys-nothing", one(1, choose.Part{Reliability: 0.9, Cost: 3}), 2, 9),
		Entry("with a budget for one subsystem of two", "buys-nothing", append(one(1, choose.Part{Reliability: 0.9, Cost: 3}), one(1, choose.Part{Reliability: 0.9, Cost: 3})...), 5, 9),
		Entry("with parts that never work", "buys-nothing", one(1, choose.Part{}), 5, 9),
		Entry("with budgets in too small units", "too-many-states", one(1, choose.Part{Reliability: 0.9}), 1_000_000, 1_000_000),
		Entry("with a budget beyond all", "too-many-states", one(1, choose.Part{Reliability: 0.9}), math.MaxInt, 0),
		Entry("with too many stacks", "too-many-states", one(30, make([]choose.Part, 12)...), 9, 9),
	)
})

// one is a series of one subsystem.
func one(most int, parts ...choose.Part) choose.Series {
	return choose.Series{{Name: "a", Parts: parts, Most: most}}
}
