package topology_test

import (
	"regexp"
	"strings"
	"testing"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/seed-ab8b6914/spof/fuzzcost"
	"github.com/seed-ab8b6914/spof/topology"
)

// valid uses everything a file can have; the cases below break it in one place.
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
	It("reads all that a file can have, with the defaults of the engines", func() {
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

	DescribeTable("says what is wrong, where, and what would be right", func(old, new string, want ...string) {
		Expect(valid).To(ContainSubstring(old))
		_, err := topology.Read("f", []byte(strings.Replace(valid, old, new, 1)))
		Expect(err).To(MatchError(strings.Join(want, "\n")))
	},
		Entry("an unknown key", "about:", "abuot:",
			`f:2:1: unknown key "abuot" (did you mean "about"?); valid: topology, about, nodes, addresses, power, cooling, signals, wan, origins, users`),
		Entry("no name", "topology: everything\n", "", `f:1:1: key "topology" is missing`),
		Entry("a bad name", "everything", "Every Thing",
			`f:1:11: want a name of a-z, 0-9 and -, beginning with a letter and not ending with -, at most 31 long, got "Every Thing"`),

		Entry("a node named twice", "  proxy-b:\n    wan: slow", "  proxy-a:\n    wan: slow",
			`f:6:98: unknown node "proxy-b" (did you mean "proxy-a"?); valid: proxy-a`,
			`f:10:67: unknown node "proxy-b" (did you mean "proxy-a"?); valid: proxy-a`,
			`f:16:3: "proxy-a" is named twice, first at line 12`,
			`f:32:26: unknown address or node "proxy-b" (did you mean "proxy-a"?); valid: proxy, lb-a, lb-b, proxy-a`),
		Entry("a name taken by another kind", "  web: {}", "  proxy: {}",
			`f:28:3: origin "proxy" has the name of the address at line 21; names are unique over the whole design`),
		Entry("a reserved name", "  shop: {}", "  serving: {}",
			`f:29:3: the name "serving" is reserved, as are localhost, ip6-localhost, ip6-loopback, test, standby, any, all`),
		Entry("a node without services", "services:\n      squid: {engine: squid, port: 3128}", "services: {}",
			`f:14:15: no service on node proxy-a; at least one is needed`),
		Entry("a node that is empty", "  proxy-a:\n    wan: fast\n    services:\n      squid: {engine: squid, port: 3128}\n", "  proxy-a:\n",
			`f:12:11: want a mapping with the keys wan, services, chassis ({} for none), got nothing`),
		Entry("two services at one port", "squid: {engine: squid, port: 3128}", "squid: {engine: squid, port: 3128}\n      extra: {engine: haproxy, port: 3128, balance: {servers: [proxy-b], connect_timeout: 1s, check: {kind: tcp, interval: 1s, timeout: 1s, fall: 1, rise: 1}}}",
			`f:16:38: port 3128 of node proxy-a is taken by its service squid`),
		Entry("a second balancer on a node", "      balancer: {engine: builtin", "      first: {engine: haproxy, port: 3129, balance: {servers: [proxy-b], connect_timeout: 1s, check: {kind: tcp, interval: 1s, timeout: 1s, fall: 1, rise: 1}}}\n      balancer: {engine: builtin",
			`f:11:56: node lb-b has the balancer first already; a node has at most one`),
		Entry("the port of the health checks", "port: 8000", "port: 8404",
			`f:19:38: port 8404 is kept for health checks of balancers`,
			`f:32:26: no service on node proxy-b listens at port 8000; its services: squid (8404)`),
		Entry("a port below 1024", "port: 8000", "port: 80", `f:19:38: want a whole number from 1024 to 65535, got "80"`),
		Entry("an unknown engine", "engine: squid", "engine: sqiud",
			`f:15:23: unknown value "sqiud" (did you mean "squid"?); valid: squid, haproxy, nginx, builtin`),
		Entry("a reserved service", "squid: {engine: squid", "keepalived: {engine: squid",
			`f:15:7: the name "keepalived" is reserved, as are wan, origin, agent`),
		Entry("a Squid that balances", "engine: haproxy", "engine: squid",
			`f:6:54: engine squid is a forward proxy and does not balance; use haproxy, nginx or builtin, or leave balance out`),
		Entry("an HAProxy that does not balance", "engine: builtin, port: 8000", "engine: haproxy, port: 8000",
			`f:19:7: engine haproxy needs balance: which servers, and how they are checked`),
		Entry("an nginx that does not balance", "engine: builtin, port: 8000", "engine: nginx, port: 8000",
			`f:19:7: engine nginx needs balance: which servers, and how they are checked`),
		Entry("an nginx with active checks", "engine: haproxy", "engine: nginx",
			`f:6:54: key "passive" is missing`,
			`f:7:16: nginx has no active checks (those are of its commercial edition); leave check out and say passive: {max_fails, fail_timeout}`),
		Entry("an HAProxy with passive checks", "connect_timeout: 1s}}\n  lb-b", "passive: {max_fails: 1, fail_timeout: 10s}, connect_timeout: 1s}}\n  lb-b",
			`f:7:83: engine haproxy checks its servers actively; leave passive out, check says how`),
		Entry("an nginx that tries the same server again", "engine: builtin, port: 3128, balance: {servers: [proxy-b], connect_timeout: 1s, retries: 0,\n        check: {kind: http, interval: 2s, timeout: 1s, fall: 3, rise: 2}}}",
			"engine: nginx, port: 3128, balance: {servers: [proxy-b], connect_timeout: 1s, redispatch: false, retries: 2,\n        passive: {max_fails: 1, fail_timeout: 10s}}}",
			`f:10:124: nginx tries again on another server only; leave redispatch: false out, or say retries: 0`),
		Entry("an nginx with parts of a second", "engine: builtin, port: 3128, balance: {servers: [proxy-b], connect_timeout: 1s, retries: 0,\n        check: {kind: http, interval: 2s, timeout: 1s, fall: 3, rise: 2}}}",
			"engine: nginx, port: 3128, balance: {servers: [proxy-b], connect_timeout: 1s,\n        passive: {max_fails: 0, fail_timeout: 1500ms, slow_start: 1s}}}",
			`f:11:30: want a whole number from 1 to 100, got "0"`,
			`f:11:47: nginx counts fail_timeout in whole seconds, got 1.5s`,
			`f:11:55: unknown key "slow_start"; valid: max_fails, fail_timeout`),

		Entry("parents that are wrong in every way", "squid: {engine: squid, port: 3128}", "squid: {engine: squid, port: 3128, parents: {nodes: [proxy-x, lb-a, proxy-b, proxy-b], connect_timeout: 1500ms}}",
			`f:13:10: node proxy-a goes out through its parents' WAN links; leave wan out`,
			`f:15:60: unknown node "proxy-x" (did you mean "proxy-b"?); valid: proxy-b`,
			`f:15:69: a parent is another node with one forward proxy that has no parents itself, which lb-a is not; valid: proxy-b`,
			`f:15:84: parent "proxy-b" is listed twice`,
			`f:15:111: Squid counts in whole seconds, got 1.5s`),
		Entry("parents of another engine", "engine: builtin, port: 8000", "engine: builtin, port: 8000, parents: {nodes: [proxy-a], connect_timeout: 1s}",
			`f:17:10: node proxy-b goes out through its parents' WAN links; leave wan out`,
			`f:19:53: parents are Squid's own mechanism (cache_peer), engine builtin has none; leave parents out`),
		Entry("no server", "[proxy-b]", "[]", `f:10:66: no server; name at least one node with a forward proxy`),
		Entry("an unknown server", "[proxy-b]", "[proxy-x]", `f:10:67: unknown node "proxy-x" (did you mean "proxy-a"?); valid: proxy-a, proxy-b`),
		Entry("a server that is a link", "[proxy-b]", "[fast]", `f:10:67: "fast" is no node but the WAN link at line 25; valid: proxy-a, proxy-b`),
		Entry("a server listed twice", "[proxy-a, proxy-b]", "[proxy-a, proxy-a]", `f:6:98: server "proxy-a" is listed twice`),
		Entry("a backup that is a server", "servers: [proxy-b]", "servers: [proxy-b], backup: [proxy-b]", `f:10:86: "proxy-b" is a server already; a backup is another node`),
		Entry("an unknown backup", "servers: [proxy-b]", "servers: [proxy-b], backup: [proxy-x]", `f:10:86: unknown node "proxy-x" (did you mean "proxy-a"?); valid: proxy-a, proxy-b`),
		Entry("a balancer as a server", "[proxy-b]", "[lb-a]", `f:10:67: a server needs exactly one forward proxy, node lb-a has 0; valid: proxy-a, proxy-b`),
		Entry("a balancer that balances itself", "[proxy-b]", "[lb-b]", `f:10:67: node lb-b would balance itself; valid: proxy-a, proxy-b`),
		Entry("a server with two forward proxies", "squid: {engine: squid, port: 3128}", "squid: {engine: squid, port: 3128}\n      more: {engine: squid, port: 3129}",
			`f:6:89: a server needs exactly one forward proxy, node proxy-a has 2; valid: proxy-b`),
		Entry("an unknown algorithm", "leastconn", "least", `f:6:68: unknown value "least"; valid: roundrobin, leastconn, source`),
		Entry("a check without its timers", "kind: tcp, interval: 2s, timeout: 1s, fall: 3, rise: 2}, connect", "kind: tcp}, connect",
			`f:7:16: key "timeout" is missing`, `f:7:16: key "interval" is missing`, `f:7:16: key "fall" is missing`, `f:7:16: key "rise" is missing`),
		Entry("a redispatch of no interval", "connect_timeout: 1s}}\n  lb-b", "connect_timeout: 1s, redispatch: often}}\n  lb-b",
			`f:7:107: want true, false or a whole number from 1 to 10, got "often"`),
		Entry("a redispatch too rare", "connect_timeout: 1s}}\n  lb-b", "connect_timeout: 1s, redispatch: 11}}\n  lb-b",
			`f:7:107: want a whole number from 1 to 10, got "11"`),
		Entry("sessions that are treated otherwise", "connect_timeout: 1s}}\n  lb-b", "connect_timeout: 1s, on_marked_down: shutdown, on_marked_up: shutdown-sessions}}\n  lb-b",
			`f:7:111: unknown value "shutdown"; valid: none, shutdown-sessions`,
			`f:7:135: unknown value "shutdown-sessions"; valid: none, shutdown-backup-sessions`),
		Entry("an idle time without unit", "connect_timeout: 1s}}\n  lb-b", "connect_timeout: 1s, client_timeout: 50, server_timeout: 0s}}\n  lb-b",
			`f:7:111: unit missing, write 5s or 500ms`,
			`f:7:131: want a time from 1ms to 24h, got "0s"`),
		Entry("nginx's time-out of an HAProxy", "connect_timeout: 1s}}\n  lb-b", "connect_timeout: 1s, proxy_timeout: 50s}}\n  lb-b",
			`f:7:110: proxy_timeout is nginx's, engine haproxy has client_timeout and server_timeout`),
		Entry("timers of a Squid that it cannot count", "engine: squid, port: 3128", "engine: squid, port: 3128, shutdown_lifetime: 1500ms, connect_timeout: 0s, forward_timeout: 2h",
			`f:15:61: Squid counts in whole seconds, got 1.5s`,
			`f:15:86: want a time from 1s to 1h, got "0s"`,
			`f:15:107: want a time from 1s to 1h, got "2h"`),
		Entry("timers of a Squid elsewhere", "engine: builtin, port: 8000", "engine: builtin, port: 8000, shutdown_lifetime: 1s",
			`f:19:63: shutdown_lifetime is a timer of Squid, engine builtin has none; leave it out`),
		Entry("no unit", "connect_timeout: 1s}", "connect_timeout: 1}", `f:7:91: unit missing, write 5s or 500ms`),
		Entry("too many retries", "retries: 0", "retries: 11", `f:10:107: want a whole number from 0 to 10, got "11"`),

		Entry("an unknown link", "wan: slow", "wan: slwo", `f:17:10: unknown WAN link "slwo" (did you mean "slow"?); valid: fast, slow`),
		Entry("no link where there are several", "    wan: slow\n", "",
			`f:16:3: node proxy-b has a forward proxy and there are several WAN links; say which with wan: fast or slow`),
		Entry("a link that nothing uses", "  lb-a:\n", "  lb-a:\n    wan: fast\n",
			`f:5:10: node lb-a has no forward proxy, so it uses no WAN link; leave wan out`),
		Entry("no links", "wan:\n  fast: {}\n  slow: {latency: 20ms}", "wan: {}", `f:24:6: no WAN link; at least one is needed`),
		Entry("a link in parts of a millisecond", "latency: 20ms", "latency: 1500us", `f:26:19: a WAN link adds whole milliseconds, got 1.5ms`),
		Entry("a bandwidth without unit", "latency: 20ms", "bandwidth: 50", `f:26:21: unit missing, write 50Mbit/s`),
		Entry("a bandwidth that cannot be kept", "latency: 20ms", "bandwidth: 1Gbit/s", `f:26:21: want a bit rate from 100kbit/s to 500Mbit/s, got "1Gbit/s"`),
		Entry("a link too slow", "latency: 20ms", "latency: 20s", `f:26:19: want a time from 0s to 10s, got "20s"`),

		Entry("an unknown VRRP version", "version: 3", "version: 4", `f:22:21: want a whole number from 2 to 3, got "4"`),
		Entry("an advert too fast for version 2", "version: 3", "version: 2",
			`f:22:46: VRRP version 2 sends adverts in whole seconds from 1s to 4m15s, got 100ms; version 3 takes 10ms to 40.95s`),
		Entry("an advert of no time", "version: 3, router_id: 7, advert: 100ms", "version: 2, router_id: 7, advert: 0s",
			`f:22:46: want a time from 10ms to 4m15s, got "0s"`),
		Entry("an advert too fine for version 3", "advert: 100ms", "advert: 105ms", `f:22:46: VRRP version 3 sends adverts in steps of 10ms, got 105ms`),
		Entry("an advert too long for version 3", "advert: 100ms", "advert: 41s", `f:22:46: want a time from 10ms to 40.95s, got "41s"`),
		Entry("a router id used twice", "wan:\n  fast", "  other:\n    vrrp: {version: 2, router_id: 7, advert: 1s, members: {proxy-a: 1, proxy-b: 2}}\nwan:\n  fast",
			`f:25:35: router_id 7 is used by address proxy; routers of one network need different ids`),
		Entry("one member", "lb-b: 100, lb-a: 200", "lb-a: 200",
			`f:22:78: an address that moves needs two members or more; with just one node, let the users enter at the node's name`),
		Entry("members of one priority", "lb-b: 100", "lb-b: 200",
			`f:22:96: priority 200 is taken by lb-b; members of address proxy need different priorities`),
		Entry("the priority of an address owner", "lb-a: 200", "lb-a: 255", `f:22:96: want a whole number from 1 to 254, got "255"`),
		Entry("an unknown member", "lb-b: 100", "lb-c: 100", `f:22:79: unknown node "lb-c" (did you mean "lb-a"?); valid: lb-a, lb-b, proxy-a, proxy-b`),
		Entry("a member that does not serve", "lb-b: 100", "proxy-b: 100",
			`f:23:24: node proxy-b has no service "balancer" to track; its services: squid (8000)`,
			`f:31:30: no service on node proxy-b listens at port 3128; its services: squid (8000)`),
		Entry("a track script between the seconds", "kind: tcp, interval: 1s, timeout: 1s, fall: 1, rise: 1, weight", "kind: tcp, interval: 1500ms, timeout: 1s, fall: 1, rise: 1, weight",
			`f:23:55: keepalived runs its track scripts every whole number of seconds, got 1.5s`),
		Entry("a weight that raises", "weight: -150", "weight: 50", `f:23:98: want a whole number from -253 to 0, got "50"`),

		Entry("no origin", "origins:\n  web: {}\n  shop: {}\n", "origins: {}\n", `f:27:10: no origin; at least one is needed`),
		Entry("a key in an origin", "web: {}", "web: {port: 80}", `f:28:9: unknown key "port"; valid: none`),
		Entry("no users", "users:\n  office: {count: 50, proxy: \"proxy:3128\"}\n  lab: {count: 1, proxy: \"proxy-b:8000\"}\n", "", `f:1:1: key "users" is missing`),
		Entry("nobody in a group", "count: 50", "count: 0", `f:31:19: want a whole number from 1 to 60000, got "0"`),
		Entry("more users than can be told apart", "lab: {count: 1,", "lab: {count: 59951,",
			`f:32:16: 60001 users in all groups so far; at most 60000 are possible`),
		Entry("a pool and a proxy", "lab: {count: 1, proxy", "lab: {count: 1, pool: {exits: [proxy-a], port: 3128}, proxy",
			`f:32:33: 1 exits; a pool has 2 to 32, and for one exit say proxy`,
			`f:32:64: users go out by a pool already; leave proxy out, or the pool`),
		Entry("a pool of what is no exit", `proxy: "proxy-b:8000"`, "pool: {exits: [proxy-b, lb-a, proxy-x, proxy-b], port: 3128, rotate: turn}",
			`f:32:34: no service on node proxy-b listens at port 3128; its services: squid (8000)`,
			`f:32:43: balancer of node lb-a is a balancer; an exit is a forward proxy`,
			`f:32:49: unknown node "proxy-x" (did you mean "proxy-a"?); valid: lb-a, lb-b, proxy-a, proxy-b`,
			`f:32:58: exit "proxy-b" is listed twice`,
			`f:32:88: unknown value "turn"; valid: request, session`),
		Entry("a session that does not end", `proxy: "proxy-b:8000"`, "pool: {exits: [proxy-a, proxy-b], port: 3128, rotate: session}",
			`f:32:25: rotate: session needs to know how long a session lasts; say session: 10s`,
			`f:32:43: no service on node proxy-b listens at port 3128; its services: squid (8000)`),
		Entry("a session of one request", `proxy: "proxy-b:8000"`, "pool: {exits: [proxy-a, proxy-b], port: 3128, session: 10s}",
			`f:32:43: no service on node proxy-b listens at port 3128; its services: squid (8000)`,
			`f:32:74: every request goes out by another exit, so there is no session; say rotate: session, or leave session out`),
		Entry("an entry without a port", "proxy:3128", "proxy",
			`f:31:30: want the name of an address or a node and a port from 1024 to 65535, such as "proxy:3128", got "proxy"`),
		Entry("an entry with no port there", "proxy:3128", "proxy:031 28",
			`f:31:30: want the name of an address or a node and a port from 1024 to 65535, such as "proxy:3128", got "proxy:031 28"`),
		Entry("an unknown entry", "proxy:3128", "prxy:3128",
			`f:31:30: unknown address or node "prxy" (did you mean "proxy"?); valid: proxy, lb-a, lb-b, proxy-a, proxy-b`),
		Entry("an entry at a link", "proxy:3128", "slow:3128",
			`f:31:30: "slow" is no address or node but the WAN link at line 26; valid: proxy, lb-a, lb-b, proxy-a, proxy-b`),
		Entry("an entry that nothing serves", "proxy:3128", "proxy:3129",
			`f:31:30: no service on node lb-a listens at port 3129; its services: balancer (3128)`,
			`f:31:30: no service on node lb-b listens at port 3129; its services: balancer (3128)`),
	)

	const byNginx = "engine: nginx, port: 3128, balance: {servers: [proxy-b], connect_timeout: 1s, passive: {max_fails: 1, fail_timeout: 10s}"
	const byBuiltin = "engine: builtin, port: 3128, balance: {servers: [proxy-b], connect_timeout: 1s, retries: 0,\n        check: {kind: http, interval: 2s, timeout: 1s, fall: 3, rise: 2}"

	DescribeTable("takes what the engines take", func(old, new string, want func(*topology.Topology)) {
		Expect(valid).To(ContainSubstring(old))
		t, err := topology.Read("f", []byte(strings.Replace(valid, old, new, 1)))
		Expect(err).NotTo(HaveOccurred())
		want(t)
	},
		Entry("a check of a balancer that outlasts its interval", "interval: 2s, timeout: 1s", "interval: 2s, timeout: 2500ms",
			func(t *topology.Topology) {
				Expect(t.Nodes[0].Services[0].Balance.Check.Timeout).To(Equal(2500 * time.Millisecond))
			}),
		Entry("a track that does", "interval: 1s, timeout: 1s", "interval: 1s, timeout: 3s",
			func(t *topology.Topology) { Expect(t.Addresses[0].Track.Timeout).To(Equal(3 * time.Second)) }),
		Entry("what HAProxy does with sessions, and when it goes elsewhere", "connect_timeout: 1s}}\n  lb-b",
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

	It("refuses of nginx what it does not have", func() {
		_, err := topology.Read("f", []byte(strings.Replace(valid, byBuiltin, byNginx+", backup: [proxy-a], algorithm: source, on_marked_down: none, server_timeout: 1s", 1)))
		Expect(err).To(MatchError("f:10:148: nginx has no backup with a hash; use algorithm: roundrobin or leastconn, or leave backup out\n" +
			"f:10:194: on_marked_down is HAProxy's; nginx has proxy_timeout, and closes no connection of a server that it sets aside\n" +
			"f:10:216: server_timeout is HAProxy's; nginx has proxy_timeout, and closes no connection of a server that it sets aside"))
	})

	It("reports every problem of an empty design at once", func() {
		_, err := topology.Read("f", []byte("about: nothing\n"))
		Expect(err).To(MatchError("f:1:1: key \"topology\" is missing\nf:1:1: key \"nodes\" is missing\n" +
			"f:1:1: key \"wan\" is missing\nf:1:1: key \"origins\" is missing\nf:1:1: key \"users\" is missing"))
	})

	It("bounds what one file can have", func() {
		many := strings.Builder{}
		for a := 'a'; a <= 'e'; a++ {
			for b := 'a'; b <= 'e'; b++ {
				many.WriteString("  o-" + string([]rune{a, b}) + ": {}\n")
			}
		}
		_, err := topology.Read("f", []byte(strings.Replace(valid, "  web: {}\n", many.String(), 1)))
		Expect(err).To(MatchError("f:28:3: 26 of the kind origin; at most 20 are possible"))
	})
})

// comments are the lines of a file that hold nothing else.
var comments = regexp.MustCompile(`(?m)^ *#.*\n`)

// FuzzRead holds that no input makes Read panic, and that a design it accepts is whole: every reference leads somewhere,
// every group has a path, and it can be drawn.
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
	})
}
