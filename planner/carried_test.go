package planner

import (
	"context"
	"math"
	"strings"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/seed-ab8b6914/spof/reason"
	"github.com/seed-ab8b6914/spof/reliability/system"
	"github.com/seed-ab8b6914/spof/reports/analyze"
	"github.com/seed-ab8b6914/spof/reports/capacity"
	"github.com/seed-ab8b6914/spof/topology"
)

// slim is a result of spof capacity of active-passive: 70 to 77 users whole, some without proxy-a.
func slim(least, most float64, limit capacity.Limit) *capacity.Report {
	t, err := topology.Load("active-passive")
	Expect(err).NotTo(HaveOccurred())
	tried := []capacity.Tally{{Rate: 1, Held: 2}}
	rep := &capacity.Report{Schema: capacity.Schema, Topology: t.Name, DesignHash: designHash(t), Offered: 50, PerUser: 1, States: []capacity.State{
		{State: "whole", Reach: 1, Tried: tried, Limit: capacity.ByDesign, Carries: analyze.Range{Lo: 70, Hi: 77}, First: "link wide is full"},
		{State: "n-1", Lost: []string{"proxy-a"}, Reach: 1, Tried: tried, Limit: limit, Carries: analyze.Range{Lo: least, Hi: most, Why: "the processors were busy"}},
		{State: "n-2", Lost: []string{"proxy-a", "proxy-b"}, Limit: capacity.ByPath},
	}}
	rep.Finish()
	return rep
}

var _ = Describe("the capacity of a design", func() {
	read := func(rep *capacity.Report, more string) (*Plan, error) {
		return Read("plan.yaml", []byte("plan: a\ndesigns: {x: {topology: active-passive, capacity: out}}\n"+more), made{capacities: map[string]*capacity.Report{"out": rep}})
	}
	answered := func(rep *capacity.Report, more string) *Result {
		GinkgoHelper()
		p, err := read(rep, more)
		Expect(err).NotTo(HaveOccurred())
		return must(Solve(context.Background(), p))
	}

	It("shows what was measured, and of the other states the users with a path", func() {
		d := answered(slim(35, 38, capacity.ByDesign), "").Designs[0]
		Expect(d.Carries).To(HaveExactElements(
			Carried{"whole", nil, 70, new(77), Measured, "link wide is full"},
			Carried{"n-1", []string{"proxy-a"}, 35, new(38), Measured, "the processors were busy"},
			Carried{"n-2", []string{"proxy-a", "proxy-b"}, 0, new(0), ByPath, "no request has a path"},
		))
		p, err := planOf("plan: a\ndesigns: {x: {topology: active-passive}}\nusers: 200")
		Expect(err).NotTo(HaveOccurred())
		Expect(must(Solve(context.Background(), p)).Designs[0].Carries[1]).To(Equal(Carried{"n-1", []string{"proxy-a"}, 200, new(200), ByPath, ""}))
	})

	DescribeTable("says on the first screen what the design does not carry at the peak", func(least, most float64, limit capacity.Limit, more, want string) {
		r := answered(slim(least, most, limit), more)
		Expect(strings.Join(r.Cautions, " ")).To(Equal(want))
	},
		Entry("surely", 35.0, 38.0, capacity.ByDesign, "", "x does not carry the 50 users of the peak without node proxy-a: measured 35 to 38."),
		Entry("perhaps", 48.0, 52.0, capacity.ByDesign, "", "x was not shown to carry the 50 users of the peak without node proxy-a: measured 48 to 52."),
		Entry("on a machine that is the limit", 40.0, math.Inf(1), capacity.ByMachine, "", "x was not shown to carry the 50 users of the peak without node proxy-a: measured at least 40."),
		Entry("not where it carries all", 50.0, 60.0, capacity.ByDesign, "", ""),
		Entry("not where fewer are at work", 35.0, 38.0, capacity.ByDesign, "demand: ["+strings.Repeat("50%, ", 167)+"70%]", ""),
		Entry("whole", 80.0, 90.0, capacity.ByDesign, "users: 79", "x does not carry the 79 users of the peak whole: measured 70 to 77."),
	)

	It("holds for alternatives with the same nodes and links", func() {
		p, err := read(slim(35, 38, capacity.ByDesign), `alternatives:
  fast: {cost: {buy: 1}, patch: {addresses: {proxy: {vrrp: {version: 3, advert: 100ms}}}}}
  slow: {cost: {buy: 1}, patch: {wan: {isp: {bandwidth: 1Mbit/s}}}}
`)
		Expect(err).NotTo(HaveOccurred())
		of := func(alternative int) *Capacity {
			t, err := p.Patched(0, alternative)
			Expect(err).NotTo(HaveOccurred())
			e, err := p.evidenceOf(0, t)
			Expect(err).NotTo(HaveOccurred())
			return e.Capacity
		}
		Expect(of(0)).To(BeIdenticalTo(p.Designs[0].Capacity), "other timers")
		Expect(of(1)).To(BeNil(), "another link")
	})

	It("is that of N-1, and on the front, where it is less than the users with a path", func() {
		t, err := topology.Load("dual-wan")
		Expect(err).NotTo(HaveOccurred())
		rep := &capacity.Report{Topology: t.Name, DesignHash: designHash(t), Offered: 50, PerUser: 1, States: []capacity.State{
			{State: "backup-wan", Lost: []string{"fibre"}, Reach: 1, Tried: []capacity.Tally{{Rate: 1, Held: 2}}, Limit: capacity.ByDesign, Carries: analyze.Range{Lo: 20, Hi: 22}}}}
		rep.Finish()
		const text = "plan: a\ndesigns: {x: {topology: dual-wan, capacity: out}}\nalternatives: {fast: {cost: {buy: 1}, patch: {addresses: {proxy: {vrrp: {version: 3, advert: 100ms}}}}}}"
		p, err := Read("plan.yaml", []byte(text), made{capacities: map[string]*capacity.Report{"out": rep}})
		Expect(err).NotTo(HaveOccurred())
		r := must(Solve(context.Background(), p))
		Expect(r.Designs[0].N1).To(Equal(N1{20, new(22), "wan fibre", Measured}))
		Expect(r.Choice.Front).To(HaveEach(HaveField("Users", 20)))
	})

	It("limits simulated years by what is lost, for all nodes for which one stands", func() {
		p, err := read(slim(35, 38, capacity.ByDesign), "")
		Expect(err).NotTo(HaveOccurred())
		one, err := newStudy("x", p.Designs[0].Evidence, p.Table)
		Expect(err).NotTo(HaveOccurred())
		node := func(name string) topology.Component { return topology.Component{Kind: topology.KindNode, Name: name} }
		Expect(one.limits(50)).To(Equal(&system.Capacities{Whole: 1, Without: map[topology.Component]float64{node("proxy-a"): 0.7}}))
		Expect(one.limits(100)).To(Equal(&system.Capacities{Whole: 0.7, Without: map[topology.Component]float64{node("proxy-a"): 0.35}}))

		lost := func(least float64) Interval {
			return answered(slim(least, least, capacity.ByDesign), "").Designs[0].Lifetimes.UserHours
		}
		Expect(lost(5).Lo).To(BeNumerically(">", lost(50).Hi), "nine of ten users wait for the repair of a node")
	})

	DescribeTable("refuses a result that does not fit", func(change func(*capacity.Report), code string) {
		rep := slim(35, 38, capacity.ByDesign)
		change(rep)
		_, err := read(rep, "")
		Expect(reason.Codes(err)).To(Equal([]string{code}))
		Expect(err).To(MatchError(HavePrefix("plan.yaml:2:51: ")))
	},
		Entry("of another topology", func(r *capacity.Report) { r.Topology = "single" }, "measured-other-topology"),
		Entry("of another design of the name", func(r *capacity.Report) { r.DesignHash = "" }, "measured-other-design"),
		Entry("without a figure", func(r *capacity.Report) {
			r.States = []capacity.State{{State: "whole", Limit: capacity.ByBudget, Users: analyze.Range{Hi: math.Inf(1)}}}
		}, "nothing-measured"),
	)
})
