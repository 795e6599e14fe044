package configure_test

import (
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"maps"
	"net/netip"
	"slices"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/seed-ab8b6914/spof/proxy"
	"github.com/seed-ab8b6914/spof/proxy/chassis"
	"github.com/seed-ab8b6914/spof/proxy/configure"
	"github.com/seed-ab8b6914/spof/reason"
	"github.com/seed-ab8b6914/spof/topology"
)

func configured(t *topology.Topology, site proxy.Site) map[string]proxy.NodeSpec {
	GinkgoHelper()
	specs, err := configure.Nodes(t, site)
	Expect(err).NotTo(HaveOccurred())
	return specs
}

// config reads the JSON configuration of a builtin process.
func config[T any](p proxy.Process) T {
	GinkgoHelper()
	var c T
	Expect(p.Files).To(HaveLen(1))
	Expect(json.Unmarshal([]byte(p.Files[0].Content), &c)).To(Succeed())
	Expect(p.Command).To(HaveLen(5))
	Expect(p.Command[4]).To(Equal(p.Files[0].Path))
	return c
}

var _ = Describe("Configure with real engines", func() {
	DescribeTable("writes the engine's own configuration",
		func(node, service, golden string) {
			p := process(configured(sample(), containers()), node, service)
			Expect(p.Files).NotTo(BeEmpty())
			expectGolden(golden, p.Files[0].Content)
		},
		Entry("Squid", "proxy-a", "squid", "squid.conf"),
		Entry("HAProxy", "lb-a", "balancer", "haproxy.cfg"),
		Entry("keepalived, version 2, of a balancer", "lb-b", "keepalived", "keepalived-v2.conf"),
		Entry("keepalived, version 3, no preemption, of a Squid", "proxy-a", "keepalived", "keepalived-v3.conf"),
	)

	It("lets guests of the lab use Squid for the origins, and for nothing else", func() {
		site := containers()
		site.Guests = netip.MustParsePrefix("10.0.0.0/24")
		expectGolden("squid-guests.conf", process(configured(sample(), site), "proxy-a", "squid").Files[0].Content)
	})

	DescribeTable("configures signals of the chassis",
		func(node, service, golden string) {
			t := sample()
			t.Signals = topology.Drain
			expectGolden(golden, process(configured(t, containers()), node, service).Files[0].Content)
		},
		Entry("HAProxy", "lb-a", "balancer", "haproxy-drain.cfg"),
		Entry("keepalived with preemption", "lb-b", "keepalived", "keepalived-drain.conf"),
		Entry("keepalived without preemption", "proxy-a", "keepalived", "keepalived-drain-nopreempt.conf"),
	)

	It("limits the weight of a drain to -253", func() {
		t := sample()
		t.Signals = topology.Drain
		members := t.Addresses[0].Members
		members[0].Priority, members[len(members)-1].Priority = 254, 1
		Expect(process(configured(t, containers()), members[0].Node, "keepalived").Files[0].Content).To(ContainSubstring("chassis-drain weight -253\n"))
	})

	It("gives a chassis to every node of the service, and to no other node", func() {
		specs := configured(sample(), containers())
		for _, n := range sample().Nodes {
			Expect(specs[n.Name].Chassis).To(HaveValue(Equal(proxy.ChassisConfig{
				Chassis: topology.DefaultChassis(), Redfish: "0.0.0.0:8405", Signal: "0.0.0.0:8406",
				Drain: "/run/spof/chassis-drain", Leave: "/run/spof/chassis-leave", Access: chassis.Access{Hosts: map[string]string{
					"isp": "10.0.0.2", "office": "10.0.0.3", "lb-a": "10.0.0.11", "lb-b": "10.0.0.12", "proxy-a": "10.0.0.21", "proxy-b": "10.0.0.22",
					"web": "10.0.1.3", "entry": "10.0.0.100", "direct": "10.0.0.101",
				}},
			})))
		}
		Expect(specs["web"].Chassis).To(BeNil())
	})

	It("requires the lab's token on loopback", func() {
		site := loopback()
		site.Token = "of this lab"
		Expect(configured(sample(), site)["proxy-a"].Chassis.Access.Token).To(Equal(site.Token))
		Expect(config[proxy.VRRPConfig](process(configured(sample(), site), "proxy-a", "keepalived")).Token).To(Equal(site.Token))
	})

	It("writes TCP checks and no redispatch for HAProxy", func() {
		t := sample()
		t.Nodes[0].Services[0].Balance.Check = check(topology.CheckTCP, 1500*time.Microsecond)
		t.Nodes[0].Services[0].Balance.Redispatch = false
		expectGolden("haproxy-tcp.cfg", process(configured(t, containers()), "lb-a", "balancer").Files[0].Content)
	})

	DescribeTable("writes only the keys of the design for HAProxy", func(say func(*topology.Balance), want string, also ...string) {
		t := sample()
		plain := process(configured(t, containers()), "lb-a", "balancer").Files[0].Content
		Expect(plain).NotTo(ContainSubstring(want))
		say(t.Nodes[0].Services[0].Balance)
		text := process(configured(t, containers()), "lb-a", "balancer").Files[0].Content
		Expect(text).To(ContainSubstring(want))
		for _, line := range also {
			Expect(text).To(ContainSubstring(line))
		}
	},
		Entry("redispatch: false", func(b *topology.Balance) { b.Redispatch = false }, "    no option redispatch\n"),
		Entry("redispatch: 2", func(b *topology.Balance) { b.RedispatchEvery = 2 }, "    option redispatch 2\n"),
		Entry("client_timeout", func(b *topology.Balance) { b.ClientTimeout = 50 * time.Second }, "    timeout client 50000ms\n"),
		Entry("server_timeout", func(b *topology.Balance) { b.ServerTimeout = time.Hour }, "    timeout server 3600000ms\n"),
		Entry("on_marked_down", func(b *topology.Balance) { b.ShutdownSessions = true }, "rise 3 on-marked-down shutdown-sessions\n"),
		Entry("on_marked_up", func(b *topology.Balance) {
			b.ShutdownBackups, b.Servers, b.Backup = true, []string{"proxy-a"}, []string{"proxy-b"}
		},
			"server proxy-a 10.0.0.21:3128 on-marked-up shutdown-backup-sessions\n", "server proxy-b 10.0.0.22:3128 backup\n"),
	)

	It("writes the design's timers for Squid and its stand-in, and has the agent wait for its end", func() {
		t := sample()
		t.Nodes[2].Services[0].Timers = &topology.Timers{ShutdownLifetime: 3 * time.Second, ConnectTimeout: 5 * time.Second, ForwardTimeout: 7 * time.Second}
		p := process(configured(t, containers()), "proxy-a", "squid")
		for _, line := range []string{"\nshutdown_lifetime 3 seconds\n", "\nconnect_timeout 5 seconds\n", "\nforward_timeout 7 seconds\n"} {
			Expect(p.Files[0].Content).To(ContainSubstring(line))
		}
		Expect(p.StopsIn).To(Equal(4 * time.Second))
		p = process(configured(t, loopback()), "proxy-a", "squid")
		Expect(p.StopsIn).To(Equal(4 * time.Second))
		own := config[proxy.ProxyConfig](p)
		Expect([]time.Duration{own.DialTimeout, own.Linger}).To(Equal([]time.Duration{5 * time.Second, 4 * time.Second}))
	})

	It("writes checks of kind origin and a backup for HAProxy", func() {
		t := sample()
		b := t.Nodes[0].Services[0].Balance
		b.Check.Kind, b.Servers, b.Backup = topology.CheckOrigin, []string{"proxy-a"}, []string{"proxy-b"}
		b.ShutdownSessions, b.ShutdownBackups = true, true
		expectGolden("haproxy-backup.cfg", process(configured(t, containers()), "lb-a", "balancer").Files[0].Content)

		site := containers()
		site.Builtin = true
		own := config[proxy.BalancerConfig](process(configured(t, site), "lb-a", "balancer"))
		Expect(own.ShutdownSessions && own.ShutdownBackups).To(BeTrue())
		Expect(own.Servers).To(HaveExactElements(
			proxy.BalancedServer{Name: "proxy-a", Addr: "10.0.0.21:3128", Probe: "http://web.test:8080/o/0/check@10.0.0.21:3128"},
			proxy.BalancedServer{Name: "proxy-b", Addr: "10.0.0.22:3128", Backup: true, Probe: "http://web.test:8080/o/0/check@10.0.0.22:3128"}))
	})

	It("writes the parents of a Squid", func() {
		t := sample()
		for i := range t.Nodes {
			if t.Nodes[i].Name == "proxy-a" {
				t.Nodes[i].WAN = ""
				t.Nodes[i].Services[0].Parents = &topology.Parents{Nodes: []string{"proxy-b"}, ConnectTimeout: time.Second, FailLimit: 2}
			}
		}
		spec := configured(t, containers())
		Expect(process(spec, "proxy-a", "squid").Files[0].Content).To(ContainSubstring(
			"cache_peer 10.0.0.22 parent 3128 0 no-query no-digest no-netdb-exchange name=proxy-b connect-timeout=1 connect-fail-limit=2\n" +
				"never_direct allow all\nretry_on_error off\n"))
		Expect(spec["proxy-a"].Hosts).To(BeEmpty())

		site := containers()
		site.Builtin = true
		_, err := configure.Nodes(t, site)
		Expect(err).To(MatchError(proxy.ErrUnsupported))
		Expect(reason.Codes(err)).To(HaveExactElements("engine-cannot", "unsupported"))
	})

	DescribeTable("writes the cache and the siblings of a Squid",
		func(golden string, cache topology.Cache, before ...string) {
			t := sample()
			for i := range t.Nodes {
				if t.Nodes[i].Name == "proxy-a" || t.Nodes[i].Name == "proxy-b" {
					t.Nodes[i].Services[0].Cache = &topology.Cache{Memory: 64 << 20}
				}
			}
			t.Nodes[2].Services[0].Cache = &cache
			p := process(configured(t, containers()), "proxy-a", "squid")
			expectGolden(golden, p.Files[0].Content)
			Expect(p.Before).To(HaveExactElements(before))
			if len(before) > 0 {
				Expect(configure.Disks(t.Nodes[2])).To(Equal(map[string]int{p.Disk: cache.Disk}))
			} else {
				Expect(p.Disk).To(BeEmpty())
				Expect(configure.Disks(t.Nodes[2])).To(BeEmpty())
			}
		},
		Entry("in memory", "squid-memory.conf", topology.Cache{Memory: 64 << 20}),
		Entry("on a disk", "squid-disk.conf", topology.Cache{Memory: 1 << 20, Disk: 64 << 20, Store: topology.UFS},
			"squid", "-N", "-n", "proxyXasquid", "-d", "1", "-f", "/run/spof/squid.conf", "-z"),
		Entry("siblings by ICP", "squid-icp.conf", topology.Cache{Memory: 64 << 20, Siblings: []string{"proxy-b"}, Protocol: topology.ICP}),
		Entry("siblings by HTCP", "squid-htcp.conf", topology.Cache{Memory: 64 << 20, Siblings: []string{"proxy-b"}, Protocol: topology.HTCP}),
		Entry("siblings by digest", "squid-digest.conf", topology.Cache{Memory: 64 << 20, Siblings: []string{"proxy-b"}, Protocol: topology.Digest}),
	)

	It("has a Squid answer queries of siblings, also if it sends none", func() {
		t := sample()
		t.Nodes[2].Services[0].Cache = &topology.Cache{Memory: 64 << 20}
		for protocol, want := range map[string]string{
			topology.ICP: "icp_port 3130\n", topology.HTCP: "htcp_port 4827\n", topology.Digest: "digest_generation on\n",
		} {
			t.Nodes[3].Services[0].Cache = &topology.Cache{Memory: 64 << 20, Siblings: []string{"proxy-a"}, Protocol: protocol}
			Expect(process(configured(t, containers()), "proxy-a", "squid").Files[0].Content).To(ContainSubstring(want))
		}
	})

	It("writes passive checks for nginx, and maps its addresses to servers", func() {
		t := sample()
		t.Nodes[0].Services[0] = passive()
		p := process(configured(t, containers()), "lb-a", "balancer")
		expectGolden("nginx.conf", p.Files[0].Content)
		Expect(p.Names).To(Equal(map[string]string{"10.0.0.21:3128": "proxy-a", "10.0.0.22:3128": "proxy-b"}))
		Expect(p.Aside).To(Equal(11500 * time.Millisecond))

		b := t.Nodes[0].Services[0].Balance
		b.Algorithm, b.Redispatch, b.ProxyTimeout, b.Servers, b.Backup = "leastconn", false, time.Minute, []string{"proxy-a"}, []string{"proxy-b"}
		Expect(process(configured(t, containers()), "lb-a", "balancer").Files[0].Content).To(And(
			ContainSubstring("least_conn;"), ContainSubstring("proxy_next_upstream off;"), ContainSubstring("        proxy_timeout 60000ms;\n"),
			ContainSubstring("fail_timeout=10s; # proxy-a\n"), ContainSubstring("fail_timeout=10s backup; # proxy-b\n")))
	})

	It("gives every node of the lab a spec", func() {
		specs := configured(sample(), containers())
		Expect(slices.Sorted(maps.Keys(specs))).To(Equal([]string{"isp", "lb-a", "lb-b", "office", "proxy-a", "proxy-b", "web"}))
		Expect(specs["office"].Processes).To(BeEmpty())
		Expect(specs["proxy-a"].Hosts).To(Equal(map[string]string{"web.test": "10.0.0.2"}))
		Expect(specs["lb-a"].Hosts).To(BeEmpty())
	})

	It("writes a track check of kind origin through the node's own balancer", func() {
		t := sample()
		t.Addresses[0].Track.Kind = topology.CheckOrigin
		Expect(process(configured(t, containers()), "lb-a", "keepalived").Files[0].Content).To(
			ContainSubstring(`script "/bin/bash -p /run/spof/probe.sh 0.5 127.0.0.1 3128 http://web.test:8080/o/0/check web.test:8080"`))
	})

	It("names the stale files of a killed Squid or keepalived", func() {
		specs := configured(sample(), containers())
		Expect(process(specs, "proxy-a", "squid").Stale).To(ConsistOf("/run/spof/squid.pid"))
		Expect(process(specs, "proxy-a", "squid").Segments).To(Equal("proxyXasquid-"))
		Expect(process(specs, "proxy-a", "squid").Command).To(ContainElements("-N", "proxyXasquid"))
		Expect(process(specs, "lb-a", "keepalived").Stale).To(ConsistOf("/run/spof/keepalived.pid", "/run/spof/keepalived-vrrp.pid"))
	})

	It("gives two Squids of a node different names", func() {
		t := sample()
		i := slices.IndexFunc(t.Nodes, func(n topology.Node) bool { return n.Name == "proxy-a" })
		squid, other := t.Nodes[i].Services[0], t.Nodes[i].Services[0]
		squid.Name, other.Name, other.Port = "squid-1", "squid1", 3129
		t.Nodes[i].Services, t.Addresses = []topology.Service{squid, other}, nil
		specs := configured(t, containers())
		Expect(process(specs, "proxy-a", "squid-1").Command[3]).NotTo(Equal(process(specs, "proxy-a", "squid1").Command[3]))
	})

	It("forwards both ports to the origin, and gives the origin a trusted certificate", func() {
		site := containers()
		specs := configured(sample(), site)
		wan := config[proxy.WANConfig](process(specs, "isp", "wan"))
		Expect(wan).To(Equal(proxy.WANConfig{Link: "isp", API: "/run/spof/wan.sock", Latency: 5 * time.Millisecond, Proxies: []proxy.WANProxy{
			{Name: "web-http", Listen: "10.0.0.2:8080", Upstream: "10.0.1.3:8080"},
			{Name: "web-https", Listen: "10.0.0.2:8443", Upstream: "10.0.1.3:8443"},
		}}))

		origin := config[proxy.OriginConfig](process(specs, "web", "origin"))
		pair, err := tls.X509KeyPair([]byte(origin.Certificate), []byte(origin.Key))
		Expect(err).NotTo(HaveOccurred())
		roots := x509.NewCertPool()
		Expect(roots.AppendCertsFromPEM(site.Authority.PEM)).To(BeTrue())
		_, err = pair.Leaf.Verify(x509.VerifyOptions{DNSName: "web.test", Roots: roots})
		Expect(err).NotTo(HaveOccurred())
		Expect(process(specs, "web", "origin").Files[0].Mode).To(BeEquivalentTo(0o600), "only the owner reads the key")
	})
})

var _ = It("balances over forward proxies of different engines if HAProxy's check only connects", func() {
	t := sample()
	t.Nodes[3].Services[0].Engine = topology.Builtin
	for i := range 2 {
		t.Nodes[i].Services[0].Balance.Check.Kind = topology.CheckTCP
	}
	Expect(process(configured(t, containers()), "lb-a", "balancer").Files[0].Content).To(And(
		ContainSubstring("server proxy-b"), Not(ContainSubstring("httpchk"))))
})

// passive is a balancer of the sample as an nginx.
func passive() topology.Service {
	s := sample().Nodes[0].Services[0]
	s.Engine = topology.Nginx
	s.Balance.Check, s.Balance.Passive = topology.Check{}, &topology.Passive{MaxFails: 2, FailTimeout: 10 * time.Second}
	return s
}

type change = func(*topology.Topology, *proxy.Site)

var _ = DescribeTable("Configure refuses",
	func(spoil change, want error, codes ...string) {
		t, site := sample(), containers()
		spoil(t, &site)
		specs, err := configure.Nodes(t, site)
		Expect(err).To(MatchError(want))
		Expect(specs).To(BeNil())
		for _, code := range codes {
			Expect(slices.Index(reason.Codes(err), code)).To(BeZero(), "the outermost code of %v", reason.Codes(err))
		}
	},
	Entry("a line of configuration in a node's name", change(func(t *topology.Topology, _ *proxy.Site) {
		t.Nodes[2].Name = "proxy-a\nhttp_access allow all"
	}), proxy.ErrName, "bad-name"),
	Entry("a quote in an address's name", change(func(t *topology.Topology, _ *proxy.Site) {
		t.Addresses[0].Name = `entry"`
	}), proxy.ErrName, "bad-name"),
	Entry("a path in a service's name", change(func(t *topology.Topology, _ *proxy.Site) {
		t.Nodes[2].Services[0].Name = "../squid"
	}), proxy.ErrName, "bad-name"),
	Entry("a space in an origin's name", change(func(t *topology.Topology, _ *proxy.Site) {
		t.Origins[0].Name = "web all"
	}), proxy.ErrName, "bad-name"),
	Entry("a line of configuration in the algorithm", change(func(t *topology.Topology, _ *proxy.Site) {
		t.Nodes[0].Services[0].Balance.Algorithm = "source\n mode http"
	}), proxy.ErrName, "bad-name"),
	Entry("a directory with a space", change(func(_ *topology.Topology, s *proxy.Site) { s.Dir = "/run/my lab" }), proxy.ErrUnsupported, "bad-directory"),
	Entry("a service named keepalived", change(func(t *topology.Topology, _ *proxy.Site) {
		t.Nodes[2].Services[0].Name = "keepalived"
	}), proxy.ErrUnsupported, "reserved-name"),
	Entry("real engines on a shared stack", change(func(_ *topology.Topology, s *proxy.Site) { s.Shared = true }), proxy.ErrUnsupported, "shared-network"),
	Entry("a second origin", change(func(t *topology.Topology, _ *proxy.Site) {
		t.Origins = append(t.Origins, topology.Origin{Name: "other"})
	}), proxy.ErrUnsupported, "several-origins"),
	Entry("a track check of half a second with keepalived", change(func(t *topology.Topology, _ *proxy.Site) {
		t.Addresses[0].Track.Interval = 500 * time.Millisecond
	}), proxy.ErrUnsupported, "time-step"),
	Entry("servers of two engines behind one HAProxy check", change(func(t *topology.Topology, _ *proxy.Site) {
		t.Nodes[3].Services[0].Engine = topology.Builtin
	}), proxy.ErrUnsupported, "mixed-servers"),
	Entry("an nginx with active checks", change(func(t *topology.Topology, _ *proxy.Site) {
		t.Nodes[0].Services[0].Engine = topology.Nginx
	}), proxy.ErrUnsupported),
	Entry("an unknown engine", change(func(t *topology.Topology, _ *proxy.Site) { t.Nodes[2].Services[0].Engine = "no-such" }), proxy.ErrUnsupported, "unknown-engine"),
	Entry("a builtin forward proxy without a WAN link", change(func(t *topology.Topology, s *proxy.Site) {
		s.Builtin, t.Nodes[2].WAN = true, ""
	}), proxy.ErrNotFound),
	Entry("a node without an address", change(func(_ *topology.Topology, s *proxy.Site) { delete(s.LAN, "proxy-b") }), proxy.ErrNoAddress),
	Entry("a gateway without an address", change(func(_ *topology.Topology, s *proxy.Site) { delete(s.LAN, "isp") }), proxy.ErrNoAddress),
	Entry("an origin without an address", change(func(_ *topology.Topology, s *proxy.Site) { delete(s.WAN, "web") }), proxy.ErrNoAddress),
	Entry("a VRRP address without one", change(func(_ *topology.Topology, s *proxy.Site) { delete(s.VIP, "entry") }), proxy.ErrNoAddress),
	Entry("a site without an authority", change(func(_ *topology.Topology, s *proxy.Site) { s.Authority = nil }), proxy.ErrNoAuthority),
	Entry("a server without a forward proxy", change(func(t *topology.Topology, _ *proxy.Site) {
		t.Nodes[0].Services[0].Balance.Servers = []string{"lb-b"}
	}), proxy.ErrNotFound),
	Entry("a tracked service that a member lacks", change(func(t *topology.Topology, _ *proxy.Site) {
		t.Addresses[0].Track.Service = "squid"
	}), proxy.ErrNotFound),
)
