package configure_test

import (
	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/seed-ab8b6914/spof/proxy/configure"
	"github.com/seed-ab8b6914/spof/topology"
)

var _ = DescribeTable("Capabilities",
	func(node string, builtin bool, want ...string) {
		Expect(configure.Capabilities(sample(), node, builtin)).To(Equal(want))
	},
	Entry("of a Squid with an address", "proxy-a", false, "NET_ADMIN", "NET_RAW", "SETGID", "SETUID"),
	Entry("of an HAProxy with an address", "lb-a", false, "NET_ADMIN", "NET_RAW", "SETGID"),
	Entry("of builtin engines with an address", "proxy-a", true, "NET_ADMIN", "NET_RAW"),
	Entry("of a gateway", "isp", false, "NET_ADMIN"),
	Entry("of users who enter at an address", "office", false, "NET_ADMIN", "NET_RAW"),
)

var _ = It("gives KILL to a Squid with a disk, for its helpers", func() {
	t := sample()
	t.Nodes[2].Services[0].Cache = &topology.Cache{Memory: 1 << 20, Disk: 1 << 26}
	Expect(configure.Capabilities(t, "proxy-a", false)).To(ContainElement("KILL"))
	Expect(configure.Capabilities(t, "proxy-b", false)).NotTo(ContainElement("KILL"))
})
