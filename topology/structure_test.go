package topology_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/seed-ab8b6914/spof/reliability/bdd"
	"github.com/seed-ab8b6914/spof/topology"
)

// formulas is the logic of formulas, as diagrams with a variable for each component that was asked for.
type formulas struct {
	*bdd.Diagrams
	variable map[topology.Component]int
}

func newFormulas() formulas { return formulas{bdd.New(), map[topology.Component]int{}} }

func (f formulas) Lost(c topology.Component) bdd.Ref {
	if _, ok := f.variable[c]; !ok {
		f.variable[c] = len(f.variable)
	}
	return f.Var(f.variable[c])
}

func (f formulas) If(c bdd.Ref, then, otherwise func() bdd.Ref) bdd.Ref {
	return f.Or(f.And(c, then()), f.And(f.Not(c), otherwise()))
}

// holds evaluates a formula after the loss of components.
func (f formulas) holds(of bdd.Ref, gone ...topology.Component) bool {
	p := make([]float64, len(f.variable))
	for _, c := range gone {
		if v, ok := f.variable[c]; ok {
			p[v] = 1
		}
	}
	return f.Probability(of, p) == 1
}

// losses gives every single component, every pair, and n random larger sets.
func losses(all []topology.Component, n int) (sets [][]topology.Component) {
	for i, c := range all {
		sets = append(sets, []topology.Component{c})
		for _, other := range all[:i] {
			sets = append(sets, []topology.Component{c, other})
		}
	}
	rng := rand.New(rand.NewPCG(1, 2))
	for range n {
		rng.Shuffle(len(all), func(i, j int) { all[i], all[j] = all[j], all[i] })
		size := min(3+rng.IntN(1+len(all)/2), len(all))
		sets = append(sets, slices.Clone(all[:size]))
	}
	return sets
}

var _ = Describe("the structure function", func() {
	// variants have what no bundled design has.
	variants := [][]string{
		{"active-passive", "weight: 0", "weight: -50"},
		{"active-passive", "weight: 0", "weight: -51"},
		{"active-passive", "weight: 0", "weight: -51", "preempt: true", "preempt: false"},
		{"active-passive", "weight: 0", "weight: -51", "kind: http", "kind: origin"},
		{"active-passive", noTrack, ""},
		append([]string{"active-active"}, ownLinks...),
		{"dual-wan", "kind: origin", "kind: http"},
	}
	for _, name := range topology.Designs() {
		variants = append(variants, []string{name})
	}
	for _, v := range variants {
		It("as a formula has the values of an evaluation, which are those of the oracle: "+strings.ReplaceAll(strings.Join(v, " "), "\n", " "), func() {
			t := edited(v[0], v[1:]...)
			f := newFormulas()
			s := topology.NewStructure(t, f)
			served, cut := 0, 0
			for _, g := range t.Users {
				settled, possible := s.Settled(g), s.Possible(g)
				for _, gone := range append(losses(t.Components(), 1000), nil) {
					want := topology.OracleOf(t, gone...)
					Expect(f.holds(settled, gone...)).To(Equal(want.Settled(g)), fmt.Sprint("formula, settled without ", gone))
					Expect(f.holds(possible, gone...)).To(Equal(want.Possible(g)), fmt.Sprint("formula, possible without ", gone))
					settles, can := topology.After(t, g, gone...)
					Expect(settles).To(Equal(want.Settled(g)), fmt.Sprint("settled without ", gone))
					Expect(can).To(Equal(want.Possible(g)), fmt.Sprint("possible without ", gone))
					if want.Settled(g) {
						served++
					} else {
						cut++
					}
				}
			}
			Expect(min(served, cut)).To(BeNumerically(">", 0), "both values occur")
		})
	}

	DescribeTable("knows the parts of components, and mechanisms that do not switch", func(design string, gone []topology.Component, want bool) {
		t := edited(design)
		g := t.Users[0]
		f := newFormulas()
		Expect(f.holds(topology.NewStructure(t, f).Settled(g), gone...)).To(Equal(want))
		settles, _ := topology.After(t, g, gone...)
		Expect(settles).To(Equal(want))
	},
		Entry("one PSU of two", "dual-psu", parts("psu proxy-a psu-1"), true),
		Entry("both PSUs", "dual-psu", parts("psu proxy-a psu-1", "psu proxy-a psu-2"), false),
		Entry("a PSU and the feed of the other", "dual-psu", parts("psu proxy-a psu-1", "feed  feed-b"), false),
		Entry("a PSU and its own feed", "dual-psu", parts("psu proxy-a psu-1", "feed  feed-a"), true),
		Entry("a zone with two of three members", "shared-cooling", parts("zone  row-1"), true),
		Entry("the third member too", "shared-cooling", parts("zone  row-1", "node  proxy-c"), false),
		Entry("the balancer on two PSUs when the mains are gone", "generator-backed", parts("mains  mains"), true),
		Entry("and the generator does not start", "generator-backed", parts("mains  mains", "generator  diesel"), false),
		Entry("or is not connected", "generator-backed", parts("mains  mains", "transfer  feed-a"), false),
		Entry("the distribution of one feed of two", "dual-psu", parts("distribution  feed-a"), true),
		Entry("of both", "dual-psu", parts("distribution  feed-a", "distribution  feed-b"), false),
		Entry("a failover that does not work, while nothing else is lost", "active-passive", parts("failover  proxy"), true),
		Entry("and the active node is lost", "active-passive", parts("failover  proxy", "node  proxy-a"), false),
		Entry("and the standby is lost", "active-passive", parts("failover  proxy", "node  proxy-b"), true),
		Entry("keepalived on the active node", "active-passive", parts("vrrp proxy-a proxy"), true),
		Entry("keepalived on both", "active-passive", parts("vrrp proxy-a proxy", "vrrp proxy-b proxy"), false),
		Entry("a balancer that does not leave out a dead server", "active-active", parts("failover lb-a balancer", "node  proxy-b"), false),
		Entry("a balancer that does not use its backup", "dual-wan", parts("failover lb-a balancer", "wan  fibre"), false),
		Entry("a browser that does not try the next hop", "pac-failover", parts("failover  office", "node  proxy-a"), false),
		Entry("a DNS server that answers with a dead record", "dns-failover", parts("failover ns dns", "node  proxy-a"), false),
		Entry("users who do not ask the next DNS server", "dns-pair", parts("failover  office", "node  ns-a"), false),
		Entry("a Squid that does not ask the next parent", "dual-wan-parents", parts("failover proxy-a squid", "node  edge-a"), false),
		Entry("users of a pool who do not change the exit", "rotating-pool", parts("failover  office", "wan  line-f"), false),
	)

	It("has no formula with too many feeds before a generator that may be overloaded", func() {
		t := poweredBut()
		Expect(t.CheckFormula()).To(Succeed())
		t.Power.Feeds = slices.Repeat(t.Power.Feeds, 6)
		Expect(t.CheckFormula()).To(MatchError(ContainSubstring("13 feeds and generators")))
		t.Power.Generators[0].Capacity = 1
		Expect(t.CheckFormula()).To(Succeed())
	})
})

// parts gives components from texts: kind, node and name.
func parts(texts ...string) (all []topology.Component) {
	for _, text := range texts {
		f := strings.Split(text, " ")
		all = append(all, topology.Component{Kind: f[0], Node: f[1], Name: f[2]})
	}
	return all
}
