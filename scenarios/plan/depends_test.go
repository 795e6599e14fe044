package plan_test

import (
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/seed-ab8b6914/spof/proxy"
	"github.com/seed-ab8b6914/spof/scenarios"
	"github.com/seed-ab8b6914/spof/scenarios/plan"
	"github.com/seed-ab8b6914/spof/scenarios/predict"
	"github.com/seed-ab8b6914/spof/scenarios/scenariotest"
	"github.com/seed-ab8b6914/spof/topology"
)

var _ = DescribeTable("a prediction depends on", func(design, scenario string, want []string, not ...string) {
	t, err := topology.Load(design)
	Expect(err).NotTo(HaveOccurred())
	p, err := plan.Compile(t, scenariotest.Bundled(scenario), 1, 1)
	Expect(err).NotTo(HaveOccurred())
	hash := p.Hash()
	keys := p.DependsOn(0)
	Expect(keys).To(ContainElements(want))
	for _, key := range not {
		Expect(keys).NotTo(ContainElement(key))
	}
	Expect(p.Hash()).To(Equal(hash), "the plan is as before")
},
	Entry("the advertisements, where a node falls silent", "active-passive", "node-death",
		[]string{"addresses.proxy.vrrp.advert"}, "addresses.proxy.vrrp.track.interval", "wan.isp.latency"),
	Entry("the check of the service, where it freezes", "active-passive", "service-hang",
		[]string{"addresses.proxy.vrrp.track.interval", "addresses.proxy.vrrp.track.fall", "addresses.proxy.vrrp.track.kind"}, "addresses.proxy.vrrp.track.rise"),
	Entry("the balancer's check, where a server dies", "active-active", "proxy-death",
		[]string{"nodes.lb-a.services.balancer.balance.check.interval", "nodes.lb-a.services.balancer.balance.check.fall"}, "addresses.proxy.vrrp.advert", "nodes.lb-b.services.balancer.balance.check.interval"),
)

// moment is what a failover waited for.
func moment(part proxy.Part, by proxy.EventKind, node string, reported bool) predict.Moment {
	return predict.Moment{Part: part, By: by, Node: node, Reported: reported}
}

var _ = DescribeTable("a failover waits for", func(design, scenario string, m predict.Moment, waits, change string, lo, hi time.Duration) {
	p, err := plan.Compile(scenariotest.Design(design), scenariotest.Bundled(scenario), 1, 1)
	Expect(err).NotTo(HaveOccurred())
	hash := p.Hash()
	w, ok := p.Wait(0, m)
	Expect(ok).To(BeTrue())
	Expect([]string{w.Waits, w.Change}).To(Equal([]string{waits, change}))
	Expect(w.With.Lo).To(BeNumerically("~", lo, time.Millisecond))
	Expect(w.With.Hi).To(BeNumerically("~", hi, time.Millisecond))
	Expect(w.With.Hi).To(BeNumerically("<", p.Faults[0].Predicted.Hi))
	Expect(p.Hash()).To(Equal(hash), "the plan is as before")
},
	Entry("adverts: below a second they take version 3, 3 x 0.2 s + 156/256 x 0.2 s", "active-passive", "node-death",
		moment(proxy.PartDetect, proxy.EventVRRP, "proxy-b", false), "VRRP waiting for 3 adverts", "version 3 with advert 200ms", 522*time.Millisecond, 722*time.Millisecond),
	Entry("a track script, which keepalived starts at most once a second: one failure, and then the skew", "active-passive", "service-crash",
		moment(proxy.PartDetect, proxy.EventVRRP, "proxy-b", true), "the track script of proxy waiting for 2 failed checks in a row", "track fall 1", 609*time.Millisecond, 1659*time.Millisecond),
	Entry("the skew: (256-149)/256 s", "active-passive", "service-crash",
		moment(proxy.PartDecide, proxy.EventVRRP, "proxy-b", true), "the skew of proxy-b", "priority 149", 1418*time.Millisecond, 2468*time.Millisecond),
	Entry("a balancer's checks, each of which waits for one interval", "active-active", "proxy-death",
		moment(proxy.PartDecide, proxy.EventServerDown, "lb-a", true), "the balancer waiting for the second failed check", "check interval 200ms", 600*time.Millisecond, 800*time.Millisecond),
	Entry("a balancer's checks, if they are not told apart", "active-active", "proxy-death",
		moment(proxy.PartDetect, proxy.EventServerDown, "lb-a", false), "the balancer waiting for 2 failed checks in a row", "check interval 200ms", 600*time.Millisecond, 800*time.Millisecond),
	Entry("the TTL of DNS answers: 1.6 s + 1 s at most", "dns-failover", "node-death",
		moment(proxy.PartClient, proxy.EventRecord, "ns", true), "users keeping the old DNS answer", "ttl 1s", 1100*time.Millisecond, 2600*time.Millisecond),
)

var _ = DescribeTable("a failover waits for what no other value is predicted for", func(design, scenario string, m predict.Moment, waits, now string, fixed bool) {
	p, err := plan.Compile(scenariotest.Design(design), scenariotest.Bundled(scenario), 1, 1)
	Expect(err).NotTo(HaveOccurred())
	w, ok := p.Wait(0, m)
	Expect(ok).To(BeTrue())
	Expect(w).To(Equal(plan.Wait{Cause: predict.Cause{Waits: waits, Now: now, Fixed: fixed}}))
},
	Entry("users after VRRP", "active-passive", "node-death", moment(proxy.PartClient, proxy.EventVRRP, "proxy-b", false),
		"users whose requests still met no service after the switch", "", false),
	Entry("users after VRRP whose kernel repeats their SYN", "active-passive", "node-death",
		predict.Moment{Part: proxy.PartClient, By: proxy.EventVRRP, Node: "proxy-b", Repeats: true},
		"users repeating SYNs that got no answer (TCP waits 1 s or longer before each)", "", true),
	Entry("the announcement of an address", "active-passive", "node-death", moment(proxy.PartSwitch, proxy.EventVRRP, "proxy-b", false),
		"the announcement of the address reaching the users", "", true),
	Entry("browsers", "pac-failover", "node-death", moment(proxy.PartDetect, proxy.EventPACBad, "office", true),
		"browsers, each waiting for its own connection to the lost proxy to fail", "connect_timeout 2s", false),
	Entry("other browsers", "pac-failover", "node-death", moment(proxy.PartClient, proxy.EventPACBad, "office", true),
		"browsers, each waiting for its own connection to the lost proxy to fail", "connect_timeout 2s", false),
	Entry("a route", "single", "node-death", moment(proxy.PartDetect, proxy.EventRoute, "proxy-a", false), "the route of proxy-a changing", "", false),
	Entry("an unknown node", "active-active", "proxy-death", moment(proxy.PartDetect, proxy.EventServerDown, "elsewhere", false), "elsewhere noticing the failure", "", false),
	Entry("no election", "single", "node-death", moment(proxy.PartDecide, proxy.EventVRRP, "proxy-a", false), "proxy-a deciding after the failure was noticed", "", false),
)

var _ = Describe("the hash of what is done to a design", func() {
	compile := func(t *topology.Topology, edit func(*scenarios.Scenario), seed uint64, n int) *plan.Plan {
		GinkgoHelper()
		s := scenariotest.Bundled("node-death")
		edit(s)
		p, err := plan.Compile(t, s, seed, n)
		Expect(err).NotTo(HaveOccurred())
		return p
	}
	same := func(*scenarios.Scenario) {}

	It("is the same for another design, seed, number of trials and expectation", func() {
		p := compile(scenariotest.Pair(), same, 1, 1)
		q := compile(scenariotest.Single(), func(s *scenarios.Scenario) { s.Expect = nil }, 2, 5)
		Expect(q.LoadHash()).To(Equal(p.LoadHash()))
		Expect(q.DesignHash()).NotTo(Equal(p.DesignHash()))
		Expect(p.LoadHash()).To(HaveLen(16))
	})

	It("is another for another load or phase", func() {
		p := compile(scenariotest.Pair(), same, 1, 1)
		Expect(compile(scenariotest.Pair(), func(s *scenarios.Scenario) { s.Load.Rate++ }, 1, 1).LoadHash()).NotTo(Equal(p.LoadHash()))
		Expect(compile(scenariotest.Pair(), func(s *scenarios.Scenario) { s.Phases.Fault += time.Second }, 1, 1).LoadHash()).NotTo(Equal(p.LoadHash()))
	})
})
