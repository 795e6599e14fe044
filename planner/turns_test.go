package planner

import (
	"context"
	"os"
	"regexp"
	"slices"
	"strings"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/seed-ab8b6914/spof/reports/analyze"
)

// unmeasured is the plan of docs/second-node without its report.
func unmeasured() string {
	GinkgoHelper()
	data, err := os.ReadFile("../docs/second-node/plan.yaml")
	Expect(err).NotTo(HaveOccurred())
	Expect(data).To(MatchRegexp("(?m)^ +measured: "))
	return regexp.MustCompile("(?m)^ +measured: .*\n").ReplaceAllString(string(data), "")
}

// secondNode reads the plan of docs/second-node, whose budget is enough for a second node or for a contract, with a report of the second
// node.
func secondNode(more string, failovers ...float64) *Plan {
	GinkgoHelper()
	text := unmeasured()
	p, err := Read("../docs/second-node/plan.yaml", []byte(text), reports(nil))
	Expect(err).NotTo(HaveOccurred())
	if len(failovers) == 0 {
		return p
	}
	t, err := p.Design([]string{"second-node"})
	Expect(err).NotTo(HaveOccurred())
	text = strings.Replace(text, "  second-node:\n", "  second-node:\n    measured: out\n"+more, 1)
	p, err = Read("../docs/second-node/plan.yaml", []byte(text), reports(map[string]*analyze.Report{"../docs/second-node/out": reportOf(t, failovers...)}))
	Expect(err).NotTo(HaveOccurred())
	return p
}

var _ = Describe("a measurement of an alternative", func() {
	good := slices.Repeat([]float64{3000}, 20)
	bought := func(p *Plan) (buys, turns []string) {
		r := must(Solve(context.Background(), p))
		return r.Choice.Best.Buys, r.Doubt.Turns
	}

	It("turns what the plan buys, and the plan says so", func() {
		buys, turns := bought(secondNode(""))
		Expect(buys).To(Equal([]string{"contract"}))
		Expect(turns).To(BeEmpty())
		buys, turns = bought(secondNode("", good...))
		Expect(buys).To(Equal([]string{"second-node"}))
		Expect(turns).To(Equal([]string{"Measurement turned the choice: by prediction and library the plan buys contract; as measured it buys second-node."}))
	})

	It("turns nothing if it agrees with the library, or the library's coverage is kept", func() {
		third := slices.Concat(slices.Repeat([]float64{3000}, 14), slices.Repeat([]float64{-1}, 6))
		buys, turns := bought(secondNode("", third...))
		Expect(buys).To(Equal([]string{"contract"}))
		Expect(turns).To(BeEmpty())
		buys, turns = bought(secondNode("    coverage: library\n", good...))
		Expect(buys).To(Equal([]string{"contract"}))
		Expect(turns).To(BeEmpty())
	})

	It("holds for the design that was measured, and for others that the timers tell alike", func() {
		p := secondNode("", good...)
		of := func(alternatives ...int) *Failover {
			t, err := p.Patched(0, alternatives...)
			Expect(err).NotTo(HaveOccurred())
			e, err := p.evidenceOf(0, t)
			Expect(err).NotTo(HaveOccurred())
			return e.Failover
		}
		Expect(of(0)).To(BeIdenticalTo(p.Alternatives[0].Failover))
		Expect(of().From).To(BeEmpty())
		t, err := p.Design([]string{"second-node"})
		Expect(err).NotTo(HaveOccurred())
		t.Addresses[0].Advert /= 2
		e, err := p.evidenceOf(0, t)
		Expect(err).NotTo(HaveOccurred())
		Expect(e.Failover.From).To(Equal(Predicted))
	})

	It("of another design is refused at its place", func() {
		p := secondNode("")
		text := strings.Replace(unmeasured(), "  second-node:\n", "  second-node:\n    measured: out\n", 1)
		_, err := Read("../docs/second-node/plan.yaml", []byte(text), reports(map[string]*analyze.Report{"../docs/second-node/out": reportOf(p.Designs[0].Topology, 1)}))
		Expect(err).To(MatchError(MatchRegexp(`^../docs/second-node/plan.yaml:[0-9]+:15: the report measured another design of the name branch`)))
	})
})
