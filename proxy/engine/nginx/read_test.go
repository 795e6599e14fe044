package nginx_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/seed-ab8b6914/spof/fuzzcost"
	"github.com/seed-ab8b6914/spof/proxy/engine/configtext"
	"github.com/seed-ab8b6914/spof/proxy/engine/nginx"
	"github.com/seed-ab8b6914/spof/proxy/policy"
	"github.com/seed-ab8b6914/spof/reason"
)

func read(text string) *nginx.Config {
	GinkgoHelper()
	c, err := nginx.ReadConfig("f", []byte(text), nil)
	Expect(err).NotTo(HaveOccurred())
	return c
}

// front passes connections and requests on. proxy_connect_timeout of http stands after the server that takes it.
const front = `user www-data;
worker_processes 2;
pid /run/nginx.pid;
events { worker_connections 64; }
stream {
    upstream both {
        zone both 64k;
        server 10.0.0.11:3128 max_fails=2 fail_timeout=5s;
        server 10.0.0.12:3128 backup;
    }
    server {
        listen 53 udp;
        proxy_pass both;
        proxy_connect_timeout 2s;
        proxy_next_upstream_tries 2;
    }
}
http {
    upstream pages {
        least_conn;
        keepalive 8;
        server 10.0.0.11:8081 weight=2 max_fails=0;
        server [2001:db8::1]:8081 max_conns=9;
        server unix:/run/app.sock down;
    }
    server {
        listen 8080 default_server;
        listen [::]:8443 ssl proxy_protocol;
        server_name a.example b.example;
        ssl_certificate tls/a.pem;
        proxy_read_timeout 1m30s;
        location / {
            proxy_pass http://pages/x;
            proxy_read_timeout 6;
            location /deep { proxy_pass https://up.example; }
        }
        location = /ping { return 200 "pong"; }
        location /v { proxy_pass http://$host; }
    }
    proxy_connect_timeout 500ms;
    proxy_next_upstream error timeout http_502;
}
`

var _ = Describe("an nginx.conf", func() {
	c := func() *nginx.Config { return read(front) }
	at := func(path string) *nginx.Location {
		for _, l := range c().Servers[1].Locations {
			if l.Path == path {
				return l
			}
		}
		return nil
	}

	It("gives the groups with their servers and defaults", func() {
		both, pages := c().Upstreams[0], c().Upstreams[1]
		Expect([]any{both.Name, both.Stream, both.Zone.Value, both.Method.Value}).To(Equal([]any{"both", true, "both", "round_robin"}))
		first, second := both.Peers[0], both.Peers[1]
		Expect(first.FailTimeout).To(Equal(nginx.Setting[time.Duration]{Value: 5 * time.Second,
			At: configtext.Pos{File: "f", Line: 8, Col: 43, Offset: strings.Index(front, "fail_timeout=5s")}}))
		Expect([]any{second.MaxFails, second.FailTimeout.Value, second.Backup.Value}).To(Equal([]any{nginx.Setting[int]{Value: 1}, 10 * time.Second, true}))
		Expect([]any{pages.Method.Value, pages.KeepAlive.Value, pages.Peers[0].Weight.Value, pages.Peers[1].Host, pages.Peers[1].MaxConns.Value}).
			To(Equal([]any{"least_conn", 8, 2, "2001:db8::1", 9}))
		Expect(pages.Peers[2]).To(And(HaveField("Path", "/run/app.sock"), HaveField("Down.Value", true)))
	})
	It("gives each location the timers of the blocks around it, wherever they stand", func() {
		root := at("/").Proxy
		Expect([]any{root.Connect.Value, root.Read.Value, root.Send.Value, root.Next.Value}).
			To(Equal([]any{500 * time.Millisecond, 6 * time.Second, time.Minute, "error timeout http_502"}))
		Expect(root.Send.Set()).To(BeFalse())
		Expect(at("/deep").Proxy.Read.Value).To(Equal(6 * time.Second))
		Expect(at("= /ping").Proxy.Read.Value).To(Equal(90 * time.Second))
		stream := c().Servers[0].Locations[0]
		Expect([]any{stream.Proxy.Connect.Value, stream.Proxy.Timeout.Value, stream.Proxy.Next.Value, stream.Proxy.NextTries.Value}).
			To(Equal([]any{2 * time.Second, 10 * time.Minute, "on", 2}))
	})
	It("makes a group of an address", func() {
		all := c()
		deep := all.Upstream(all.Servers[1], at("/deep"))
		Expect([]any{deep.Implied, deep.Peers[0].Host, deep.Peers[0].Port}).To(Equal([]any{true, "up.example", 443}))
		Expect(all.Upstream(all.Servers[1], at("/"))).To(BeIdenticalTo(all.Upstreams[1]))
		Expect(at("/v").Upstream).To(BeEmpty())
	})
	It("reads where a server listens", func() {
		udp, web, tls := c().Servers[0].Listens[0], c().Servers[1].Listens[0], c().Servers[1].Listens[1]
		Expect([]any{udp.Low, udp.UDP}).To(Equal([]any{53, true}))
		Expect([]any{web.Host, web.Low, web.Default.Value}).To(Equal([]any{"", 8080, true}))
		Expect([]any{tls.Host, tls.Low, tls.SSL.Value, tls.ProxyProtocol.Value}).To(Equal([]any{"::", 8443, true, true}))
		Expect(c().Servers[1].Names[1].Value).To(Equal("b.example"))
		Expect(read("http { server { } }").Servers[0].Listens[0].Low).To(Equal(80))
	})
	It("counts failures by worker without a zone", func() {
		all := c()
		both, pages := all.Upstreams[0], all.Upstreams[1]
		Expect([]int{all.Counters(both), all.Counters(pages)}).To(Equal([]int{1, 2}))
		cfg, ok := both.PassiveOf(both.Peers[0])
		Expect(ok).To(BeTrue())
		Expect(cfg).To(Equal(policy.PassiveConfig{MaxFails: 2, FailTimeout: 5 * time.Second}))
		_, ok = pages.PassiveOf(pages.Peers[0])
		Expect(ok).To(BeFalse(), "max_fails=0")
		one := read("http { upstream u { server 10.0.0.1; } }").Upstreams[0]
		_, ok = one.PassiveOf(one.Peers[0])
		Expect(ok).To(BeFalse(), "a single server is never set aside")
	})
	It("lists its files, and what it does not know", func() {
		Expect(c().References).To(HaveExactElements(HaveField("Path", "/etc/nginx/tls/a.pem")))
		var may []string
		for _, u := range c().Unknown {
			if u.MayChange {
				may = append(may, u.Text)
			}
		}
		Expect(may).To(Equal([]string{"proxy_pass http://$host"}))
	})
})

var _ = DescribeTable("a time", func(text string, want time.Duration) {
	c := read("stream { server { listen 1; proxy_pass a:1; proxy_timeout " + text + "; } }")
	Expect(c.Servers[0].Locations[0].Proxy.Timeout.Value).To(Equal(want))
},
	Entry("seconds without a unit", "5", 5*time.Second),
	Entry("milliseconds", "500ms", 500*time.Millisecond),
	Entry("several units", "1h30m", 90*time.Minute),
	Entry("days", "2d", 48*time.Hour),
	Entry("a month", "1M", 30*24*time.Hour),
)

var _ = DescribeTable("what is not modelled is said", func(text, want string, may, unlisted bool) {
	c := read(text)
	Expect(c.Unknown).NotTo(BeEmpty())
	last := c.Unknown[len(c.Unknown)-1]
	Expect([]any{last.Text, last.MayChange, last.Unlisted}).To(Equal([]any{want, may, unlisted}))
	Expect(last.Why).NotTo(BeEmpty())
},
	Entry("harmless", "http { gzip on; }", "gzip on", false, false),
	Entry("it may change an answer", "http { server { if ($a) { return 500; } } }", "if ($a)", true, false),
	Entry("another protocol", "http { server { location / { fastcgi_pass a:1; } } }", "fastcgi_pass a:1", true, false),
	Entry("a page of nginx", "http { error_page 502 /50x.html; }", "error_page 502 /50x.html", false, false),
	Entry("a page of another location", "http { error_page 502 = @other; }", "error_page 502 = @other", true, false),
	Entry("a word that nginx does not have", "http { server { proxi_pass a; } }", "proxi_pass a", true, true),
	Entry("a parameter of another nginx", "http { upstream u { server a:1 slow_start=5s; } }", "slow_start=5s", true, true),
	Entry("an include that is not read", "http { include a; }", "include a", true, false),
)

var _ = DescribeTable("a value that nginx refuses too", func(text, want string) {
	_, err := nginx.ReadConfig("f.conf", []byte(text), nil)
	Expect(err).To(MatchError(ContainSubstring(want)))
	Expect(reason.Codes(err)).To(ContainElement(BeElementOf("config-value", "config-text")))
},
	Entry("a time", "http { proxy_read_timeout 5x; }", "f.conf:1:27: proxy_read_timeout 5x: want a time"),
	Entry("milliseconds", "http { upstream u { server a fail_timeout=5ms; } }", "f.conf:1:30: fail_timeout=5ms: want whole seconds"),
	Entry("a number", "http { upstream u { server a weight=x; } }", "f.conf:1:30: weight=x: want a whole number"),
	Entry("a parameter", "http { upstream u { server a wieght=1; } }", `f.conf:1:30: server parameter "wieght=1"`),
	Entry("a port", "http { server { listen 70000; } }", "f.conf:1:24: listen 70000"),
	Entry("no value", "http { server { location / { proxy_pass; } } }", "f.conf:1:30: proxy_pass has no value"),
	Entry("a block", "http { server {", "f.conf:1:15: the { of server has no }"),
)

var _ = Describe("includes", func() {
	files := func(all map[string]string) configtext.Include {
		return func(from, pattern string, _ configtext.Pos) ([]configtext.File, error) {
			text, ok := all[pattern]
			if !ok {
				return nil, errors.New("no such file")
			}
			return []configtext.File{{Path: pattern, Data: []byte(text)}}, nil
		}
	}
	It("stand in the place of their directive, with positions of their own", func() {
		c, err := nginx.ReadConfig("f", []byte("http { include a.conf; }"), files(map[string]string{
			"/etc/nginx/a.conf": "upstream u { include /b; }\nproxy_read_timeout 7s; server { location / { proxy_pass http://u; } }", "/b": "server 10.0.0.1;\nserver 10.0.0.2;"}))
		Expect(err).NotTo(HaveOccurred())
		Expect(c.Upstreams[0].Peers[1].At.String()).To(Equal("/b:2:8"))
		Expect(c.Servers[0].Locations[0].Proxy.Read.At.String()).To(Equal("/etc/nginx/a.conf:2:20"))
		Expect(c.References).To(HaveLen(2))
	})
	It("that are missing are refused at their directive", func() {
		_, err := nginx.ReadConfig("f", []byte("http { include a.conf; }"), files(nil))
		Expect(err).To(MatchError("f:1:16: include /etc/nginx/a.conf: no such file"))
		Expect(reason.Codes(err)).To(Equal([]string{"config-include"}))
	})
	It("that include each other are refused", func() {
		_, err := nginx.ReadConfig("f", []byte("include a;"), files(map[string]string{"/etc/nginx/a": "include a; include a;"}))
		Expect(reason.Codes(err)).To(Equal([]string{"config-too-large"}))
	})
})

func FuzzReadConfig(f *testing.F) {
	f.Add(front, "server { listen 1; }")
	f.Add("http { include a; if ($x) { return 1; } upstream u { server a:1 weight=2; } }", "include a;")
	f.Fuzz(func(t *testing.T, text, included string) {
		fuzzcost.Bound(t)
		c, err := nginx.ReadConfig("f", []byte(text), func(string, string, configtext.Pos) ([]configtext.File, error) {
			return []configtext.File{{Path: "i", Data: []byte(included)}}, nil
		})
		if err != nil {
			return
		}
		for _, found := range c.Lint() {
			if found.At.Line == 0 || found.Code == "" || found.What == "" || found.Why == "" {
				t.Fatalf("%+v", found)
			}
		}
	})
}

func BenchmarkReadConfig(b *testing.B) {
	var text strings.Builder
	text.WriteString("http {\n")
	for i := range 1000 {
		fmt.Fprintf(&text, "upstream u%d {\n server 10.0.0.1:80 max_fails=2;\n server 10.0.0.2:80;\n}\nserver {\n listen 80;\n location / {\n proxy_pass http://u%d;\n }\n}\n", i, i)
	}
	text.WriteString("}\n")
	b.ReportAllocs()
	for b.Loop() {
		c, err := nginx.ReadConfig("f", []byte(text.String()), nil)
		if err != nil {
			b.Fatal(err)
		}
		c.Lint()
	}
}
