package topology_test

import (
	"fmt"
	"regexp"
	"strings"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/seed-ab8b6914/spof/reason"
	"github.com/seed-ab8b6914/spof/topology"
	"github.com/seed-ab8b6914/spof/topology/pac"
)

const browsers = `topology: t
nodes:
  proxy-a: {services: {squid: {engine: squid, port: 3128}}}
  proxy-b: {services: {squid: {engine: squid, port: 3128}, other: {engine: builtin, port: 8080}}}
wan: {isp: {}}
origins: {web: {}}
users:
  office:
    count: 5
    pac: {browser: firefox, connect_timeout: 1s, direct: isp, script: 'function FindProxyForURL(u, h) { return "PROXY proxy-a:3128; PROXY proxy-b:3128; DIRECT"; }'}
`

var _ = Describe("users with a PAC file", func() {
	It("enter at the proxies that it returns, in that order", func() {
		t, err := topology.Read("f", []byte(browsers))
		Expect(err).NotTo(HaveOccurred())
		g := t.Users[0]
		Expect(g.Proxy).To(Equal(topology.Entry{Host: "proxy-a", Port: 3128}))
		Expect(g.PAC.Hops).To(Equal([]topology.Entry{{Host: "proxy-a", Port: 3128}, {Host: "proxy-b", Port: 3128}, {}}))
		Expect(g.PAC.Leaks()).To(BeTrue())
		Expect(t.Holders("office")).To(Equal([]string{"proxy-a", "proxy-b"}))
		Expect(t.Paths("office")).To(HaveLen(2))
		Expect(t.SinglePoints()).To(HaveExactElements(HaveField("Component", topology.Component{Kind: topology.KindWAN, Name: "isp"})))
	})

	It("are cut off by the loss of what all hops share, unless the network allows DIRECT", func() {
		one := strings.Replace(browsers, "PROXY proxy-b:3128; ", "", 1)
		t, err := topology.Read("f", []byte(one))
		Expect(err).NotTo(HaveOccurred())
		Expect(t.SinglePoints()).To(HaveLen(1))
		t, err = topology.Read("f", []byte(strings.Replace(one, "direct: isp, ", "", 1)))
		Expect(err).NotTo(HaveOccurred())
		Expect(t.Users[0].PAC.Leaks()).To(BeFalse(), "the network does not let them")
		Expect(t.SinglePoints()).To(HaveLen(3))
	})

	It("cannot exceed the time budget of Read with many scripts", func() {
		loop := strings.Replace(browsers, "return", "for (;;) {}", 1)
		head, group, _ := strings.Cut(loop, "  office:\n")
		for i := range 9 {
			head += fmt.Sprintf("  group-%d:\n%s", i, group)
		}
		_, err := topology.Read("f", []byte(head))
		stopped := strings.Count(err.Error(), pac.ErrDeadline.Error())
		Expect(stopped).To(BeNumerically("<=", 4))
		Expect(stopped).To(BeNumerically(">", 0))
		left := regexp.MustCompile(`(?m)took 2\.\d+s of processor time, and all of a design may take 2s$`)
		Expect(left.FindAllString(err.Error(), -1)).To(HaveLen(9 - stopped))
		Expect(reason.Codes(err)).To(ConsistOf("pac-failed", "pac-budget"))
	})

	DescribeTable("are refused with position and code", func(old, new string, want ...string) {
		Expect(browsers).To(ContainSubstring(old))
		_, err := topology.Read("f", []byte(strings.Replace(browsers, old, new, 1)))
		expectProblems(err, want...)
	},
		Entry("a script that does not parse", "h) {", "h {", "10:71 pac-failed script:1:31: Unexpected token {"),
		Entry("a script that throws", "return", `throw new Error("no");`, "10:71 pac-failed script:1:40: Error: no"),
		Entry("a result that is no list", `"PROXY proxy-a:3128; PROXY proxy-b:3128; DIRECT"`, `"a"`,
			`10:71 pac-failed script: FindProxyForURL("http://web.test:8080/", "web.test"): result "a": "a": want a list`),
		Entry("a script that loops forever", "return", "for (;;) {}", "10:71 pac-failed script:1:1: the script ran for longer than 500ms and was stopped"),
		Entry("an unknown node", "proxy-b:3128", "proxy-x:3128", `10:71 unknown-name (did you mean "proxy-a"?); valid: proxy-a, proxy-b`),
		Entry("a port without a service", "proxy-a:3128", "proxy-a:3129",
			"10:71 no-listener node proxy-a listens at port 3129; its services: squid (3128)",
			"10:71 pac-ports at the ports 3129 and 3128"),
		Entry("no proxy at all", "PROXY proxy-a:3128; PROXY proxy-b:3128; ", "", "10:71 pac-no-proxy"),
		Entry("another result for HTTPS", "return", `if (u.indexOf("https") == 0) return "DIRECT"; return`,
			"10:71 pac-differs for https://web.test:8443/"),
		Entry("another browser", "browser: firefox", "browser: lynx", "10:20 unknown-value valid: chrome, firefox"),
		Entry("an unknown link", "direct: isp", "direct: isq", `10:58 unknown-name (did you mean "isp"?); valid: isp`),
		Entry("two ways", "    count: 5", "    count: 5\n    proxy: proxy-a:3128", "11:10 two-ways"),
		Entry("no way", "    pac: {", "    pxc: {", "8:3 no-way", `10:5 unknown-key (did you mean "pac"?); valid: count, proxy, pac, pool, dns`),
	)
})
