package bdd_test

import (
	"math/rand/v2"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/seed-ab8b6914/spof/reason"
	"github.com/seed-ab8b6914/spof/reliability/bdd"
)

var _ = Describe("a diagram with a variable given", func() {
	It("has the probabilities of its function, within 1e-12 also where they are tiny", func() {
		rng := rand.New(rand.NewPCG(5, 6))
		for i := range 200 {
			d, n := bdd.New(), 2+rng.IntN(9)
			s := random(d, rng, n, 3)
			if i%2 == 0 { // not coherent
				a, b := s, random(d, rng, n, 2)
				s = formula{d.Xor(a.f, b.f), func(set uint) bool { return a.is(set) != b.is(set) }}
			}
			p := make([]float64, n)
			for v := range p {
				p[v] = rng.Float64() / 4
				if rng.IntN(3) == 0 {
					p[v] *= 1e-12
				}
			}
			g, coherent := d.Given(s.f, p, d.Coherent(s.f)), true
			Expect(g.Whole).To(relatively(enumerated(s.is, p, 0, 0)))
			for v := range n {
				bit := uint(1) << v
				rises := func(set uint) bool { return s.is(set|bit) && !s.is(set&^bit) }
				falls := func(set uint) bool { return !s.is(set|bit) && s.is(set&^bit) }
				Expect(g.True[v]).To(relatively(enumerated(s.is, p, bit, 0)))
				Expect(g.False[v]).To(relatively(enumerated(s.is, p, 0, bit)))
				Expect(g.Rise[v]).To(relatively(enumerated(rises, p, 0, bit)))
				Expect(g.Fall[v]).To(relatively(enumerated(falls, p, 0, bit)))
				for set := range uint(1) << n {
					coherent = coherent && !falls(set)
				}
			}
			Expect(d.Coherent(s.f)).To(Equal(coherent))
		}
	})

	It("loses no digits where Birnbaum does", func() {
		d := bdd.New()
		f := d.Or(d.And(d.Var(0), d.Var(1)), d.Var(2)) // the third comes last: 1 - (1 - tiny) would have to be exact
		g := d.Given(f, []float64{0.5, 1e-18, 0.5}, true)
		Expect(g.Rise[0]).To(relatively(0.5e-18))
	})

	It("is refused where it has too many nodes", func() {
		d := bdd.New()
		d.Limit(50)
		f := bdd.False
		for i := range 10 {
			f = d.Or(f, d.And(d.Var(i), d.Var(i+10)))
		}
		Expect(reason.Codes(d.Err())).To(Equal([]string{"too-many-nodes"}))
		Expect(f).To(Equal(bdd.False))
		Expect(bdd.New().Err()).NotTo(HaveOccurred())
	})

	It("chooses between two functions", func() {
		d := bdd.New()
		Expect(d.Choose(0, d.Var(1), d.Var(2))).To(Equal(d.Or(d.And(d.Var(0), d.Var(1)), d.And(d.Not(d.Var(0)), d.Var(2)))))
	})
})

var _ = Describe("minimal cut sets", func() {
	It("count what their variables stand for", func() {
		d := bdd.New()
		sets := d.CutSets(d.Or(d.Var(0), d.And(d.Var(1), d.Var(2)))).Standing([][]float64{nil, {0, 2, 1}, {0, 0, 3}})
		Expect(sets.Orders(4)).To(Equal([]float64{0, 1, 0, 6, 3}))
		var got [][]int
		sets.Each(2, func(set []int) bool { got = append(got, append([]int(nil), set...)); return true })
		Expect(got).To(Equal([][]int{{0}})) // the other has at least three elements
	})

	It("say how likely one with a variable is", func() { // a or (b and c) or (b and d): with b: c or d
		d := bdd.New()
		f := d.Or(d.Var(0), d.And(d.Var(1), d.Or(d.Var(2), d.Var(3))))
		got := d.CutSets(f).Including(4).Probabilities([]float64{0.5, 0.25, 0.125, 0.0625})
		Expect(got[0]).To(Equal(1.0))
		Expect(got[1]).To(relatively(1 - 0.875*0.9375))
		Expect(got[2]).To(Equal(0.25))
	})
})
