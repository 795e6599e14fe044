package bdd_test

import (
	"math/bits"
	"math/rand/v2"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/seed-ab8b6914/spof/reliability/bdd"
)

var _ = Describe("an evaluator", func() {
	// each calls a function for random systems of n variables, also incoherent ones.
	each := func(check func(d *bdd.Diagrams, n int, s formula)) {
		rng := rand.New(rand.NewPCG(8, 9))
		for i := range 60 {
			d, n := bdd.New(), 2+rng.IntN(6)
			s := random(d, rng, n, 3)
			if i%2 == 0 {
				a, b := s, random(d, rng, n, 2)
				s = formula{d.Xor(a.f, b.f), func(set uint) bool { return a.is(set) != b.is(set) }}
			}
			check(d, n, s)
		}
	}
	falses := func(set uint) []uint64 { return []uint64{^uint64(set)} }

	It("says what the function says", func() {
		each(func(d *bdd.Diagrams, n int, s formula) {
			e := d.Evaluator(bdd.True, s.f, d.Not(s.f))
			for set := range uint(1) << n {
				Expect([]bool{e.Holds(0, falses(set)), e.Holds(1, falses(set)), e.Holds(2, falses(set))}).To(Equal([]bool{true, s.is(set), !s.is(set)}))
			}
		})
	})

	It("counts what is missing", func() {
		each(func(d *bdd.Diagrams, n int, s formula) {
			e, may := d.Evaluator(s.f), make([]bool, n)
			for v := range n {
				may[v] = v%3 > 0
			}
			for set := range uint(1) << n {
				least := -1
				for more := range uint(1) << n {
					added := more &^ set
					allowed := true
					for v := range n {
						allowed = allowed && (added>>v&1 == 0 || may[v])
					}
					if c := bits.OnesCount(added); allowed && s.is(set|more) && (least < 0 || c < least) {
						least = c
					}
				}
				Expect(e.Distance(0, falses(set), may)).To(Equal(least))
			}
		})
	})

	It("knows functions with a value given, or with any value", func() {
		each(func(d *bdd.Diagrams, n int, s formula) {
			fixed, free := d.Fix(s.f, 1, true), func(v int) bool { return v < 2 }
			e := d.Evaluator(fixed, d.Fix(s.f, 1, false), d.Possible(s.f, free))
			for set := range uint(1) << n {
				any := s.is(set|3) || s.is((set|1)&^2) || s.is(set&^1|2) || s.is(set&^3)
				Expect([]bool{e.Holds(0, falses(set)), e.Holds(1, falses(set)), e.Holds(2, falses(set))}).To(Equal([]bool{s.is(set | 2), s.is(set &^ 2), any}))
			}
		})
	})
})
