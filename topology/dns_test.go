package topology_test

import (
	"strings"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/seed-ab8b6914/spof/topology"
)

const named = `topology: t
nodes:
  proxy-a: {services: {squid: {engine: squid, port: 3128}}}
  proxy-b: {services: {squid: {engine: squid, port: 3128}}}
  ns:
    services:
      dns: {engine: builtin, port: 5300, dns: {name: proxy, records: [proxy-a, proxy-b], port: 3128, ttl: 30s, check: {kind: tcp, interval: 1s, timeout: 500ms, fall: 2, rise: 2}}}
  ns-b:
    services:
      dns: {engine: builtin, port: 5301, dns: {name: proxy, records: [proxy-a, proxy-b], port: 3128, ttl: 30s, check: {kind: tcp, interval: 1s, timeout: 500ms, fall: 2, rise: 2}}}
wan: {isp: {}}
origins: {web: {}}
users:
  office: {count: 5, dns: {servers: [ns, ns-b], next: true, connect_timeout: 1s, caches: 2}}
`

var _ = Describe("users with a DNS name", func() {
	It("enter at its records, with the defaults of resolv.conf", func() {
		t, err := topology.Read("f", []byte(named))
		Expect(err).NotTo(HaveOccurred())
		g := t.Users[0]
		Expect(g.Proxy).To(Equal(topology.Entry{Host: "proxy-a", Port: 3128}))
		Expect(*g.DNS).To(Equal(topology.Resolve{Servers: []string{"ns", "ns-b"}, Timeout: 5 * time.Second, Attempts: 2,
			Next: true, ConnectTimeout: time.Second, Caches: 2}))
		r, ok := t.ResponderOf(g)
		Expect(ok).To(BeTrue())
		Expect(r.Host()).To(Equal("proxy.test"))
		Expect(t.Holders("office")).To(Equal([]string{"proxy-a", "proxy-b"}))
		Expect(t.Paths("office")).To(HaveExactElements(
			[]string{"office", "proxy-a/squid", "isp", "web"}, []string{"office", "proxy-b/squid", "isp", "web"}))
		Expect(t.Proxies()).To(Equal([]string{"proxy-a", "proxy-b"}))
		Expect(t.Nodes[2].WAN).To(BeEmpty(), "a responder goes nowhere")
	})

	It("are cut off by the loss of the last DNS server, but not of a record", func() {
		t, err := topology.Read("f", []byte(named))
		Expect(err).NotTo(HaveOccurred())
		isp := HaveField("Component", topology.Component{Kind: topology.KindWAN, Name: "isp"})
		Expect(t.SinglePoints()).To(HaveExactElements(isp))
		t, err = topology.Read("f", []byte(strings.Replace(named, "[ns, ns-b]", "[ns]", 1)))
		Expect(err).NotTo(HaveOccurred())
		Expect(t.SinglePoints()).To(HaveExactElements(
			And(HaveField("Component", topology.Component{Kind: topology.KindNode, Name: "ns"}), HaveField("Detour", false)),
			HaveField("Component", topology.Component{Kind: topology.KindService, Name: "dns", Node: "ns"}), isp))
		Expect(t.Outline()).To(ContainSubstring("ns/dns  builtin on port 5300, DNS for proxy.test:3128, TTL 30s  ! single point of failure: node, service\n"))
		Expect(t.DOT()).To(ContainSubstring(`"office" -> "ns/dns" [label="proxy.test", style=dotted]`))
	})

	It("lose a share of their requests if the check does not detect the loss behind a record", func() {
		split := strings.NewReplacer("proxy-a: {services", "proxy-a: {wan: isp, services", "proxy-b: {services", "proxy-b: {wan: other, services",
			"wan: {isp: {}}", "wan: {isp: {}, other: {}}").Replace(named)
		t, err := topology.Read("f", []byte(split))
		Expect(err).NotTo(HaveOccurred())
		Expect(t.SinglePoints()).To(HaveLen(2), "either link")
		t, err = topology.Read("f", []byte(strings.ReplaceAll(split, "kind: tcp", "kind: origin")))
		Expect(err).NotTo(HaveOccurred())
		Expect(t.SinglePoints()).To(BeEmpty())
	})

	DescribeTable("are refused with position and code", func(old, new string, want ...string) {
		Expect(named).To(ContainSubstring(old))
		_, err := topology.Read("f", []byte(strings.Replace(named, old, new, 1)))
		expectProblems(err, want...)
	},
		Entry("a record of an unknown node", "[proxy-a, proxy-b]", "[proxy-a, proxy-x]",
			`7:80 unknown-name (did you mean "proxy-a"?); valid: proxy-a, proxy-b, ns, ns-b`, "14:42 servers-differ"),
		Entry("a record twice", "[proxy-a, proxy-b]", "[proxy-a, proxy-a]", "7:80 listed-twice", "14:42 servers-differ"),
		Entry("no record", "[proxy-a, proxy-b]", "[]", "7:70 too-few got 0", "14:42 servers-differ"),
		Entry("a record of a node without a proxy", "[proxy-a, proxy-b]", "[proxy-a, ns-b]",
			"7:80 no-listener node ns-b listens at port 3128; its services: dns (5301)", "14:42 servers-differ"),
		Entry("a TTL of 0s", "ttl: 30s", "ttl: 0s", "7:107 wrong-value from 1s to 24h"),
		Entry("a TTL above the maximum", "ttl: 30s", "ttl: 25h", "7:107 wrong-value from 1s to 24h"),
		Entry("a TTL in parts of a second", "ttl: 30s", "ttl: 1500ms", "7:107 time-step got 1.5s"),
		Entry("no check", ", check: {kind: tcp, interval: 1s, timeout: 500ms, fall: 2, rise: 2}}}\n  ns-b", "}}\n  ns-b", `7:47 missing-key key "check"`),
		Entry("a check without a kind", "kind: tcp, ", "", `7:119 missing-key key "kind"`),
		Entry("the name of an origin", "name: proxy", "name: web", "7:54 name-taken web.test is the name of origin web", "14:42 servers-differ"),
		Entry("an engine that answers no DNS", "engine: builtin", "engine: squid",
			"7:45 engine-cannot engine squid does not support dns; use builtin, or leave dns out"),
		Entry("an unknown server", "[ns, ns-b]", "[nx]", `14:38 unknown-name (did you mean "ns"?); valid: ns, ns-b`),
		Entry("a node without a DNS server", "[ns, ns-b]", "[proxy-a]", "14:38 wrong-service"),
		Entry("a server twice", "[ns, ns-b]", "[ns, ns]", "14:42 listed-twice"),
		Entry("servers that differ", "records: [proxy-a, proxy-b]", "records: [proxy-b, proxy-a]", "14:42 servers-differ"),
		Entry("connect_timeout without next", "next: true, ", "", "14:66 unused-key"),
		Entry("rotate without true or false", "next: true", "rotate: maybe, next: true", "14:57 wrong-value want true or false"),
		Entry("rotate with one server", "[ns, ns-b], next: true", "[ns], rotate: true, next: true", "14:51 unused-key"),
		Entry("a timeout above that of resolv.conf", "next: true", "timeout: 31s, next: true", "14:58 wrong-value from 10ms to 30s"),
		Entry("attempts above those of resolv.conf", "next: true", "attempts: 6, next: true", "14:59 wrong-value from 1 to 5"),
		Entry("more caches than users", "caches: 2", "caches: 6", "14:90 too-many got 6"),
		Entry("two ways", "count: 5", "count: 5, proxy: \"proxy-a:3128\"", "14:50 two-ways"),
		Entry("a pool as well", "count: 5", "count: 5, pool: {exits: [proxy-a, proxy-b], port: 3128}", "14:74 two-ways"),
		Entry("users who enter at a DNS server", "dns: {servers: [ns, ns-b], next: true, connect_timeout: 1s, caches: 2}", `proxy: "ns:5300"`,
			"14:29 wrong-service"),
	)
})
