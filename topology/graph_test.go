package topology_test

import (
	"strings"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/seed-ab8b6914/spof/topology"
)

// edited reads a bundled design with some of its text replaced: old, new, old, new, ....
func edited(name string, replace ...string) *topology.Topology {
	GinkgoHelper()
	data, err := topology.Source(name)
	Expect(err).NotTo(HaveOccurred())
	for i := 0; i < len(replace); i += 2 {
		Expect(string(data)).To(ContainSubstring(replace[i]))
	}
	t, err := topology.Read("f", []byte(strings.NewReplacer(replace...).Replace(string(data))))
	Expect(err).NotTo(HaveOccurred())
	return t
}

func pointsOf(t *topology.Topology) []string {
	texts := []string{}
	for _, p := range t.SinglePoints() {
		texts = append(texts, p.Text())
	}
	return texts
}

const (
	noTrack = "      track: {service: squid, kind: http, interval: 1s, timeout: 500ms, fall: 2, rise: 2, weight: 0}\n"
	detour  = "; another path exists, but no mechanism switches to it"
	cuts    = ": its loss cuts off office"
	wanCuts = "wan isp" + cuts
)

// ownLinks gives each Squid of a design a WAN link of its own.
var ownLinks = []string{
	"proxy-a:\n", "proxy-a:\n    wan: isp-a\n", "proxy-b:\n", "proxy-b:\n    wan: isp-b\n", "proxy-c:\n", "proxy-c:\n    wan: isp-c\n",
	"  isp: {latency: 0ms}", "  isp-a: {}\n  isp-b: {}\n  isp-c: {}",
}

var _ = Describe("single points of failure", func() {
	DescribeTable("depend on the design and its mechanisms", func(name string, replace []string, want ...string) {
		Expect(pointsOf(edited(name, replace...))).To(HaveExactElements(want))
	},
		Entry("single: everything", "single", nil,
			"node proxy-a"+cuts, "service proxy-a/squid"+cuts, wanCuts),
		Entry("active-passive: the link", "active-passive", nil, wanCuts),
		Entry("active-active: the link", "active-active", nil, wanCuts),
		Entry("an address without a track stays on a node with a dead service", "active-passive", []string{noTrack, ""},
			"service proxy-a/squid"+cuts+detour, wanCuts),
		Entry("a weight too small to lose the election", "active-passive", []string{"weight: 0", "weight: -50"},
			"service proxy-a/squid"+cuts+detour, wanCuts),
		Entry("a weight that loses the election", "active-passive", []string{"weight: 0", "weight: -51"}, wanCuts),
		Entry("a weight, and a backup that may not preempt", "active-passive", []string{"weight: 0", "weight: -51", "preempt: true", "preempt: false"},
			"service proxy-a/squid"+cuts+detour, wanCuts),
		Entry("no preemption alone", "active-passive", []string{"preempt: true", "preempt: false"}, wanCuts),
		Entry("the master's own link, which its check does not detect", "active-passive",
			[]string{"proxy-a:\n", "proxy-a:\n    wan: isp-a\n", "proxy-b:\n", "proxy-b:\n    wan: isp-b\n",
				"  isp: {latency: 0ms}", "  isp-a: {}\n  isp-b: {}"},
			"wan isp-a"+cuts+detour),
		Entry("the master's own link, which a check of kind origin detects", "active-passive",
			[]string{"proxy-a:\n", "proxy-a:\n    wan: isp-a\n", "proxy-b:\n", "proxy-b:\n    wan: isp-b\n",
				"  isp: {latency: 0ms}", "  isp-a: {}\n  isp-b: {}", "kind: http", "kind: origin"}),
		Entry("every server's own link: the balancer keeps using the server", "active-active", ownLinks,
			"wan isp-a"+cuts+detour, "wan isp-b"+cuts+detour, "wan isp-c"+cuts+detour),
		Entry("a balancer's only server", "active-active", []string{"[proxy-a, proxy-b, proxy-c]", "[proxy-b]"},
			"node proxy-b"+cuts, "service proxy-b/squid"+cuts, wanCuts),
		Entry("two links and a backup, with checks of kind origin", "dual-wan", nil),
		Entry("a backup, but checks of kind http", "dual-wan", []string{"kind: origin", "kind: http"},
			"wan fibre"+cuts+detour),
		Entry("two links and no backup", "dual-wan", []string{"          backup: [proxy-b] # serves while no other server does\n", "", "          backup: [proxy-b]\n", ""},
			"node proxy-a"+cuts, "service proxy-a/squid"+cuts, "wan fibre"+cuts),
		Entry("two links and a parent on each", "dual-wan-parents", nil),
		Entry("one parent", "dual-wan-parents", []string{"[edge-a, edge-b]", "[edge-b]"},
			"node edge-b"+cuts, "service edge-b/squid"+cuts, "wan radio"+cuts),
		Entry("users who enter at one of two balancers", "active-active", []string{`"proxy:3128"`, `"lb-b:3128"`},
			"node lb-b"+cuts, "service lb-b/balancer"+cuts, wanCuts),
	)

	It("name the groups that are cut off", func() {
		t := edited("active-passive", `  office: {count: 50, proxy: "proxy:3128"}`,
			"  office: {count: 50, proxy: \"proxy:3128\"}\n  lab: {count: 1, proxy: \"proxy-b:3128\"}")
		Expect(pointsOf(t)).To(HaveExactElements("node proxy-b: its loss cuts off lab",
			"service proxy-b/squid: its loss cuts off lab", "wan isp: its loss cuts off office, lab"))
	})

	// The structure function and the paths are computed apart: a component without a detour is one that all paths share.
	DescribeTable("without a detour are the components that all paths share", func(name string, replace []string) {
		t := edited(name, replace...)
		var shared, alone []string
		for _, c := range t.Components() {
			if onAllPaths(t, c) {
				shared = append(shared, c.String())
			}
		}
		for _, p := range t.SinglePoints() {
			if !p.Detour {
				alone = append(alone, p.String())
			}
		}
		Expect(alone).To(Equal(shared))
	},
		Entry(nil, "single", nil), Entry(nil, "active-passive", nil), Entry(nil, "active-active", nil),
		Entry(nil, "active-passive", []string{noTrack, ""}),
		Entry(nil, "active-active", []string{"[proxy-a, proxy-b, proxy-c]", "[proxy-b]"}),
		Entry(nil, "active-active", ownLinks),
	)
})

func onAllPaths(t *topology.Topology, c topology.Component) bool {
	for _, path := range t.Paths("office") {
		on := false
		for _, step := range path {
			node, service, is := strings.Cut(step, "/")
			switch c.Kind {
			case topology.KindNode:
				on = on || is && node == c.Name
			case topology.KindService:
				on = on || is && node == c.Node && service == c.Name
			default:
				on = on || step == c.Name
			}
		}
		if !on {
			return false
		}
	}
	return true
}

var _ = Describe("paths", func() {
	It("lead from a group to every origin; that of the healthy design is first", func() {
		t, err := topology.Read("f", []byte(valid))
		Expect(err).NotTo(HaveOccurred())
		Expect(t.Paths("office")).To(HaveExactElements(
			[]string{"office", "proxy", "lb-a/balancer", "proxy-a/squid", "fast", "web"},
			[]string{"office", "proxy", "lb-a/balancer", "proxy-a/squid", "fast", "shop"},
			[]string{"office", "proxy", "lb-a/balancer", "proxy-b/squid", "slow", "web"},
			[]string{"office", "proxy", "lb-a/balancer", "proxy-b/squid", "slow", "shop"},
			[]string{"office", "proxy", "lb-b/balancer", "proxy-b/squid", "slow", "web"},
			[]string{"office", "proxy", "lb-b/balancer", "proxy-b/squid", "slow", "shop"},
		))
		Expect(t.Paths("lab")).To(HaveExactElements(
			[]string{"lab", "proxy-b/squid", "slow", "web"}, []string{"lab", "proxy-b/squid", "slow", "shop"}))
		Expect(t.Paths("nobody")).To(BeNil())
	})
})

var _ = Describe("roles", func() {
	It("are those of the design", func() {
		t, err := topology.Read("f", []byte(valid))
		Expect(err).NotTo(HaveOccurred())
		Expect(t.Holders("office")).To(HaveExactElements("lb-a", "lb-b"))
		Expect(t.Holders("lab")).To(HaveExactElements("proxy-b"))
		Expect(t.Holders("nobody")).To(BeNil())
		Expect(t.Balancers()).To(HaveExactElements("lb-a", "lb-b"))
		Expect(t.Proxies()).To(HaveExactElements("proxy-a", "proxy-b"))
		a, ok := t.EntryAddress("office")
		Expect(ok).To(BeTrue())
		Expect(a.Name).To(Equal("proxy"))
		_, ok = t.EntryAddress("lab")
		Expect(ok).To(BeFalse())
	})
})
