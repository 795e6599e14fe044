package lifetime_test

import (
	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/seed-ab8b6914/spof/reliability/dist"
	"github.com/seed-ab8b6914/spof/reliability/lifetime"
)

// once is a component that fails in hour at of the year, and not again in it.
func once(name, at, repair string) lifetime.Component {
	return lifetime.Component{Name: name, Fails: law("fixed " + at), Repair: law("fixed " + repair)}
}

// year is a model of one year that serves if the component with a number is up.
func year(serves int, components ...lifetime.Component) *lifetime.Model {
	return &lifetime.Model{Life: dist.Year, Components: components, Capacity: needs(serves)}
}

// needs serves all if one of the components is up.
func needs(any ...int) func(lifetime.State) float64 {
	return func(up lifetime.State) float64 {
		for _, i := range any {
			if up.Up(i) {
				return 1
			}
		}
		return 0
	}
}

// hours gives the hours down in a year of a model without chance.
func hours(m *lifetime.Model) float64 {
	GinkgoHelper()
	return simulate(m, lifetime.Options{Years: 2}).Total.Hours.Value
}

var _ = Describe("a component", func() {
	It("fails and is repaired, as good as new", func() {
		r := simulate(year(0, once("a", "1000h", "10h")), lifetime.Options{Years: 3})
		Expect(r.Total.Hours.Value).To(BeNumerically("~", 80, 1e-9), "at 1000, 2010, ... 8070 h")
		Expect(r.Total.Outages.Value).To(Equal(8.0))
		Expect(r.Total.Lost.Value).To(BeNumerically("~", 80, 1e-9))
		Expect(cause(r, "a").Hours).To(Equal(r.Total.Hours))
		Expect(r.Down[0].Hours.Value).To(BeNumerically("~", 80, 0.4))
		Expect(r.Years).To(Equal(3.0))
	})

	It("stays down without a repair", func() {
		Expect(hours(year(0, lifetime.Component{Name: "a", Fails: law("fixed 5000h")}))).To(BeNumerically("~", 3760, 1e-9))
	})

	It("fails more and more often with its age, if repair keeps it", func() {
		aged := lifetime.Component{Name: "a", Fails: law("weibull shape=2 mean=1y"), Repair: law("fixed 0h"), KeepsAge: true}
		// The failures are a Poisson process with the cumulative hazard (t/scale)^2 (Rausand and Hoyland, System Reliability Theory, 2nd
		// edition, section 7.4): in the first 5 years 25 pi/4.
		m := year(0, aged)
		m.Life = 5 * dist.Year
		r := simulate(m, lifetime.Options{Years: 5000, Seed: 1})
		Expect(r.Total.Outages.Contains(25*3.141592653589793/4/5)).To(BeTrue(), "%v", r.Total.Outages)
		m.Components[0].KeepsAge = false
		Expect(simulate(m, lifetime.Options{Years: 5000, Seed: 1}).Total.Outages.Hi).To(BeNumerically("<", 1.1))
	})
})

var _ = Describe("a crew", func() {
	series := func(up lifetime.State) float64 { return min(needs(0)(up), needs(1)(up)) }
	DescribeTable("repairs as many at once as it has members", func(members int, down float64) {
		m := year(0, once("a", "5000h", "50h"), once("b", "5010h", "50h"))
		m.Components[0].Crew, m.Components[1].Crew = "all", "all"
		m.Crews, m.Capacity = []lifetime.Crew{{Name: "all", Members: members}}, series
		Expect(hours(m)).To(BeNumerically("~", down, 1e-9))
	},
		Entry("one: the second waits", 1, 100.0),
		Entry("two: both at once", 2, 60.0),
	)

	DescribeTable("takes the one with the smallest number of priority, then the one that waits longest", func(ofB, ofC int, down float64) {
		m := year(1, once("a", "5000h", "50h"), once("b", "5010h", "50h"), once("c", "5020h", "50h"))
		m.Crews = []lifetime.Crew{{Name: "all", Members: 1}}
		for i, priority := range []int{0, ofB, ofC} {
			m.Components[i].Crew, m.Components[i].Priority = "all", priority
		}
		Expect(hours(m)).To(BeNumerically("~", down, 1e-9))
	},
		Entry("in the order of failures", 1, 1, 90.0),
		Entry("the later one first", 1, 0, 140.0),
	)
})

var _ = Describe("a stock", func() {
	DescribeTable("gives its parts and orders new ones", func(parts int, down float64) {
		m := year(1, once("a", "5000h", "50h"), once("b", "5010h", "50h"))
		m.Components[0].Stock, m.Components[1].Stock = "psu", "psu"
		m.Stocks = []lifetime.Stock{{Name: "psu", Parts: parts, Lead: law("fixed 30h")}}
		Expect(hours(m)).To(BeNumerically("~", down, 1e-9))
	},
		Entry("two: nobody waits", 2, 50.0),
		Entry("one: the second waits for the order of the first", 1, 70.0),
		Entry("none: each waits for its own", 0, 80.0),
	)
})

var _ = Describe("a standby", func() {
	needed := func(up lifetime.State) bool { return !up.Up(0) }
	powered := func(generator lifetime.Component, startFails float64) *lifetime.Model {
		generator.Standby = &lifetime.Standby{Needed: needed, StartFails: startFails}
		m := year(0, once("feed", "5000h", "90h"), generator)
		m.Capacity = needs(0, 1)
		return m
	}

	It("runs only while it is needed, and ages only then", func() {
		Expect(hours(powered(once("generator", "100h", "20h"), 0))).To(BeZero())
	})

	It("can fail while it runs, and starts again after its repair", func() {
		r := simulate(powered(once("generator", "40h", "20h"), 0), lifetime.Options{Years: 1})
		Expect(r.Total.Hours.Value).To(BeNumerically("~", 20, 1e-9), "from 5040 to 5060 h; the next run would last longer than the loss of the feed")
		Expect(cause(r, "generator").Hours.Value).To(Equal(r.Total.Hours.Value))
	})

	It("can fail to start, each time", func() {
		r := simulate(powered(once("generator", "1000h", "20h"), 1), lifetime.Options{Years: 1})
		Expect(r.Total.Hours.Value).To(BeNumerically("~", 90, 1e-9))
		Expect(r.Total.Outages.Value).To(BeNumerically("~", 5, 1e-9), "at 5000, 5020, ... 5080 h")
		r = simulate(powered(once("generator", "1000h", "200h"), 0.25), lifetime.Options{Years: 20_000, Seed: 5})
		Expect(r.Total.Outages.Contains(0.25)).To(BeTrue(), "%v", r.Total.Outages)
	})
})
