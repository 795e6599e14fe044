package faulttree_test

import (
	"math"
	"math/bits"
	"math/rand/v2"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	"github.com/onsi/gomega/types"

	"github.com/seed-ab8b6914/spof/reliability/faulttree"
)

// relatively matches a number within 1e-12 of itself.
func relatively(v float64) types.GomegaMatcher { return BeNumerically("~", v, 1e-12*math.Abs(v)) }

var _ = Describe("random trees, by enumeration of all states within 1e-12", func() {
	// compare compares all that an analysis says of a tree, the cut sets excepted, with the enumeration.
	compare := func(s system, a *faulttree.Analysis) {
		u := s.probability(func(set int) bool { return s.is[set] })
		Expect(a.Unavailability).To(relatively(u))
		frequency := 0.0
		importances, err := a.Importances()
		Expect(err).NotTo(HaveOccurred())
		for v, e := range s.t.Events {
			down := func(set int) bool { return s.is[set] }
			up, failed := s.given(v, false, down), s.given(v, true, down)
			rise := s.given(v, true, func(set int) bool { return s.is[set] && !s.is[set&^(1<<v)] })
			fall := s.given(v, true, func(set int) bool { return !s.is[set] && s.is[set&^(1<<v)] })
			frequency += e.Frequency * (rise + fall)
			i := importances[v]
			Expect(i.Event).To(Equal(e.Name))
			Expect(i.Birnbaum).To(BeNumerically("~", rise-fall, 1e-12*(rise+fall)))
			Expect(i.Failures).To(relatively(e.Frequency * (rise + fall)))
			if u > 0 {
				Expect(i.RAW).To(relatively(failed / u))
				Expect(i.Diagnosis).To(relatively(e.Unavailability * failed / u))
				Expect(i.Criticality).To(BeNumerically("~", e.Unavailability*(rise-fall)/u, 1e-12*e.Unavailability*(rise+fall)/u))
			}
			if up > 0 {
				Expect(i.RRW).To(relatively(u / up))
			}
		}
		Expect(a.Frequency).To(relatively(frequency))
	}
	// sets compares the minimal cut sets, and the importance that comes from them.
	sets := func(s system, a *faulttree.Analysis) {
		want := s.cutSets()
		orders := make([]float64, len(s.t.Events)+1)
		for _, set := range want {
			orders[bits.OnesCount(uint(set))]++
		}
		Expect(a.CutSetOrders(len(s.t.Events))).To(Equal(orders))
		list, err := a.CutSets(len(s.t.Events), len(want))
		Expect(err).NotTo(HaveOccurred())
		var got []int
		for _, c := range list {
			set, p := 0, 1.0
			for v, e := range s.t.Events {
				for _, name := range c.Events {
					if name == e.Name {
						set, p = set|1<<v, p*e.Unavailability
					}
				}
			}
			got = append(got, set)
			Expect(c.Probability).To(relatively(p))
		}
		Expect(got).To(ConsistOf(want))
		importances, _ := a.Importances()
		for v := range s.t.Events {
			failed := s.probability(func(set int) bool {
				for _, cut := range want {
					if cut>>v&1 == 1 && set&cut == cut {
						return true
					}
				}
				return false
			})
			Expect(importances[v].FussellVesely).To(relatively(failed / a.Unavailability))
		}
	}

	It("that are coherent", func() {
		rng := rand.New(rand.NewPCG(1, 2))
		for range 80 {
			s := enumerate(random(rng, 2+rng.IntN(10), faulttree.Or, faulttree.And, faulttree.AtLeast))
			a, err := faulttree.Analyse(s.t)
			Expect(err).NotTo(HaveOccurred())
			Expect(a.Coherent).To(BeTrue())
			compare(s, a)
			sets(s, a)
		}
	})

	It("that are not", func() {
		rng := rand.New(rand.NewPCG(3, 4))
		coherent := 0
		for range 80 {
			s := enumerate(random(rng, 2+rng.IntN(10), faulttree.Or, faulttree.And, faulttree.AtLeast, faulttree.Not, faulttree.Xor))
			a, err := faulttree.Analyse(s.t)
			Expect(err).NotTo(HaveOccurred())
			compare(s, a)
			is := true
			for v := range s.t.Events {
				for set := range s.is {
					is = is && (!s.is[set&^(1<<v)] || s.is[set|1<<v])
				}
			}
			Expect(a.Coherent).To(Equal(is))
			if is {
				coherent++
			}
		}
		Expect(coherent).To(And(BeNumerically(">", 5), BeNumerically("<", 75)))
	})

	It("of 20 components", func() {
		rng := rand.New(rand.NewPCG(5, 6))
		for _, kinds := range [][]faulttree.Kind{{faulttree.Or, faulttree.And, faulttree.AtLeast}, {faulttree.Or, faulttree.And, faulttree.AtLeast, faulttree.Not, faulttree.Xor}} {
			s := enumerate(random(rng, 20, kinds...))
			a, err := faulttree.Analyse(s.t)
			Expect(err).NotTo(HaveOccurred())
			Expect(a.Unavailability).To(relatively(s.probability(func(set int) bool { return s.is[set] })))
		}
	})
})
