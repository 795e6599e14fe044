package configure_test

import (
	"net/netip"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/seed-ab8b6914/spof/proxy"
	"github.com/seed-ab8b6914/spof/topology"
)

var _ = Describe("Configure for a DNS responder", func() {
	responder := func(site proxy.Site, kind topology.CheckKind, records ...string) proxy.Process {
		GinkgoHelper()
		t := sample()
		t.Nodes = append(t.Nodes, topology.Node{Name: "ns", Services: []topology.Service{{Name: "dns", Engine: topology.Builtin, Port: 5300,
			DNS: &topology.Responder{Name: "proxy", Records: records, Port: 3128, TTL: 30 * time.Second, Check: check(kind, time.Second)}}}})
		site.LAN["ns"] = netip.MustParseAddr("10.0.0.31")
		return process(configured(t, site), "ns", "dns")
	}

	It("listens on all addresses of its node, and checks the services themselves", func() {
		p := responder(containers(), topology.CheckHTTP, "proxy-a", "lb-a")
		Expect(config[proxy.DNSConfig](p)).To(Equal(proxy.DNSConfig{
			Node: "ns", Listen: "0.0.0.0:5300", Control: "/run/spof/dns.sock", Host: "proxy.test", TTL: 30, Check: check(topology.CheckHTTP, time.Second),
			Records: []proxy.DNSRecord{
				{Name: "proxy-a", Addr: "10.0.0.21", Probe: "http://10.0.0.21:3128/squid-internal-mgr/menu"},
				{Name: "lb-a", Addr: "10.0.0.11", Probe: "http://10.0.0.11:8404/spof-health"},
			},
		}))
		Expect(p.Command[:3]).To(Equal([]string{"spof", "node", "dns"}))
		Expect(p.Listen).To(Equal([]string{"0.0.0.0:5300"}))
		Expect(p.Ready).To(Equal("127.0.0.1:5300"))
		Expect(*p.Responder).To(Equal(proxy.ResponderFace{Control: "/run/spof/dns.sock", Server: "127.0.0.1:5300", Host: "proxy.test"}))
	})

	It("asks the chassis of the records if the design has signals", func() {
		t := sample()
		t.Signals = topology.Leave
		t.Nodes = append(t.Nodes, topology.Node{Name: "ns", Services: []topology.Service{{Name: "dns", Engine: topology.Builtin, Port: 5300,
			DNS: &topology.Responder{Name: "proxy", Records: []string{"proxy-b"}, Port: 3128, TTL: time.Second, Check: check(topology.CheckTCP, time.Second)}}}})
		site := containers()
		site.LAN["ns"] = netip.MustParseAddr("10.0.0.31")
		Expect(config[proxy.DNSConfig](process(configured(t, site), "ns", "dns")).Records).To(HaveExactElements(
			proxy.DNSRecord{Name: "proxy-b", Addr: "10.0.0.22", Probe: "10.0.0.22:3128", Agent: "10.0.0.22:8406"}))
	})

	It("listens on its own address on a shared network stack, with the kind of check of the design", func() {
		p := responder(loopback(), topology.CheckOrigin, "proxy-b")
		c := config[proxy.DNSConfig](p)
		Expect([]string{c.Listen, c.Control}).To(Equal([]string{"10.0.0.31:5300", "/tmp/lab/ns/dns.sock"}))
		Expect(c.Records).To(HaveExactElements(proxy.DNSRecord{Name: "proxy-b", Addr: "10.0.0.22", Probe: "http://web.test:8080/o/0/check@10.0.0.22:3128"}))
		Expect(config[proxy.DNSConfig](responder(loopback(), topology.CheckTCP, "proxy-b")).Records[0].Probe).To(Equal("10.0.0.22:3128"))
	})
})
