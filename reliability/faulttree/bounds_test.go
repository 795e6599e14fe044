package faulttree_test

import (
	"math/rand/v2"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/seed-ab8b6914/spof/reliability/faulttree"
	"github.com/seed-ab8b6914/spof/reliability/faulttree/faulttreetest"
)

var _ = Describe("bounds of the unavailability", func() {
	It("hold for random trees", func() {
		rng := rand.New(rand.NewPCG(11, 12))
		narrow := 0
		for i := range 500 {
			kinds := []faulttree.Kind{faulttree.Or, faulttree.And, faulttree.AtLeast, faulttree.Not, faulttree.Xor}
			if i%2 == 0 {
				kinds = kinds[:3]
			}
			t := random(rng, 8, kinds...)
			a, err := faulttree.Analyse(t)
			Expect(err).NotTo(HaveOccurred())
			low, high, err := t.Bounds()
			Expect(err).NotTo(HaveOccurred())
			Expect(a.Unavailability).To(And(BeNumerically(">=", low-1e-12), BeNumerically("<=", high+1e-12)), "%+v", t)
			if high-low < 0.5 {
				narrow++
			}
		}
		Expect(narrow).To(BeNumerically(">", 100), "bounds that say something")
	})

	It("are exact where nothing is shared, and near where little is", func() {
		tree := faulttree.Tree{Top: "top", Events: []faulttree.Event{{Name: "a", Unavailability: 0.1}, {Name: "b", Unavailability: 0.2}, {Name: "c", Unavailability: 0.3}},
			Gates: []faulttree.Gate{{Name: "top", Kind: faulttree.Or, Inputs: []string{"a", "both"}}, {Name: "both", Kind: faulttree.And, Inputs: []string{"b", "c"}}}}
		low, high, err := tree.Bounds()
		Expect(err).NotTo(HaveOccurred())
		Expect([]float64{low, high}).To(HaveEach(BeNumerically("~", 1-0.9*0.94, 1e-15)))
		zones := faulttreetest.Zones(1)
		a, err := faulttree.Analyse(zones)
		Expect(err).NotTo(HaveOccurred())
		low, high, err = zones.Bounds()
		Expect(err).NotTo(HaveOccurred())
		Expect(low).To(BeNumerically("<=", a.Unavailability))
		Expect(high).To(And(BeNumerically(">=", a.Unavailability), BeNumerically("<", 1)))
	})
})
