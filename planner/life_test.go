package planner

import (
	"runtime"
	"strings"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/seed-ab8b6914/spof/reports/analyze"
)

// lifeOf gives the lifetimes of the first design of a plan.
func lifeOf(text string, all map[string]*analyze.Report) *Lifetimes {
	GinkgoHelper()
	return must(solved(text, all)).Designs[0].Lifetimes
}

var _ = Describe("the lifetimes of a plan", func() {
	const pair = "plan: a\ndesigns: {pair: {topology: active-passive}, one: {topology: single}}\n"

	It("agree with the exact hours, and do not take their place", func() {
		r := must(solved(pair, nil))
		for _, d := range r.Designs {
			l := d.Lifetimes
			Expect(l.Agrees).To(BeTrue(), "%s: %v, exact %v", d.Name, l.Hours, l.Exact)
			Expect(l.Exact).To(Equal(d.Hours))
			Expect(l.Years).To(BeNumerically(">=", leastYears))
			Expect(l.Hours.Hi / l.Hours.Lo).To(BeNumerically("<", 1.2))
			Expect(l.Added).To(BeEmpty())
			Expect(l.Busy).To(BeNil(), "demand is constant")
			sum := 0.0
			for _, c := range l.Causes {
				sum += c.Hours
			}
			Expect(sum).To(BeNumerically("~", l.Hours.Value, 1e-9*l.Hours.Value))
		}
		Expect(r.Verdict).To(HaveLen(2))
	})

	It("say what a bad year looks like", func() {
		l := lifeOf(pair+"downtime_cost: 10\n", nil)
		Expect(l.Bad).To(HaveLen(4))
		for i, bad := range l.Bad {
			Expect(bad.P).To(Equal([]float64{0.5, 0.9, 0.95, 0.99}[i]))
			Expect(bad.Downtime).To(BeNumerically("~", 10*bad.UserHours.Value, 1e-6))
			Expect(bad.UserHours.Value).To(BeNumerically("~", 50*bad.Hours.Value, 1e-6), "all 50 users are always at work")
			if i > 0 {
				Expect(bad.Hours.Value).To(BeNumerically(">", l.Bad[i-1].Hours.Value))
			}
		}
		Expect(l.Bad[3].Hours.Value).To(BeNumerically(">", 2*l.Hours.Value))
	})

	It("do not depend on the number of processors", func() {
		all := lifeOf(pair, nil)
		before := runtime.GOMAXPROCS(1)
		defer runtime.GOMAXPROCS(before)
		Expect(lifeOf(pair, nil)).To(Equal(all))
		Expect(lifeOf(pair+"seed: 2\n", nil).Hours).NotTo(Equal(all.Hours))
	})

	It("have the tail of what was measured", func() {
		time := func(failovers ...float64) float64 {
			text := "plan: a\ndesigns: {pair: {topology: active-passive, measured: out}}"
			for _, c := range lifeOf(text, map[string]*analyze.Report{"out": measuredReport("active-passive", failovers...)}).Causes {
				if c.Name == "time of failovers" {
					return c.Hours
				}
			}
			return 0
		}
		Expect(time(2000, 2000, 2000, 2000, 42000)/time(2000, 2000, 2000, 2000, 2000)).To(BeNumerically("~", 5, 0.5), "the mean is 10 s, the median 2 s")
	})

	It("have crews and spare parts, and tell what they add", func() {
		cared := must(solved(pair+"crews: {onsite: {members: 1, kinds: [wan, node]}}\nspares: {node: {parts: 0, lead: fixed 30d}}\ndowntime_cost: 10\ndemand: office-hours\n", nil))
		plain := must(solved(pair+"downtime_cost: 10\ndemand: office-hours\n", nil))
		for i, d := range cared.Designs {
			l := d.Lifetimes
			Expect(l.Exact).To(And(Equal(d.Hours), BeNumerically(">", plain.Designs[i].Hours)), d.Name)
			Expect(l.Agrees).To(BeTrue(), "%s: %v, exact %v", d.Name, l.Hours, l.Exact)
			Expect(*l.Busy).To(BeNumerically("~", 50/(50+118*0.05), 0.03), "no failure knows the hour")
		}
		one := cared.Designs[1].Lifetimes
		// A node that fails once in 109,500 h waits 720 h for its part.
		Expect(one.Added[1]).To(And(HaveField("Name", "spare parts"), HaveField("Hours.Lo", BeNumerically("<", 57.6)), HaveField("Hours.Hi", BeNumerically(">", 56))))
		Expect(cared.Verdict).To(HaveLen(2))
	})

	It("say in the verdict what maintenance windows add to exact hours", func() {
		r := must(solved(pair+"maintenance: {patches: {kinds: [node], start: Mon 10:00, lasts: fixed 4h}}\n", nil))
		Expect(r.Verdict[2]).To(And(ContainSubstring("simulated years"), ContainSubstring("because of maintenance windows")))
	})

	It("count a night of maintenance less than its hours", func() {
		text := "plan: a\ndesigns: {one: {topology: single}}\ndemand: office-hours\ncomponents: calm.yaml\n"
		window := func(start string) *Lifetimes {
			p, err := read("plan.yaml", []byte(text+"maintenance: {all: {kinds: [node], start: "+start+", lasts: fixed 2h}}\n"), &decoder{reports: reports(nil), open: func(string) ([]byte, error) {
				return []byte(calm), nil
			}})
			Expect(err).NotTo(HaveOccurred())
			return must(Solve(GinkgoT().Context(), p)).Designs[0].Lifetimes
		}
		night, day := window("Sun 03:00"), window("Mon 10:00")
		Expect(night.Hours.Value).To(BeNumerically("~", day.Hours.Value, 0.5))
		Expect(night.UserHours.Value / day.UserHours.Value).To(BeNumerically("~", 0.05, 0.001))
		Expect([]float64{*night.Busy, *day.Busy}).To(HaveExactElements(BeZero(), BeNumerically("~", 1, 1e-9)))
	})

	It("are split where outages are rare", func() {
		text := strings.Replace(pair, ", one: {topology: single}", "", 1) + "components: rare.yaml\n"
		p, err := read("plan.yaml", []byte(text), &decoder{reports: reports(nil), open: func(string) ([]byte, error) {
			return []byte(strings.Replace(calm, "node: {failure: never}", "node: {failure: exponential mean=50000h, repair: exponential mean=5h, beta: 0%}", 1)), nil
		}})
		Expect(err).NotTo(HaveOccurred())
		l := must(Solve(GinkgoT().Context(), p)).Designs[0].Lifetimes
		Expect(l.Rare).To(BeTrue())
		Expect(l.Agrees).To(BeTrue(), "%v, exact %v", l.Hours, l.Exact)
		for _, c := range l.Causes {
			if c.Name == "hardware" { // both nodes at once: 1e-8 of the time, 88 microhours a year
				Expect(c.Hours).To(BeNumerically("~", 8.76e-5, 5e-5))
			}
		}
		Expect(l.Causes).To(ContainElement(HaveField("Name", "hardware")))
	})

	It("are left out where too much happens", func() {
		p, err := read("plan.yaml", []byte("plan: a\ndesigns: {one: {topology: single}}\ncomponents: busy.yaml\n"), &decoder{reports: reports(nil), open: func(string) ([]byte, error) {
			return []byte("kinds: {node: {failure: exponential mean=2m, repair: fixed 1s}}"), nil
		}})
		Expect(err).NotTo(HaveOccurred())
		Expect(must(Solve(GinkgoT().Context(), p)).Designs[0].Lifetimes.Left).To(ContainSubstring("too many"))
	})
})

// calm is a table in which nothing fails.
const calm = `kinds:
  node: {failure: never}
  system: {failure: never}
  proxy: {failure: never}
  vrrp: {failure: never}
  wan: {failure: never}
  psu: {failure: never}
  fans: {failure: never}
  nic: {failure: never}
  site: {failure: never}
  change: {failure: never}
  people: {failure: never}
  maintenance: {failure: never}
  address-failover: {coverage: 100%}
`
