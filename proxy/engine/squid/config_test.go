package squid_test

import (
	"testing"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/seed-ab8b6914/spof/fuzzcost"
	"github.com/seed-ab8b6914/spof/proxy/engine/configtext"
	"github.com/seed-ab8b6914/spof/proxy/engine/squid"
	"github.com/seed-ab8b6914/spof/proxy/policy"
	"github.com/seed-ab8b6914/spof/reason"
)

// read reads a file without includes.
func read(file string) *squid.Config {
	GinkgoHelper()
	c, err := squid.ReadConfig("s.conf", []byte(file), nil)
	Expect(err).NotTo(HaveOccurred())
	return c
}

func codes(all []configtext.Finding) (list []string) {
	for _, f := range all {
		list = append(list, f.Code)
	}
	return list
}

var _ = Describe("a squid.conf", func() {
	It("gives values with positions, and defaults without", func() {
		c := read("http_port 10.0.0.1:3128 tls-cert=/c.pem\nread_timeout 3 minutes\ncache_dir aufs /var/spool 100 16 256\ncache_mem 64 MB\ndns_nameservers 10.0.0.2 10.0.0.3\n")
		Expect(c.Ports[0].Host).To(Equal("10.0.0.1"))
		Expect(c.Ports[0].Number).To(Equal(3128))
		Expect(c.Timers.Read.Value).To(Equal(3 * time.Minute))
		Expect(c.Timers.Read.At.String()).To(Equal("s.conf:2:14"))
		Expect(c.Timers.Shutdown).To(Equal(configtext.Setting[time.Duration]{Value: 30 * time.Second}))
		Expect(c.CacheDirs[0].Size.Value).To(BeEquivalentTo(100 << 20))
		Expect(c.CacheMem.Value).To(BeEquivalentTo(64 << 20))
		Expect(c.Nameservers).To(HaveLen(2))
		Expect(c.References).To(ConsistOf(configtext.Reference{Path: "/c.pem", For: "certificate or key", At: c.Ports[0].Options[0].At}))
		Expect(c.Findings).To(BeEmpty())
	})

	DescribeTable("knows the units of time", func(text string, want time.Duration) {
		Expect(read("connect_timeout " + text).Timers.Connect.Value).To(Equal(want))
	},
		Entry("seconds", "90 seconds", 90*time.Second),
		Entry("one", "1 minute", time.Minute),
		Entry("fractions", "1.5 hours", 90*time.Minute),
		Entry("whole seconds only", "2500 milliseconds", 2*time.Second),
		Entry("upper case", "2 DAYS", 48*time.Hour),
	)

	It("reads peers", func() {
		c := read("cache_peer Up.example parent 3128 3130 no-query round-robin weight=2 connect-timeout=3 connect-fail-limit=4 login=u:p name=up frob\ncache_peer_access up deny CONNECT\n")
		p := c.Peers[0]
		Expect([]any{p.Host.Value, p.Kind, p.HTTP, p.ICP, p.Name.Value, p.Weight.Value}).To(Equal([]any{"up.example", "parent", 3128, 3130, "up", 2}))
		Expect(p.Connect.Value).To(Equal(3 * time.Second))
		Expect(p.Connect.At.Col).To(Equal(70))
		Expect(p.FailLimit.Value).To(Equal(4))
		Expect(p.Access).To(HaveLen(1))
		Expect(p.Access[0].Allow).To(BeFalse())
		Expect(codes(c.Findings)).To(Equal([]string{"unknown-option"}))
	})

	It("gives a peer without a timeout that of all peers", func() {
		c := read("cache_peer a parent 80 0\npeer_connect_timeout 6 seconds\n")
		Expect(c.Peers[0].Connect.Value).To(Equal(6 * time.Second))
		Expect(c.Peers[0].Connect.At.Line).To(Equal(2))
	})

	It("refers to the files of ACLs and programs", func() {
		c := read("acl a dstdomain .x \"/etc/sites\"\nauth_param basic program /bin/auth -x /etc/passwd\n")
		Expect(c.ACLs[0].Values).To(HaveLen(1))
		var paths []string
		for _, r := range c.References {
			paths = append(paths, r.Path)
		}
		Expect(paths).To(Equal([]string{"/etc/sites", "/bin/auth", "/etc/passwd"}))
	})

	DescribeTable("says what Squid refuses, and keeps the default", func(line, code string) {
		c := read(line)
		Expect(codes(c.Findings)).To(Equal([]string{code}))
		Expect(c.Timers.Shutdown.Value == 30*time.Second || code == "no-unit").To(BeTrue())
	},
		Entry("no unit", "shutdown_lifetime 3", "no-unit"),
		Entry("a wrong unit", "shutdown_lifetime 3 secs", "refused-value"),
		Entry("a port", "http_port abc", "refused-value"),
		Entry("two peers of one name", "cache_peer a parent 1 0\ncache_peer a parent 2 0", "peer-twice"),
		Entry("a rule", "http_access maybe all", "refused-value"),
		Entry("a peer that is not there", "cache_peer_access x allow all", "unknown-peer"),
	)

	It("reads what stands in an if that holds", func() {
		c := read("if ${process_number} = 1\nhttp_port 1\nelse\nhttp_port 2\nif true\nhttp_port 3\nendif\nendif\n")
		Expect(c.Ports).To(HaveLen(2))
		Expect(c.Ports[0].Number).To(Equal(2))
		Expect(c.Conditional).To(HaveLen(2))
		Expect(c.Unknown).To(HaveLen(2))
	})

	DescribeTable("refuses an if without its end", func(file, at string) {
		_, err := squid.ReadConfig("s.conf", []byte(file), nil)
		Expect(reason.Codes(err)).To(Equal([]string{"config-condition"}))
		Expect(err).To(MatchError(HavePrefix(at)))
	}, Entry("if", "a\nif true\n", "s.conf:2:1"), Entry("endif", "endif", "s.conf:1:1"), Entry("else", "else", "s.conf:1:1"))

	It("reads included files in their place", func() {
		include := func(from, pattern string, at configtext.Pos) ([]configtext.File, error) {
			return []configtext.File{{Path: "a.conf", Data: []byte("icp_port 1")}, {Path: "b.conf", Data: []byte("htcp_port 2")}}, nil
		}
		c, err := squid.ReadConfig("s.conf", []byte("include /etc/squid/conf.d/*.conf\n"), include)
		Expect(err).NotTo(HaveOccurred())
		Expect(c.ICP.At.File + c.HTCP.At.File).To(Equal("a.confb.conf"))
	})

	It("says of what it does not have whether it may change an answer", func() {
		c := read("via off\nicap_enable on\nfrob\n")
		Expect([]bool{c.Unknown[0].MayChange, c.Unknown[1].MayChange, c.Unknown[2].Unlisted}).To(Equal([]bool{false, true, true}))
	})
})

const parents = "cache_peer a parent 80 0 no-query connect-fail-limit=3 connect-timeout=6\ncache_peer b parent 80 0 no-query\n"

var _ = Describe("a peer", func() {
	seconds := func(lo, hi float64) policy.Bounds {
		return policy.Bounds{Lo: time.Duration(lo * 1e9), Hi: time.Duration(hi * 1e9)}
	}

	DescribeTable("is given up", func(f policy.Failure, dead policy.Bounds, ok bool) {
		c := read(parents)
		b, seen := c.PeerTimers(&c.Peers[0]).Dead(f, 20)
		Expect(b).To(Equal(dead))
		Expect(seen).To(Equal(ok))
	},
		Entry("refused", policy.Refused, seconds(0.1, 0.15), true),
		Entry("silent", policy.Blackholed, seconds(5.1, 6.15), true),
		Entry("frozen", policy.Frozen, policy.Bounds{}, false),
	)

	It("that does not answer questions is given up after dead_peer_timeout", func() {
		c := read("dead_peer_timeout 8 seconds\n" + parents)
		b, ok := c.PeerTimers(&c.Peers[0]).Mute(20)
		Expect(ok).To(BeTrue())
		Expect(b).To(Equal(seconds(8, 9.05)))
	})

	DescribeTable("has a share of the requests", func(file string, choice squid.Choice, first float64) {
		c := read(file)
		share, ok := c.Share(c.Parents()[0])
		Expect(ok).To(BeTrue())
		Expect(c.Chooses()).To(Equal(choice))
		Expect(share).To(Equal(first))
	},
		Entry("all, as the first that is up", parents, squid.ChoosesFirst, 1.0),
		Entry("by turns and weight", "cache_peer a parent 1 0 no-query round-robin weight=3\ncache_peer b parent 1 0 no-query round-robin\n", squid.ChoosesTurn, 0.75),
		Entry("none beside a default", "cache_peer a parent 1 0 no-query\ncache_peer b parent 1 0 no-query default\n", squid.ChoosesDefault, 0.0),
	)

	DescribeTable("may be passed by", func(rules string, only bool) {
		Expect(read(rules).OnlyParents()).To(Equal(only))
	},
		Entry("by default", "", false),
		Entry("never", "never_direct allow all", true),
		Entry("by some", "never_direct deny x\nnever_direct allow all", false),
		Entry("by always_direct", "always_direct allow x\nnever_direct allow all", false),
	)

	It("waits for shutdown_lifetime and a second at a stop", func() {
		Expect(read("").Stop()).To(Equal(31 * time.Second))
	})
})

var _ = DescribeTable("rules find", func(file, code string, line int) {
	all := read(file).Lint(squid.Limits{Grace: 10 * time.Second, Patience: 5 * time.Second, Disk: 1 << 30})
	Expect(codes(all)).To(ContainElement(code))
	for _, f := range all {
		Expect(f.Why).NotTo(BeEmpty())
		if f.Code == code {
			Expect(f.At.Line).To(Equal(line))
		}
	}
},
	Entry("a long stop", "via off\nshutdown_lifetime 1 minute", "shutdown-longer-than-grace", 2),
	Entry("a long stop by default", "via off", "shutdown-longer-than-grace", 1),
	Entry("a way past parents", "\n"+parents, "goes-direct", 2),
	Entry("one parent", "never_direct allow all\ncache_peer a parent 1 0", "one-parent", 2),
	Entry("a timeout longer than patience", parents, "connect-timeout-too-long", 1),
	Entry("no timeout", parents, "no-connect-timeout", 2),
	Entry("one name server", "dns_nameservers 10.0.0.1", "one-nameserver", 1),
	Entry("a cache larger than the disk", "cache_dir ufs /a 5000 1 1", "cache-larger-than-disk", 1),
	Entry("an open proxy", "http_access deny x\nhttp_access allow all", "open-proxy", 2),
)

var _ = It("rules find nothing in a good file", func() {
	c := read("shutdown_lifetime 5 seconds\nhttp_access allow mine\nhttp_access deny all\nnever_direct allow all\ncache_peer a parent 1 0 connect-timeout=2\ncache_peer b parent 1 0 connect-timeout=2\n")
	Expect(c.Lint(squid.Limits{Grace: 10 * time.Second, Patience: 5 * time.Second, Disk: 1 << 30})).To(BeEmpty())
})

func FuzzReadConfig(f *testing.F) {
	f.Add("if true\ncache_peer a parent 1 2 weight=3 name=b\nendif\nacl a src \"/x\" 1.2.3.4\nhttp_port [::1]:3128\ncache_mem 1 GB\ncache_peer_access b allow all\ninclude x\n")
	f.Fuzz(func(t *testing.T, file string) {
		fuzzcost.Bound(t)
		include := func(string, string, configtext.Pos) ([]configtext.File, error) { return nil, nil }
		c, err := squid.ReadConfig("s.conf", []byte(file), include)
		if err != nil {
			return
		}
		c.Lint(squid.Limits{Grace: time.Second, Patience: time.Second, Disk: 1})
		for i := range c.Peers {
			c.Share(&c.Peers[i])
			if b, ok := c.PeerTimers(&c.Peers[i]).Dead(policy.Blackholed, 1000); ok && (b.Lo > b.Hi || b.Lo < 0) {
				t.Fatalf("%v", b)
			}
		}
	})
}
