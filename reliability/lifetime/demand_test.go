package lifetime_test

import (
	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/seed-ab8b6914/spof/reliability/dist"
	"github.com/seed-ab8b6914/spof/reliability/lifetime"
)

// office is a demand of 1 at work, Monday to Friday from 8 to 18, and of a tenth at other times.
func office() *lifetime.Week {
	var week lifetime.Week
	for hour := range week {
		week[hour] = 0.1
		if day, of := hour/24, hour%24; day < 5 && of >= 8 && of < 18 {
			week[hour] = 1
		}
	}
	return &week
}

var _ = Describe("a component on demand", func() {
	needed := func(up lifetime.State) bool { return !up.Up(0) }
	// asked is a model of a component that fails at hour 5000 for 90 h, and of what is needed then: the service is down without both.
	asked := func(c lifetime.Component, refuses float64) *lifetime.Model {
		c.Name, c.OnDemand = "asked", &lifetime.OnDemand{Needed: needed, Refuses: refuses}
		m := year(0, once("a", "5000h", "90h"), c)
		m.Capacity = needs(0, 1)
		return m
	}

	DescribeTable("serves in the need of another", func(c lifetime.Component, refuses, down float64) {
		r := simulate(asked(c, refuses), lifetime.Options{Years: 1})
		Expect(r.Total.Hours.Value).To(BeNumerically("~", down, 1e-9))
		Expect(cause(r, "asked").Hours.Value).To(BeNumerically("~", down, 1e-9), "the loss is that of what did not serve")
	},
		Entry("always", lifetime.Component{}, 0.0, 0.0),
		Entry("never", lifetime.Component{}, 1.0, 90.0),
		Entry("until it is empty", lifetime.Component{Fails: law("fixed 50h")}, 0.0, 40.0),
		Entry("longer than the need", lifetime.Component{Fails: law("fixed 91h")}, 0.0, 0.0),
		Entry("after a time", lifetime.Component{Repair: law("fixed 2h")}, 1.0, 2.0),
		Entry("after a time that is longer than the need", lifetime.Component{Repair: law("fixed 100h")}, 1.0, 90.0),
	)

	It("is drawn anew at each need, for the whole need", func() {
		r := simulate(asked(lifetime.Component{}, 0.25), lifetime.Options{Years: 20_000, Seed: 5})
		Expect(r.Total.Hours.Contains(0.25*90)).To(BeTrue(), "%v", r.Total.Hours)
		Expect(r.Total.Outages.Contains(0.25)).To(BeTrue(), "%v", r.Total.Outages)
		Expect(r.Down[1].Hours.Value).To(BeNumerically("~", 90, 0.4), "all of it or nothing")
	})

	It("is whole at the end of a need", func() {
		m := asked(lifetime.Component{Fails: law("fixed 50h")}, 0)
		m.Components[0] = once("a", "1000h", "60h")
		Expect(hours(m)).To(BeNumerically("~", 8*10, 1e-9), "each of the needs at 1000, 2060, ... 8420 h begins with all of it")
	})

	It("may depend on another one", func() {
		m := asked(lifetime.Component{}, 0.5)
		m.Components = append(m.Components, lifetime.Component{Name: "time", Repair: law("fixed 1h"), OnDemand: &lifetime.OnDemand{
			Needed: needed, Only: func(up lifetime.State) bool { return up.Up(1) }, Refuses: 1}})
		m.Capacity = func(up lifetime.State) float64 { return min(needs(0, 1)(up), needs(2)(up)) }
		r := simulate(m, lifetime.Options{Years: 20_000, Seed: 6})
		Expect(cause(r, "time").Outages.Contains(0.5)).To(BeTrue(), "only where the first works: %v", cause(r, "time").Outages)
		Expect(cause(r, "time").Hours.Value).To(BeNumerically("~", cause(r, "time").Outages.Value, 1e-9))
		Expect(cause(r, "asked").Hours.Value).To(BeNumerically("~", 90*cause(r, "asked").Outages.Value, 1e-6))
	})

	It("keeps its draw in the copies of splitting", func() {
		m := asked(lifetime.Component{}, 0.25)
		m.Components[0].Fails, m.Components[0].Repair = law("exponential mean=1000h"), law("exponential mean=50h")
		m.Components = append(m.Components, lifetime.Component{Name: "noise", Fails: law("exponential mean=5h"), Repair: law("fixed 1h")})
		level := func(up lifetime.State) int { return 1 - int(needs(0)(up)) }
		r := simulate(m, lifetime.Options{Years: 500, Seed: 8, Splitting: &lifetime.Splitting{Level: level, Copies: []int{3}}})
		Expect(r.Total.Hours.Wide().Contains(0.25*50/1050*dist.Year)).To(BeTrue(), "%v", r.Total.Hours)
		Expect(r.Total.Hours.Hi / r.Total.Hours.Lo).To(BeNumerically("<", 1.5))
	})

	It("is not asked by a need that begins in another state", func() {
		m := year(0, once("a", "5000h", "90h"), once("b", "4990h", "20h"), lifetime.Component{Name: "time", Repair: law("fixed 30h"), OnDemand: &lifetime.OnDemand{
			Needed: needed, Only: func(up lifetime.State) bool { return up.Up(1) }, Refuses: 1}})
		m.Capacity = func(up lifetime.State) float64 { return min(needs(1)(up), needs(2)(up)) }
		Expect(hours(m)).To(BeNumerically("~", 20, 1e-9), "b alone, from 4990 to 5010 h")
		m.Components[1] = once("b", "5001h", "20h")
		Expect(hours(m)).To(BeNumerically("~", 30, 1e-9), "from 5000 to 5030 h")
	})

	It("agrees with the probability of independent events", func() {
		// Two redundant mechanisms, both needed while a is down: the service is down if both refuse.
		m := asked(lifetime.Component{}, 0.3)
		m.Components = append(m.Components, lifetime.Component{Name: "other", OnDemand: &lifetime.OnDemand{Needed: needed, Refuses: 0.2}})
		m.Capacity = needs(0, 1, 2)
		r := simulate(m, lifetime.Options{Years: 20_000, Seed: 7})
		Expect(r.Total.Hours.Contains(0.3*0.2*90)).To(BeTrue(), "%v", r.Total.Hours)
	})
})

var _ = Describe("the demand", func() {
	// half is a model whose ceiling is half of the greatest demand while its component is down: from hour at for 10 h of every year.
	half := func(at string) *lifetime.Model {
		m := year(0, once("a", at, "10h"))
		m.Capacity = func(lifetime.State) float64 { return 1 }
		m.Ceiling = func(up lifetime.State) float64 { return 0.5 + 0.5*needs(0)(up) }
		m.Demand = office()
		return m
	}
	mean := (50 + 118*0.1) / 168 // of the week
	const monday = 30 * 168      // 00:00

	DescribeTable("loses what is above the ceiling", func(at string, lost float64) {
		r := simulate(half(at), lifetime.Options{Years: 1})
		Expect(r.Total.Lost.Value).To(BeNumerically("~", lost/mean, 1e-9))
		Expect(cause(r, "a").Lost.Value).To(BeNumerically("~", lost/mean, 1e-9))
		Expect([]float64{r.Total.Unserved.Value, r.Total.Hours.Value}).To(HaveEach(0.0), "nobody is cut off")
	},
		Entry("by day half of the demand", "5048h", 5.0),
		Entry("by night nothing", "5060h", 0.0),
		Entry("on the way to work some", "5042h", 2.0),
	)

	It("loses a share of every user who is cut off, by day and by night", func() {
		for at, lost := range map[string]float64{"5048h": 5, "5060h": 0.5} {
			m := half(at)
			m.Capacity, m.Ceiling = m.Ceiling, nil
			r := simulate(m, lifetime.Options{Years: 1})
			Expect(r.Total.Lost.Value).To(BeNumerically("~", lost/mean, 1e-9), at)
			Expect(r.Total.Unserved.Value).To(BeNumerically("~", 5, 1e-9), at)
		}
	})

	It("loses both", func() {
		m := half("5048h")
		m.Capacity = func(up lifetime.State) float64 { return 0.8 + 0.2*needs(0)(up) }
		Expect(simulate(m, lifetime.Options{Years: 1}).Total.Lost.Value).To(BeNumerically("~", 5/mean, 1e-9), "0.2 of the users and 0.3 above the ceiling")
	})

	It("is the same over weeks as hour by hour", func() {
		m := half("5048h")
		m.Components[0] = once("a", "5048h", "1000h")
		r := simulate(m, lifetime.Options{Years: 1})
		// Five weeks, then Monday 08:00 to Saturday 00:00: 160 h of a week, in which it is day as in every week.
		Expect(r.Total.Lost.Value).To(BeNumerically("~", 6*25/mean, 1e-9))
		m.Demand = nil
		Expect(simulate(m, lifetime.Options{Years: 1}).Total.Lost.Value).To(BeNumerically("~", 500, 1e-9), "without a week it is always day")
	})

	It("says what falls in the busy hours", func() {
		m := half("5040h") // from Monday 00:00
		m.Components[0] = once("a", "5040h", "24h")
		m.Capacity, m.Ceiling = needs(0), nil
		r := simulate(m, lifetime.Options{Years: 1})
		Expect(r.Total.Lost.Value).To(BeNumerically("~", 11.4/mean, 1e-9))
		Expect(r.Total.Busy.Value).To(BeNumerically("~", 10/mean, 1e-9))
		Expect(monday).To(Equal(5040))
	})
})

var _ = Describe("a window in turn", func() {
	idle := func(name string) lifetime.Component { return once(name, "8760h", "0h") }
	window := lifetime.Window{Name: "patches", Components: []string{"a", "b"}, Start: 26, Weeks: 4, Lasts: law("fixed 1h"), InTurn: true}

	It("takes one component after the other", func() {
		m := year(0, idle("a"), idle("b"))
		m.Windows = []lifetime.Window{window}
		m.Capacity = func(up lifetime.State) float64 { return (needs(0)(up) + needs(1)(up)) / 2 }
		m.Enough = 1
		r := simulate(m, lifetime.Options{Years: 1})
		Expect(r.Total.Hours.Value).To(BeNumerically("~", 24, 1e-9), "twelve times two hours")
		Expect(r.Total.Unserved.Value).To(BeNumerically("~", 12, 1e-9), "half each")
		m.Windows[0].InTurn = false
		Expect(simulate(m, lifetime.Options{Years: 1}).Total.Hours.Value).To(BeNumerically("~", 12, 1e-9))
	})

	It("leaves out a component without which the service would be down, and no other", func() {
		m := year(0, idle("a"), idle("b"))
		m.Windows = []lifetime.Window{window}
		m.Windows[0].Careful = true
		m.Capacity = func(up lifetime.State) float64 { return needs(0)(up) * (1 + needs(1)(up)) / 2 }
		r := simulate(m, lifetime.Options{Years: 1})
		Expect(r.Total.Hours.Value).To(BeZero())
		Expect(r.Total.Unserved.Value).To(BeNumerically("~", 6, 1e-9), "half without b")
	})

	It("leaves out nothing that makes nothing worse", func() {
		// a is down in the window at 698 h. b goes out all the same, as c serves in its place, until c fails.
		m := year(0, once("a", "600h", "200h"), idle("b"), once("c", "698.5h", "15m"))
		m.Life, m.Enough = 800, 1
		m.Windows = []lifetime.Window{window}
		m.Windows[0].Components, m.Windows[0].Careful = []string{"b"}, true
		m.Capacity = func(up lifetime.State) float64 { return (needs(0)(up) + needs(1, 2)(up)) / 2 }
		r := simulate(m, lifetime.Options{Years: 800 / dist.Year})
		Expect(r.Total.Unserved.Value * 800 / dist.Year).To(BeNumerically("~", 100+0.125, 1e-9))
	})

	It("leaves out one that is being repaired", func() {
		m := year(0, once("a", "600h", "200h"), idle("b")) // down at 698 h, the first window
		m.Life = 800
		m.Windows = []lifetime.Window{window}
		m.Capacity = needs(1)
		r := simulate(m, lifetime.Options{Years: 800 / dist.Year})
		Expect(r.Total.Hours.Value * 800 / dist.Year).To(BeNumerically("~", 1, 1e-9))
	})
})
