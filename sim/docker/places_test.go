package docker

import (
	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/seed-ab8b6914/spof/topology"
)

var _ = DescribeTable("places of a topology",
	func(change func(*topology.Topology), builtin bool, node string, want place) {
		t := pair()
		change(&t)
		want.node = node
		var got place
		for _, p := range places(t, builtin) {
			if p.node == node {
				got = p
			}
		}
		Expect(got).To(Equal(want))
	},
	Entry("a member of an address with a real Squid", unchanged, false, "a",
		place{lan: true, image: imageEngines, caps: []string{"NET_ADMIN", "NET_RAW", "SETGID", "SETUID"}}),
	Entry("the same node with builtin engines", unchanged, true, "a", place{lan: true, image: imageBuiltin, caps: []string{"NET_ADMIN", "NET_RAW"}}),
	Entry("a member of an address with a builtin proxy", func(t *topology.Topology) { t.Nodes[0].Services = []topology.Service{{Engine: topology.Builtin}} }, false, "a",
		place{lan: true, image: imageEngines, caps: []string{"NET_ADMIN", "NET_RAW", "SETGID"}}),
	Entry("a builtin proxy without an address", func(t *topology.Topology) {
		t.Nodes[0].Services, t.Addresses = []topology.Service{{Engine: topology.Builtin}}, nil
	}, false, "a", place{lan: true, image: imageBuiltin, caps: []string{"NET_ADMIN"}}),
	Entry("a link, which is on both networks", unchanged, false, "isp", place{lan: true, wan: true, image: imageBuiltin, caps: []string{"NET_ADMIN"}}),
	Entry("an origin, which is on the WAN", unchanged, false, "web", place{wan: true, image: imageBuiltin, caps: []string{"NET_ADMIN"}}),
	Entry("users, who pace their requests", unchanged, false, "office", place{lan: true, image: imageBuiltin, caps: []string{"SYS_NICE", "NET_ADMIN", "NET_RAW"}, shares: userShares}),
	Entry("users without an address, who hear no announcement", func(t *topology.Topology) { t.Users[0].Proxy.Host = "a" }, false, "office",
		place{lan: true, image: imageBuiltin, caps: []string{"SYS_NICE", "NET_ADMIN"}, shares: userShares}),
)

func unchanged(*topology.Topology) {}
