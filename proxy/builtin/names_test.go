package builtin

import (
	"context"
	"net"
	"net/netip"
	"strings"

	"github.com/miekg/dns"
	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/seed-ab8b6914/spof/proxy"
)

var _ = Describe("the DNS server of a team's files", func() {
	var cfg proxy.NamesConfig
	var ask string // its address
	BeforeEach(func() {
		l, err := net.Listen("tcp4", "0.0.0.0:0")
		Expect(err).NotTo(HaveOccurred())
		cfg = proxy.NamesConfig{
			Listen: l.Addr().String(), Others: netip.MustParseAddr("10.0.0.2"),
			Names: map[string]netip.Addr{"proxy-a": netip.MustParseAddr("10.0.0.21"), "Proxy-A.corp.example": netip.MustParseAddr("10.0.0.21")},
		}
		_, port, _ := net.SplitHostPort(cfg.Listen)
		ask = net.JoinHostPort(loopback(0), port)
		start(NamesMain, cfg, l)
		Eventually(func() error {
			_, err := dns.Exchange(new(dns.Msg).SetQuestion("x.", dns.TypeA), ask)
			return err
		}).Should(Succeed())
	})
	reply := func(name string, kind uint16) *dns.Msg {
		GinkgoHelper()
		r, err := dns.Exchange(new(dns.Msg).SetQuestion(name, kind), ask)
		Expect(err).NotTo(HaveOccurred())
		return r
	}

	DescribeTable("answers a stock resolver over UDP and TCP, from the address that was asked", func(name, want string) {
		for _, network := range []string{"udp", "tcp"} {
			ctx, cancel := context.WithTimeout(context.Background(), patience)
			list, err := resolver(network, ask).LookupHost(ctx, name)
			cancel()
			Expect(err).NotTo(HaveOccurred(), network)
			Expect(list).To(Equal([]string{want}), network)
		}
	},
		Entry("a node", "proxy-a.", "10.0.0.21"), Entry("a further name, in any case", "PROXY-a.Corp.example.", "10.0.0.21"),
		Entry("any other name", "www.example.com.", "10.0.0.2"), Entry("a subdomain of a node", "x.proxy-a.", "10.0.0.2"))

	It("has addresses of IPv4 only", func() {
		for _, kind := range []uint16{dns.TypeAAAA, dns.TypeMX, dns.TypeHTTPS} {
			r := reply("proxy-a.", kind)
			Expect(r.Rcode).To(Equal(dns.RcodeSuccess))
			Expect(r.Answer).To(BeEmpty())
		}
		Expect(reply("proxy-a.", dns.TypeANY).Answer).To(HaveLen(1))
	})

	It("refuses reverse lookups", func() {
		Expect(reply("21.0.0.10.in-addr.arpa.", dns.TypePTR).Rcode).To(Equal(dns.RcodeRefused))
	})

	It("answers queries that it does not know with an error", func() {
		q := new(dns.Msg).SetQuestion("a.", dns.TypeA)
		q.Opcode = dns.OpcodeNotify
		r, err := dns.Exchange(q, ask)
		Expect(err).NotTo(HaveOccurred())
		Expect(r.Rcode).To(Equal(dns.RcodeNotImplemented))
	})

	DescribeTable("refuses an invalid table", func(names, others, why string) {
		text := strings.NewReplacer("NAMES", names, "OTHERS", others).Replace(`{"names": {NAMES}, "others": "OTHERS"}`)
		l := socket()
		DeferCleanup(l.Close)
		Expect(NamesMain(context.Background(), []byte(text), []net.Listener{l}, nil)).To(MatchError(ContainSubstring(why)))
	},
		Entry(nil, ``, "", "others"), Entry(nil, ``, "::1", "IPv4"), Entry(nil, `"a..b": "10.0.0.1"`, "10.0.0.2", "a..b"), Entry(nil, `"a": "::1"`, "10.0.0.2", `"a"`))
})
