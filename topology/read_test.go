package topology_test

import (
	"reflect"
	"regexp"
	"strings"
	"testing"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/seed-ab8b6914/spof/fuzzcost"
	"github.com/seed-ab8b6914/spof/topology"
)

// valid uses all keys; each case below breaks one place.
const valid = `topology: everything
about: All that a file can have.
nodes:
  lb-a:
    services:
      balancer: {engine: haproxy, port: 3128, balance: {algorithm: leastconn, servers: [proxy-a, proxy-b],
        check: {kind: tcp, interval: 2s, timeout: 1s, fall: 3, rise: 2}, connect_timeout: 1s}}
  lb-b:
    services:
      balancer: {engine: builtin, port: 3128, balance: {servers: [proxy-b], connect_timeout: 1s, retries: 0,
        check: {kind: http, interval: 2s, timeout: 1s, fall: 3, rise: 2}}}
  proxy-a:
    wan: fast
    services:
      squid: {engine: squid, port: 3128}
  proxy-b:
    wan: slow
    services:
      squid: {engine: builtin, port: 8000}
addresses:
  proxy:
    vrrp: {version: 3, router_id: 7, advert: 100ms, preempt: false, members: {lb-b: 100, lb-a: 200},
      track: {service: balancer, kind: tcp, interval: 1s, timeout: 1s, fall: 1, rise: 1, weight: -150}}
wan:
  fast: {}
  slow: {latency: 20ms}
origins:
  web: {}
  shop: {}
users:
  office: {count: 50, proxy: "proxy:3128"}
  lab: {count: 1, proxy: "proxy-b:8000"}
`

var _ = Describe("Read", func() {
	It("reads all keys, with the defaults of the engines", func() {
		t, err := topology.Read("f", []byte(valid))
		Expect(err).NotTo(HaveOccurred())
		Expect(*t).To(Equal(topology.Topology{
			Name: "everything", About: "All that a file can have.",
			Nodes: []topology.Node{
				{Name: "lb-a", Services: []topology.Service{{Name: "balancer", Engine: topology.HAProxy, Port: 3128, Balance: &topology.Balance{
					Algorithm: "leastconn", Servers: []string{"proxy-a", "proxy-b"}, ConnectTimeout: time.Second, Retries: 3,
					Check: topology.Check{Kind: topology.CheckTCP, Interval: 2 * time.Second, Timeout: time.Second, Fall: 3, Rise: 2}}}}},
				{Name: "lb-b", Services: []topology.Service{{Name: "balancer", Engine: topology.Builtin, Port: 3128, Balance: &topology.Balance{
					Algorithm: "roundrobin", Servers: []string{"proxy-b"}, ConnectTimeout: time.Second,
					Check: topology.Check{Kind: topology.CheckHTTP, Interval: 2 * time.Second, Timeout: time.Second, Fall: 3, Rise: 2}}}}},
				{Name: "proxy-a", WAN: "fast", Services: []topology.Service{{Name: "squid", Engine: topology.Squid, Port: 3128,
					Timers: &topology.Timers{ShutdownLifetime: 30 * time.Second, ConnectTimeout: time.Minute, ForwardTimeout: 4 * time.Minute}}}},
				{Name: "proxy-b", WAN: "slow", Services: []topology.Service{{Name: "squid", Engine: topology.Builtin, Port: 8000}}},
			},
			Addresses: []topology.Address{{
				Name: "proxy", Version: 3, RouterID: 7, Advert: 100 * time.Millisecond,
				Members: []topology.Member{{Node: "lb-a", Priority: 200}, {Node: "lb-b", Priority: 100}},
				Track: &topology.Track{Service: "balancer", Weight: -150,
					Check: topology.Check{Kind: topology.CheckTCP, Interval: time.Second, Timeout: time.Second, Fall: 1, Rise: 1}},
			}},
			WAN:     []topology.Link{{Name: "fast"}, {Name: "slow", Latency: 20 * time.Millisecond}},
			Origins: []topology.Origin{{Name: "web"}, {Name: "shop"}},
			Users: []topology.Group{
				{Name: "office", Count: 50, Proxy: topology.Entry{Host: "proxy", Port: 3128}},
				{Name: "lab", Count: 1, Proxy: topology.Entry{Host: "proxy-b", Port: 8000}},
			},
		}))
	})

	DescribeTable("gives position, code and the valid values of each problem", func(old, new string, want ...string) {
		Expect(valid).To(ContainSubstring(old))
		_, err := topology.Read("f", []byte(strings.Replace(valid, old, new, 1)))
		expectProblems(err, want...)
	},
		Entry("an unknown key", "about:", "abuot:",
			`2:1 unknown-key (did you mean "about"?); valid: topology, about, nodes, addresses, power, cooling, signals, wan, origins, users`),
		Entry("no name", "topology: everything\n", "", `1:1 missing-key key "topology"`),
		Entry("a bad name", "everything", "Every Thing", "1:11 wrong-value want a name of a-z, 0-9 and -"),

		Entry("a node named twice", "  proxy-b:\n    wan: slow", "  proxy-a:\n    wan: slow",
			`6:98 unknown-name (did you mean "proxy-a"?); valid: proxy-a`,
			`10:67 unknown-name (did you mean "proxy-a"?); valid: proxy-a`,
			`16:3 repeated-name "proxy-a" is repeated; first at line 12`,
			`32:26 unknown-name (did you mean "proxy-a"?); valid: proxy, lb-a, lb-b, proxy-a`),
		Entry("a name taken by another kind", "  web: {}", "  proxy: {}", `28:3 name-taken origin "proxy" has the name of the address at line 21`),
		Entry("a reserved name", "  shop: {}", "  serving: {}",
			`29:3 reserved-name as are localhost, ip6-localhost, ip6-loopback, test, standby, any, all`),
		Entry("a node without services", "services:\n      squid: {engine: squid, port: 3128}", "services: {}", "14:15 too-few got 0"),
		Entry("a node that is empty", "  proxy-a:\n    wan: fast\n    services:\n      squid: {engine: squid, port: 3128}\n", "  proxy-a:\n",
			"12:11 wrong-value keys wan, services, chassis ({} for none)"),
		Entry("two services at one port", "squid: {engine: squid, port: 3128}", "squid: {engine: squid, port: 3128}\n      extra: {engine: haproxy, port: 3128, balance: {servers: [proxy-b], connect_timeout: 1s, check: {kind: tcp, interval: 1s, timeout: 1s, fall: 1, rise: 1}}}",
			"16:38 port-taken port 3128 of node proxy-a is taken by its service squid"),
		Entry("a second balancer on a node", "      balancer: {engine: builtin", "      first: {engine: haproxy, port: 3129, balance: {servers: [proxy-b], connect_timeout: 1s, check: {kind: tcp, interval: 1s, timeout: 1s, fall: 1, rise: 1}}}\n      balancer: {engine: builtin",
			"11:56 one-per-node node lb-b already has a balancer, service first"),
		Entry("the port of the health checks", "port: 8000", "port: 8404",
			"19:38 port-taken port 8404 is reserved for the health checks of balancers",
			"32:26 no-listener node proxy-b listens at port 8000; its services: squid (8404)"),
		Entry("a port below 1024", "port: 8000", "port: 80", "19:38 wrong-value from 1024 to 65535"),
		Entry("an unknown engine", "engine: squid", "engine: sqiud", `15:23 unknown-value (did you mean "squid"?); valid: squid, haproxy, nginx, builtin`),
		Entry("a reserved service", "squid: {engine: squid", "keepalived: {engine: squid",
			`15:7 reserved-name the name "keepalived" is reserved, as are wan, origin, agent`),
		Entry("a Squid that balances", "engine: haproxy", "engine: squid",
			"6:54 engine-cannot engine squid does not support balance; use haproxy, nginx or builtin, or leave balance out"),
		Entry("an HAProxy that does not balance", "engine: builtin, port: 8000", "engine: haproxy, port: 8000", "19:7 missing-key needs balance"),
		Entry("an nginx that does not balance", "engine: builtin, port: 8000", "engine: nginx, port: 8000", "19:7 missing-key needs balance"),
		Entry("an nginx with active checks", "engine: haproxy", "engine: nginx",
			`6:54 missing-key key "passive"`, "7:16 engine-cannot engine nginx does not support check; use haproxy or builtin, or leave check out"),
		Entry("an HAProxy with passive checks", "connect_timeout: 1s}}\n  lb-b", "passive: {max_fails: 1, fail_timeout: 10s}, connect_timeout: 1s}}\n  lb-b",
			"7:83 engine-cannot engine haproxy does not support passive; use nginx, or leave passive out"),
		Entry("an nginx that tries the same server again", "engine: builtin, port: 3128, balance: {servers: [proxy-b], connect_timeout: 1s, retries: 0,\n        check: {kind: http, interval: 2s, timeout: 1s, fall: 3, rise: 2}}}", "engine: nginx, port: 3128, balance: {servers: [proxy-b], connect_timeout: 1s, redispatch: false, retries: 2,\n        passive: {max_fails: 1, fail_timeout: 10s}}}",
			"10:124 engine-cannot engine nginx retries on another server only"),
		Entry("an nginx with parts of a second", "engine: builtin, port: 3128, balance: {servers: [proxy-b], connect_timeout: 1s, retries: 0,\n        check: {kind: http, interval: 2s, timeout: 1s, fall: 3, rise: 2}}}", "engine: nginx, port: 3128, balance: {servers: [proxy-b], connect_timeout: 1s,\n        passive: {max_fails: 0, fail_timeout: 1500ms, slow_start: 1s}}}",
			"11:30 wrong-value from 1 to 100", "11:47 time-step got 1.5s", "11:55 unknown-key valid: max_fails, fail_timeout"),

		Entry("parents with every problem", "squid: {engine: squid, port: 3128}", "squid: {engine: squid, port: 3128, parents: {nodes: [proxy-x, lb-a, proxy-b, proxy-b], connect_timeout: 1500ms}}",
			"13:10 unused-key",
			`15:60 unknown-name (did you mean "proxy-b"?); valid: proxy-b`,
			"15:69 unfit-parent valid: proxy-b",
			"15:84 listed-twice",
			"15:111 time-step got 1.5s"),
		Entry("parents of another engine", "engine: builtin, port: 8000", "engine: builtin, port: 8000, parents: {nodes: [proxy-a], connect_timeout: 1s}",
			"17:10 unused-key", "19:53 engine-cannot engine builtin does not support parents; use squid, or leave parents out"),
		Entry("no server", "[proxy-b]", "[]", "10:66 too-few got 0"),
		Entry("an empty server", "[proxy-b]", `[""]`, "10:67 wrong-value want a name"),
		Entry("an empty service to track", "service: balancer", `service: ""`, "23:24 wrong-value want a name"),
		Entry("an empty link", "wan: slow", `wan: ""`, "17:10 wrong-value want a name"),
		Entry("an unknown server", "[proxy-b]", "[proxy-x]", `10:67 unknown-name (did you mean "proxy-a"?); valid: proxy-a, proxy-b`),
		Entry("a server that is a link", "[proxy-b]", "[fast]", "10:67 wrong-kind valid: proxy-a, proxy-b"),
		Entry("a server listed twice", "[proxy-a, proxy-b]", "[proxy-a, proxy-a]", "6:98 listed-twice"),
		Entry("a backup that is a server", "servers: [proxy-b]", "servers: [proxy-b], backup: [proxy-b]", "10:86 listed-twice"),
		Entry("an unknown backup", "servers: [proxy-b]", "servers: [proxy-b], backup: [proxy-x]",
			`10:86 unknown-name (did you mean "proxy-a"?); valid: proxy-a, proxy-b`),
		Entry("a balancer as a server", "[proxy-b]", "[lb-a]", "10:67 unfit-server valid: proxy-a, proxy-b"),
		Entry("a balancer that balances itself", "[proxy-b]", "[lb-b]", "10:67 unfit-server valid: proxy-a, proxy-b"),
		Entry("a server with two forward proxies", "squid: {engine: squid, port: 3128}", "squid: {engine: squid, port: 3128}\n      more: {engine: squid, port: 3129}",
			"6:89 unfit-server valid: proxy-b"),
		Entry("an unknown algorithm", "leastconn", "least", "6:68 unknown-value valid: roundrobin, leastconn, source"),
		Entry("a check without its timers", "kind: tcp, interval: 2s, timeout: 1s, fall: 3, rise: 2}, connect", "kind: tcp}, connect",
			`7:16 missing-key key "interval"`, `7:16 missing-key key "timeout"`, `7:16 missing-key key "fall"`, `7:16 missing-key key "rise"`),
		Entry("a redispatch that is no interval", "connect_timeout: 1s}}\n  lb-b", "connect_timeout: 1s, redispatch: often}}\n  lb-b",
			"7:107 wrong-value from 1 to 10"),
		Entry("a redispatch too rare", "connect_timeout: 1s}}\n  lb-b", "connect_timeout: 1s, redispatch: 11}}\n  lb-b", "7:107 wrong-value from 1 to 10"),
		Entry("unknown values of on_marked_down and on_marked_up", "connect_timeout: 1s}}\n  lb-b", "connect_timeout: 1s, on_marked_down: shutdown, on_marked_up: shutdown-sessions}}\n  lb-b",
			"7:111 unknown-value valid: none, shutdown-sessions", "7:135 unknown-value valid: none, shutdown-backup-sessions"),
		Entry("an idle time without unit", "connect_timeout: 1s}}\n  lb-b", "connect_timeout: 1s, client_timeout: 50, server_timeout: 0s}}\n  lb-b",
			"7:111 unit-missing write 5s or 500ms", "7:131 wrong-value from 1ms to 24h"),
		Entry("nginx's timeout with HAProxy", "connect_timeout: 1s}}\n  lb-b", "connect_timeout: 1s, proxy_timeout: 50s}}\n  lb-b",
			"7:110 engine-cannot engine haproxy does not support proxy_timeout; use nginx, or leave proxy_timeout out"),
		Entry("timers of a Squid in parts of a second or out of range", "engine: squid, port: 3128", "engine: squid, port: 3128, shutdown_lifetime: 1500ms, connect_timeout: 0s, forward_timeout: 2h",
			"15:61 time-step got 1.5s", "15:86 wrong-value from 1s to 1h", "15:107 wrong-value from 1s to 1h"),
		Entry("timers of a Squid with another engine", "engine: builtin, port: 8000", "engine: builtin, port: 8000, shutdown_lifetime: 1s",
			"19:63 engine-cannot engine builtin does not support shutdown_lifetime; use squid, or leave shutdown_lifetime out"),
		Entry("no unit", "connect_timeout: 1s}", "connect_timeout: 1}", "7:91 unit-missing write 5s or 500ms"),
		Entry("too many retries", "retries: 0", "retries: 11", "10:107 wrong-value from 0 to 10"),

		Entry("an unknown link", "wan: slow", "wan: slwo", `17:10 unknown-name (did you mean "slow"?); valid: fast, slow`),
		Entry("no link where there are several", "    wan: slow\n", "", "16:3 missing-key add wan: fast or slow"),
		Entry("a link of a node without a forward proxy", "  lb-a:\n", "  lb-a:\n    wan: fast\n", "5:10 unused-key"),
		Entry("no links", "wan:\n  fast: {}\n  slow: {latency: 20ms}", "wan: {}", "24:6 too-few got 0"),
		Entry("a link in parts of a millisecond", "latency: 20ms", "latency: 1500us", "26:19 time-step got 1.5ms"),
		Entry("a bandwidth without unit", "latency: 20ms", "bandwidth: 50", "26:21 unit-missing write 50Mbit/s"),
		Entry("a bandwidth above the maximum", "latency: 20ms", "bandwidth: 1Gbit/s", "26:21 wrong-value from 100kbit/s to 500Mbit/s"),
		Entry("a link too slow", "latency: 20ms", "latency: 20s", "26:19 wrong-value from 0s to 10s"),

		Entry("an unknown VRRP version", "version: 3", "version: 4", "22:21 wrong-value from 2 to 3"),
		Entry("an advert too fast for version 2", "version: 3", "version: 2", "22:46 time-step got 100ms"),
		Entry("an advert of no time", "version: 3, router_id: 7, advert: 100ms", "version: 2, router_id: 7, advert: 0s",
			"22:46 wrong-value from 10ms to 4m15s"),
		Entry("an advert too fine for version 3", "advert: 100ms", "advert: 105ms", "22:46 time-step got 105ms"),
		Entry("an advert too long for version 3", "advert: 100ms", "advert: 41s", "22:46 wrong-value from 10ms to 40.95s"),
		Entry("a router id used twice", "wan:\n  fast", "  other:\n    vrrp: {version: 2, router_id: 7, advert: 1s, members: {proxy-a: 1, proxy-b: 2}}\nwan:\n  fast",
			"25:35 router-id-taken router_id 7 is taken by address proxy"),
		Entry("one member", "lb-b: 100, lb-a: 200", "lb-a: 200", "22:78 too-few got 1"),
		Entry("members of one priority", "lb-b: 100", "lb-b: 200", "22:96 priority-taken priority 200 is taken by lb-b"),
		Entry("the priority of an address owner", "lb-a: 200", "lb-a: 255", "22:96 wrong-value from 1 to 254"),
		Entry("an unknown member", "lb-b: 100", "lb-c: 100", `22:79 unknown-name (did you mean "lb-a"?); valid: lb-a, lb-b, proxy-a, proxy-b`),
		Entry("a member without the tracked service", "lb-b: 100", "proxy-b: 100",
			"23:24 unknown-name services: squid (8000)", "31:30 no-listener node proxy-b listens at port 3128; its services: squid (8000)"),
		Entry("a track script between the seconds", "kind: tcp, interval: 1s, timeout: 1s, fall: 1, rise: 1, weight", "kind: tcp, interval: 1500ms, timeout: 1s, fall: 1, rise: 1, weight",
			"23:55 time-step got 1.5s"),
		Entry("a positive weight", "weight: -150", "weight: 50", "23:98 wrong-value from -253 to 0"),

		Entry("no origin", "origins:\n  web: {}\n  shop: {}\n", "origins: {}\n", "27:10 too-few got 0"),
		Entry("a key in an origin", "web: {}", "web: {port: 80}", "28:9 unknown-key valid: none"),
		Entry("no users", "users:\n  office: {count: 50, proxy: \"proxy:3128\"}\n  lab: {count: 1, proxy: \"proxy-b:8000\"}\n", "",
			`1:1 missing-key key "users"`),
		Entry("a group of 0 users", "count: 50", "count: 0", "31:19 wrong-value from 1 to 60000"),
		Entry("too many users", "lab: {count: 1,", "lab: {count: 59951,", "32:16 too-many got 60001 up to this group"),
		Entry("a pool and a proxy", "lab: {count: 1, proxy", "lab: {count: 1, pool: {exits: [proxy-a], port: 3128}, proxy",
			"32:33 too-few got 1", "32:64 two-ways"),
		Entry("a pool with bad exits", `proxy: "proxy-b:8000"`, "pool: {exits: [proxy-b, lb-a, proxy-x, proxy-b], port: 3128, rotate: turn}",
			"32:34 no-listener node proxy-b listens at port 3128; its services: squid (8000)",
			"32:43 wrong-service",
			`32:49 unknown-name (did you mean "proxy-a"?); valid: lb-a, lb-b, proxy-a, proxy-b`,
			"32:58 listed-twice",
			"32:88 unknown-value valid: request, session"),
		Entry("rotate: session without a length", `proxy: "proxy-b:8000"`, "pool: {exits: [proxy-a, proxy-b], port: 3128, rotate: session}",
			"32:25 missing-key add session: 10s", "32:43 no-listener node proxy-b listens at port 3128; its services: squid (8000)"),
		Entry("a session with rotate: request", `proxy: "proxy-b:8000"`, "pool: {exits: [proxy-a, proxy-b], port: 3128, session: 10s}",
			"32:43 no-listener node proxy-b listens at port 3128; its services: squid (8000)", "32:74 unused-key"),
		Entry("an entry without a port", "proxy:3128", "proxy", "31:30 wrong-value from 1024 to 65535"),
		Entry("an entry with a bad port", "proxy:3128", "proxy:031 28", "31:30 wrong-value from 1024 to 65535"),
		Entry("an unknown entry", "proxy:3128", "prxy:3128", `31:30 unknown-name (did you mean "proxy"?); valid: proxy, lb-a, lb-b, proxy-a, proxy-b`),
		Entry("an entry at a link", "proxy:3128", "slow:3128", "31:30 wrong-kind valid: proxy, lb-a, lb-b, proxy-a, proxy-b"),
		Entry("an entry without a service", "proxy:3128", "proxy:3129",
			"31:30 no-listener node lb-a listens at port 3129; its services: balancer (3128)",
			"31:30 no-listener node lb-b listens at port 3129; its services: balancer (3128)"),
	)

	const byNginx = "engine: nginx, port: 3128, balance: {servers: [proxy-b], connect_timeout: 1s, passive: {max_fails: 1, fail_timeout: 10s}"
	const byBuiltin = "engine: builtin, port: 3128, balance: {servers: [proxy-b], connect_timeout: 1s, retries: 0,\n        check: {kind: http, interval: 2s, timeout: 1s, fall: 3, rise: 2}"

	DescribeTable("takes what the engines support", func(old, new string, want func(*topology.Topology)) {
		Expect(valid).To(ContainSubstring(old))
		t, err := topology.Read("f", []byte(strings.Replace(valid, old, new, 1)))
		Expect(err).NotTo(HaveOccurred())
		want(t)
	},
		Entry("a check of a balancer that outlasts its interval", "interval: 2s, timeout: 1s", "interval: 2s, timeout: 2500ms",
			func(t *topology.Topology) {
				Expect(t.Nodes[0].Services[0].Balance.Check.Timeout).To(Equal(2500 * time.Millisecond))
			}),
		Entry("a track that outlasts its interval", "interval: 1s, timeout: 1s", "interval: 1s, timeout: 3s",
			func(t *topology.Topology) { Expect(t.Addresses[0].Track.Timeout).To(Equal(3 * time.Second)) }),
		Entry("HAProxy's sessions and redispatch", "connect_timeout: 1s}}\n  lb-b",
			"connect_timeout: 1s, redispatch: 2, client_timeout: 50s, server_timeout: 1h, on_marked_down: shutdown-sessions, on_marked_up: shutdown-backup-sessions}}\n  lb-b",
			func(t *topology.Topology) {
				b := t.Nodes[0].Services[0].Balance
				Expect([]any{b.Redispatch, b.RedispatchEvery, b.ShutdownSessions, b.ShutdownBackups}).To(Equal([]any{true, 2, true, true}))
				Expect([]time.Duration{b.ClientTimeout, b.ServerTimeout, b.IdleTimeout()}).To(Equal([]time.Duration{50 * time.Second, time.Hour, 50 * time.Second}))
			}),
		Entry("the bare redispatch", "connect_timeout: 1s}}\n  lb-b", "connect_timeout: 1s, redispatch: true}}\n  lb-b", func(t *topology.Topology) {
			b := t.Nodes[0].Services[0].Balance
			Expect([]any{b.Redispatch, b.RedispatchEvery, b.IdleTimeout()}).To(Equal([]any{true, 0, time.Duration(0)}))
		}),
		Entry("a backup of nginx, with nginx's defaults", byBuiltin, byNginx+", backup: [proxy-a]", func(t *topology.Topology) {
			b := t.Nodes[1].Services[0].Balance
			Expect([]any{b.Backup, b.Redispatch, b.Retries, b.ProxyTimeout}).To(Equal([]any{[]string{"proxy-a"}, true, 1, 10 * time.Minute}))
		}),
	)

	It("refuses keys that nginx does not support", func() {
		_, err := topology.Read("f", []byte(strings.Replace(valid, byBuiltin, byNginx+", backup: [proxy-a], algorithm: source, on_marked_down: none, server_timeout: 1s", 1)))
		expectProblems(err, "10:148 engine-cannot no backup with algorithm: source", "10:194 engine-cannot on_marked_down", "10:216 engine-cannot server_timeout")
	})

	It("reports every problem of an empty design at once", func() {
		_, err := topology.Read("f", []byte("about: nothing\n"))
		expectProblems(err, `1:1 missing-key "topology"`, `1:1 missing-key "nodes"`, `1:1 missing-key "wan"`, `1:1 missing-key "origins"`, `1:1 missing-key "users"`)
	})

	It("bounds the size of a design", func() {
		many := strings.Builder{}
		for a := 'a'; a <= 'e'; a++ {
			for b := 'a'; b <= 'e'; b++ {
				many.WriteString("  o-" + string([]rune{a, b}) + ": {}\n")
			}
		}
		_, err := topology.Read("f", []byte(strings.Replace(valid, "  web: {}\n", many.String(), 1)))
		expectProblems(err, "28:3 too-many want 1 to 20 entries of kind origin, got 26")
	})
})

// comments matches the lines that hold only a comment.
var comments = regexp.MustCompile(`(?m)^ *#.*\n`)

// FuzzRead checks that no input makes Read panic, and that a design that it accepts is complete: every group has a path, every
// forward proxy has a link or parents, the design can be drawn, and Build accepts it as it is.
func FuzzRead(f *testing.F) {
	f.Add([]byte(valid))
	f.Add([]byte(powered))
	for _, name := range topology.Designs() {
		data, err := topology.Source(name)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(comments.ReplaceAll(data, nil)) // the smaller the seeds, the more executions
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		fuzzcost.Bound(t)
		d, err := topology.Read("f", data)
		if err != nil {
			return
		}
		for _, g := range d.Users {
			if len(d.Paths(g.Name)) == 0 {
				t.Errorf("group %s has no path in\n%s", g.Name, data)
			}
		}
		for _, n := range d.Nodes {
			if _, forwards := n.ForwardProxy(); forwards != (n.WAN != "" || n.Parents() != nil) {
				t.Errorf("node %s has link %q in\n%s", n.Name, n.WAN, data)
			}
		}
		if d.Outline() == "" || d.DOT() == "" || len(d.WAN) == 1 && d.SinglePoints() == nil {
			t.Errorf("no drawing, or no single point where there is one link, of\n%s", data)
		}
		if built, err := topology.Build(*d); !reflect.DeepEqual(built, d) {
			t.Errorf("Build gives %+v, %v for\n%s", built, err, data)
		}
	})
}
