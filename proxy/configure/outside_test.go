package configure_test

import (
	"crypto/x509"
	"encoding/pem"
	"net/netip"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/seed-ab8b6914/spof/proxy"
	"github.com/seed-ab8b6914/spof/proxy/configure"
	"github.com/seed-ab8b6914/spof/topology"
)

// deployed is the sample with files of a team's own.
func deployed() *topology.Topology {
	t := sample()
	place := func(node, addr string, names ...string) topology.Placement {
		return topology.Placement{Node: node, Names: names, Interfaces: []topology.NetInterface{{Name: "eth0", Network: "lan", Address: netip.MustParsePrefix(addr + "/24")}}}
	}
	t.Deployed = &topology.Deployed{
		Networks: []topology.Network{{Name: "lan", Prefix: netip.MustParsePrefix("10.0.0.0/24")}},
		Placements: []topology.Placement{
			place("isp", "10.0.0.2"), place("office", "10.0.0.3"), place("lb-a", "10.0.0.11"), place("lb-b", "10.0.0.12"),
			place("proxy-a", "10.0.0.21", "squid1.corp.example"), place("proxy-b", "10.0.0.22"),
		},
		Users: []topology.OwnUsers{{Group: "office", Hosts: []string{"www.example.com", "web.test", "192.0.2.7"}, TLS: true}, {Group: "guests", Hosts: []string{"www.example.com"}}},
	}
	return t
}

var _ = Describe("Configure for a team's own files", func() {
	It("has a WAN link at the ports of the web, at all addresses", func() {
		wan := process(configured(deployed(), containers()), "isp", "wan")
		Expect(config[proxy.WANConfig](wan).Proxies).To(Equal([]proxy.WANProxy{
			{Name: "web-8080-http", Listen: "0.0.0.0:8080", Upstream: "10.0.1.3:8080"},
			{Name: "web-8443-https", Listen: "0.0.0.0:8443", Upstream: "10.0.1.3:8443"},
			{Name: "web-80-http", Listen: "0.0.0.0:80", Upstream: "10.0.1.3:8080"},
			{Name: "web-443-https", Listen: "0.0.0.0:443", Upstream: "10.0.1.3:8443"},
		}))
		Expect(wan.Ready).To(Equal("10.0.0.2:8080"), "its first proxy is the last to listen")
	})

	It("has a DNS server on the WAN link that knows the placements", func() {
		p := process(configured(deployed(), containers()), "isp", "names")
		c := config[proxy.NamesConfig](p)
		Expect(c.Listen).To(Equal("0.0.0.0:53"))
		Expect(c.Others).To(Equal(netip.MustParseAddr("10.0.0.2")))
		Expect(c.Names).To(HaveLen(7))
		Expect(c.Names).To(HaveKeyWithValue("squid1.corp.example", netip.MustParseAddr("10.0.0.21")))
		Expect(c.Names).To(HaveKeyWithValue("lb-b", netip.MustParseAddr("10.0.0.12")))
		Expect(p.Command[:3]).To(Equal([]string{"spof", "node", "names"}))
		Expect(p.Listen).To(Equal([]string{"0.0.0.0:53"}))
		Expect(p.Ready).To(Equal("10.0.0.2:53"))
	})

	It("has an origin for the hosts of the users, each once", func() {
		c := config[proxy.OriginConfig](process(configured(deployed(), containers()), "web", "origin"))
		Expect(c.Pages).To(BeTrue())
		block, _ := pem.Decode([]byte(c.Certificate))
		cert, err := x509.ParseCertificate(block.Bytes)
		Expect(err).NotTo(HaveOccurred())
		Expect(cert.DNSNames).To(Equal([]string{"web.test", "*.web.test", "*.www.example.com", "www.example.com"}))
		for _, host := range []string{"web.test", "www.example.com", "img.www.example.com", "192.0.2.7"} {
			Expect(cert.VerifyHostname(host)).To(Succeed())
		}
		Expect(cert.VerifyHostname("example.org")).NotTo(Succeed())
	})

	It("changes nothing of other designs", func() {
		specs := configured(sample(), containers())
		Expect(specs["isp"].Processes).To(HaveLen(1))
		Expect(config[proxy.OriginConfig](process(specs, "web", "origin")).Pages).To(BeFalse())
	})

	It("refuses a placement without an address", func() {
		t := deployed()
		t.Deployed.Placements[4].Interfaces = nil
		_, err := configure.Nodes(t, containers())
		Expect(err).To(And(MatchError(proxy.ErrNoAddress), MatchError(ContainSubstring("proxy-a"))))
	})
})
