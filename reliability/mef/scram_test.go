package mef_test

import (
	"encoding/xml"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	"github.com/onsi/gomega/types"

	"github.com/seed-ab8b6914/spof/reliability/component"
	"github.com/seed-ab8b6914/spof/reliability/faulttree"
	"github.com/seed-ab8b6914/spof/reliability/mef"
	"github.com/seed-ab8b6914/spof/reliability/system"
	"github.com/seed-ab8b6914/spof/topology"
)

// report is what SCRAM says of a tree. It prints six digits.
type report struct {
	Sums        []sum `xml:"results>sum-of-products"`
	Importances []struct {
		Name   string       `xml:"name,attr"`
		Basic  []importance `xml:"basic-event"`
		Shared []importance `xml:"ccf-event"`
	} `xml:"results>importance"`
}

type sum struct {
	Name     string `xml:"name,attr"`
	Products []struct {
		events
		Probability float64 `xml:"probability,attr"`
	} `xml:"product"`
}

type importance struct {
	events
	Name string  `xml:"name,attr"`
	MIF  float64 `xml:"MIF,attr"`
	CIF  float64 `xml:"CIF,attr"`
	DIF  float64 `xml:"DIF,attr"`
	RAW  float64 `xml:"RAW,attr"`
	RRW  float64 `xml:"RRW,attr"`
}

// events are those of a set.
type events struct {
	Basic []struct {
		Name string `xml:"name,attr"`
	} `xml:"basic-event"`
	Shared []struct {
		Basic []struct {
			Name string `xml:"name,attr"`
		} `xml:"basic-event"`
	} `xml:"ccf-event"`
}

// scram gives SCRAM's report of a tree, with the cut sets of up to order events.
func scram(t faulttree.Tree, order int, options ...string) report {
	GinkgoHelper()
	data, err := mef.Write(t)
	Expect(err).NotTo(HaveOccurred())
	dir := GinkgoT().TempDir()
	model, out := filepath.Join(dir, "model.xml"), filepath.Join(dir, "report.xml")
	Expect(os.WriteFile(model, data, 0o600)).To(Succeed())
	args := append([]string{"--bdd", "--probability", "1", "--importance", "1", "--ccf", "1", "--limit-order", strconv.Itoa(order), "-o", out, model}, options...)
	said, err := exec.Command("scram", args...).CombinedOutput()
	Expect(err).NotTo(HaveOccurred(), "%s\n%s", said, data)
	text, err := os.ReadFile(out)
	Expect(err).NotTo(HaveOccurred())
	var r report
	Expect(xml.Unmarshal(text, &r)).To(Succeed())
	return r
}

// digits matches a number that was printed with six digits.
func digits(v float64) types.GomegaMatcher { return BeNumerically("~", v, 1e-5*math.Abs(v)) }

// names gives the events of a set by the names that faulttree gives them.
func (e events) names() (all []string) {
	for _, b := range e.Basic {
		all = append(all, b.Name)
	}
	for _, s := range e.Shared {
		all = append(all, events{Basic: s.Basic}.shared())
	}
	slices.Sort(all)
	return all
}

// shared is the name of the event that all of these members fail together.
func (e events) shared() string {
	var members []string
	for _, b := range e.Basic {
		members = append(members, b.Name)
	}
	return "[" + strings.Join(members, " ") + "]"
}

// off is how far SCRAM's probability of a tree is from u, to six digits of the difference. A report has six digits of the probability itself; but it
// also has Birnbaum's measure (MIF), a difference, here that of a switch between the tree and an event with the probability u. (Its sign is wrong where SCRAM's diagram is negated.)
func off(t faulttree.Tree, u float64) float64 {
	GinkgoHelper()
	t.Events = append(slices.Clone(t.Events), faulttree.Event{Name: "switch", Unavailability: 0.5}, faulttree.Event{Name: "reference", Unavailability: u})
	t.Gates = append(slices.Clone(t.Gates),
		faulttree.Gate{Name: "tree", Kind: faulttree.And, Inputs: []string{"switch", t.Top}},
		faulttree.Gate{Name: "back", Kind: faulttree.Not, Inputs: []string{"switch"}},
		faulttree.Gate{Name: "other", Kind: faulttree.And, Inputs: []string{"back", "reference"}},
		faulttree.Gate{Name: "whole", Kind: faulttree.Or, Inputs: []string{"tree", "other"}})
	t.Top = "whole"
	for _, top := range scram(t, 2, "--prime-implicants").Importances {
		i := slices.IndexFunc(top.Basic, func(i importance) bool { return i.Name == "switch" })
		if top.Name == "whole" && i >= 0 {
			return math.Abs(top.Basic[i].MIF)
		}
	}
	Fail("SCRAM says nothing of the switch")
	return 0
}

// given is a tree in which an event has a probability.
func given(t faulttree.Tree, event int, q float64) faulttree.Tree {
	t.Events = slices.Clone(t.Events)
	t.Events[event].Unavailability = q
	return t
}

var _ = Describe("beside SCRAM", Ordered, func() {
	BeforeAll(func() {
		if _, err := exec.LookPath("scram"); err != nil {
			if os.Getenv("CI") == "true" {
				Fail("scram is not installed: under CI=true its specs must run")
			}
			Skip("scram is not installed (Debian: apt-get install scram)")
		}
	})

	It("random trees have the same probability within 1e-9, whole and with an event given", func() {
		rng := rand.New(rand.NewPCG(7, 8))
		for i := range 12 {
			kinds := all
			if i%2 == 0 {
				kinds = coherent
			}
			t := random(rng, true, kinds...)
			a, err := faulttree.Analyse(t)
			Expect(err).NotTo(HaveOccurred())
			if a.Unavailability < 1e-6 || a.Unavailability > 1-1e-6 {
				continue // a constant, by the house
			}
			Expect(off(t, a.Unavailability)).To(BeNumerically("~", 0, 1e-9*a.Unavailability))
			if i == 0 {
				Expect(off(t, a.Unavailability*(1+1e-8))).To(BeNumerically("~", 1e-8*a.Unavailability, 1e-9*a.Unavailability), "a difference would be seen")
			}
			importances, err := a.Importances()
			Expect(err).NotTo(HaveOccurred())
			own := importances[0] // the groups come last
			if up := own.RAW * a.Unavailability; up < 1-1e-6 {
				Expect(off(given(t, 0, 1), up)).To(BeNumerically("~", 0, 1e-9*up))
			}
			down := a.Unavailability / own.RRW
			Expect(off(given(t, 0, 0), down)).To(BeNumerically("~", 0, 1e-9*down))
		}
	})

	It("all coherent bundled designs have the same probability within 1e-9, and the same cut sets", func() {
		coherent := 0
		for _, name := range topology.Designs() {
			design, err := topology.Load(name)
			Expect(err).NotTo(HaveOccurred())
			s, err := system.New(design, component.Library())
			Expect(err).NotTo(HaveOccurred())
			t := s.Tree(name, s.AnyDown)
			a, err := faulttree.Analyse(t)
			Expect(err).NotTo(HaveOccurred())
			if !a.Coherent {
				continue
			}
			coherent++
			Expect(off(t, a.Unavailability)).To(BeNumerically("~", 0, 1e-9*a.Unavailability), name)
			sameCutSets(numbered(t), 5) // two designs have 262144 sets of 6
		}
		Expect(coherent).To(BeNumerically(">", 10))
	})

	It("random coherent trees have the same cut sets and importances, to the six digits of a report", func() {
		rng := rand.New(rand.NewPCG(9, 10))
		for range 12 {
			t := random(rng, true, coherent...)
			a, err := faulttree.Analyse(t)
			Expect(err).NotTo(HaveOccurred())
			if a.Unavailability == 0 || a.Unavailability == 1 {
				continue // by the house
			}
			r := sameCutSets(t, 50)
			importances, err := a.Importances()
			Expect(err).NotTo(HaveOccurred())
			of := r.importances(t.Top)
			for _, own := range importances {
				i, named := of[own.Event]
				if !named { // SCRAM names only events of cut sets
					Expect(own.Birnbaum).To(BeZero())
					continue
				}
				Expect(i.MIF).To(digits(own.Birnbaum))
				Expect(i.CIF).To(digits(own.Criticality))
				Expect(i.DIF).To(digits(own.Diagnosis))
				Expect(i.RAW).To(digits(own.RAW))
				if !math.IsInf(own.RRW, 1) {
					Expect(i.RRW).To(digits(own.RRW))
				}
			}
		}
	})
})

// sameCutSets compares the minimal cut sets, and gives SCRAM's report.
func sameCutSets(t faulttree.Tree, order int) report {
	GinkgoHelper()
	a, err := faulttree.Analyse(t)
	Expect(err).NotTo(HaveOccurred())
	r := scram(t, order)
	sets, err := a.CutSets(order, 1e6)
	Expect(err).NotTo(HaveOccurred())
	theirs := map[string]float64{}
	for _, p := range r.sum(t.Top).Products {
		theirs[fmt.Sprint(p.names())] = p.Probability
	}
	Expect(theirs).To(HaveLen(len(sets)), t.Name)
	for _, c := range sets {
		slices.Sort(c.Events)
		if got, ok := theirs[fmt.Sprint(c.Events)]; !ok || math.Abs(got-c.Probability) > 1e-5*c.Probability {
			Expect(theirs).To(HaveKeyWithValue(fmt.Sprint(c.Events), digits(c.Probability)))
		}
	}
	return r
}

// numbered gives the same tree with names that are identifiers of the format, so that a report has them too.
func numbered(t faulttree.Tree) faulttree.Tree {
	names := map[string]string{}
	t.Events, t.Gates = slices.Clone(t.Events), slices.Clone(t.Gates)
	for i := range t.Events {
		names[t.Events[i].Name] = fmt.Sprint("e", i)
		t.Events[i].Name = fmt.Sprint("e", i)
	}
	for i, g := range t.Gates {
		names[g.Name] = fmt.Sprint("g", i)
		t.Gates[i].Name, t.Gates[i].Inputs = fmt.Sprint("g", i), slices.Clone(g.Inputs)
	}
	for _, g := range t.Gates {
		for i := range g.Inputs {
			g.Inputs[i] = names[g.Inputs[i]]
		}
	}
	t.Top = names[t.Top]
	return t
}

// sum is what a report says of a top.
func (r report) sum(top string) sum {
	return r.Sums[slices.IndexFunc(r.Sums, func(s sum) bool { return s.Name == top })]
}

// importances gives the importances for a top, by event.
func (r report) importances(top string) map[string]importance {
	of := map[string]importance{}
	for _, t := range r.Importances {
		if t.Name != top {
			continue
		}
		for _, i := range t.Basic {
			of[i.Name] = i
		}
		for _, i := range t.Shared {
			of[i.shared()] = i
		}
	}
	return of
}
