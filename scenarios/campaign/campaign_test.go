package campaign_test

import (
	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/seed-ab8b6914/spof/reports/analyze"
	"github.com/seed-ab8b6914/spof/scenarios"
	"github.com/seed-ab8b6914/spof/scenarios/campaign"
	"github.com/seed-ab8b6914/spof/scenarios/scenariotest"
	"github.com/seed-ab8b6914/spof/topology"
)

var _ = Describe("the meaning of a scenario", func() {
	DescribeTable("is missing where a design", func(scenario, name, want string) {
		Expect(campaign.Skip(scenariotest.Bundled(scenario), scenariotest.Design(name))).To(Equal(want))
	},
		Entry("has what it needs: not at all", "cold-cache", "cache-siblings", ""),
		Entry("stores nothing", "cold-cache", "active-passive", "no proxy of this design stores anything"),
		Entry("has no balancer", "proxy-hang", "active-passive", "users enter at the forward proxies themselves, so that a proxy is lost as in node-death and service-hang"),
		Entry("has no limited capacity", "surge", "single", "no link of this design has a bandwidth, so that what gives way would be the machine under the lab"),
		Entry("describes no hardware", "overheat", "active-passive", "this design describes no hardware and heeds none, so that it loses a node to it as in node-death"),
		Entry("heeds its hardware: not at all", "overheat", "active-passive@drain", ""),
		Entry("asks one DNS server", "dns-silent", "dns-failover", "its users have no second DNS server to ask, so that what they lose of a first they lose as in dns-failure"),
		Entry("asks two: not at all", "dns-silent", "dns-pair", ""),
		Entry("has no checks that nest", "check-race", "active-active", "no check of this design goes through another that it could race"),
		Entry("has checks that nest: not at all", "check-race", "check-race-cured", ""),
	)

	const untouched = "it stores nothing and strikes no DNS server, and but for how stores write and who answers for a name it is "
	DescribeTable("keeps what a planner asks of every design", func(scenario string) {
		var designs []*topology.Topology
		for _, name := range topology.Designs() {
			t := scenariotest.Design(name)
			Expect(campaign.Skip(scenariotest.Bundled(scenario), t)).To(BeEmpty(), name)
			designs = append(designs, t)
		}
		Expect(campaign.StandsFor(scenariotest.Bundled(scenario), designs)).To(Equal(map[string]string{
			"disk-cache-aufs": untouched + "disk-cache", "dns-pair": untouched + "dns-failover",
		}))
	},
		Entry(nil, "steady"), Entry(nil, "node-death"), Entry(nil, "service-crash"), Entry(nil, "service-hang"), Entry(nil, "wan-loss"),
	)

	It("is the same on designs that are alike to the scenario, of which the plainest stands for the others", func() {
		designs := []*topology.Topology{scenariotest.Design("dual-psu"), scenariotest.Design("active-passive"), scenariotest.Design("single"), scenariotest.Design("dual-wan"), scenariotest.Design("cold-standby"), scenariotest.Design("check-race")}
		Expect(campaign.StandsFor(scenariotest.Bundled("wan-flap"), designs)).To(Equal(map[string]string{
			"dual-psu": "nothing sees the links or goes round one but as on single", "active-passive": "nothing sees the links or goes round one but as on single",
			"cold-standby": "nothing sees the links or goes round one but as on single", "check-race": "nothing sees the links or goes round one but as on single",
		}))
		Expect(campaign.StandsFor(scenariotest.Bundled("rolling-restart"), designs)).To(Equal(map[string]string{"dual-psu": "users come to the proxies as they do on single", "cold-standby": "users come to the proxies as they do on active-passive"}))
		Expect(campaign.StandsFor(scenariotest.Bundled("vrrp-config-break"), designs[1:])).To(Equal(map[string]string{
			"cold-standby": "users come to another entry as they do on active-passive", "check-race": "users come to another entry as they do on active-passive",
			"dual-wan": "users come to another entry as they do on active-passive",
		}))
	})

	It("is that of each where DNS servers are struck", func() {
		designs := []*topology.Topology{scenariotest.Design("dns-failover"), scenariotest.Design("dns-pair"), scenariotest.Design("disk-cache"), scenariotest.Design("disk-cache-aufs")}
		Expect(campaign.StandsFor(scenariotest.Bundled("dns-failure"), designs)).To(Equal(map[string]string{
			"disk-cache-aufs": "nothing is stored under it, and but for how its stores write it is disk-cache"}))
		Expect(campaign.StandsFor(scenariotest.Bundled("streams"), designs)).To(HaveKeyWithValue("dns-pair", "users come to another entry as they do on dns-failover"))
	})

	It("is read, and a property or likeness that nobody knows is refused with the valid ones", func() {
		_, err := scenarios.Read("s.yaml", []byte(`scenario: s
load: {rate: 10/s}
phases: {baseline: 2s}
expect: {corrupted: "== 0"}
needs: [balancer, caches]
alike: links
`), analyze.Expectable())

		Expect(err).To(MatchError(And(ContainSubstring("s.yaml:5:19: "), ContainSubstring(`unknown value "caches"`), ContainSubstring("valid: balancer, cache,"),
			ContainSubstring("s.yaml:6:8: "), ContainSubstring("valid: balance, cache, election, entry, link, path"))))
	})
})
