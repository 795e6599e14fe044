package planner

import (
	"context"
	"encoding/json"
	"strings"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/seed-ab8b6914/spof/reason"
	"github.com/seed-ab8b6914/spof/reliability/component"
	"github.com/seed-ab8b6914/spof/reliability/dist"
	"github.com/seed-ab8b6914/spof/reliability/system"
	"github.com/seed-ab8b6914/spof/reports/analyze"
	"github.com/seed-ab8b6914/spof/topology"
)

// solved answers a plan with reports by their path.
func solved(text string, all map[string]*analyze.Report) (*Result, error) {
	p, err := Read("plan.yaml", []byte(text), reports(all))
	Expect(err).NotTo(HaveOccurred())
	return Solve(context.Background(), p)
}

func must(r *Result, err error) *Result {
	GinkgoHelper()
	Expect(err).NotTo(HaveOccurred())
	return r
}

var _ = Describe("Solve", func() {
	DescribeTable("answers the bundled plans, each time alike", func(name string) {
		answer := func() *Result {
			p, err := Open(name, reports(nil))
			Expect(err).NotTo(HaveOccurred())
			return must(Solve(context.Background(), p))
		}
		first, err := json.Marshal(answer())
		Expect(err).NotTo(HaveOccurred())
		again, err := json.Marshal(answer())
		Expect(err).NotTo(HaveOccurred())
		Expect(again).To(MatchJSON(first))
		for _, d := range answer().Designs {
			sum := 0.0
			for _, c := range d.Causes {
				sum += c.Hours
			}
			Expect(sum).To(BeNumerically("~", d.Hours, 1e-9*d.Hours), d.Name)
			Expect(d.Availability).To(BeNumerically("~", 1-d.Hours/dist.Year, 1e-15), d.Name)
		}
	},
		Entry(nil, "designs"),
		Entry(nil, "office"),
	)

	It("has the exact outage of the system, and beside it the time of the failovers", func() {
		r := must(solved("plan: a\ndesigns: {x: {topology: active-passive}}", nil))
		t, err := topology.Load("active-passive")
		Expect(err).NotTo(HaveOccurred())
		s, err := system.New(t, component.Library())
		Expect(err).NotTo(HaveOccurred())
		switching := 0.0
		for _, c := range r.Designs[0].Causes {
			if c.Name == "time of failovers" {
				switching = c.Hours
			}
		}
		Expect(switching).To(BeNumerically(">", 0))
		Expect(r.Designs[0].Hours - switching).To(BeNumerically("~", s.UserUnavailability()*dist.Year, 1e-9))
	})

	It("buys a timer, which costs nothing, and a node at its price", func() {
		text := strings.Replace(example, "cost: {buy: 0}, ", "", 1)
		r := must(solved(strings.Replace(text, "target: {availability: 99.9%}\n", "", 1), nil))
		Expect(r.Choice.Best.Buys).To(ContainElement("fast"))
		Expect(r.Choice.Proven).To(BeTrue())
		Expect(r.Choice.Steps[0].Buys).To(Equal([]string{"fast"}))
		Expect(r.Choice.Steps[0].Cost).To(BeZero())
		Expect(r.Choice.Steps[0].Saves).To(BeNumerically(">", 0))
	})

	DescribeTable("refuses what cannot be had, with the place in the plan", func(from, to, place, code string) {
		_, err := solved(strings.NewReplacer("target: {availability: 99.9%}\n", "", from, to).Replace(example), nil)
		Expect(reason.Codes(err)).To(ContainElement(code))
		Expect(err).To(MatchError(HavePrefix(place)))
	},
		Entry("a budget that buys nothing", "cost: {buy: 0}", "cost: {buy: 99999}", "plan.yaml:13:9: ", "buys-nothing"),
		Entry("a target out of reach", "budget: 9000", "target: {availability: 99.9999%}", "plan.yaml:13:9: ", "target-missed"),
	)

	DescribeTable("says in the verdict why, in words that fit", func(from, to string, verdict ...string) {
		text := "plan: a\nyears: 5\ndowntime_cost: 0.01\nbudget: 30000\ndesigns: {today: {topology: active-passive, cost: {buy: 0}}}\nalternatives: {contract: {cost: {buy: 5000}, components: {kinds: {node: {repair: fixed 1h}}}}}"
		r := must(solved(strings.Replace(text, from, to, 1), nil))
		said := strings.Join(r.Verdict, " ")
		for _, words := range verdict {
			Expect(said).To(ContainSubstring(words))
		}
		Expect(said).NotTo(ContainSubstring("e+"))
	},
		Entry("a purchase for its hours that costs more than it saves", "budget", "budget", "Buy contract", "today in 100 %", "Costs and downtime together are less with today: ", " choice is taken for its hours."),
		Entry("a target that is met already", "budget: 30000", "target: {hours: 5000}", "Buy nothing: today meets the target", "today is first in 100 % of"),
		Entry("nothing worth its cost", "budget: 30000", "users: 50", "no alternative to today is worth its cost", "today is first in 100 % of"),
	)

	It("says of the choice what it consists of, and how near a target is that nothing reaches", func() {
		text := "plan: a\nbudget: 30000\ndesigns: {today: {topology: single, cost: {buy: 0}}}\nalternatives: {contract: {cost: {buy: 5000}, components: {kinds: {node: {repair: fixed 1h}}}}}"
		r := must(solved(text, nil))
		Expect(r.Designs[1].About).To(Equal("what the plan takes: today + contract"))
		_, err := solved(strings.Replace(text, "budget: 30000", "target: {hours: 1}", 1), nil)
		Expect(err).To(MatchError(ContainSubstring("no combination of alternatives brings today to 1 h without service a year; the best leaves " + Span(r.Designs[1].Hours))))
	})

	DescribeTable("writes hours without an exponent", func(hours float64, text string) { Expect(Span(hours)).To(Equal(text)) },
		Entry(nil, 8223.6, "8,224 h"), Entry(nil, 999.4, "999 h"), Entry(nil, 999.6, "1,000 h"), Entry(nil, 12.34, "12.3 h"), Entry(nil, 0.5, "30 min"),
	)

	It("refuses a target that costs more than the budget", func() {
		p, err := planOf(strings.Replace(example, "cost: {buy: 0}", "cost: {buy: 6000}", 1))
		Expect(err).NotTo(HaveOccurred())
		p.TargetHours = nil
		front := must(Solve(context.Background(), p)).Choice.Front
		hours := front[1].Hours
		p.TargetHours = &hours
		Expect(must(Solve(context.Background(), p)).Choice.Best).To(Equal(front[1]))
		p.Alternatives[1].Costs, *p.Budget = &Costs{}, 5999
		p.Alternatives[1].Requires = nil
		_, err = Solve(context.Background(), p)
		Expect(reason.Codes(err)).To(ContainElement("target-above-budget"))
	})

	It("takes the coverage that was measured, and says where the measurement turned the order", func() {
		const text = "plan: a\ndesigns: {pair: {topology: active-passive, measured: out}, one: {topology: single}}"
		r := must(solved(text, map[string]*analyze.Report{"out": measuredReport("active-passive", 3000, -1, -1, -1)}))
		better := must(solved(text, map[string]*analyze.Report{"out": measuredReport("active-passive", 3000, 3000)}))
		Expect(r.Designs[0].Hours).To(BeNumerically(">", better.Designs[0].Hours))
		Expect(r.Assumed).To(ContainElement(And(HaveField("Name", "address-failover of pair, coverage"), HaveField("Value", "30%"), HaveField("From", Measured),
			HaveField("Source", "out: 1 of 4 trials ended by a mechanism; the interval is 2.85 % to 71.6 %"))))
		Expect(better.Doubt.Turns).To(BeEmpty())
		slow := must(solved(text, map[string]*analyze.Report{"out": measuredReport("active-passive", 9e7, -1, -1, -1)})) // 25 h
		Expect(slow.Doubt.Turns).To(ConsistOf(ContainSubstring("as measured one comes before pair")))
	})

	It("keeps what was measured on the first design for alternatives that leave its timers as they are", func() {
		text := strings.NewReplacer("active-passive", "active-passive, measured: out", "target: {availability: 99.9%}\n", "", "requires: [fast]", "requires: []").Replace(example)
		p, err := Read("plan.yaml", []byte(text), reports(map[string]*analyze.Report{"out": measuredReport("active-passive", 3000)}))
		Expect(err).NotTo(HaveOccurred())
		of := func(alternative int) *Failover {
			t, err := p.Patched(0, alternative)
			Expect(err).NotTo(HaveOccurred())
			e, err := p.evidenceOf(0, t)
			Expect(err).NotTo(HaveOccurred())
			return e.Failover
		}
		Expect(of(1)).To(BeIdenticalTo(p.Designs[0].Failover)) // a third node
		Expect(of(0).From).To(Equal(Predicted))                // adverts of 100 ms
	})
})
