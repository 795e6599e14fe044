package system_test

import (
	"slices"
	"strings"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/seed-ab8b6914/spof/reliability/component"
	"github.com/seed-ab8b6914/spof/reliability/faulttree"
	"github.com/seed-ab8b6914/spof/reliability/system"
	"github.com/seed-ab8b6914/spof/topology"
)

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

// takes gives the components of the design that an event of the table few takes away.
func takes(s *system.System, e system.Event) (all []topology.Component) {
	what, name, _ := strings.Cut(e.Name, " ")
	node, part, inNode := strings.Cut(name, "/")
	switch {
	case strings.HasPrefix(e.Name, "common proxy "):
		version, parts, some := strings.Cut(strings.TrimPrefix(e.Name, "common proxy "), ": ")
		for _, c := range s.Topology.Components() {
			if c.Kind == topology.KindService && c.Name == version && (!some || slices.Contains(strings.Split(parts, " + "), c.Node+"/"+c.Name)) {
				all = append(all, c)
			}
		}
		return all
	case what == "generator":
		return []topology.Component{{Kind: topology.KindGenerator, Name: strings.TrimSuffix(name, " on demand")}}
	case what == "transfer-switch":
		return []topology.Component{{Kind: topology.KindTransfer, Name: name}}
	case what == "feed":
		return []topology.Component{{Kind: topology.KindDistribution, Name: name}}
	case e.Name == topology.Mains:
		return []topology.Component{{Kind: topology.KindMains, Name: topology.Mains}}
	case e.Demand && inNode:
		return []topology.Component{{Kind: topology.KindFailover, Name: part, Node: node}}
	case e.Demand:
		return []topology.Component{{Kind: topology.KindFailover, Name: name}}
	case inNode:
		return []topology.Component{{Kind: what, Name: part, Node: node}}
	}
	return []topology.Component{{Kind: what, Name: name}}
}

var _ = DescribeTable("a system agrees with the enumeration of all its events, within 1e-12", func(design, more string) {
	s := of(design, table(more))
	var events []system.Event
	for _, e := range s.Events {
		if e.Unavailability > 0 {
			events = append(events, e)
		}
	}
	Expect(len(events)).To(BeNumerically("<=", 17), "events that are possible")
	down, any := make([]float64, len(s.Groups)), 0.0
	for set := range 1 << len(events) {
		p, gone := 1.0, lost{}
		for i, e := range events {
			if set>>i&1 == 0 {
				p *= 1 - e.Unavailability
				continue
			}
			p *= e.Unavailability
			for _, c := range takes(s, e) {
				gone[c] = true
			}
		}
		structure, served := topology.NewStructure(s.Topology, gone), true
		for i := range s.Groups {
			if !structure.Settled(s.Topology.Users[i]) {
				down[i] += p
				served = false
			}
		}
		if !served {
			any += p
		}
	}
	for i, g := range s.Groups {
		Expect(s.Unavailability(g.Down)).To(relatively(down[i]), g.Name)
	}
	Expect(s.Unavailability(s.AnyDown)).To(relatively(any))
},
	Entry(nil, "single", ""),
	Entry(nil, "dual-psu", ""),
	Entry(nil, "active-passive", ""),
	Entry(nil, "shared-cooling", "kinds: {wan: {failure: never}}"),
	Entry(nil, "active-active", "kinds: {psu: {failure: never}, node: {failure: never}}"),
	Entry(nil, "dual-wan", "kinds: {psu: {failure: never}}"),
	Entry(nil, "dual-wan-parents", "kinds: {psu: {failure: never}}"),
	Entry(nil, "generator-backed", "kinds: {node: {failure: never}, wan: {failure: never}, proxy: {failure: never}}"),
	Entry(nil, "pac-failover", ""),
	Entry(nil, "dns-failover", "kinds: {psu: {failure: never}}"),
	Entry(nil, "dns-pair", "kinds: {psu: {failure: never}, node: {failure: never}}"),
	Entry("with groups of three", "active-active", "kinds: {psu: {failure: never}, node: {failure: never}, proxy: {gamma: 50%}}"),
	Entry("with groups of four", "dual-wan-parents",
		"kinds: {psu: {failure: never}, node: {failure: never}, wan: {failure: never}, parent-failover: {coverage: 100%}, proxy: {gamma: 50%, delta: 40%}}"),
	Entry(nil, "rotating-pool", "kinds: {psu: {failure: never}, node: {failure: never}}"),
)

var _ = Describe("common causes of some of a kind", func() {
	// NUREG/CR-4780, appendix C, of four parts with q = 0.02.
	DescribeTable("have the parts of the multiple Greek letters", func(letters string, alone, two, three, four float64) {
		s := of("dual-wan-parents", table("kinds: {proxy: {"+letters+"}}"))
		want, sum := map[int]float64{1: alone, 2: two, 3: three, 4: four}, 0.0
		for _, e := range s.Events {
			if e.Kind != "proxy" {
				continue
			}
			gone := len(takes(s, e))
			Expect(e.Unavailability).To(relatively(proxy*want[gone]), e.Name)
			Expect(e.Frequency).To(relatively(want[gone]/50), e.Name)
			if slices.ContainsFunc(takes(s, e), func(c topology.Component) bool { return c.Node == "proxy-a" }) {
				sum += e.Unavailability
			}
		}
		Expect(sum).To(relatively(proxy), "that of one part")
	},
		Entry("beta alone", "beta: 10%", 0.9, 0.0, 0.0, 0.1),
		Entry("beta and gamma", "beta: 10%, gamma: 50%", 0.9, 0.1*0.5/3, 0.0, 0.1*0.5),
		Entry("beta, gamma and delta", "beta: 10%, gamma: 50%, delta: 40%", 0.9, 0.1*0.5/3, 0.1*0.5*0.6/3, 0.1*0.5*0.4),
	)
})

var _ = Describe("the fault tree of a system", func() {
	It("says the same of every bundled design", func() {
		coherent := 0
		for _, name := range topology.Designs() {
			s := of(name, component.Library())
			a, err := faulttree.Analyse(s.Tree(name, s.AnyDown))
			Expect(err).NotTo(HaveOccurred(), name)
			Expect(a.Unavailability).To(relatively(s.Unavailability(s.AnyDown)), name)
			if a.Coherent {
				coherent++
				Expect(a.Frequency).To(relatively(s.Frequency(s.AnyDown)), name)
			} else {
				Expect(a.Frequency).To(BeNumerically(">=", s.Frequency(s.AnyDown)*(1-1e-12)), name)
			}
		}
		Expect(coherent).To(BeNumerically(">", 10))
	})

	It("has the minimal cut sets of the design", func() {
		s := of("dual-psu", table("kinds: {node: {failure: never}, proxy: {failure: never}, wan: {failure: never}}"))
		a, err := faulttree.Analyse(s.Tree("dual-psu", s.AnyDown))
		Expect(err).NotTo(HaveOccurred())
		sets, err := a.CutSets(2, 1000)
		Expect(err).NotTo(HaveOccurred())
		var possible []string
		for _, set := range sets {
			if set.Probability > 0 {
				possible = append(possible, strings.Join(set.Events, ", "))
			}
		}
		Expect(possible).To(ConsistOf("mains", "feed feed-a, feed feed-b", "feed feed-b, psu proxy-a/psu-1", "feed feed-a, psu proxy-a/psu-2",
			"psu proxy-a/psu-2, psu proxy-a/psu-1"))
	})

	It("has cut sets also where a loss restores service, if that is left out", func() {
		// The loss of lb-a moves the users from a balancer that does not leave out a dead server.
		s := of("active-active", component.Library())
		pessimistic := s.Pessimistic(s.AnyDown)
		Expect(s.Diagrams.Coherent(s.AnyDown)).To(BeFalse())
		Expect(s.Diagrams.Coherent(pessimistic)).To(BeTrue())
		exact, bound := s.Unavailability(s.AnyDown), s.Unavailability(pessimistic)
		Expect(bound).To(And(BeNumerically(">", exact), BeNumerically("<", 1.001*exact)))
		a, err := faulttree.Analyse(s.Tree("active-active", pessimistic))
		Expect(err).NotTo(HaveOccurred())
		sets, err := a.CutSets(1, 1000)
		Expect(err).NotTo(HaveOccurred())
		Expect(sets).To(ContainElement(HaveField("Events", []string{"wan isp"})))
		same := of("single", component.Library())
		Expect(same.Pessimistic(same.AnyDown)).To(Equal(same.AnyDown))
	})
})
