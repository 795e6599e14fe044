package bdd_test

import (
	"math/bits"
	"math/rand/v2"
	"slices"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	"github.com/onsi/gomega/types"

	"github.com/seed-ab8b6914/spof/reliability/bdd"
)

// formula is a Boolean function in two forms: as a diagram, and as a Go function of the set of true variables.
type formula struct {
	f  bdd.Ref
	is func(set uint) bool
}

// random makes a coherent formula of n variables with a depth.
func random(d *bdd.Diagrams, rng *rand.Rand, n, depth int) formula {
	if depth == 0 || rng.IntN(5) == 0 {
		v := rng.IntN(n)
		return formula{d.Var(v), func(set uint) bool { return set>>v&1 == 1 }}
	}
	var parts []formula
	var refs []bdd.Ref
	for range 2 + rng.IntN(3) {
		p := random(d, rng, n, depth-1)
		parts, refs = append(parts, p), append(refs, p.f)
	}
	k := 1 + rng.IntN(len(parts))
	whole := formula{f: d.AtLeast(k, refs...)}
	switch k {
	case 1:
		whole.f = d.Or(refs...)
	case len(parts):
		whole.f = d.And(refs...)
	}
	whole.is = func(set uint) bool {
		n := 0
		for _, p := range parts {
			if p.is(set) {
				n++
			}
		}
		return n >= k
	}
	return whole
}

// enumerated is the probability of a function by all sets of n variables, with the variables of always true and those of never false.
func enumerated(is func(uint) bool, p []float64, always, never uint) (sum float64) {
	for set := range uint(1) << len(p) {
		if set&always != always || set&never != 0 || !is(set) {
			continue
		}
		q := 1.0
		for v := range p {
			switch {
			case (always|never)>>v&1 == 1:
			case set>>v&1 == 1:
				q *= p[v]
			default:
				q *= 1 - p[v]
			}
		}
		sum += q
	}
	return sum
}

// relatively matches a number within 1e-12 of itself.
func relatively(v float64) types.GomegaMatcher { return BeNumerically("~", v, 1e-12*v+1e-300) }

var _ = Describe("a diagram", func() {
	It("has the probability and the derivatives of its function, within 1e-12", func() {
		rng := rand.New(rand.NewPCG(1, 2))
		for range 300 {
			d, n := bdd.New(), 1+rng.IntN(12)
			s := random(d, rng, n, 3)
			p := make([]float64, n)
			for v := range p {
				p[v] = rng.Float64() / 4
			}
			whole, by := d.Birnbaum(s.f, p)
			Expect(whole).To(relatively(enumerated(s.is, p, 0, 0)))
			Expect(d.Probability(s.f, p)).To(Equal(whole))
			for v := range p {
				up, down := enumerated(s.is, p, 1<<v, 0), enumerated(s.is, p, 0, 1<<v)
				Expect(by[v]).To(BeNumerically("~", up-down, 1e-12*up))
			}
		}
	})

	It("has the minimal cut sets of its function", func() {
		rng := rand.New(rand.NewPCG(3, 4))
		for range 300 {
			d, n := bdd.New(), 1+rng.IntN(10)
			s := random(d, rng, n, 3)
			var want []uint
			for set := range uint(1) << n {
				cut := s.is(set)
				for v := range n {
					cut = cut && (set>>v&1 == 0 || !s.is(set&^(1<<v)))
				}
				if cut {
					want = append(want, set)
				}
			}
			sets := d.CutSets(s.f)
			var got []uint
			sets.Each(n, func(set []int) bool {
				bits := uint(0)
				for _, v := range set {
					bits |= 1 << v
				}
				got = append(got, bits)
				return true
			})
			Expect(got).To(ConsistOf(want))
			orders := make([]float64, n+1)
			for _, set := range want {
				orders[bits.OnesCount(set)]++
			}
			Expect(sets.Orders(n)).To(Equal(orders))
		}
	})

	It("stops where it is told to, and leaves out larger sets", func() {
		d := bdd.New()
		sets := d.CutSets(d.Or(d.Var(0), d.And(d.Var(1), d.Var(2)), d.And(d.Var(1), d.Var(3))))
		var got [][]int
		list := func(most, n int) [][]int {
			got = nil
			sets.Each(most, func(set []int) bool { got = append(got, slices.Clone(set)); return len(got) < n })
			return got
		}
		Expect(list(9, 9)).To(Equal([][]int{{0}, {1, 2}, {1, 3}}))
		Expect(list(1, 9)).To(Equal([][]int{{0}}))
		Expect(list(9, 2)).To(Equal([][]int{{0}, {1, 2}}))
		Expect(sets.Orders(1)).To(Equal([]float64{0, 1}))
	})

	It("of the bridge network with p = 0.9 has 0.97848", func() { // Barlow & Proschan; the closed form is 2p^2 + 2p^3 - 5p^4 + 2p^5
		d := bdd.New()
		a, b, c, x, y := d.Var(0), d.Var(1), d.Var(2), d.Var(3), d.Var(4)
		works := d.Or(d.And(a, b), d.And(c, x), d.And(a, y, x), d.And(c, y, b))
		Expect(d.Probability(works, []float64{.9, .9, .9, .9, .9})).To(relatively(0.97848))
	})

	It("has one reference for each function, whatever its form", func() {
		d := bdd.New()
		a, b, c := d.Var(0), d.Var(1), d.Var(2)
		Expect(d.Or(d.And(a, b), d.And(a, c), d.And(b, c))).To(Equal(d.AtLeast(2, a, b, c)))
		Expect(d.Not(d.And(a, b))).To(Equal(d.Or(d.Not(a), d.Not(b))))
		Expect(d.Not(d.Not(a))).To(Equal(a))
		Expect(d.And(a, d.Not(a))).To(Equal(bdd.False))
		Expect(d.Or(a, d.Not(a))).To(Equal(bdd.True))
		Expect(d.And()).To(Equal(bdd.True))
		Expect(d.Or()).To(Equal(bdd.False))
		Expect(d.AtLeast(0, a)).To(Equal(bdd.True))
		Expect(d.AtLeast(-1)).To(Equal(bdd.True))
		Expect(d.AtLeast(3, a, b)).To(Equal(bdd.False))
		Expect(d.Size(d.AtLeast(2, a, b, c))).To(Equal(4))
		Expect(d.Size(bdd.True)).To(BeZero())
	})

	It("of a constant has the constant's values", func() {
		d := bdd.New()
		whole, by := d.Birnbaum(bdd.True, []float64{0.5})
		Expect(whole).To(Equal(1.0))
		Expect(by).To(Equal([]float64{0}))
		Expect(d.Probability(bdd.False, nil)).To(BeZero())
		Expect(d.CutSets(bdd.False).Orders(2)).To(Equal([]float64{0, 0, 0}))
		Expect(d.CutSets(bdd.True).Orders(2)).To(Equal([]float64{1, 0, 0}))
	})
})
