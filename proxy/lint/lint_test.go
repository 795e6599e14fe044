package lint_test

import (
	"strings"
	"testing"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/seed-ab8b6914/spof/proxy/lint"
	"github.com/seed-ab8b6914/spof/topology"
	"github.com/seed-ab8b6914/spof/topology/pac"
)

func TestLint(t *testing.T) {
	RegisterFailHandler(Fail)
	RunSpecs(t, "lint")
}

// TestMain lets this test program be the process of a PAC file.
func TestMain(m *testing.M) {
	pac.Child()
	m.Run()
}

// expectWarnings holds that the warnings of a bundled design with replacements in its text are PATH CODE, or PATH CODE TEXT with a
// part of the message.
func expectWarnings(name string, replace []string, want ...string) {
	GinkgoHelper()
	text, err := topology.Source(name)
	Expect(err).NotTo(HaveOccurred())
	t, err := topology.Read(name+".yaml", []byte(strings.NewReplacer(replace...).Replace(string(text))))
	Expect(err).NotTo(HaveOccurred())
	got := []string{}
	for i, w := range lint.Check(t) {
		warning := strings.Join(w.At, ".") + " " + w.Code
		if i < len(want) {
			if text := strings.TrimPrefix(want[i], warning+" "); strings.Contains(w.What, text) {
				warning += " " + text
			}
		}
		got = append(got, warning)
	}
	Expect(got).To(HaveExactElements(want))
}

const wan = "wan.isp single-wan-link cuts off office"

var _ = DescribeTable("Check warns of", expectWarnings,
	Entry("the race of two checks", "check-race", nil, "addresses.proxy.vrrp.track.fall check-race of lb-a and can fail before the balancer has left out a frozen server; "+
		"the address then moves for nothing. The balancer needs 3s to 4s (phase + T_fail + (fall-1) x (I + T_fail): I 1s, fall 2, T_fail 1s). "+
		"The track needs 3s to 5.05s (phase + (fall-1) x I + run: I 2s, fall 2), and its last check starts after 2s or later; use fall: 3", wan),
	Entry("a slow track, but no race, if the outer check waits", "check-race-cured", nil,
		"addresses.proxy.vrrp.track slow-track after 4s to 6.05s (phase + (fall-1) x 2s, fall 3), and VRRP a dead node within 3.609s (3 adverts of 1s and the skew)", wan),
	Entry("no race if the outer check does not depend on the inner one", "check-race", []string{"kind: origin", "kind: http"}, wan),
	Entry("no race with a faster inner check", "check-race", []string{"interval: 1s, timeout: 1s, fall: 2", "interval: 500ms, timeout: 500ms, fall: 2"}, wan),
	Entry("the link of the usual pair", "active-passive", nil, wan),
	Entry("nothing in a single node", "single", nil),
	Entry("a track that only connects", "active-passive", []string{"kind: http", "kind: tcp"}, "addresses.proxy.vrrp.track.kind hang-undetected that squid is frozen", wan),
	Entry("checks of balancers that only connect", "active-active-l4", nil,
		"nodes.lb-a.services.balancer.balance.check.kind hang-undetected", "nodes.lb-b.services.balancer.balance.check.kind hang-undetected", wan),
	Entry("a track slower than the election", "active-passive", []string{"interval: 1s, timeout: 500ms, fall: 2", "interval: 5s, timeout: 500ms, fall: 2"},
		"addresses.proxy.vrrp.track slow-track after 5s to 10.05s (phase + (fall-1) x 5s, fall 2), and VRRP a dead node within 3.609s", wan),
	Entry("a balancer without an idle timeout", "active-active", []string{"          server_timeout: 50s\n", ""},
		"nodes.lb-a.services.balancer.balance no-idle-timeout haproxy", "nodes.lb-b.services.balancer.balance no-idle-timeout haproxy", wan),
	Entry("one server for a whole group", "active-active", []string{"algorithm: roundrobin", "algorithm: source"},
		"nodes.lb-a.services.balancer.balance.algorithm source-one-server 2s to 3s after a silent death", wan),
	Entry("a detour that no mechanism uses", "active-passive", []string{"weight: 0", "weight: -50"},
		"nodes.proxy-a.services.squid unused-detour service proxy-a/squid: its loss cuts off office; another path exists", wan),
	Entry("a UPS that is empty before the generator has started", "generator-backed", []string{"ups: 5s", "ups: 1s"},
		"power.feeds.feed-a.ups power-gap holds for 1s, but generator diesel takes 3s to start: nodes on this feed alone lose power for 2s and go down; use ups: 3s",
		"wan.isp single-wan-link cuts off staff, lab"),
	Entry("a generator without a UPS", "generator-backed", []string{"ups: 5s, ", ""},
		"power.feeds.feed-a.ups power-gap has no UPS, but generator diesel takes 3s to start: nodes on this feed alone lose power for 3s and go down; use ups: 3s",
		"wan.isp single-wan-link cuts off staff, lab"),
	Entry("no gap if the UPS holds", "generator-backed", nil, "wan.isp single-wan-link cuts off staff, lab"),
	Entry("signals without a mechanism", "single", []string{"topology: single", "signals: drain\ntopology: single"}, "signals signals-without-effect signals: drain"),
	Entry("the lowest priority of VRRP", "active-passive", []string{"topology: active-passive", "signals: drain\ntopology: active-passive", "proxy-b: 100", "proxy-b: 1"},
		"addresses.proxy.vrrp.members.proxy-b lowest-priority proxy-b has priority 1", wan),
	Entry("no signals to which a DNS server reacts", "dns-failover", []string{"topology: dns", "signals: drain\ntopology: dns"}, wan),
	Entry("no signals to which an address or a balancer reacts", "active-passive", []string{"topology: active-passive", "signals: leave\ntopology: active-passive"}, wan),
)
