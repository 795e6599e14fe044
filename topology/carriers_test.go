package topology_test

import (
	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/seed-ab8b6914/spof/topology"
)

var _ = Describe("carriers", func() {
	names := func(t *topology.Topology, group string) []string {
		var all []string
		for _, c := range t.Carriers(group) {
			if c.Kind != topology.KindNode {
				all = append(all, c.String())
			}
		}
		return all
	}
	DescribeTable("are the components on the path while all is well", func(design string, replace []string, want ...string) {
		Expect(names(edited(design, replace...), "office")).To(HaveExactElements(want))
	},
		Entry("the holder of the address, not its standby", "active-passive", nil, "service proxy-a/squid", "wan isp"),
		Entry("both nodes without preemption", "active-passive", []string{"preempt: true", "preempt: false"}, "service proxy-a/squid", "wan isp", "service proxy-b/squid"),
		Entry("every server", "active-active", nil,
			"service lb-a/balancer", "service proxy-a/squid", "wan isp", "service proxy-b/squid", "service proxy-c/squid"),
		Entry("no backup", "dual-wan", nil, "service lb-a/balancer", "service proxy-a/squid", "wan fibre"),
		Entry("the first parent, and its link", "dual-wan-parents", nil, "service proxy-a/squid", "service edge-a/squid", "wan fibre"),
		Entry("the first of a browser's proxies", "pac-failover", nil, "service proxy-a/squid", "wan isp"),
		Entry("every record", "dns-failover", nil, "service proxy-a/squid", "wan isp", "service proxy-b/squid"),
	)
	It("are nil for an unknown group", func() {
		Expect(edited("single").Carriers("nobody")).To(BeNil())
	})

	DescribeTable("give the link that carries requests after a loss", func(design string, gone topology.Component, want map[string]float64) {
		Expect(edited(design).Flows("office", gone)).To(Equal(want))
	},
		Entry("the backup's", "dual-wan", topology.Component{Kind: topology.KindWAN, Name: "fibre"}, map[string]float64{"radio": 1}),
		Entry("the second parent's", "dual-wan-parents", topology.Component{Kind: topology.KindNode, Name: "edge-a"}, map[string]float64{"radio": 1}),
		Entry("none: no check reaches beyond the proxies", "active-passive", topology.Component{Kind: topology.KindWAN, Name: "isp"}, map[string]float64{}),
		Entry("the same where another node holds the address", "active-passive", topology.Component{Kind: topology.KindNode, Name: "proxy-a"}, map[string]float64{"isp": 1}),
		Entry("a sixth less where one exit's line is cut", "rotating-pool", topology.Component{Kind: topology.KindWAN, Name: "line-f"},
			map[string]float64{"line-a": 1. / 6, "line-b": 1. / 6, "line-c": 1. / 6, "line-d": 1. / 6, "line-e": 1. / 6}),
	)
})
