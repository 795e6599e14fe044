package planner

import (
	"slices"
	"strings"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/seed-ab8b6914/spof/reliability/dist"
	"github.com/seed-ab8b6914/spof/reliability/system"
	"github.com/seed-ab8b6914/spof/topology"
)

// studied is the study of a bundled design.
func studied(design string) *study {
	GinkgoHelper()
	p, err := planOf("plan: a\ndesigns: {x: {topology: " + design + "}}")
	Expect(err).NotTo(HaveOccurred())
	all, err := p.studies()
	Expect(err).NotTo(HaveOccurred())
	return all[0]
}

// lost is a logic of truth values after the loss of components.
type lost map[topology.Component]bool

func (l lost) Lost(c topology.Component) bool { return l[c] }
func (lost) And(all ...bool) bool             { return !slices.Contains(all, false) }
func (lost) Or(all ...bool) bool              { return slices.Contains(all, true) }
func (lost) Not(a bool) bool                  { return !a }
func (lost) AtLeast(k int, all ...bool) bool {
	return len(slices.DeleteFunc(slices.Clone(all), func(a bool) bool { return !a })) >= k
}

func (lost) If(c bool, then, otherwise func() bool) bool {
	if c {
		return then()
	}
	return otherwise()
}

// lose takes away what an event takes away in a design without power; true: it stands outside, and cuts everyone off.
func (l lost) lose(t *topology.Topology, e system.Event) (outside bool) {
	_, name, _ := strings.Cut(e.Name, " ")
	node, service, inNode := strings.Cut(name, "/")
	switch {
	case e.Common:
		of := strings.Fields(e.Name)
		kind := map[string]string{"node": topology.KindNode, "system": topology.KindNode, "vrrp": topology.KindVRRP}[of[1]]
		for _, c := range t.Components() {
			n, _ := t.Node(c.Node)
			s, _ := n.Service(c.Name)
			if c.Kind == kind || kind == "" && c.Kind == topology.KindService && string(s.Engine) == of[2] {
				l[c] = true
			}
		}
	case e.Demand && inNode:
		l[topology.Component{Kind: topology.KindFailover, Name: service, Node: node}] = true
	case e.Demand:
		l[topology.Component{Kind: topology.KindFailover, Name: name}] = true
	case e.Of == topology.Component{}:
		return true
	default:
		l[e.Of] = true
	}
	return false
}

var _ = DescribeTable("the cut sets of a design in which a loss may restore service", func(design string) {
	s := studied(design)
	Expect(s.Diagrams.Coherent(s.AnyDown)).To(BeFalse())
	pessimistic := s.Pessimistic(s.AnyDown)
	all := s.cutSets()
	Expect(all).To(HaveLen(mostCutSets))
	Expect(all).To(ContainElement(HaveField("Names", HaveLen(2))))
	for _, set := range all {
		gone, outside, p, hours := lost{}, false, make([]float64, len(s.Events)), dist.Year
		var events []int
		for _, name := range set.Names {
			i := slices.IndexFunc(s.Events, func(e system.Event) bool { return e.Name == name })
			events, p[i], hours = append(events, i), 1, hours*s.Events[i].Unavailability
			outside = gone.lose(s.Topology, s.Events[i]) || outside
		}
		Expect(set.Hours).To(BeNumerically("~", hours, 1e-9*hours))
		structure := topology.NewStructure(s.Topology, gone)
		cut := slices.ContainsFunc(s.Topology.Users, func(g topology.Group) bool { return !structure.Settled(g) })
		Expect(cut || outside).To(BeTrue(), "%q cuts nobody off", set.Names)
		Expect(s.Diagrams.Probability(pessimistic, p)).To(Equal(1.0))
		for _, i := range events {
			p[i] = 0
			Expect(s.Diagrams.Probability(pessimistic, p)).To(BeZero(), "%q is not minimal: %s can be left out", set.Names, s.Events[i].Name)
			p[i] = 1
		}
	}
},
	Entry(nil, "active-active"),
	Entry(nil, "dual-wan"),
)

var _ = Describe("importance", func() {
	It("is by the formulas of the fault tree", func() {
		s := studied("active-passive")
		down, _ := s.hours(bestGuess, 1)
		for _, one := range s.importance() {
			i := slices.IndexFunc(s.Events, func(e system.Event) bool { return e.Name == one.Name })
			at := func(p float64) float64 { // the outage if the event has the probability p
				all := s.probabilities(bestGuess)
				all[i] = p
				return s.Diagrams.Probability(s.Groups[0].Down, all) * dist.Year
			}
			Expect(one.RAW).To(BeNumerically("~", at(1)/down, 1e-9*one.RAW), one.Name)
			Expect(one.RRW).To(BeNumerically("~", down/at(0), 1e-9*one.RRW), one.Name)
			Expect(one.Hours).To(BeNumerically("~", down-at(0), 1e-9*down), one.Name)
		}
	})
})
