package registry_test

import (
	"encoding/json"
	"testing"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/seed-ab8b6914/spof/fuzzcost"
	"github.com/seed-ab8b6914/spof/proxy"
	"github.com/seed-ab8b6914/spof/proxy/engine/registry"
)

// The lines of HAProxy 2.6.12, keepalived 2.2.7 and nginx 1.22.1 are from their logs, those of Squid 5.7 from its source.
const (
	haproxyTimeout = `Server balancer/proxy-a is DOWN, reason: Layer7 timeout, check duration: 502ms. 1 active and 0 backup servers left. 0 sessions active, 0 requeued, 0 remaining in queue.`
	haproxyRefused = `Server balancer/proxy-a is DOWN, reason: Layer4 connection problem, info: "Connection refused", check duration: 0ms. 1 active and 0 backup servers left. 0 sessions active, 0 requeued, 0 remaining in queue.`
	haproxyUp      = `Server balancer/proxy-b is UP, reason: Layer7 check passed, code: 200, check duration: 0ms. 2 active and 0 backup servers online. 0 sessions requeued, 0 total in queue.`
	nginxAside     = `2026/11/25 14:40:00 [warn] 7#7: *5 upstream server temporarily disabled while connecting to upstream, client: 10.0.0.3, server: 0.0.0.0:3128, upstream: "10.0.0.21:3128", bytes from/to client:0/0, bytes from/to upstream:0/0`
	nginxFailed    = `2026/11/25 14:40:00 [error] 7#7: *5 connect() failed (111: Connection refused) while connecting to upstream, client: 10.0.0.3, server: 0.0.0.0:3128, upstream: "10.0.0.21:3128", bytes from/to client:0/0, bytes from/to upstream:0/0`
	squidDead      = `2026/11/22 10:37:45| Detected DEAD Parent: proxy-b`
)

var _ = DescribeTable("ParseEvent",
	func(parser, line string, want proxy.Event) {
		got, ok := registry.ParseEvent(parser, line)
		Expect(ok).To(BeTrue())
		got.Text = ""
		Expect(got).To(Equal(want))
	},
	Entry("a check that timed out", "haproxy", haproxyTimeout, proxy.Event{Kind: "server-down", Subject: "proxy-a"}),
	Entry("a check that was refused", "haproxy", haproxyRefused, proxy.Event{Kind: "server-down", Subject: "proxy-a"}),
	Entry("a server that is up again", "haproxy", haproxyUp, proxy.Event{Kind: "server-up", Subject: "proxy-b"}),
	Entry("a backup server whose check timed out", "haproxy", "Backup "+haproxyTimeout, proxy.Event{Kind: "server-down", Subject: "proxy-a"}),
	Entry("a server that is down, with the reason in the line of its check", "haproxy", `Server balancer/proxy-a is DOWN. 2 active and 0 backup servers left. 0 sessions active, 0 requeued, 0 remaining in queue.`, proxy.Event{Kind: "server-down", Subject: "proxy-a"}),
	Entry("a server that is up, with the reason in the line of its check", "haproxy", `Server balancer/proxy-a is UP. 3 active and 0 backup servers online. 0 sessions requeued, 0 total in queue.`, proxy.Event{Kind: "server-up", Subject: "proxy-a"}),
	Entry("a failed check of a server that stays up", "haproxy", `Health check for server balancer/proxy-a failed, reason: Layer4 timeout, check duration: 500ms, status: 1/2 UP.`, proxy.Event{Kind: "check-failed", Subject: "proxy-a"}),
	Entry("a failed check of a backup server", "haproxy", `Health check for backup server balancer/proxy-b failed, reason: Layer7 wrong status, code: 503, info: "Service Unavailable", check duration: 2ms, status: 2/3 UP.`, proxy.Event{Kind: "check-failed", Subject: "proxy-b"}),
	Entry("a backup server that drains", "haproxy", `Backup Server balancer/proxy-b enters drain state. 1 active and 0 backup servers online. 0 sessions requeued, 0 total in queue.`, proxy.Event{Kind: "server-down", Subject: "proxy-b"}),
	Entry("a server that drains", "haproxy", `Server balancer/proxy-a enters drain state. 2 active and 0 backup servers online. 0 sessions requeued, 0 total in queue.`, proxy.Event{Kind: "server-down", Subject: "proxy-a"}),
	Entry("a server that has drained", "haproxy", `Server balancer/proxy-a is UP (leaving forced drain).`, proxy.Event{Kind: "server-up", Subject: "proxy-a"}),
	Entry("a server that died meanwhile", "haproxy", `Server balancer/proxy-a is DOWN (leaving forced drain).`, proxy.Event{Kind: "server-down", Subject: "proxy-a"}),
	Entry("a server that nginx sets aside", "nginx", nginxAside, proxy.Event{Kind: "server-down", Subject: "10.0.0.21:3128"}),
	Entry("a new master", "keepalived", `INSTANCE "entry" MASTER 150`, proxy.Event{Kind: "vrrp", Subject: "entry", State: "MASTER"}),
	Entry("a backup, with its line end", "keepalived", "INSTANCE \"entry\" BACKUP 100\n", proxy.Event{Kind: "vrrp", Subject: "entry", State: "BACKUP"}),
	Entry("a fault", "keepalived", `INSTANCE "entry" FAULT 150`, proxy.Event{Kind: "vrrp", Subject: "entry", State: "FAULT"}),
	Entry("a clean end", "keepalived", `INSTANCE "entry" STOP 150`, proxy.Event{Kind: "vrrp", Subject: "entry", State: "FAULT"}),
	Entry("a dead peer", "squid", squidDead, proxy.Event{Kind: "peer-dead", Subject: "proxy-b"}),
	Entry("an event of a builtin program, with its instant", "json", `{"at_ns":7,"kind":"vrrp","subject":"entry","state":"MASTER"}`,
		proxy.Event{At: 7, Kind: "vrrp", Subject: "entry", State: "MASTER"}),
)

var _ = DescribeTable("ParseEvent ignores",
	func(parser, line string) {
		_, ok := registry.ParseEvent(parser, line)
		Expect(ok).To(BeFalse())
	},
	Entry("HAProxy's copy on standard error", "haproxy", `[WARNING]  (44) : `+haproxyTimeout),
	Entry("the failed check that takes a server down", "haproxy", `Health check for server balancer/proxy-a failed, reason: Layer4 timeout, check duration: 500ms, status: 0/2 DOWN.`),
	Entry("a check that passed", "haproxy", `Health check for server balancer/proxy-a succeeded, reason: Layer7 check passed, code: 200, check duration: 0ms, status: 1/2 DOWN.`),
	Entry("a whole backend", "haproxy", "backend balancer has no server available!"),
	Entry("a server that goes down for maintenance", "haproxy", "Server balancer/proxy-a is going DOWN for maintenance."),
	Entry("a connection of nginx that failed", "nginx", nginxFailed),
	Entry("a group of instances", "keepalived", `GROUP "all" MASTER 150`),
	Entry("another notification of an instance", "keepalived", `INSTANCE "entry" MASTER_RX_LOWER_PRI 150`),
	Entry("a revived peer", "squid", "2026/11/22 10:37:45| Detected REVIVED Parent: proxy-b"),
	Entry("an event without a kind", "json", `{"at_ns":7}`),
	Entry("a line that is no JSON", "json", "panic: {"),
	Entry("everything without a parser", "", haproxyUp),
	Entry("everything with an unknown parser", "apache", haproxyUp),
)

func FuzzParseEvent(f *testing.F) {
	parsers := []string{""}
	for _, e := range registry.Engines {
		parsers = append(parsers, e.Events)
	}
	for _, line := range []string{haproxyTimeout, nginxAside, haproxyUp, squidDead, `INSTANCE "entry" MASTER 150`, `{"kind":"vrrp"}`, ""} {
		f.Add(line)
	}
	f.Fuzz(func(t *testing.T, line string) {
		fuzzcost.Bound(t)
		for _, parser := range parsers {
			event, ok := registry.ParseEvent(parser, line)
			switch {
			case !ok && event != (proxy.Event{}):
				t.Errorf("%s: no event, yet %+v", parser, event)
			case ok && event.Kind == "":
				t.Errorf("%s: an event without a kind from %q", parser, line)
			}
			if ok && parser != "json" && event.Subject == "" {
				t.Errorf("%s: an event about nothing from %q", parser, line)
			}
			if _, err := json.Marshal(event); err != nil {
				t.Errorf("%s: %v", parser, err)
			}
		}
	})
}
