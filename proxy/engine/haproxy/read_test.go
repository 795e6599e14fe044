package haproxy_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/seed-ab8b6914/spof/fuzzcost"
	"github.com/seed-ab8b6914/spof/proxy/engine/configtext"
	"github.com/seed-ab8b6914/spof/proxy/engine/haproxy"
	"github.com/seed-ab8b6914/spof/proxy/policy"
	"github.com/seed-ab8b6914/spof/reason"
)

func read(text string) *haproxy.Config {
	GinkgoHelper()
	c, err := haproxy.ReadConfig("f", []byte(text))
	Expect(err).NotTo(HaveOccurred())
	return c
}

// chain has three defaults sections: a proxy takes one of them, whole.
const chain = `global
    nbthread 2
    stats socket /run/h.sock mode 600
    crt-base /etc/ssl
defaults
    mode tcp
    retries 2
    option redispatch
    timeout connect 5s
    timeout check 2s
    timeout client 1m
    timeout server 90000
    default-server inter 10s downinter 5s fall 2 slowstart 60s maxqueue 256 weight 100
listen first
    bind :3128,10.0.0.1:8000-8005 ssl crt a.pem
    balance source
    hash-type consistent
    default-server fastinter 1s
    server a 10.0.0.11:3128 check
    server b 10.0.0.12:3128 check weight 60 agent-check agent-port 9777 agent-inter 3s
    server c 10.0.0.13:3128 backup disabled
defaults named
    mode http
    timeout connect 4s
    option httpchk GET /ping
    http-check expect status 200
    default-server inter 5s
frontend second
    bind 192.168.0.1:80 transparent interface eth0 accept-proxy
    acl is_a hdr_dom(host) -i a.example
    acl is_b path_beg -f /etc/haproxy/b.lst
    use_backend third if is_a !is_b or { src 10.0.0.0/8 }
    use_backend %[req.hdr(host),map(/etc/haproxy/hosts.map)]
    default_backend third
backend third
    cookie NODE insert
    no option redispatch
    http-check connect port 8008 ssl
    http-check expect status 204
    server-template n 2-3 n.example:8080 check resolvers dns init-addr none
defaults from named
    timeout check 1s
listen fourth from named
    timeout queue 7s
resolvers dns
    nameserver one 10.0.0.53:53
    hold timeout 5s
peers ring
    peer n1 10.0.0.1:10000
`

var _ = Describe("a haproxy.cfg", func() {
	c := func() *haproxy.Config { return read(chain) }
	line := func(p configtext.Pos) string { return fmt.Sprintf("%d:%d", p.Line, p.Col) }

	It("gives each proxy the values of its defaults section, with their positions", func() {
		first := c().Proxies[0]
		Expect(first.Timeouts.Server).To(Equal(haproxy.Setting[time.Duration]{Value: 90 * time.Second, At: configtext.Pos{File: "f", Line: 12, Col: 20, Offset: strings.Index(chain, "90000")}}))
		Expect(first.Redispatch.Value).To(Equal(-1))
		Expect(line(first.Redispatch.At)).To(Equal("8:5"))
		Expect(first.Timeouts.Queue).To(Equal(haproxy.Setting[time.Duration]{Value: 5 * time.Second}), "timeout connect, not set")
		Expect(first.Retries.Value).To(Equal(2))
	})
	It("takes nothing of other defaults sections", func() {
		third := c().Serving("third")
		Expect(third.Retries).To(Equal(haproxy.Setting[int]{Value: 3}))
		Expect(third.Timeouts.Check.Set()).To(BeFalse())
		Expect(third.Redispatch.Value).To(BeZero())
		Expect(third.Mode.Value).To(Equal("http"))
	})
	It("follows from, and the last section", func() {
		fourth := c().Serving("fourth")
		Expect(fourth.From.Value).To(Equal("named"))
		Expect(fourth.Timeouts.Check.Value).To(BeZero(), "the unnamed section after named does not count")
		Expect(fourth.Timeouts.Connect.Value).To(Equal(4 * time.Second))
		Expect(fourth.Timeouts.Queue.Value).To(Equal(7 * time.Second))
	})
	It("reads addresses, ranges and options of bind", func() {
		binds := c().Proxies[0].Binds
		Expect(binds).To(HaveLen(2))
		Expect([]any{binds[0].Host, binds[0].Low, binds[1].Host, binds[1].Low, binds[1].High}).To(Equal([]any{"", 3128, "10.0.0.1", 8000, 8005}))
		Expect(binds[1].SSL.Value).To(BeTrue())
		web := c().Proxies[1].Binds[0]
		Expect([]any{web.Transparent.Value, web.AcceptProxy.Value, web.Interface.Value}).To(Equal([]any{true, true, "eth0"}))
	})
	It("merges server lines with default-server", func() {
		first := c().Proxies[0]
		a, b := first.Server("a"), first.Server("b")
		Expect([]any{a.Inter.Value, a.FastInter.Value, a.DownInter.Value, a.Fall.Value, a.Rise.Value, a.Weight.Value, a.SlowStart.Value, a.MaxQueue.Value}).
			To(Equal([]any{10 * time.Second, time.Second, 5 * time.Second, 2, 2, 100, time.Minute, 256}))
		Expect(line(a.Inter.At)).To(Equal("13:26"))
		Expect(a.Agent.Value).To(BeFalse())
		Expect([]any{b.Weight.Value, b.AgentPort.Value, b.AgentInter.Value}).To(Equal([]any{60, 9777, 3 * time.Second}))
		Expect(first.Server("c").Disabled.Value).To(BeTrue())
	})
	It("expands server-template", func() {
		third := c().Serving("third")
		Expect(third.Servers).To(HaveLen(2))
		n := third.Servers[1]
		Expect([]any{n.Name, n.Host, n.Port, n.Template, n.Inter.Value, n.FastInter.Value, n.InitAddr.Value, n.Resolvers.Value}).
			To(Equal([]any{"n3", "n.example", 8080, true, 5 * time.Second, 5 * time.Second, "none", "dns"}))
	})
	It("replaces the inherited rules of a check by those of the section", func() {
		probe := c().Serving("third").Probe
		Expect([]any{probe.Kind.Value, probe.Method, probe.URI}).To(Equal([]any{"httpchk", "GET", "/ping"}))
		Expect(probe.Rules).To(HaveLen(2))
		Expect([]any{probe.Rules[0].Port, probe.Rules[0].TLS, probe.Rules[1].Text}).To(Equal([]any{8008, true, "status 204"}))
		Expect(c().Serving("fourth").Probe.Rules[0].Text).To(Equal("status 200"))
	})
	It("keeps conditions, with the names of their ACLs", func() {
		web := c().Proxies[1]
		Expect(web.Uses[0].Target).To(Equal("third"))
		Expect(web.Uses[0].ACLs).To(Equal([]string{"is_a", "is_b"}))
		Expect(web.ACLs[0]).To(HaveField("Text", "hdr_dom(host) -i a.example"))
	})
	It("reads resolvers, peers and the process", func() {
		all := c()
		Expect(all.Resolvers[0].Nameservers[0]).To(And(HaveField("Host", "10.0.0.53"), HaveField("Port", 53)))
		Expect(all.Resolvers[0].Hold["timeout"].Value).To(Equal(5 * time.Second))
		Expect(all.Resolvers[0].Hold["nx"]).To(Equal(haproxy.Setting[time.Duration]{Value: 30 * time.Second}))
		Expect(all.Peers[0].Peers[0]).To(And(HaveField("Name", "n1"), HaveField("Port", 10000)))
		Expect([]any{all.Global.Threads.Value, all.Global.Sockets[0].Value}).To(Equal([]any{2, "/run/h.sock"}))
	})
	It("lists the files that it names", func() {
		var paths []string
		for _, r := range c().References {
			paths = append(paths, r.Path)
		}
		Expect(paths).To(Equal([]string{"/etc/ssl/a.pem", "/etc/haproxy/b.lst", "/etc/haproxy/hosts.map"}))
	})
	It("has an empty list of directives that may change an answer", func() {
		for _, u := range c().Unknown {
			Expect(u.MayChange).To(BeFalse(), u.Text)
		}
	})
})

var _ = DescribeTable("an address is divided", func(text, host string, low, high int, path string) {
	b := read("listen a\n bind " + text + "\n").Proxies[0].Binds[0]
	Expect([]any{b.Host, b.Low, b.High, b.Path}).To(Equal([]any{host, low, high, path}))
},
	Entry("a port", ":80", "", 80, 80, ""),
	Entry("all addresses", "*:80", "*", 80, 80, ""),
	Entry("a range", "10.0.0.1:80-90", "10.0.0.1", 80, 90, ""),
	Entry("IPv6", ":::80", "::", 80, 80, ""),
	Entry("IPv6 in brackets", "[2001:db8::1]:80", "2001:db8::1", 80, 80, ""),
	Entry("a family", "ipv4@10.0.0.1:80", "10.0.0.1", 80, 80, ""),
	Entry("a socket", "/run/a.sock", "", 0, 0, "/run/a.sock"),
	Entry("a named socket", "unix@/run/a.sock", "", 0, 0, "/run/a.sock"),
)

var _ = DescribeTable("what is not modelled is said", func(text, want string, may, unlisted bool) {
	c := read(text)
	Expect(c.Unknown).NotTo(BeEmpty())
	last := c.Unknown[len(c.Unknown)-1]
	Expect(last.Text).To(Equal(want))
	Expect([]any{last.MayChange, last.Unlisted}).To(Equal([]any{may, unlisted}))
	Expect(last.Why).NotTo(BeEmpty())
},
	Entry("harmless", "listen a\n log global\n", "log global", false, false),
	Entry("it may change an answer", "listen a\n use-server s if TRUE\n", "use-server s if TRUE", true, false),
	Entry("a word that HAProxy does not have", "listen a\n optoin redispatch\n", "optoin redispatch", true, true),
	Entry("an option of a server", "listen a\n server s 10.0.0.1:1 no-such check\n", "no-such", true, true),
	Entry("a condition on the state of servers", "listen a\n acl dead nbsrv(b) lt 1\n", "acl dead nbsrv(b) lt 1", true, false),
	Entry("a conditional block", "listen a\n.if defined(X)\n retries 9\n.endif\n", "retries 9", true, false),
	Entry("a variable", "listen a\n timeout connect \"$T\"\n", "timeout connect $T", true, false),
	Entry("a request that is refused", "frontend a\n http-request deny if TRUE\n", "http-request deny if TRUE", false, false),
	Entry("a program", "listen a\n http-request lua.x\n", "http-request lua.x", true, false),
	Entry("a section", "userlist u\n user a password b\n", "userlist u", false, false),
)

var _ = Describe("variables", func() {
	It("have the value that the file sets, in double quotes alone", func() {
		c := read("global\n setenv T 7s\nlisten a\n timeout connect \"${T}\"\n server s \"h-$T:80\"\n server t 'h-$T:80'\n")
		Expect(c.Proxies[0].Timeouts.Connect.Value).To(Equal(7 * time.Second))
		Expect(c.Proxies[0].Servers[0].Host).To(Equal("h-7s"))
		Expect(c.Proxies[0].Servers[1].Host).To(Equal("h-$T"))
	})
	It("leave the default where they are not known", func() {
		c := read("listen a\n retries \"$R\"\n server s 10.0.0.1:\"${P}\" check inter \"${I-1s}\"\n")
		Expect(c.Proxies[0].Retries.Value).To(Equal(3))
		Expect(c.Proxies[0].Servers[0].Inter.Value).To(Equal(2 * time.Second))
		Expect(c.Proxies[0].Servers[0].Port).To(BeZero())
		Expect(c.Unknown).To(HaveLen(3))
	})
})

var _ = DescribeTable("a value that HAProxy refuses too", func(text, want string) {
	_, err := haproxy.ReadConfig("f.cfg", []byte(text))
	Expect(err).To(MatchError(ContainSubstring(want)))
	Expect(reason.Codes(err)).To(ContainElement(BeElementOf("config-value", "config-text", "config-too-large")))
},
	Entry("a time", "listen a\n timeout connect 5x\n", `f.cfg:2:18: timeout connect "5x": want a time`),
	Entry("two units", "listen a\n timeout connect 1m30s\n", `f.cfg:2:18: timeout connect "1m30s"`),
	Entry("a long time", "listen a\n timeout connect 30d\n", "f.cfg:2:18: timeout connect 30d: want at most 24 days"),
	Entry("a number", "listen a\n retries x\n", `f.cfg:2:10: retries "x": want a whole number`),
	Entry("no value", "listen a\n retries\n", "f.cfg:2:2: retries has no value"),
	Entry("no value of a server", "listen a\n server a 10.0.0.1:1 check inter\n", "f.cfg:2:28: inter has no value"),
	Entry("a port", "listen a\n bind :70000\n", "f.cfg:2:7: bind :70000: want an address with a port"),
	Entry("no section", "retries 3\n", "f.cfg:1:1: retries stands before the first section"),
	Entry("no such defaults", "listen a from b\n", `f.cfg:1:15: no defaults section "b"`),
	Entry("a hold", "resolvers r\n hold never 3s\n", `f.cfg:2:7: hold "never"`),
	Entry("too many servers", "listen a\n server-template s 1-60000 h:1\n", "f.cfg:2:2: more than 20000 servers"),
	Entry("a quote", "listen \"a\n", "f.cfg:1:8: the quote has no end"),
)

var _ = Describe("the check of a server", func() {
	of := func(text string) policy.Check {
		p := read("defaults\n timeout connect 4s\n" + text).Proxies[0]
		return p.CheckOf(p.Servers[0])
	}
	ms := func(lo, hi int) policy.Bounds {
		return policy.Bounds{Lo: time.Duration(lo) * time.Millisecond, Hi: time.Duration(hi) * time.Millisecond}
	}
	DescribeTable("has HAProxy's timers", func(text string, f policy.Failure, want policy.Bounds) {
		c := of(text)
		Expect(c.Sees(f)).To(BeTrue())
		Expect(c.BalancerDown(f)).To(Equal(want))
	},
		Entry("silent, timeout check set", "listen a\n timeout check 2s\n option httpchk\n server s 10.0.0.1:1 check inter 3s\n", policy.Blackholed, ms(15000, 18000)),
		Entry("frozen, httpchk", "listen a\n timeout check 2s\n option httpchk\n server s 10.0.0.1:1 check inter 3s\n", policy.Frozen, ms(12000, 15000)),
		Entry("frozen, a dialogue", "listen a\n option tcp-check\n tcp-check expect string x\n server s 10.0.0.1:1 check inter 100ms\n", policy.Frozen, ms(500, 600)),
		Entry("frozen, TLS", "listen a\n timeout check 9s\n server s 10.0.0.1:1 check ssl inter 5s fall 1\n", policy.Frozen, ms(4000, 9000)),
		Entry("refused, fastinter", "listen a\n server s 10.0.0.1:1 check inter 10s fastinter 1s fall 2\n", policy.Refused, ms(1000, 11000)),
	)
	DescribeTable("does not see a frozen service", func(text string) { Expect(of(text).Sees(policy.Frozen)).To(BeFalse()) },
		Entry("a connection", "listen a\n server s 10.0.0.1:1 check\n"),
		Entry("a dialogue without an answer", "listen a\n option tcp-check\n tcp-check send x\n server s 10.0.0.1:1 check\n"),
		Entry("rules without their option", "listen a\n tcp-check expect string x\n server s 10.0.0.1:1 check\n"),
		Entry("TLS for the users, another port for the check", "listen a\n server s 10.0.0.1:1 check ssl port 2\n"),
	)
	It("comes back after downinter", func() {
		Expect(of("listen a\n server s 10.0.0.1:1 check inter 10s fastinter 1s downinter 5s\n").BalancerUp()).To(Equal(ms(1000, 6000)))
	})
	It("is that of the server that it tracks", func() {
		c := read("backend a\n server s 10.0.0.1:1 track b/s\nbackend b\n server s 10.0.0.1:1 check inter 7s\nbackend c\n server s 10.0.0.1:1 track c/s\n")
		p, s, ok := c.Checked(c.Proxies[0], c.Proxies[0].Servers[0])
		Expect(ok).To(BeTrue())
		Expect(p.CheckOf(s).Interval).To(Equal(7 * time.Second))
		_, _, ok = c.Checked(c.Proxies[2], c.Proxies[2].Servers[0])
		Expect(ok).To(BeFalse(), "a circle")
	})
})

func FuzzReadConfig(f *testing.F) {
	f.Add(chain)
	f.Add("defaults a from b\n.if x\n.endif\nlisten l from a\n server-template s 1-9 \"${H}\":1 check port +1\n default-server inter 5s\n")
	f.Fuzz(func(t *testing.T, text string) {
		fuzzcost.Bound(t)
		c, err := haproxy.ReadConfig("f", []byte(text))
		if err != nil {
			return
		}
		for _, found := range c.Lint() {
			if found.At.Line == 0 || found.Code == "" || found.What == "" || found.Why == "" {
				t.Fatalf("%+v", found)
			}
		}
		for _, u := range c.Unknown {
			if u.At.Line == 0 {
				t.Fatalf("%+v", u)
			}
		}
	})
}

// large is a haproxy.cfg of 10,000 lines.
func large() []byte {
	var text strings.Builder
	text.WriteString(chain)
	for i := range 1000 {
		fmt.Fprintf(&text, "backend b%d\n balance leastconn\n option httpchk GET /p\n http-check expect status 200\n default-server inter 3s fall 3\n", i)
		for s := range 5 {
			fmt.Fprintf(&text, " server s%d 10.%d.%d.%d:8080 check weight 10\n", s, i/250, i%250, s)
		}
	}
	return []byte(text.String())
}

func BenchmarkReadConfig(b *testing.B) {
	text := large()
	b.ReportAllocs()
	for b.Loop() {
		c, err := haproxy.ReadConfig("f", text)
		if err != nil {
			b.Fatal(err)
		}
		c.Lint()
	}
}
