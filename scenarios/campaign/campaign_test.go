package campaign_test

import (
	"strings"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/seed-ab8b6914/spof/reports/analyze"
	"github.com/seed-ab8b6914/spof/scenarios"
	"github.com/seed-ab8b6914/spof/scenarios/campaign"
	"github.com/seed-ab8b6914/spof/scenarios/scenariotest"
	"github.com/seed-ab8b6914/spof/topology"
)

var _ = Describe("the selection of a scenario", func() {
	DescribeTable("is skipped if a design", func(scenario, name, code string) {
		why := campaign.Skip(scenariotest.Bundled(scenario), scenariotest.Design(name))
		Expect(why.Code).To(Equal(code))
		Expect(why.Text == "").To(Equal(code == ""))
	},
		Entry("has what it needs: not skipped", "cold-cache", "cache-siblings", ""),
		Entry("has no cache", "cold-cache", "active-passive", "no-cache"),
		Entry("has no balancer", "proxy-hang", "active-passive", "no-balancer"),
		Entry("has no bandwidth", "surge", "single", "no-bandwidth"),
		Entry("has no hardware", "overheat", "active-passive", "no-hardware"),
		Entry("reacts to signals: not skipped", "overheat", "active-passive@drain", ""),
		Entry("asks one DNS server", "dns-silent", "dns-failover", "no-second-dns"),
		Entry("asks two: not skipped", "dns-silent", "dns-pair", ""),
		Entry("has no nested checks", "check-race", "active-active", "no-nested-checks"),
		Entry("has nested checks: not skipped", "check-race", "check-race-cured", ""),
	)

	alike := func(text string) campaign.Reason { return campaign.Reason{Code: "like-another-design", Text: text} }
	untouched := func(name string) campaign.Reason {
		return alike("the load uses no cache, no fault strikes a DNS server, and except for cache writes and DNS servers the design is the same as " + name)
	}
	DescribeTable("runs the basic scenarios on every design", func(scenario string) {
		var designs []*topology.Topology
		for _, name := range topology.Designs() {
			t := scenariotest.Design(name)
			Expect(campaign.Skip(scenariotest.Bundled(scenario), t)).To(BeZero(), name)
			designs = append(designs, t)
		}
		Expect(campaign.StandsFor(scenariotest.Bundled(scenario), designs)).To(Equal(map[string]campaign.Reason{
			"disk-cache-aufs": untouched("disk-cache"), "dns-pair": untouched("dns-failover"),
		}))
	},
		Entry(nil, "steady"), Entry(nil, "node-death"), Entry(nil, "service-crash"), Entry(nil, "service-hang"), Entry(nil, "wan-loss"),
	)

	It("runs on the plainest of designs that are alike", func() {
		designs := []*topology.Topology{scenariotest.Design("dual-psu"), scenariotest.Design("active-passive"), scenariotest.Design("single"), scenariotest.Design("dual-wan"), scenariotest.Design("cold-standby"), scenariotest.Design("check-race")}
		Expect(campaign.StandsFor(scenariotest.Bundled("wan-flap"), designs)).To(Equal(map[string]campaign.Reason{
			"dual-psu": alike("same WAN behaviour as single"), "active-passive": alike("same WAN behaviour as single"),
			"cold-standby": alike("same WAN behaviour as single"), "check-race": alike("same WAN behaviour as single"),
		}))
		Expect(campaign.StandsFor(scenariotest.Bundled("rolling-restart"), designs)).To(Equal(map[string]campaign.Reason{"dual-psu": alike("same path to the proxies as single"), "cold-standby": alike("same path to the proxies as active-passive")}))
		Expect(campaign.StandsFor(scenariotest.Bundled("vrrp-config-break"), designs[1:])).To(Equal(map[string]campaign.Reason{
			"cold-standby": alike("same failover of the entry as active-passive"), "check-race": alike("same failover of the entry as active-passive"),
			"dual-wan": alike("same failover of the entry as active-passive"),
		}))
	})

	It("does not choose by the text about a design", func() {
		plain, other := scenariotest.Design("single"), scenariotest.Design("single")
		other.Name = "single-of-another-name"
		for _, about := range []string{"", strings.Repeat("long ", 100)} {
			plain.About = about
			Expect(campaign.StandsFor(scenariotest.Bundled("steady"), []*topology.Topology{plain, other})).To(Equal(
				map[string]campaign.Reason{other.Name: untouched("single")}))
		}
	})

	It("runs on each design if a fault strikes its DNS servers", func() {
		designs := []*topology.Topology{scenariotest.Design("dns-failover"), scenariotest.Design("dns-pair"), scenariotest.Design("disk-cache"), scenariotest.Design("disk-cache-aufs")}
		Expect(campaign.StandsFor(scenariotest.Bundled("dns-failure"), designs)).To(Equal(map[string]campaign.Reason{
			"disk-cache-aufs": alike("the load uses no cache, and except for cache writes the design is the same as disk-cache")}))
		Expect(campaign.StandsFor(scenariotest.Bundled("streams"), designs)).To(HaveKeyWithValue("dns-pair", alike("same failover of the entry as dns-failover")))
	})

	It("refuses an unknown property or similarity", func() {
		_, err := scenarios.Read("s.yaml", []byte(`scenario: s
load: {rate: 10/s}
phases: {baseline: 2s}
expect: {corrupted: "== 0"}
needs: [balancer, caches]
alike: links
`), analyze.Expectable())

		Expect(scenariotest.Problems(err)).To(Equal([]string{"5:19 unknown-value", "6:8 unknown-value"}))
		Expect(err).To(MatchError(And(ContainSubstring("valid: balancer, cache,"), ContainSubstring("valid: balance, cache, election, entry, link, path"))))
	})
})
