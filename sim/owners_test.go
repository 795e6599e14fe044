package sim

import (
	"net/netip"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/seed-ab8b6914/spof/proxy"
	"github.com/seed-ab8b6914/spof/proxy/load"
	"github.com/seed-ab8b6914/spof/topology"
)

var _ = Describe("the users of a team's own files", func() {
	addr := netip.MustParseAddr
	place := func(node, prefix string, names ...string) topology.Placement {
		return topology.Placement{Node: node, Names: names, Interfaces: []topology.NetInterface{{Name: "eth0", Network: "lan", Address: netip.MustParsePrefix(prefix)}}}
	}
	site := proxy.Site{
		LAN: map[string]netip.Addr{"wan": addr("10.0.0.250"), "proxy-a": addr("10.0.0.21")},
		VIP: map[string]netip.Addr{"entry": addr("10.0.0.100")},
	}
	group := topology.Group{Name: "users", Count: 3}
	var design topology.Topology
	var spec load.Spec
	BeforeEach(func() {
		users := place("users", "10.0.0.251/24")
		users.Also = []netip.Addr{addr("10.0.0.252"), addr("10.0.0.253")}
		design = topology.Topology{WAN: []topology.Link{{Name: "wan"}}, Deployed: &topology.Deployed{
			Networks:   []topology.Network{{Name: "lan", Prefix: netip.MustParsePrefix("10.0.0.0/24")}, {Name: "dmz", Prefix: netip.MustParsePrefix("10.1.0.0/24")}},
			Placements: []topology.Placement{place("proxy-a", "10.0.0.21/24", "Squid1.corp.example"), users},
			Users:      []topology.OwnUsers{{Group: "users", Hosts: []string{"www.example.com"}, TLS: true, Account: "ann:secret"}},
		}}
		spec = load.Spec{TLSShare: 0.5, HTTPPort: 8080, HTTPSPort: 8443, Origins: []string{"origin.test"}, Allowed: []string{"10.0.0.0/24"}}
	})

	It("ask for its hosts at the ports of the web, from addresses of their own", func() {
		Expect(asOwners(&spec, design, site, group)).To(Succeed())
		Expect(spec).To(Equal(load.Spec{
			TLSShare: 0.5, HTTPPort: 80, HTTPSPort: 443, Origins: []string{"www.example.com"}, Account: "ann:secret", ViaOptional: true,
			Sources: []string{"10.0.0.251", "10.0.0.252", "10.0.0.253"}, Allowed: []string{"10.0.0.0/24", "10.1.0.0/24"},
		}))
	})

	DescribeTable("have no TLS where the entry allows none", func(change func(*topology.OwnUsers)) {
		change(&design.Deployed.Users[0])
		Expect(asOwners(&spec, design, site, group)).To(Succeed())
		Expect(spec.TLSShare).To(BeZero())
		spec.Streams = &load.Streams{}
		Expect(asOwners(&spec, design, site, group)).To(MatchError(ContainSubstring("streams")))
	},
		Entry("no CONNECT", func(u *topology.OwnUsers) { u.TLS = false }),
		Entry("a web server", func(u *topology.OwnUsers) { u.Web = true }))

	It("know the names and addresses that their PAC file may have", func() {
		spec.PAC = &load.PAC{Hosts: map[string]string{"proxy-a": "10.0.0.21"}}
		Expect(asOwners(&spec, design, site, group)).To(Succeed())
		Expect(spec.PAC.Hosts).To(Equal(map[string]string{
			"proxy-a": "10.0.0.21", "squid1.corp.example": "10.0.0.21", "10.0.0.21": "10.0.0.21", "users": "10.0.0.251", "10.0.0.251": "10.0.0.251",
			"entry": "10.0.0.100", "10.0.0.100": "10.0.0.100", "www.example.com": "10.0.0.250",
		}))
	})

	It("must be in the design", func() {
		Expect(asOwners(&spec, design, site, topology.Group{Name: "other"})).To(MatchError(ContainSubstring("other")))
	})

	It("are those of the load for other designs", func() {
		before := spec
		design.Deployed = nil
		Expect(asOwners(&spec, design, site, group)).To(Succeed())
		Expect(spec).To(Equal(before))
	})
})
