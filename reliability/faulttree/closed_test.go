package faulttree_test

import (
	"fmt"
	"math"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/seed-ab8b6914/spof/reason"
	"github.com/seed-ab8b6914/spof/reliability/faulttree"
)

// like makes n events a, b, c, ... with an unavailability and a frequency.
func like(n int, q, w float64) (events []faulttree.Event, names []string) {
	for i := range n {
		names = append(names, string(rune('a'+i)))
		events = append(events, faulttree.Event{Name: names[i], Unavailability: q, Frequency: w})
	}
	return events, names
}

// gate is a tree of one gate.
func gate(kind faulttree.Kind, k, n int, q, w float64) faulttree.Tree {
	events, names := like(n, q, w)
	return faulttree.Tree{Top: "top", Events: events, Gates: []faulttree.Gate{{Name: "top", Kind: kind, K: k, Inputs: names}}}
}

func analysed(t faulttree.Tree) *faulttree.Analysis {
	GinkgoHelper()
	a, err := faulttree.Analyse(t)
	Expect(err).NotTo(HaveOccurred())
	return a
}

// bridge is the bridge network: it fails if a and b, c and d, a and e and d, or c and e and b have failed.
func bridge(q float64) faulttree.Tree {
	events, _ := like(5, q, 0.01)
	and := func(name string, inputs ...string) faulttree.Gate {
		return faulttree.Gate{Name: name, Kind: faulttree.And, Inputs: inputs}
	}
	return faulttree.Tree{Top: "top", Events: events, Gates: []faulttree.Gate{
		{Name: "top", Inputs: []string{"left", "right", "down", "up"}},
		and("left", "a", "b"), and("right", "c", "d"), and("down", "a", "e", "d"), and("up", "c", "e", "b"),
	}}
}

var _ = Describe("closed forms", func() {
	DescribeTable("of one gate", func(t faulttree.Tree, unavailability, frequency float64) {
		a := analysed(t)
		Expect(a.Unavailability).To(relatively(unavailability))
		Expect(a.Frequency).To(relatively(frequency))
		Expect(a.MeanOutage()).To(relatively(unavailability / frequency))
		Expect(a.FailuresPerYear()).To(relatively(frequency * 8760))
	},
		Entry("series", gate(faulttree.Or, 0, 3, 0.1, 0.02), 1-0.9*0.9*0.9, 3*0.02*0.9*0.9),
		Entry("parallel", gate(faulttree.And, 0, 3, 0.1, 0.02), 0.001, 3*0.02*0.01),
		Entry("2 of 3", gate(faulttree.AtLeast, 2, 3, 0.1, 0.02), 3*0.01-2*0.001, 3*0.02*2*0.1*0.9),
		Entry("3 of 5: q = 48/4048, w = 1/4048", gate(faulttree.AtLeast, 3, 5, 48.0/4048, 1.0/4048), thirdOfFive(48.0/4048), 5.0/4048*6*math.Pow(48.0/4048, 2)*math.Pow(4000.0/4048, 2)),
	)

	It("3 of 5 with MTBF 4000 h and MTTR 48 h are down 1.6377e-5 of the time", func() { // a crew each
		Expect(analysed(gate(faulttree.AtLeast, 3, 5, 48.0/4048, 1.0/4048)).Unavailability).To(BeNumerically("~", 1.6377e-5, 5e-10))
	})

	It("the bridge network works with 0.97848 at p = 0.9", func() { // 2p^2 + 2p^3 - 5p^4 + 2p^5
		a := analysed(bridge(0.1))
		Expect(1 - a.Unavailability).To(relatively(0.97848))
		sets, err := a.CutSets(3, 10)
		Expect(err).NotTo(HaveOccurred())
		Expect(fmt.Sprint(sets)).To(Equal("[{[a b] 0.010000000000000002 []} {[c d] 0.010000000000000002 []} {[a d e] 0.0010000000000000002 []} {[b c e] 0.0010000000000000002 []}]"))
	})

	It("importances of a component in series with a redundant pair", func() { // S = a or (b and c), all by hand
		t := faulttree.Tree{Top: "top", Events: []faulttree.Event{
			{Name: "a", Unavailability: 0.01}, {Name: "b", Unavailability: 0.1}, {Name: "c", Unavailability: 0.2}, {Name: "spare", Unavailability: 0.5},
		}, Gates: []faulttree.Gate{{Name: "top", Inputs: []string{"a", "pair"}}, {Name: "pair", Kind: faulttree.And, Inputs: []string{"b", "c"}}}}
		a := analysed(t)
		u := 0.01 + 0.99*0.02
		Expect(a.Unavailability).To(relatively(u))
		all, err := a.Importances()
		Expect(err).NotTo(HaveOccurred())
		b := all[1]
		Expect(b.Birnbaum).To(relatively(0.2 * 0.99))
		Expect(b.Criticality).To(relatively(0.1 * 0.2 * 0.99 / u))
		Expect(b.FussellVesely).To(relatively(0.02 / u))
		Expect(b.Diagnosis).To(relatively(0.1 * (0.01 + 0.99*0.2) / u))
		Expect(b.RAW).To(relatively((0.01 + 0.99*0.2) / u))
		Expect(b.RRW).To(relatively(u / 0.01))
		Expect(b.DifferentialUniform).To(relatively(0.2 * 0.99 / (0.98 + 0.99*0.3)))
		Expect(b.Differential).To(relatively(0.02 * 0.99 / (0.01*0.98 + 2*0.02*0.99)))
		Expect(all[3]).To(Equal(faulttree.Importance{Event: "spare", Unavailability: 0.5, Diagnosis: 0.5, RAW: 1, RRW: 1}))
	})

	It("a component that alone decides is needed: RRW is infinite", func() {
		all, err := analysed(faulttree.Tree{Top: "a", Events: []faulttree.Event{{Name: "a", Unavailability: 0.25}}}).Importances()
		Expect(err).NotTo(HaveOccurred())
		Expect(all[0].RRW).To(Equal(math.Inf(1)))
		Expect(all[0].FussellVesely).To(Equal(1.0))
	})

	It("an exclusive or fails by failures and by repairs", func() {
		a := analysed(gate(faulttree.Xor, 0, 2, 0.1, 0.02))
		Expect(a.Unavailability).To(relatively(2 * 0.1 * 0.9))
		Expect(a.Frequency).To(relatively(2 * 0.02))
		Expect(a.Coherent).To(BeFalse())
		all, err := a.Importances()
		Expect(err).NotTo(HaveOccurred())
		Expect(all[0].Birnbaum).To(relatively(0.8))
		Expect(math.IsNaN(all[0].FussellVesely)).To(BeTrue())
		_, err = a.CutSets(2, 10)
		Expect(reason.Codes(err)).To(Equal([]string{"not-coherent"}))
	})

	It("houses decide at once", func() {
		t := gate(faulttree.And, 0, 2, 0.1, 0)
		t.Houses = []faulttree.House{{Name: "on", State: true}, {Name: "off"}}
		t.Gates[0].Inputs = append(t.Gates[0].Inputs, "on")
		Expect(analysed(t).Unavailability).To(relatively(0.01))
		t.Gates[0].Inputs[2] = "off"
		a := analysed(t)
		Expect(a.Unavailability).To(BeZero())
		Expect(a.MeanOutage()).To(BeZero())
		Expect(a.CutSets(2, 10)).To(BeEmpty())
	})
})

// thirdOfFive is the probability that at least 3 of 5 have failed.
func thirdOfFive(q float64) float64 {
	p := 1 - q
	return 10*q*q*q*p*p + 5*q*q*q*q*p + q*q*q*q*q
}
