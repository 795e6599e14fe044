package keepalived_test

import (
	"net/netip"
	"strings"
	"testing"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/seed-ab8b6914/spof/fuzzcost"
	"github.com/seed-ab8b6914/spof/proxy/engine/configtext"
	"github.com/seed-ab8b6914/spof/proxy/engine/keepalived"
	"github.com/seed-ab8b6914/spof/proxy/policy"
	"github.com/seed-ab8b6914/spof/reason"
)

func TestKeepalived(t *testing.T) {
	RegisterFailHandler(Fail)
	RunSpecs(t, "keepalived")
}

// read reads a file without includes.
func read(file string) *keepalived.Config {
	GinkgoHelper()
	c, err := keepalived.ReadConfig("k.conf", []byte(file), nil)
	Expect(err).NotTo(HaveOccurred())
	return c
}

// node is a node with an instance A; settings are lines of it, blocks stand before it.
func node(name, settings, blocks string) keepalived.Node {
	GinkgoHelper()
	return keepalived.Node{Name: name, Config: read(blocks + "\nvrrp_instance A {\n interface eth0\n virtual_router_id 7\n virtual_ipaddress {\n 10.0.0.9/24\n }\n" + settings + "\n}\n")}
}

func codes(all []configtext.Finding) (list []string) {
	for _, f := range all {
		list = append(list, f.Code)
	}
	return list
}

var _ = Describe("a keepalived.conf", func() {
	It("gives values with positions, and defaults without", func() {
		c := read("global_defs {\n vrrp_garp_master_refresh 30\n}\nvrrp_script s {\n script \"/bin/ask it\"\n interval 3\n}\nvrrp_instance A {\n state MASTER\n advert_int 0.3\n version 3\n track_script {\n  s weight -5 reverse\n }\n}\n")
		s, i := c.Scripts[0], c.Instances[0]
		Expect(s.Command.Value).To(Equal("/bin/ask it"))
		Expect(s.Interval.Value).To(Equal(3 * time.Second))
		Expect(s.Interval.At.String()).To(Equal("k.conf:6:11"))
		Expect(s.Fall).To(Equal(configtext.Setting[int]{Value: 1}))
		Expect(i.Advert.Value).To(Equal(300 * time.Millisecond))
		Expect(i.Priority).To(Equal(configtext.Setting[int]{Value: 255}))
		Expect(i.Announce.Refresh.Value).To(Equal(30 * time.Second))
		Expect(i.Announce.Refresh.At.Line).To(Equal(2))
		Expect(i.Tracks[0].Weight.Value).To(Equal(-5))
		Expect(i.Tracks[0].Weight.Reverse).To(BeTrue())
		Expect(c.References).To(ConsistOf(configtext.Reference{Path: "/bin/ask", For: "check script", At: s.Command.At}))
	})

	It("takes the address of virtual_ipaddress with its device", func() {
		a := read("vrrp_instance A {\n virtual_ipaddress { fd00::5/64 dev eth1 label x }\n}").Instances[0]
		Expect(a.Addresses[0].Value).To(Equal(netip.MustParsePrefix("fd00::5/64")))
		Expect(a.Addresses[0].Device).To(Equal("eth1"))
		Expect(a.Version.Value).To(Equal(3))
	})

	DescribeTable("ignores what keepalived ignores, and says so", func(setting, code string, of func(keepalived.Instance) any, want any) {
		c := read("vrrp_instance A {\n " + setting + "\n}\n")
		Expect(codes(c.Findings)).To(Equal([]string{code}))
		Expect(c.Findings[0].At.Line).To(Equal(2))
		Expect(of(c.Instances[0])).To(Equal(want))
	},
		Entry("a priority out of range", "priority 300", "ignored-value", func(i keepalived.Instance) any { return i.Priority.Value }, 100),
		Entry("a priority with a rest", "priority 90x", "ignored-value", func(i keepalived.Instance) any { return i.Priority.Value }, 100),
		Entry("a fraction with version 2", "advert_int 0.3", "advert-rounded", func(i keepalived.Instance) any { return i.Advert.Value }, time.Second),
		Entry("a rest after a number", "down_timer_adverts 5s", "ignored-part", func(i keepalived.Instance) any { return i.DownAdverts.Value }, 5),
		Entry("a state", "state master", "ignored-value", func(i keepalived.Instance) any { return i.State.Value }, "BACKUP"),
		Entry("a script that is not there", "track_script { x }", "ignored-track", func(i keepalived.Instance) any { return i.Tracks[0].Known }, false),
	)

	It("takes an interval below a second for one", func() {
		c := read("vrrp_script s {\n script /x\n interval 0.5\n}")
		Expect(c.Scripts[0].Interval.Value).To(Equal(time.Second))
		Expect(codes(c.Findings)).To(Equal([]string{"ignored-part"}))
	})

	It("replaces definitions", func() {
		c := read("$PRIO=90\n$VIP=10.0.0.${LAST}/24 dev eth1\n$LAST=9\nvrrp_instance A_${PRIO} {\n priority $PRIO\n virtual_ipaddress {\n $VIP\n }\n}")
		Expect(c.Instances[0].Name.Value).To(Equal("A_90"))
		Expect(c.Instances[0].Priority.Value).To(Equal(90))
		Expect(c.Instances[0].Priority.At.String()).To(Equal("k.conf:5:11"))
		Expect(c.Instances[0].Addresses[0].Value.String()).To(Equal("10.0.0.9/24"))
		Expect(c.Instances[0].Addresses[0].Device).To(Equal("eth1"))
	})

	DescribeTable("reads conditional lines as keepalived does with its id", func(id string, want int) {
		c, err := keepalived.ReadConfigID(id, "k.conf", []byte("vrrp_instance A {\n @a priority 10\n @^a priority 20\n}"), nil)
		Expect(err).NotTo(HaveOccurred())
		Expect(c.Instances[0].Priority.Value).To(Equal(want))
		Expect(c.Conditional).To(HaveLen(2))
		Expect(c.Unknown).To(HaveLen(1))
	}, Entry("without", "", 20), Entry("its own", "a", 10), Entry("another", "b", 20))

	It("reads included files in their place", func() {
		include := func(from, pattern string, at configtext.Pos) ([]configtext.File, error) {
			Expect(from + " " + pattern + " " + at.String()).To(Equal("k.conf p.conf k.conf:2:10"))
			return []configtext.File{{Path: "p.conf", Data: []byte("priority 77")}}, nil
		}
		c, err := keepalived.ReadConfig("k.conf", []byte("vrrp_instance A {\n include p.conf\n}"), include)
		Expect(err).NotTo(HaveOccurred())
		Expect(c.Instances[0].Priority.Value).To(Equal(77))
		Expect(c.Instances[0].Priority.At.String()).To(Equal("p.conf:1:10"))
	})

	It("refuses an include of itself", func() {
		include := func(string, string, configtext.Pos) ([]configtext.File, error) {
			return []configtext.File{{Path: "k.conf", Data: []byte("include k.conf")}}, nil
		}
		_, err := keepalived.ReadConfig("k.conf", []byte("include k.conf"), include)
		Expect(reason.Codes(err)).To(Equal([]string{"config-includes"}))
	})

	It("says of what it does not have whether it may change an answer", func() {
		c := read("virtual_server 1.2.3.4 80 {\n}\nglobal_defs {\n smtp_server 1.2.3.4\n frob\n}\n")
		Expect(c.Unknown).To(HaveLen(3))
		Expect([]bool{c.Unknown[0].MayChange, c.Unknown[1].MayChange, c.Unknown[2].MayChange}).To(Equal([]bool{true, false, true}))
		Expect(c.Unknown[2].Unlisted).To(BeTrue())
	})
})

const check = "vrrp_script s {\n script \"killall -0 haproxy\"\n interval 2\n fall 2\n weight %\n}\n"

// pair are two nodes with a script of a weight.
func pair(weight, a, b string) []keepalived.Node {
	GinkgoHelper()
	blocks := strings.Replace(check, "%", weight, 1)
	return []keepalived.Node{node("a", a+"\n track_script { s }", blocks), node("b", b+"\n track_script { s }", blocks)}
}

func seconds(lo, hi float64) policy.Bounds {
	return policy.Bounds{Lo: time.Duration(lo * 1e9), Hi: time.Duration(hi * 1e9)}
}

var fails = keepalived.Fault{Node: "a", Kind: keepalived.TracksFail, Tracks: []string{"s"}}

var _ = DescribeTable("an address moves", func(weight, a, b string, f keepalived.Fault, detect, failover policy.Bounds) {
	t := keepalived.Routers(pair(weight, a, b))[0].Takeover(f)
	Expect(t.Why).To(BeEmpty())
	Expect(t.To).To(Equal("b"))
	Expect(t.Detect).To(Equal(detect))
	Expect(t.Failover).To(Equal(failover))
	Expect(t.Terms).NotTo(BeEmpty())
},
	Entry("silent death", "-20", "priority 100", "priority 90", keepalived.Fault{Node: "a", Kind: keepalived.Dead}, seconds(2.6484375, 3.6484375), seconds(2.6484375, 3.6484375)),
	Entry("a negative weight", "-20", "priority 100", "priority 90", fails, seconds(2, 4.05), seconds(4.6484375, 7.6984375)),
	Entry("a positive weight", "2", "priority 101", "priority 100", fails, seconds(2, 4.05), seconds(2+2.6015625, 4.05+3.6015625)),
	Entry("weight 0", "0", "priority 100", "priority 90", fails, seconds(2, 4.05), seconds(2.6484375, 4.6984375)),
	Entry("weight 0 and nopreempt", "0", "priority 100\nnopreempt", "priority 90\nnopreempt", fails, seconds(2, 4.05), seconds(2.6484375, 4.6984375)),
	Entry("a clean end", "0", "priority 100", "priority 90", keepalived.Fault{Node: "a", Kind: keepalived.Stopped}, seconds(0, 0), seconds(0.6484375, 0.6484375)),
	Entry("down_timer_adverts", "0", "priority 100", "priority 192\ndown_timer_adverts 5", keepalived.Fault{Node: "a", Kind: keepalived.Dead}, seconds(4.25, 5.25), seconds(4.25, 5.25)),
	Entry("version 3: the master's interval", "0", "priority 100\nversion 3\nadvert_int 0.5", "priority 192\nversion 3\nadvert_int 2",
		keepalived.Fault{Node: "a", Kind: keepalived.Dead}, seconds(1.125, 1.625), seconds(1.125, 1.625)),
	Entry("preempt_delay", "-20", "priority 100", "priority 90\npreempt_delay 5", fails, seconds(2, 4.05), seconds(2+4+3.6484375, 4.05+1+5+3.6484375)),
	Entry("its link is down", "0", "priority 100", "priority 90", keepalived.Fault{Node: "a", Kind: keepalived.LinkDown, Interface: "eth0"}, seconds(0, 0), seconds(2.6484375, 3.6484375)),
)

var _ = DescribeTable("an address never moves", func(weight, a, b string, f keepalived.Fault, why string) {
	t := keepalived.Routers(pair(weight, a, b))[0].Takeover(f)
	Expect(t.Never).To(BeTrue())
	Expect(t.Why).To(ContainSubstring(why))
	Expect(t.At).NotTo(BeEmpty())
},
	Entry("equal", "-10", "priority 100", "priority 90", fails, "equal is not higher"),
	Entry("too small", "-5", "priority 100", "priority 90", fails, "falls to 95 only, and b has 90"),
	Entry("nopreempt", "-20", "priority 100", "priority 90\nnopreempt", fails, "b has nopreempt"),
	Entry("nothing sees it", "-20", "priority 100", "priority 90", keepalived.Fault{Node: "a", Kind: keepalived.TracksFail}, "tracks nothing"),
	Entry("an address owner", "-20", "priority 255", "priority 90", fails, "tracks nothing"),
)

// grouped is a node whose instances out and in move together.
func grouped(name, priority string) keepalived.Node {
	GinkgoHelper()
	one := func(i, id, eth, ip string) string {
		return "vrrp_instance " + i + " {\n interface " + eth + "\n virtual_router_id " + id + "\n priority " + priority + "\n preempt_delay 5\n virtual_ipaddress { " + ip + " }\n}\n"
	}
	return keepalived.Node{Name: name, Config: read("vrrp_sync_group G { group { out\n in\n } }\n" + one("out", "1", "eth0", "10.0.0.9") + one("in", "2", "eth1", "10.1.0.9"))}
}

var _ = Describe("a sync group", func() {
	routers := func() []keepalived.Router {
		return keepalived.Routers([]keepalived.Node{grouped("a", "150"), grouped("b", "100")})
	}
	link := func(k keepalived.FaultKind) keepalived.Fault {
		return keepalived.Fault{Node: "a", Kind: k, Interface: "eth0"}
	}

	It("moves as a whole, when its last member wants to", func() {
		for _, r := range routers() {
			t := r.Takeover(link(keepalived.LinkDown))
			Expect(t.To).To(Equal("b"))
			Expect(t.Failover).To(Equal(seconds(2.609375, 3.609375)))
		}
	})

	It("never moves while one member is heard", func() {
		for _, r := range routers() {
			Expect(r.Takeover(link(keepalived.Partitioned)).Never).To(BeTrue())
		}
	})

	It("comes back after preempt_delay", func() {
		b, never := routers()[0].Back("a", "b")
		Expect(never).To(BeFalse())
		Expect(b).To(Equal(seconds(7.4140625, 9.4140625)))
	})
})

var _ = DescribeTable("rules find", func(nodes func() []keepalived.Node, code string, line int) {
	all := keepalived.Lint(nodes())
	Expect(codes(all)).To(ContainElement(code))
	for _, f := range all {
		Expect(f.What).NotTo(BeEmpty())
		Expect(f.Why).NotTo(BeEmpty())
		if f.Code == code {
			Expect(f.At.Line).To(Equal(line))
		}
	}
},
	Entry("a weight without effect", func() []keepalived.Node { return pair("-10", "priority 100", "priority 90") }, "weight-without-effect", 5),
	Entry("equal priorities", func() []keepalived.Node { return pair("0", "priority 90", "priority 90") }, "equal-priorities", 14),
	Entry("nopreempt of a MASTER", func() []keepalived.Node { return pair("0", "state MASTER\nnopreempt", "priority 90") }, "nopreempt-master", 15),
	Entry("versions", func() []keepalived.Node { return pair("0", "version 3", "version 2") }, "versions-differ", 14),
	Entry("passwords", func() []keepalived.Node {
		return pair("0", "authentication { auth_type PASS\n auth_pass a\n }", "authentication { auth_type PASS\n auth_pass b\n }")
	}, "authentication-differs", 15),
	Entry("intervals", func() []keepalived.Node { return pair("0", "advert_int 1", "advert_int 2") }, "adverts-differ", 14),
	Entry("addresses", func() []keepalived.Node { return pair("0", "virtual_ipaddress { 10.0.0.8 }", "priority 90") }, "addresses-differ", 12),
	Entry("router ids", func() []keepalived.Node { return pair("0", "virtual_router_id 8", "priority 90") }, "router-ids-differ", 10),
	Entry("unicast and multicast", func() []keepalived.Node { return pair("0", "unicast_peer { 10.0.0.2 }", "priority 90") }, "unicast-differs", 8),
	Entry("AH and MASTER", func() []keepalived.Node {
		return pair("0", "state MASTER\npriority 100\nauthentication { auth_type AH\n auth_pass x\n }", "priority 90")
	}, "state-master-ignored", 14),
	Entry("a check that cannot see a hang", func() []keepalived.Node { return pair("0", "", "") }, "check-cannot-see-hang", 2),
	Entry("a program that may be missing", func() []keepalived.Node { return pair("0", "", "") }, "program-may-be-missing", 2),
)

var _ = Describe("rules", func() {
	It("find nothing in a good pair", func() {
		blocks := "global_defs {\n vrrp_garp_master_refresh 60\n}\nvrrp_script s {\n script \"/usr/local/bin/ask\"\n interval 2\n timeout 2\n fall 2\n weight -50\n}"
		settings := "state BACKUP\n track_script { s }\n priority "
		Expect(keepalived.Lint([]keepalived.Node{node("a", settings+"100", blocks), node("b", settings+"90", blocks)})).To(BeEmpty())
	})

	DescribeTable("know what a check sees", func(script, name string, f policy.Failure, want keepalived.Sight) {
		n := node("a", "track_script { s }", "vrrp_script s {\n script \""+script+"\"\n}")
		Expect(n.Config.Sight(n.Config.Tracked(&n.Config.Instances[0])[0], name, f)).To(Equal(want))
	},
		Entry("its end", "/usr/bin/killall -0 haproxy", "haproxy", policy.Refused, keepalived.Sees),
		Entry("not its hang", "pidof haproxy", "haproxy", policy.Frozen, keepalived.Blind),
		Entry("not another's end", "pidof haproxy", "squid", policy.Refused, keepalived.Blind),
		Entry("of a script nothing is known", "/usr/bin/check haproxy", "haproxy", policy.Refused, keepalived.Unsure),
		Entry("nor of a pipe", "pidof haproxy | wc -l", "haproxy", policy.Refused, keepalived.Unsure),
	)
})

func FuzzReadConfig(f *testing.F) {
	f.Add("$A=b $A\nvrrp_script s {\n script \"x\"\n weight -2 reverse\n}\nvrrp_instance A {\n @x state MASTER\n priority 9\n track_script { s weight 0 }\n}\nvrrp_sync_group G { group { A } }\n")
	f.Fuzz(func(t *testing.T, file string) {
		fuzzcost.Bound(t)
		include := func(string, string, configtext.Pos) ([]configtext.File, error) { return nil, nil }
		a, err := keepalived.ReadConfig("k.conf", []byte(file), include)
		if err != nil {
			return
		}
		nodes := []keepalived.Node{{Name: "a", Config: a}, {Name: "b", Config: a}}
		keepalived.Lint(nodes)
		for _, r := range keepalived.Routers(nodes) {
			for k := keepalived.Dead; k <= keepalived.Partitioned; k++ {
				if took := r.Takeover(keepalived.Fault{Node: "a", Kind: k, Interface: "eth0", Tracks: []string{"s"}}); took.Failover.Lo > took.Failover.Hi || took.Failover.Lo < 0 {
					t.Fatalf("%v", took)
				}
			}
		}
	})
}
