package plan_test

import (
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/seed-ab8b6914/spof/scenarios"
	"github.com/seed-ab8b6914/spof/scenarios/plan"
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
