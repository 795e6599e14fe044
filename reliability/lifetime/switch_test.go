package lifetime_test

import (
	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/seed-ab8b6914/spof/reliability/dist"
	"github.com/seed-ab8b6914/spof/reliability/lifetime"
)

// pair is a service of two nodes of which one must work, with a switch between them.
func pair(s lifetime.Switch, nodes ...lifetime.Component) *lifetime.Model {
	m := year(0, nodes...)
	m.Capacity = needs(0, 1)
	s.Name = "vip"
	for i, node := range nodes {
		s.Members = append(s.Members, lifetime.Member{Name: node.Name, Works: func(up lifetime.State) bool { return up.Up(i) }})
	}
	m.Switches = []lifetime.Switch{s}
	return m
}

var _ = Describe("a switch", func() {
	two := law("fixed 2h")
	a, b := once("a", "5000h", "10h"), once("b", "5020h", "10h")
	DescribeTable("moves the users", func(s lifetime.Switch, of string, down, lost float64) {
		r := simulate(pair(s, a, b), lifetime.Options{Years: 1})
		Expect(cause(r, of).Hours.Value).To(BeNumerically("~", down, 1e-9))
		Expect(cause(r, of).Lost.Value).To(BeNumerically("~", lost, 1e-9))
		Expect([]float64{r.Total.Hours.Value, r.Total.Lost.Value}).To(HaveExactElements(BeNumerically("~", down, 1e-9), BeNumerically("~", lost, 1e-9)))
	},
		Entry("from a to b, and back when b fails", lifetime.Switch{Outage: two}, "failover of vip", 4.0, 4.0),
		Entry("at once", lifetime.Switch{}, "failover of vip", 0.0, 0.0),
		Entry("not: each outage lasts until the repair", lifetime.Switch{Outage: two, Ineffective: 1}, "failed failover of vip", 20.0, 20.0),
		Entry("by hand", lifetime.Switch{Outage: two, Ineffective: 1, Manual: law("fixed 3h")}, "failed failover of vip", 6.0, 6.0),
		Entry("of which it has half", lifetime.Switch{Outage: two, Share: 0.5}, "failover of vip", 0.0, 2.0),
		Entry("back to a when it returns", lifetime.Switch{Outage: two, Failback: law("fixed 30m")}, "failover of vip", 2.5, 2.5),
		Entry("of each member that fails", lifetime.Switch{Outage: two, Share: 0.5, Spread: true}, "failover of vip", 0.0, 2.0),
	)

	It("does nothing when the passive member fails", func() {
		Expect(hours(pair(lifetime.Switch{Outage: two}, a, once("b", "4500h", "10h")))).To(BeNumerically("~", 2, 1e-9), "only a")
	})

	It("ends a failover with the repair of the member", func() {
		Expect(hours(pair(lifetime.Switch{Outage: law("fixed 50h")}, a, once("b", "8760h", "0h")))).To(BeNumerically("~", 10, 1e-9))
	})

	It("draws each measured outage, the tail too", func() {
		m := pair(lifetime.Switch{Outage: law("empirical 1h 1h 1h 9h")}, once("a", "5000h", "100h"), once("b", "8760h", "0h"))
		r := simulate(m, lifetime.Options{Years: 10_000, Seed: 2})
		Expect(r.Total.Hours.Contains(3)).To(BeTrue(), "%v", r.Total.Hours)
		Expect([]float64{r.Down[0].Hours.Value, r.Down[1].Hours.Value}).To(HaveExactElements(BeNumerically("~", 1, 0.01), BeNumerically("~", 9, 0.05)))
	})

	It("does not work with its probability", func() {
		m := pair(lifetime.Switch{Outage: law("fixed 0h"), Ineffective: 0.33}, once("a", "5000h", "100h"), once("b", "8760h", "0h"))
		r := simulate(m, lifetime.Options{Years: 10_000, Seed: 2})
		Expect(r.Total.Hours.Contains(33)).To(BeTrue(), "%v", r.Total.Hours)
	})
})

var _ = Describe("a window", func() {
	window := lifetime.Window{Name: "patches", Components: []string{"a"}, Start: 26, Weeks: 4, Lasts: law("fixed 1h")}
	idle := once("a", "8760h", "0h")

	It("takes its components out, at its hour", func() {
		m := year(0, idle)
		m.Windows = []lifetime.Window{window}
		m.Demand = &lifetime.Week{}
		for hour := range m.Demand {
			m.Demand[hour] = 1
		}
		m.Demand[26] = 0
		r := simulate(m, lifetime.Options{Years: 1})
		Expect(cause(r, "patches").Hours.Value).To(BeNumerically("~", 12, 1e-9), "at 26 + 672 k hours")
		Expect(cause(r, "patches").Outages.Value).To(Equal(12.0))
		Expect(r.Total.Lost.Value).To(BeZero(), "nobody works on Tuesday at 02:00")
	})

	It("does not age them", func() {
		m := year(0, once("a", "5000h", "3760h"))
		m.Windows = []lifetime.Window{window}
		r := simulate(m, lifetime.Options{Years: 1})
		Expect(cause(r, "a").Hours.Value).To(BeNumerically("~", dist.Year-5007, 1e-9), "after 7 windows")
	})

	It("is left out if it would take the service down", func() {
		m := year(0, idle)
		m.Windows = []lifetime.Window{window}
		m.Windows[0].Careful = true
		Expect(hours(m)).To(BeZero())
	})

	It("moves the users of a switch by plan", func() {
		m := pair(lifetime.Switch{Outage: law("fixed 2h"), Ineffective: 1, Planned: law("fixed 6m"), Failback: law("fixed 12m")}, idle, once("b", "8760h", "0h"))
		m.Windows = []lifetime.Window{window}
		Expect(hours(m)).To(BeNumerically("~", 12*0.3, 1e-9))
	})
})

var _ = Describe("a shock", func() {
	both := func(s lifetime.Shock) *lifetime.Model {
		m := pair(lifetime.Switch{}, once("a", "8760h", "10h"), once("b", "8760h", "10h"))
		s.Name, s.Hits = "change", []string{"a", "b"}
		m.Shocks = []lifetime.Shock{s}
		return m
	}

	It("fails all that it hits", func() {
		r := simulate(both(lifetime.Shock{Every: law("fixed 3000h")}), lifetime.Options{Years: 1})
		Expect(cause(r, "change").Hours.Value).To(BeNumerically("~", 20, 1e-9))
		Expect(cause(r, "change").Outages.Value).To(Equal(2.0))
	})

	It("is undone", func() {
		Expect(hours(both(lifetime.Shock{Every: law("fixed 3000h"), Undo: law("fixed 30m")}))).To(BeNumerically("~", 1, 1e-9))
	})

	It("spares some", func() {
		Expect(hours(both(lifetime.Shock{Every: law("fixed 3000h"), Spares: 1}))).To(BeZero())
		r := simulate(both(lifetime.Shock{Every: law("fixed 3000h"), Spares: 0.5}), lifetime.Options{Years: 5000, Seed: 3})
		Expect(r.Total.Outages.Contains(0.5)).To(BeTrue(), "two a year, of which a quarter hits both: %v", r.Total.Outages)
	})

	It("comes when changes are made", func() {
		m := both(lifetime.Shock{Every: law("exponential mean=1000h"), When: &lifetime.Week{10: 2, 11: 2}, Undo: law("fixed 0.25h")})
		m.Demand = &lifetime.Week{10: 1, 11: 1, 12: 1}
		r := simulate(m, lifetime.Options{Years: 3000, Seed: 4})
		Expect(r.Total.Outages.Contains(8.76)).To(BeTrue(), "%v", r.Total.Outages)
		Expect(r.Total.Lost.Value/r.Total.Hours.Value).To(BeNumerically("~", 168/3.0, 0.01), "each minute of it is one of full demand")
	})
})
