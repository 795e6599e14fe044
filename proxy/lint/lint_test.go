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

// warnings of a bundled design with replacements in its text: PATH: WHAT.
func warnings(name string, replace ...string) []string {
	text, err := topology.Source(name)
	Expect(err).NotTo(HaveOccurred())
	t, err := topology.Read(name+".yaml", []byte(strings.NewReplacer(replace...).Replace(string(text))))
	Expect(err).NotTo(HaveOccurred())
	all := []string{}
	for _, w := range lint.Check(t) {
		all = append(all, strings.Join(w.At, ".")+": "+w.What)
	}
	return all
}

const wan = "wan.isp: all of proxy-a, proxy-b share the one WAN link isp: wan isp: its loss cuts off office"

var _ = DescribeTable("Check warns of", func(name string, replace []string, want ...string) {
	Expect(warnings(name, replace...)).To(HaveExactElements(want))
},
	Entry("the race of two checks, with the timers of both", "check-race", nil,
		"addresses.proxy.vrrp.track.fall: the check of address proxy goes through the balancer of lb-a and can fail before the balancer has left out a frozen server, "+
			"which moves the address for nothing: the balancer needs 3s to 4s (phase + T_fail + (fall-1) x (I + T_fail): I 1s, fall 2, T_fail 1s), "+
			"the track 3s to 5.05s (phase + (fall-1) x I + run: I 2s, fall 2), its last check starting from 2s on; fall 3 would wait for the balancer", wan),
	Entry("no race where the outer check waits, and of the price of waiting", "check-race-cured", nil,
		"addresses.proxy.vrrp.track: a dead service is seen 4s to 6.05s after (phase + (fall-1) x 2s, fall 3), but a dead node within 3.609s (3 adverts of 1s and the skew): "+
			"the track check makes a crash worse than a power loss", wan),
	Entry("no race, where the outer check does not depend on the inner one", "check-race", []string{"kind: origin", "kind: http"}, wan),
	Entry("a race by a shorter inner check less often", "check-race", []string{"interval: 1s, timeout: 1s, fall: 2", "interval: 500ms, timeout: 500ms, fall: 2"}, wan),
	Entry("nothing but the link in the usual pair", "active-passive", nil, wan),
	Entry("nothing in a single node that is not its own text", "single", nil),
	Entry("a check that only connects", "active-passive", []string{"kind: http", "kind: tcp"},
		"addresses.proxy.vrrp.track.kind: the track of address proxy only connects, so it never sees squid freeze: the kernel goes on accepting for it; kind http asks the service itself", wan),
	Entry("a track slower than the election", "active-passive", []string{"interval: 1s, timeout: 500ms, fall: 2", "interval: 5s, timeout: 500ms, fall: 2"},
		"addresses.proxy.vrrp.track: a dead service is seen 5s to 10.05s after (phase + (fall-1) x 5s, fall 2), but a dead node within 3.609s (3 adverts of 1s and the skew): "+
			"the track check makes a crash worse than a power loss", wan),
	Entry("a balancer that ends no idle connection", "active-active", []string{"          server_timeout: 50s\n", ""},
		"nodes.lb-a.services.balancer.balance: balancer of lb-a has no client_timeout or no server_timeout, and haproxy has none by itself: "+
			"an idle connection, or one to a frozen server, stays until the other side ends it; 50s is the median of public files",
		"nodes.lb-b.services.balancer.balance: balancer of lb-b has no client_timeout or no server_timeout, and haproxy has none by itself: "+
			"an idle connection, or one to a frozen server, stays until the other side ends it; 50s is the median of public files",
		"wan.isp: all of proxy-a, proxy-b, proxy-c share the one WAN link isp: wan isp: its loss cuts off office"),
	Entry("one server for a whole group", "active-active", []string{"algorithm: roundrobin", "algorithm: source"},
		"nodes.lb-a.services.balancer.balance.algorithm: balance source chooses by the users' address, and the users of a group share one: each group has one server of the 3 to itself, "+
			"the loss of that one strikes all of them, that of another none; give them several groups to see both; and a redispatched connection comes to the same server again "+
			"(hash-type map-based) until its check has failed, 2s to 3s after a silent death",
		"wan.isp: all of proxy-a, proxy-b, proxy-c share the one WAN link isp: wan isp: its loss cuts off office"),
	Entry("a way that nothing takes", "active-passive", []string{"weight: 0", "weight: -50"},
		"nodes.proxy-a.services.squid: service proxy-a/squid: its loss cuts off office; there is another way, but nothing switches to it", wan),
	Entry("a UPS that is empty before the generator has started", "generator-backed", []string{"ups: 5s", "ups: 1s"},
		"power.feeds.feed-a.ups: the UPS of feed feed-a holds 1s, but generator diesel takes 3s to start: for 2s what hangs on this feed alone is without power and goes down; ups: 3s would bridge it",
		"wan.isp: all of proxy-a, proxy-b, proxy-c share the one WAN link isp: wan isp: its loss cuts off staff, lab"),
	Entry("a generator without a UPS before it", "generator-backed", []string{"ups: 5s, ", ""},
		"power.feeds.feed-a.ups: feed feed-a has no UPS, but generator diesel takes 3s to start: for 3s what hangs on this feed alone is without power and goes down; ups: 3s would bridge it",
		"wan.isp: all of proxy-a, proxy-b, proxy-c share the one WAN link isp: wan isp: its loss cuts off staff, lab"),
	Entry("no gap where the UPS holds", "generator-backed", nil,
		"wan.isp: all of proxy-a, proxy-b, proxy-c share the one WAN link isp: wan isp: its loss cuts off staff, lab"),
	Entry("signals that nothing acts on", "single", []string{"topology: single", "signals: drain\ntopology: single"},
		"signals: nothing can act on signals: drain: no address moves between nodes, no balancer with an active check has another server, and no name another record, so that a node that warns goes on serving until it dies"),
	Entry("a priority that no other goes below", "active-passive", []string{"topology: active-passive", "signals: drain\ntopology: active-passive", "proxy-b: 100", "proxy-b: 1"},
		"addresses.proxy.vrrp.members.proxy-b: priority 1 is the least that VRRP has, so that a node that drains goes no lower than proxy-b, which then does not take proxy over; priority 2 would do", wan),
	Entry("signals that a DNS responder acts on: not at all", "dns-failover", []string{"topology: dns", "signals: drain\ntopology: dns"}, wan),
	Entry("signals that an address or a balancer acts on: not at all", "active-passive", []string{"topology: active-passive", "signals: leave\ntopology: active-passive"}, wan),
)
