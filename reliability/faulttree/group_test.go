package faulttree_test

import (
	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/seed-ab8b6914/spof/reason"
	"github.com/seed-ab8b6914/spof/reliability/faulttree"
)

var _ = Describe("a group", func() {
	It("by the beta factor fails alone or as a whole", func() {
		t := gate(faulttree.And, 0, 3, 0.1, 0.02)
		t.Groups = []faulttree.Group{{Name: "g", Members: []string{"a", "b", "c"}, Factors: []float64{0.2}}}
		a := analysed(t)
		Expect(a.Unavailability).To(relatively(0.02 + 0.98*0.08*0.08*0.08))
		Expect(a.Frequency).To(relatively(0.004*(1-0.08*0.08*0.08) + 3*0.016*0.08*0.08*0.98))
		var names []string
		for _, e := range a.Events {
			names = append(names, e.Name)
		}
		Expect(names).To(Equal([]string{"[a]", "[b]", "[c]", "[a b c]"}))
		sets, err := a.CutSets(1, 10)
		Expect(err).NotTo(HaveOccurred())
		Expect(sets).To(HaveLen(1))
		Expect(sets[0].Events).To(Equal([]string{"[a b c]"}))
	})

	It("by MGL fails alone, in pairs, or as a whole", func() {
		t := gate(faulttree.And, 0, 3, 0.1, 0.02)
		t.Groups = []faulttree.Group{{Name: "g", Model: faulttree.MGL, Members: []string{"a", "b", "c"}, Factors: []float64{0.2, 0.3}}}
		a := analysed(t)
		parts := map[string]float64{} // NUREG/CR-4780: Q1 = (1-b)Q, Q2 = b(1-g)Q/2, Q3 = bgQ
		for _, e := range a.Events {
			parts[e.Name] = e.Unavailability
			Expect(e.Frequency).To(relatively(0.2 * e.Unavailability))
		}
		Expect(parts).To(HaveLen(7))
		Expect(parts["[b]"]).To(relatively(0.8 * 0.1))
		Expect(parts["[a c]"]).To(relatively(0.2 * 0.7 * 0.1 / 2))
		Expect(parts["[a b c]"]).To(relatively(0.2 * 0.3 * 0.1))
	})

	It("shares what all of its members share", func() {
		t := gate(faulttree.And, 0, 2, 0.1, 0)
		t.Events[0].Shares, t.Events[1].Shares = []string{"feed", "rack"}, []string{"zone", "feed"}
		a := analysed(t)
		sets, err := a.CutSets(2, 10)
		Expect(err).NotTo(HaveOccurred())
		Expect(sets[0].Shares).To(Equal([]string{"feed"}))
		t.Groups = []faulttree.Group{{Name: "g", Members: []string{"a", "b"}, Factors: []float64{0.2}}}
		Expect(analysed(t).Events[2].Shares).To(Equal([]string{"feed"}))
	})
})

var _ = Describe("a tree with problems", func() {
	DescribeTable("is refused", func(change func(t *faulttree.Tree), message, code string) {
		t := gate(faulttree.And, 0, 2, 0.1, 0)
		change(&t)
		_, err := faulttree.Analyse(t)
		Expect(err).To(MatchError(message))
		Expect(reason.Codes(err)).To(Equal([]string{code}))
	},
		Entry("a probability above 1", func(t *faulttree.Tree) { t.Events[0].Unavailability = 1.5 }, `event "a": unavailability 1.5; want 0 to 1`, "not-a-probability"),
		Entry("a negative frequency", func(t *faulttree.Tree) { t.Events[0].Frequency = -1 }, `event "a": -1 failures per hour; want 0 or more`, "not-a-frequency"),
		Entry("an unknown input", func(t *faulttree.Tree) { t.Gates[0].Inputs[1] = "x" }, `gate "top": input "x" is no event, house or gate`, "unknown-input"),
		Entry("an input twice", func(t *faulttree.Tree) { t.Gates[0].Inputs[1] = "a" }, `gate "top": input "a" is there twice`, "input-twice"),
		Entry("no inputs", func(t *faulttree.Tree) { t.Gates[0].Inputs = nil }, `gate "top": it has no inputs; want at least one`, "no-inputs"),
		Entry("too many inputs", func(t *faulttree.Tree) { t.Gates[0].Kind = faulttree.Not }, `gate "top": not of 2 inputs; want 1`, "wrong-inputs"),
		Entry("a wrong threshold", func(t *faulttree.Tree) { t.Gates[0].Kind, t.Gates[0].K = faulttree.AtLeast, 3 }, `gate "top": at least 3 of 2 inputs; want 1 to 2`, "wrong-threshold"),
		Entry("an unknown kind", func(t *faulttree.Tree) { t.Gates[0].Kind = 9 }, `gate "top": kind 9; want 0 (or) to 5 (pass)`, "unknown-gate-kind"),
		Entry("a cycle", func(t *faulttree.Tree) {
			t.Gates[0].Inputs[1] = "x"
			t.Gates = append(t.Gates, faulttree.Gate{Name: "x", Inputs: []string{"top"}})
		}, `gate "top": it depends on itself: top <- x <- top`, "gate-cycle"),
		Entry("a name taken", func(t *faulttree.Tree) { t.Houses = []faulttree.House{{Name: "a"}} }, `house "a": the name is already that of an event`, "name-taken"),
		Entry("no name", func(t *faulttree.Tree) { t.Houses = []faulttree.House{{}} }, `house "": want a name`, "empty-name"),
		Entry("an unknown top", func(t *faulttree.Tree) { t.Name, t.Top = "t", "x" }, `tree "t": its top "x" is no gate and no event`, "unknown-top"),
		Entry("a group of one", func(t *faulttree.Tree) {
			t.Groups = []faulttree.Group{{Name: "g", Members: []string{"a"}, Factors: []float64{0.1}}}
		}, `group "g": 1 members; want 2 to 12`, "group-size"),
		Entry("an unknown member", func(t *faulttree.Tree) {
			t.Groups = []faulttree.Group{{Name: "g", Members: []string{"a", "x"}, Factors: []float64{0.1}}}
		}, `group "g": member "x" is no event`, "unknown-member"),
		Entry("unlike members", func(t *faulttree.Tree) {
			t.Events[0].Unavailability = 0.5
			t.Groups = []faulttree.Group{{Name: "g", Members: []string{"a", "b"}, Factors: []float64{0.1}}}
		}, `group "g": members "a" and "b" differ in unavailability or frequency; want the same`, "unlike-members"),
		Entry("too many factors", func(t *faulttree.Tree) {
			t.Groups = []faulttree.Group{{Name: "g", Model: faulttree.MGL, Members: []string{"a", "b"}, Factors: []float64{0.1, 0.1}}}
		}, `group "g": 2 factors; want 1 to 1`, "wrong-factors"),
		Entry("a wrong factor", func(t *faulttree.Tree) {
			t.Groups = []faulttree.Group{{Name: "g", Members: []string{"a", "b"}, Factors: []float64{-0.1}}}
		}, `group "g": factor -0.1; want 0 to 1`, "not-a-probability"),
		Entry("an unknown model", func(t *faulttree.Tree) {
			t.Groups = []faulttree.Group{{Name: "g", Model: 7, Members: []string{"a", "b"}, Factors: []float64{0.1}}}
		}, `group "g": model 7; want 0 (beta factor) or 1 (MGL)`, "unknown-model"),
	)

	It("is refused with all of them", func() {
		t := gate(faulttree.And, 0, 2, 2, -1)
		Expect(t.Problems()).To(HaveLen(4))
	})

	It("lists no more cut sets than it is asked for", func() {
		_, err := analysed(gate(faulttree.Or, 0, 3, 0.1, 0)).CutSets(1, 2)
		Expect(err).To(MatchError("3 minimal cut sets of at most 1 events; at most 2 can be listed: ask for smaller ones"))
	})
})
