package system_test

import (
	"encoding/json"
	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/seed-ab8b6914/spof/reliability/component"
	laws "github.com/seed-ab8b6914/spof/reliability/dist"
	"github.com/seed-ab8b6914/spof/reliability/lifetime"
	"github.com/seed-ab8b6914/spof/reliability/system"
	"github.com/seed-ab8b6914/spof/topology"
)

func law(text string) laws.Distribution {
	GinkgoHelper()
	d, err := laws.Parse(text)
	Expect(err).NotTo(HaveOccurred())
	return d
}

// lives simulates a system.
func lives(s *system.System, life system.Life, years float64, o lifetime.Options) *lifetime.Result {
	GinkgoHelper()
	m, err := s.Lifetimes(life)
	Expect(err).NotTo(HaveOccurred())
	m.Life = 20 * laws.Year // so that few of the years are those of new components
	o.Years, o.Workers = years, 2
	r, err := lifetime.Simulate(m, o)
	Expect(err).NotTo(HaveOccurred())
	return r
}

// waiting is a failover of a mean length for every loss.
func waiting(text string) func(string, topology.Component) system.Outage {
	d := law(text)
	return func(string, topology.Component) system.Outage { return system.Outage{Share: 1, Lasts: d} }
}

// switching gives the hours of a year that a user waits for failovers of a length.
func switching(s *system.System, wait float64) (hours float64) {
	users, all := map[string]float64{}, 0.0
	for _, g := range s.Groups {
		users[g.Name] = float64(g.Users)
		all += users[g.Name]
	}
	for _, w := range s.Switches(func(string, topology.Component) float64 { return wait }) {
		hours += users[w.Group] / all * w.Hours
	}
	return hours
}

// caused gives the losses of a cause.
func caused(r *lifetime.Result, cause string) lifetime.Loss {
	for _, l := range r.Causes {
		if l.Cause == cause {
			return l
		}
	}
	return lifetime.Loss{}
}

// only is a table in which nothing fails but what it says.
func only(kinds string) component.Table {
	GinkgoHelper()
	t, err := component.Table{}.Override("only", []byte("kinds: {"+kinds+"}"))
	Expect(err).NotTo(HaveOccurred())
	return t
}

// week is a demand of 1 at work, Monday to Friday from 8 to 18, and of a tenth at other times.
func week() *lifetime.Week {
	var w lifetime.Week
	for hour := range w {
		w[hour] = 0.1
		if day, of := hour/24, hour%24; day < 5 && of >= 8 && of < 18 {
			w[hour] = 1
		}
	}
	return &w
}

var _ = Describe("a lifetime of a system", func() {
	nodes := "node: {failure: exponential mean=200h, repair: exponential mean=24h}"

	It("is the same for any number of workers", func() {
		s := of("generator-backed", component.Library())
		m, err := s.Lifetimes(system.Life{Outage: waiting("uniform from=2s to=4s"), Demand: week()})
		Expect(err).NotTo(HaveOccurred())
		var texts []string
		for workers := range 2 {
			r, err := lifetime.Simulate(m, lifetime.Options{Years: 700, Seed: 3, Workers: workers + 1})
			Expect(err).NotTo(HaveOccurred())
			text, err := json.Marshal(r)
			Expect(err).NotTo(HaveOccurred())
			texts = append(texts, string(text))
		}
		Expect(texts[1]).To(Equal(texts[0]))
	})

	DescribeTable("loses what a birth-death chain of the pair says", func(members int, p0, p2 float64) {
		s := of("active-passive", only(nodes))
		life := system.Life{Care: system.Care{Crews: []system.Crew{{Name: "one", Members: members, Kinds: []string{"node"}}}}}
		r := lives(s, life, 2000, lifetime.Options{Seed: 4})
		exact := p2 / p0
		Expect(r.Total.Unavailability().Wide().Contains(exact)).To(BeTrue(), "%v: %v", exact, r.Total.Unavailability())
		Expect(r.Total.Unavailability().Wide().Hi).To(BeNumerically("<", 1.3*exact))
	},
		// rho = 24/200. Two members: (rho/(1+rho))^2. One: 2 rho^2 / (1 + 2 rho + 2 rho^2).
		Entry("two repair both at once", 2, 1.12*1.12, 0.12*0.12),
		Entry("one repairs one after the other", 1, 1+2*0.12+2*0.12*0.12, 2*0.12*0.12),
	)

	It("waits for parts", func() {
		s := of("single", only(nodes))
		care := system.Care{Stocks: []system.Stock{{Kind: "node", Parts: 0, Lead: law("fixed 100h")}}}
		r := lives(s, system.Life{Care: care}, 1000, lifetime.Options{Seed: 5})
		Expect(r.Total.Unavailability().Wide().Contains(124.0/324)).To(BeTrue(), "%v", r.Total.Unavailability())
	})

	It("has windows in the place of maintenance at any time", func() {
		s := of("single", only("node: {failure: never}, maintenance: {failure: exponential mean=100h, repair: fixed 1h}"))
		Expect(lives(s, system.Life{}, 1000, lifetime.Options{}).Total.Hours.Value).To(BeNumerically("~", laws.Year/101, 1))
		lost := map[float64]float64{}
		for _, start := range []float64{10, 147} { // Monday 10:00, Sunday 03:00
			w := system.Window{Name: "patches", Kinds: []string{"node"}, Start: start, Weeks: 2, Lasts: law("fixed 1h")}
			r := lives(s, system.Life{Care: system.Care{Windows: []system.Window{w}}, Demand: week()}, 40, lifetime.Options{})
			Expect(r.Total.Hours.Value).To(BeNumerically("~", 26, 0.1), "every second week an hour")
			lost[start] = r.Total.Lost.Value
		}
		Expect(lost[147]/lost[10]).To(BeNumerically("~", 0.1, 0.001), "an outage at night counts less")
	})

	It("has careful windows that cut nobody off", func() {
		for design, hours := range map[string]float64{"single": 0, "active-passive": 0} {
			s := of(design, only("node: {failure: never}"))
			w := system.Window{Name: "patches", Kinds: []string{"node"}, Start: 3, Weeks: 1, Lasts: law("fixed 1h"), Careful: true}
			life := system.Life{Care: system.Care{Windows: []system.Window{w}}}
			Expect(lives(s, life, 20, lifetime.Options{}).Total.Hours.Value).To(Equal(hours), design)
			life.Care.Windows[0].Careful = false
			Expect(lives(s, life, 20, lifetime.Options{}).Total.Hours.Value > 0).To(Equal(design == "single"), design)
		}
	})

	It("has the tail of the failovers", func() {
		s := of("active-passive", component.Library())
		hours := func(text string) float64 {
			return caused(lives(s, system.Life{Outage: waiting(text)}, 2000, lifetime.Options{Seed: 6}), system.CauseFailover).Unserved.Value
		}
		Expect(hours("empirical 2s 2s 2s 2s 42s")/hours("fixed 2s")).To(BeNumerically("~", 5, 1), "the mean is 10 s, the median 2 s")
	})

	It("draws a refusal once an outage", func() {
		s := of("generator-backed", only(`mains: {failure: exponential mean=1000h, repair: fixed 2h}, generator: {failure: never, coverage: 50%},
			transfer-switch: {failure: never, coverage: 80%}`))
		r := lives(s, system.Life{}, 1000, lifetime.Options{Seed: 7})
		Expect(r.Total.Unserved.Wide().Contains(s.UserUnavailability()*laws.Year)).To(BeTrue(), "%v, %v", s.UserUnavailability()*laws.Year, r.Total.Unserved)
		refused := caused(r, "generator").Unserved // of the 40 staff of 50 users, where the transfer switch works; the lab is shed in each outage
		Expect(refused.Wide().Contains(0.5*0.8*0.8*2*laws.Year/1002)).To(BeTrue(), "%v", refused)
	})

	It("empties a battery", func() {
		t, err := topology.Read("ups.yaml", []byte(`topology: ups
nodes: {proxy-a: {wan: isp, services: {squid: {engine: squid, port: 3128}}, chassis: {psus: {psu-1: feed-a}}}}
power: {feeds: {feed-a: {ups: 1h}}}
wan: {isp: {latency: 2ms}}
origins: {web: {}}
users: {office: {count: 50, proxy: "proxy-a:3128"}}
`))
		Expect(err).NotTo(HaveOccurred())
		s, err := system.New(t, only("mains: {failure: exponential mean=1000h, repair: empirical 30m 30m 4h}, ups: {failure: never, coverage: 75%}"))
		Expect(err).NotTo(HaveOccurred())
		r := lives(s, system.Life{}, 1000, lifetime.Options{Seed: 7})
		outages := laws.Year / (1000 + 5.0/3)
		Expect(r.Total.Unserved.Wide().Contains(outages*(3*0.75+5*0.25)/3)).To(BeTrue(), "three hours of the long one, or all of each")
		Expect(r.Total.Outages.Wide().Contains(outages*(0.25+0.75/3))).To(BeTrue(), "%v", r.Total.Outages)
	})

	It("has a ceiling by what is lost", func() {
		s := of("active-passive", only(nodes))
		capacities := &system.Capacities{Whole: 1, Without: map[topology.Component]float64{{Kind: topology.KindNode, Name: "proxy-a"}: 0.5}}
		r := lives(s, system.Life{Capacities: capacities, Demand: week()}, 1000, lifetime.Options{Seed: 8})
		cut := lives(s, system.Life{Demand: week()}, 1000, lifetime.Options{Seed: 8})
		// Without proxy-a alone, half of the demand by day is lost: 25 of 50+11.8 hours of demand a week.
		alone := 24.0 / 224 * 200 / 224 * laws.Year * 25 / 61.8
		Expect(r.Total.Lost.Value - cut.Total.Lost.Value).To(BeNumerically("~", alone, 0.06*alone))
		Expect(r.Total.Unserved).To(Equal(cut.Total.Unserved))
	})

	It("splits rare outages into levels, where one failure is not enough", func() {
		rare := of("active-passive", only("node: {failure: exponential mean=20000h, repair: exponential mean=24h}"))
		exact := 24.0 / 20024 * 24 / 20024
		r := lives(rare, system.Life{}, 2000, lifetime.Options{Seed: 9, Splitting: rare.Rare(30)})
		Expect(r.Total.Unavailability().Wide().Contains(exact)).To(BeTrue(), "%v: %v", exact, r.Total.Unavailability())
		Expect(r.Total.Unavailability().Hi).To(BeNumerically("<", 3*exact))
		Expect(of("single", only(nodes)).Rare(30)).To(BeNil())
	})
})
