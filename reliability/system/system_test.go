package system_test

import (
	"fmt"
	"testing"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	"github.com/onsi/gomega/types"

	"github.com/seed-ab8b6914/spof/reliability/component"
	"github.com/seed-ab8b6914/spof/reliability/system"
	"github.com/seed-ab8b6914/spof/topology"
	"github.com/seed-ab8b6914/spof/topology/pac"
)

func TestMain(m *testing.M) {
	pac.Child()
	m.Run()
}

func TestSystem(t *testing.T) {
	RegisterFailHandler(Fail)
	RunSpecs(t, "system")
}

// few is a table with few kinds, so that a formula by hand and an enumeration are possible. Each unavailability is a round number: MDT 1 h,
// MTBF 99 h is 0.01.
const few = `kinds:
  node: {failure: exponential mean=99h, repair: fixed 1h}
  proxy: {failure: exponential mean=49h, repair: fixed 1h, beta: 10%}
  balancer: {failure: exponential mean=24h, repair: fixed 1h}
  dns: {failure: exponential mean=39h, repair: fixed 1h}
  wan: {failure: exponential mean=199h, repair: fixed 1h}
  psu: {failure: exponential mean=9h, repair: fixed 1h}
  feed: {failure: exponential mean=19h, repair: fixed 1h}
  zone: {failure: exponential mean=79h, repair: fixed 1h}
  mains: {failure: exponential mean=9h, repair: fixed 1h}
  ups: {failure: never, repair: fixed 1h}
  generator: {coverage: 90%}
  transfer-switch: {coverage: 95%}
  address-failover: {coverage: 75%}
  balancer-check: {coverage: 80%}
  dns-check: {coverage: 85%}
  resolver-retry: {coverage: 70%}
  parent-failover: {coverage: 60%}
  pac-retry: {coverage: 65%}
  pool-retry: {coverage: 55%}
`

// The unavailabilities of the table.
const (
	node, proxy, wan, psu, dist, mains = 0.01, 0.02, 0.005, 0.1, 0.05, 0.1
	beta, stuck                        = 0.1, 0.25
)

// table reads a whole table, with some of its own.
func table(more string) component.Table {
	GinkgoHelper()
	t, err := component.Table{}.Override("table", []byte(few))
	Expect(err).NotTo(HaveOccurred())
	if more != "" {
		t, err = t.Override("more", []byte(more))
		Expect(err).NotTo(HaveOccurred())
	}
	return t
}

func of(design string, t component.Table) *system.System {
	GinkgoHelper()
	d, err := topology.Load(design)
	Expect(err).NotTo(HaveOccurred())
	s, err := system.New(d, t)
	Expect(err).NotTo(HaveOccurred())
	return s
}

func relatively(v float64) types.GomegaMatcher { return BeNumerically("~", v, 1e-12*v) }

// or is the probability of at least one of independent events.
func or(ps ...float64) float64 {
	none := 1.0
	for _, p := range ps {
		none *= 1 - p
	}
	return 1 - none
}

var _ = Describe("a system", func() {
	DescribeTable("has the unavailability of a formula by hand", func(design string, want float64) {
		s := of(design, table(""))
		Expect(s.Unavailability(s.Groups[0].Down)).To(relatively(want))
		Expect(s.Unavailability(s.AnyDown)).To(relatively(want))
		Expect(s.UserUnavailability()).To(relatively(want))
	},
		Entry("single: everything in series", "single", or(node, proxy, wan, psu)),
		// The mains supply both feeds; beyond them each PSU has its feed.
		Entry("dual-psu: two PSUs on two feeds", "dual-psu", or(node, proxy, wan, mains, or(psu, dist)*or(psu, dist))),
		// One Squid after the other, whose software has a common cause. While the failover does not work, the first one decides.
		Entry("active-passive", "active-passive", or(wan, beta*proxy,
			stuck*or(node, psu, (1-beta)*proxy)+(1-stuck)*or(node, psu, (1-beta)*proxy)*or(node, psu, (1-beta)*proxy))),
	)

	It("has the frequency of failures of a formula by hand", func() {
		s := of("single", table(""))
		up := (1 - node) * (1 - proxy) * (1 - wan) * (1 - psu)
		Expect(s.Frequency(s.AnyDown)).To(relatively(up*(1./99+1./49+1./199+1./9)), "each part fails at the rate 1/MTBF while all work")
	})

	It("refuses values of components that the design does not have", func() {
		d, err := topology.Load("single")
		Expect(err).NotTo(HaveOccurred())
		_, err = system.New(d, table("components: [{of: wan isq, buy: 3}]"))
		Expect(err).To(MatchError(ContainSubstring(`did you mean "wan isp"`)))
	})

	It("bridges the outages of the mains that are shorter than a UPS", func() {
		d, err := topology.Load("dual-psu")
		Expect(err).NotTo(HaveOccurred())
		d.Power.Feeds[0].UPS, d.Power.Feeds[1].UPS = 90*60e9, 30*60e9
		more := "kinds: {mains: {repair: exponential mean=1h}, ups: {coverage: 90%}, node: {failure: never}, proxy: {failure: never}, wan: {failure: never}, psu: {failure: never}, feed: {failure: never}}"
		s, err := system.New(d, table(more))
		Expect(err).NotTo(HaveOccurred())
		// Of an outage of mean 1 h the part beyond h hours is exp(-h). Feed b is the first to lose its battery, or at once in 10 %.
		const out, refuses = 0.1, 0.1
		e30, e90 := 0.6065306597126334, 0.22313016014842982
		both := refuses*refuses + refuses*(1-refuses)*e30 + (1-refuses)*refuses*e90 + (1-refuses)*(1-refuses)*e90
		Expect(s.Unavailability(s.AnyDown)).To(BeNumerically("~", out*both, 1e-9))
		var names []string
		for _, e := range s.Events {
			names = append(names, e.Name)
		}
		Expect(names).To(ContainElements("mains out for more than 30min", "mains out for more than 1h30min"))
	})

	It("says what each single point of failure costs, the highest first", func() {
		s := of("generator-backed", table(""))
		all := s.Singles()
		Expect(all).NotTo(BeEmpty())
		hours, share := map[string]float64{}, map[string]float64{}
		for _, one := range all {
			hours[one.String()], share[one.String()] = one.Cost.Hours, one.Cost.Share
		}
		Expect(hours["node lb-a"]).To(relatively(0.8 * 8760 * or(node, psu*psu))) // the staff, 40 of 50 users
		Expect(share["node lb-a"]).To(Equal(0.8))
		Expect(hours["service proxy-b/squid"]).To(relatively(0.2 * 8760 * (1 - beta) * proxy)) // the lab
		Expect(hours["mains"]).To(relatively(0.2 * 8760 * mains))
		Expect(all[0].String()).To(Equal("service lb-a/balancer"))
		for i, one := range all[1:] {
			Expect(one.Cost.Hours).To(BeNumerically("<=", all[i].Cost.Hours))
		}
	})

	It("adds the outages of the failovers themselves", func() {
		s := of("active-passive", table("kinds: {psu: {failure: never}, proxy: {beta: 0%}, address-failover: {coverage: 100%}}"))
		all := s.Switches(func(group string, lost topology.Component) float64 {
			Expect(group).To(Equal("office"))
			return map[string]float64{"node": 3. / 3600, "service": 2. / 3600}[lost.Kind]
		})
		hours := map[string]float64{}
		for _, one := range all {
			hours[one.Event.Name] = one.Hours
		}
		standby := 1 - or(node, proxy, wan) // it serves
		Expect(hours["node proxy-a"]).To(relatively(8760 * 0.01 * standby * 3 / 3600))
		Expect(hours["service proxy-a/squid"]).To(relatively(8760 * 0.02 * standby * 2 / 3600))
		Expect(hours).NotTo(HaveKey("node proxy-b"))
		Expect(hours["wan isp"]).To(BeZero(), "no mechanism helps")
	})

	It("lists the values that it uses, with their sources", func() {
		all := of("single", component.Library()).Assumptions()
		Expect(all).To(ContainElement(HaveField("Of", "wan")))
		Expect(all).NotTo(ContainElement(HaveField("Of", "generator")), "the design has none")
		Expect(all).To(HaveEach(HaveField("Source", Not(BeEmpty()))))
	})

	It("adds up costs, each part once", func() {
		buy, run := of("active-passive", table("kinds: {node: {buy: 1000, run: 100}, wan: {run: 50}, mains: {buy: 7}, proxy: {buy: 1}}")).Cost()
		Expect([]float64{buy, run}).To(Equal([]float64{2002, 250}))
	})

	It("names what events share", func() {
		for _, e := range of("dual-psu", component.Library()).Events {
			switch e.Name {
			case "node proxy-a":
				Expect(e.Shares).To(Equal([]string{"feed feed-a", "feed feed-b", "site", "hardware hardware", "operator"}))
			case "service proxy-a/squid":
				Expect(e.Shares).To(Equal([]string{"node proxy-a", "software squid", "operator"}))
			}
		}
	})

	It("is built of every bundled design", func() {
		for _, name := range topology.Designs() {
			s := of(name, component.Library())
			Expect(s.UserUnavailability()).To(And(BeNumerically(">", 1e-4), BeNumerically("<", 0.05)), name)
		}
	})
})

func ExampleNew() {
	design, err := topology.Load("active-passive")
	if err != nil {
		panic(err)
	}
	s, err := system.New(design, component.Library())
	if err != nil {
		panic(err)
	}
	fmt.Printf("%.0f hours a year\n", 8760*s.UserUnavailability())
	for _, p := range s.Singles() {
		fmt.Println(p.Text())
	}
	// Output:
	// 52 hours a year
	// wan isp: its loss cuts off office; 48.7 h a year
}
