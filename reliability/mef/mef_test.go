package mef_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/seed-ab8b6914/spof/fuzzcost"
	"github.com/seed-ab8b6914/spof/reason"
	"github.com/seed-ab8b6914/spof/reliability/faulttree"
	"github.com/seed-ab8b6914/spof/reliability/mef"
)

// in makes a file of definitions.
func in(text string) []byte {
	return []byte("<opsa-mef>\n<define-fault-tree name=\"t\">\n" + text + "\n</define-fault-tree>\n</opsa-mef>")
}

var two = `<define-basic-event name="a"><float value="0.1"/></define-basic-event><define-basic-event name="b"><float value="0.2"/></define-basic-event>`

// all are the kinds of gates.
var all = []faulttree.Kind{faulttree.Or, faulttree.And, faulttree.AtLeast, faulttree.Not, faulttree.Xor, faulttree.Pass}

// coherent are those of coherent trees.
var coherent = []faulttree.Kind{faulttree.Or, faulttree.And, faulttree.AtLeast, faulttree.Pass}

// random makes a tree of gates of some kinds, with everything that a file can have. Names are of all kinds, unless they are plain.
func random(rng *rand.Rand, plain bool, kinds ...faulttree.Kind) faulttree.Tree {
	t := faulttree.Tree{Name: "a tree", Top: "top"}
	forms := []string{"e%d", "lb-a/psu %d", "%d", "ä<&>\"%d", "--%d"}
	if plain {
		forms = forms[:1]
	}
	var names []string
	for i := range 4 + rng.IntN(8) {
		name := fmt.Sprintf(forms[rng.IntN(len(forms))], i)
		e := faulttree.Event{Name: name, Unavailability: rng.Float64()}
		if rng.IntN(2) == 0 {
			e.Label, e.Frequency, e.Shares = "the <first> & last", rng.Float64(), []string{"feed \"a\"", "zone 1, rack 2"}
		}
		t.Events, names = append(t.Events, e), append(names, name)
	}
	t.Houses, names = append(t.Houses, faulttree.House{Name: "open", State: rng.IntN(2) == 0}), append(names, "open")
	for i := range 6 {
		g := faulttree.Gate{Name: fmt.Sprintf("g%d", i), Label: "gate", Kind: kinds[rng.IntN(len(kinds))]}
		n := map[faulttree.Kind]int{faulttree.Not: 1, faulttree.Pass: 1, faulttree.Xor: 2}[g.Kind]
		if n == 0 {
			n = 3
		}
		if g.Kind == faulttree.AtLeast {
			g.K = 2
		}
		for _, k := range rng.Perm(len(names))[:n] {
			g.Inputs = append(g.Inputs, names[k])
		}
		t.Gates, names = append(t.Gates, g), append(names, g.Name)
	}
	t.Gates[5].Name = "top"
	var members []string // the last events
	for i := len(t.Events) - 2 - rng.IntN(2); i < len(t.Events); i++ {
		t.Events[i].Unavailability, t.Events[i].Frequency = 0.25, 0.125
		members = append(members, t.Events[i].Name)
	}
	t.Groups = []faulttree.Group{{Name: "power supplies", Model: faulttree.MGL, Members: members, Factors: []float64{0.1, 0.3}[:len(members)-1]}}
	if rng.IntN(2) == 0 {
		t.Groups[0].Model, t.Groups[0].Factors = faulttree.BetaFactor, []float64{0.1}
	}
	return t
}

var _ = Describe("a file", func() {
	It("that was written is read as the same tree", func() {
		rng := rand.New(rand.NewPCG(1, 2))
		for range 200 {
			t := random(rng, false, all...)
			data, err := mef.Write(t)
			Expect(err).NotTo(HaveOccurred())
			Expect(mef.Read("t.xml", data)).To(Equal(t), string(data))
		}
	})

	It("has nested formulas, constants and operators that become gates", func() {
		t, err := mef.Read("t.xml", in(two+`<define-gate name="top"><or><and><event name="a"/><not><event name="b"/></not></and><nand><event name="a"/><event name="b"/></nand>
			<iff><event name="a"/><event name="b"/></iff><imply><event name="a"/><constant value="false"/></imply><nor><event name="b"/></nor></or></define-gate>`))
		Expect(err).NotTo(HaveOccurred())
		Expect(t.Top).To(Equal("top"))
		a, err := faulttree.Analyse(t)
		Expect(err).NotTo(HaveOccurred())
		Expect(a.Unavailability).To(Equal(1.0))
		t, err = mef.Read("t.xml", in(two+`<define-gate name="top"><imply><event name="a"/><event name="b"/></imply></define-gate>`))
		Expect(err).NotTo(HaveOccurred())
		a, err = faulttree.Analyse(t)
		Expect(err).NotTo(HaveOccurred())
		Expect(a.Unavailability).To(BeNumerically("~", 1-0.1*0.8, 1e-15))
	})

	It("has parameters and arithmetic", func() {
		t, err := mef.Read("t.xml", in(`<define-gate name="top"><or><event name="a"/><event name="b"/></or></define-gate>
			<define-basic-event name="a"><exponential><parameter name="rate"/><float value="100"/></exponential></define-basic-event>
			<define-basic-event name="b"><add><mul><int value="2"/><float value="0.1"/></mul><sub><float value="0.3"/><div><float value="0.2"/><int value="2"/></div></sub></add></define-basic-event>
			<define-parameter name="rate" unit="hours-1"><label>per hour</label><pow><float value="0.1"/><neg><int value="-3"/></neg></pow></define-parameter>`))
		Expect(err).NotTo(HaveOccurred())
		Expect(t.Events[0].Unavailability).To(BeNumerically("~", 0.09516258196404043, 1e-15)) // 1 - exp(-0.1)
		Expect(t.Events[1].Unavailability).To(BeNumerically("~", 0.4, 1e-15))
	})

	It("with several tops leaves the choice to the caller", func() {
		t, err := mef.Read("t.xml", in(two+`<define-gate name="x"><event name="a"/></define-gate><define-gate name="y"><event name="b"/></define-gate>`))
		Expect(err).NotTo(HaveOccurred())
		Expect(t.Top).To(BeEmpty())
	})

	DescribeTable("that is wrong is refused with its position", func(text, message string, codes ...string) {
		_, err := mef.Read("t.xml", in(text))
		Expect(err).To(MatchError(HavePrefix(message)))
		Expect(reason.Codes(err)).To(Equal(codes))
	},
		Entry("no XML", `<a`, `t.xml:4:1: expected attribute name`, "bad-xml"),
		Entry("a probability above 1", `<define-gate name="g"><event name="a"/></define-gate>`+"\n"+`<define-basic-event name="a"> <float value="1.5"/></define-basic-event>`,
			`t.xml:4:31: event "a": unavailability 1.5; want 0 to 1`, "not-a-probability"),
		Entry("an unknown name", two+"\n"+`<define-gate name="g"><and><event name="a"/><event name="x"/></and></define-gate>`, `t.xml:4:45: gate "g": input "x" is no event, house or gate`, "unknown-input"),
		Entry("a cycle", two+"\n"+`<define-gate name="g"><and><event name="a"/><gate name="h"/></and></define-gate> <define-gate name="h"><not><gate name="g"/></not></define-gate>`,
			`t.xml:4:1: gate "g": it depends on itself: g <- h <- g`, "gate-cycle"),
		Entry("a gate without inputs", two+"\n"+`<define-gate name="g"><and/></define-gate>`, `t.xml:4:1: gate "g": it has no inputs; want at least one`, "no-inputs"),
		Entry("a gate without a formula", two+`<define-gate name="g"/>`, `t.xml:3:`, "wrong-formula"),
		Entry("a name taken", two+`<define-house-event name="a"/>`, `t.xml:3:`, "name-taken"),
		Entry("no number", `<define-basic-event name="a"><float value="x"/></define-basic-event>`, `t.xml:3:30: "x"; want a number`, "not-a-number"),
		Entry("a parameter that depends on itself", `<define-basic-event name="a"><parameter name="p"/></define-basic-event><define-parameter name="p"><neg><parameter name="p"/></neg></define-parameter>`, `t.xml:3:`, "parameter-cycle"),
		Entry("an unknown parameter", `<define-basic-event name="a"><parameter name="p"/></define-basic-event>`, `t.xml:3:30: parameter "p" is not defined`, "unknown-parameter"),
		Entry("a reference to something else", two+"\n"+`<define-gate name="g"><gate name="a"/></define-gate>`, `t.xml:4:23: <gate name="a">: the name is defined as event`, "wrong-reference"),
		Entry("something unknown", `<define-substitution/>`, `t.xml:3:1: <define-substitution> is not supported here`, "mef-unsupported"),
		Entry("a private name", `<define-component role="private"/>`, `t.xml:3:1: role "private"`, "mef-unsupported"),
		Entry("a text", `hello`, `t.xml:2:29: the text "hello" is in no <label>`, "text-outside-label"),
		Entry("too many levels", strings.Repeat("<not>", 200), `t.xml:3:491: elements are nested more than 100 deep`, "too-deep"),
		Entry("no constant", `<define-house-event name="h"><constant value="yes"/></define-house-event>`, `t.xml:3:30: `, "not-a-constant"),
		Entry("an unknown group", `<define-CCF-group name="c" model="alpha-factor"/>`, `t.xml:3:1: model "alpha-factor"`, "mef-unsupported"),
		Entry("the wrong level", two+"\n"+`<define-CCF-group name="c" model="MGL"><members><basic-event name="a"/><basic-event name="b"/></members><distribution><float value="0.1"/></distribution><factor level="3"><float value="0.1"/></factor></define-CCF-group>`,
			`t.xml:4:154: level "3" of a factor of group "c"; want 2`, "wrong-level"),
	)

	It("with several problems tells all of them", func() {
		_, err := mef.Read("t.xml", in(`<define-gate name="g"><and><event name="x"/><event name="y"/></and></define-gate><define-basic-event name="a"><float value="2"/></define-basic-event>`))
		Expect(strings.Split(err.Error(), "\n")).To(HaveLen(3))
	})

	It("with a document type is refused, so that it has no entities", func() {
		_, err := mef.Read("t.xml", []byte(`<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]><opsa-mef>&a;</opsa-mef>`))
		Expect(reason.Codes(err)).To(Equal([]string{"document-type"}))
		_, err = mef.Read("t.xml", []byte(`<opsa-mef>&a;</opsa-mef>`))
		Expect(reason.Codes(err)).To(Equal([]string{"bad-xml"}))
	})

	It("that is too large is refused", func() {
		_, err := mef.Read("t.xml", make([]byte, mef.MostBytes+1))
		Expect(reason.Codes(err)).To(Equal([]string{"file-too-large"}))
	})

	It("is not written of a text that XML cannot have, or of a wrong tree", func() {
		t := faulttree.Tree{Name: "t", Top: "a", Events: []faulttree.Event{{Name: "a", Label: "\x00"}}}
		_, err := mef.Write(t)
		Expect(reason.Codes(err)).To(Equal([]string{"not-for-xml"}))
		t.Top = "x"
		_, err = mef.Write(t)
		Expect(reason.Codes(err)).To(Equal([]string{"unknown-top"}))
	})
})

func FuzzRead(f *testing.F) {
	f.Add(in(two + `<define-gate name="top"><atleast min="1"><event name="a"/><not><event name="b"/></not></atleast></define-gate>`))
	f.Add(in(`<define-CCF-group name="c" model="beta-factor"><members><basic-event name="a"/><basic-event name="b"/></members><distribution><parameter name="p"/></distribution><factor><float value="0.1"/></factor></define-CCF-group><define-parameter name="p"><float value="0.1"/></define-parameter><define-gate name="g"><xor><event name="a"/><event name="b"/></xor></define-gate>`))
	f.Fuzz(func(t *testing.T, data []byte) {
		fuzzcost.Bound(t)
		tree, err := mef.Read("t.xml", data)
		if err != nil || tree.Top == "" {
			return
		}
		written, err := mef.Write(tree)
		if slices.Equal(reason.Codes(err), []string{"not-for-xml"}) {
			return
		}
		if err != nil {
			t.Fatal(err)
		}
		if _, err = mef.Read("t.xml", written); err != nil {
			t.Fatalf("%v\n%s", err, written)
		}
	})
}
