package load

import (
	"context"
	"encoding/pem"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"sync"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
)

// heard keeps what a server was asked.
type heard struct {
	mu       sync.Mutex
	requests []*http.Request
}

// before records the requests that next answers.
func (h *heard) before(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h.mu.Lock()
		h.requests = append(h.requests, r.Clone(context.Background()))
		h.mu.Unlock()
		next.ServeHTTP(w, r)
	})
}

// values gives the different results of f.
func (h *heard) values(f func(*http.Request) string) map[string]int {
	h.mu.Lock()
	defer h.mu.Unlock()
	n := map[string]int{}
	for _, r := range h.requests {
		n[f(r)]++
	}
	return n
}

// field gives a header field, with the method of its request.
func field(name string) func(*http.Request) string {
	return func(r *http.Request) string { return r.Method + " " + r.Header.Get(name) }
}

// serve serves until the test ends, and gives the address.
func serve(handler http.Handler) string {
	server := httptest.NewServer(handler)
	DeferCleanup(server.Close) // after it no handler runs
	return server.Listener.Addr().String()
}

var _ = Describe("users of a team's own files", func() {
	var spec Spec
	var origin *heard
	BeforeEach(func() {
		origin = &heard{}
		plain, secure := httptest.NewServer(origin.before(answers)), httptest.NewTLSServer(origin.before(answers))
		DeferCleanup(plain.CloseClientConnections)
		DeferCleanup(secure.CloseClientConnections)
		spec = Spec{
			Duration: 300 * time.Millisecond, Rate: 200, Users: 5, Seed: 1, Origins: []string{"127.0.0.1"}, NewShare: 0.5,
			HTTPPort: port(plain), HTTPSPort: port(secure), BodyBytes: 100, Timeout: patience,
			CA:      pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: secure.Certificate().Raw}),
			Nodes:   []string{"proxy-a"},
			Allowed: []string{"127.0.0.0/8"},
		}
	})
	served := func() []Sample {
		GinkgoHelper()
		samples, _, err := run(context.Background(), spec)
		Expect(err).NotTo(HaveOccurred())
		Expect(samples).NotTo(BeEmpty())
		Expect(count(samples, ended(OK))).To(Equal(len(samples)), "%+v", samples[0])
		return samples
	}
	from := func(r *http.Request) string {
		host, _, _ := net.SplitHostPort(r.RemoteAddr)
		return host
	}

	It("have addresses of their own", func() {
		seen := &heard{}
		spec.Proxy = serve(seen.before(&testProxy{name: "proxy-a"}))
		spec.Sources = []string{"127.0.0.7", "127.0.0.8", "127.0.0.9"}
		served()
		Expect(seen.values(from)).To(And(HaveLen(3), HaveKey("127.0.0.7"), HaveKey("127.0.0.8"), HaveKey("127.0.0.9")))
		g, err := newGenerator(context.Background(), nil, spec, nil)
		Expect(err).NotTo(HaveOccurred())
		for user := range spec.Users {
			Expect(g.source(user)).To(Equal(g.sources[user%3].address))
		}
	})

	It("cannot send from an address that the node does not have", func() {
		spec.Proxy, spec.Sources, spec.Allowed = serve(&testProxy{name: "proxy-a"}), []string{"198.51.100.1"}, append(spec.Allowed, "198.51.100.0/24")
		samples, _, err := run(context.Background(), spec)
		Expect(err).NotTo(HaveOccurred())
		Expect(count(samples, ended(NotSent))).To(Equal(len(samples)))
	})

	It("give their account to the proxy, on requests and CONNECT, and to nobody else", func() {
		seen := &heard{}
		spec.Proxy, spec.TLSShare, spec.Account = serve(seen.before(&testProxy{name: "proxy-a"})), 0.5, "ann:se:cret"
		served()
		Expect(seen.values(field("Proxy-Authorization"))).To(And(HaveLen(2), HaveKey("GET Basic YW5uOnNlOmNyZXQ="), HaveKey("CONNECT Basic YW5uOnNlOmNyZXQ=")))
		Expect(seen.values(field("Authorization"))).NotTo(HaveKey(ContainSubstring("Basic")))
	})

	It("keep their account from an origin that they reach directly", func() {
		spec.PAC = &PAC{Browser: "chrome", Script: `function FindProxyForURL(url, host) { return "DIRECT"; }`}
		spec.Direct, spec.TLSShare, spec.Account, spec.ViaOptional = "127.0.0.1", 0.5, "ann:secret", true
		Expect(count(served(), has(Bypassed))).To(BeNumerically(">", 0))
		Expect(origin.values(field("Proxy-Authorization"))).To(Equal(map[string]int{"GET ": len(origin.requests)}))
	})

	It("are served by a proxy that sends no Via, or another name", func() {
		for _, via := range []string{"", "1.1 www-cache.example (squid)"} {
			spec.Proxy = serve(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				if via != "" {
					w.Header().Set("Via", via)
				}
				answers(w, r)
			}))
			spec.ViaOptional = true
			samples := served()
			Expect(count(samples, func(s Sample) bool { return s.Node == 0 && s.Flags&Bypassed == 0 })).To(Equal(len(samples)))
		}
	})

	Describe("of a web server", func() {
		seen := &heard{}
		const body = "a page of its own"
		// page starts a server of one answer.
		page := func(status int, body string) string {
			return serve(seen.before(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
				w.WriteHeader(status)
				_, _ = w.Write([]byte(body))
			})))
		}
		BeforeEach(func() {
			seen = &heard{}
			spec.Web, spec.Origins, spec.HTTPPort, spec.ViaOptional = true, []string{"www.example.com"}, 80, true
			spec.Proxy = page(http.StatusOK, body)
		})

		It("ask it as a web server", func() {
			spec.Account = "ann:secret"
			samples := served()
			Expect(count(samples, has(Bypassed))).To(BeZero())
			Expect(samples[0].Bytes).To(BeEquivalentTo(len(body)))
			Expect(seen.values(func(r *http.Request) string { return r.Host })).To(Equal(map[string]int{"www.example.com": len(samples)}))
			Expect(seen.values(func(r *http.Request) string { return r.RequestURI[:1] })).To(Equal(map[string]int{"/": len(samples)}))
			Expect(seen.values(field("Authorization"))).To(Equal(map[string]int{"GET Basic YW5uOnNlY3JldA==": len(samples)}))
			Expect(seen.values(field("Proxy-Authorization"))).To(Equal(map[string]int{"GET ": len(samples)}))
		})

		DescribeTable("count every whole answer below 400 as served", func(code int, want Outcome) {
			text := body
			if code == 204 || code == 304 {
				text = ""
			}
			spec.Proxy = page(code, text)
			samples, _, err := run(context.Background(), spec)
			Expect(err).NotTo(HaveOccurred())
			Expect(count(samples, ended(want))).To(Equal(len(samples)), "%+v", samples[0])
		},
			Entry(nil, 204, OK), Entry(nil, 301, OK), Entry(nil, 304, OK), Entry(nil, 403, Status4xx), Entry(nil, 404, Status4xx), Entry(nil, 502, Status5xx))

		It("need the whole body", func() {
			spec.Proxy = rawProxy("HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\nBODY")
			samples, _, err := run(context.Background(), spec)
			Expect(err).NotTo(HaveOccurred())
			Expect(count(samples, ended(Reset))).To(Equal(len(samples)))
		})
	})

	It("ask at the ports of the web without naming them, except for a tunnel", func() {
		text := newRequestText(&Spec{Origins: []string{"www.example.com"}, HTTPPort: 80, HTTPSPort: 443})
		hop := Hop{}
		Expect(string(text.origins[0].connect)).To(HavePrefix("CONNECT www.example.com:443 HTTP/1.1\r\nHost: www.example.com:443\r\n"))
		Expect(string(text.appendRequest(nil, request{tunnel: true}, hop))).To(ContainSubstring("Host: www.example.com\r\n"))
		hop.Proxy = netip.MustParseAddrPort("127.0.0.1:3128")
		Expect(string(text.appendRequest(nil, request{}, hop))).To(And(HavePrefix("GET http://www.example.com/o/"), ContainSubstring("Host: www.example.com\r\n")))
		Expect(text.url(request{tunnel: true})).To(HavePrefix("https://www.example.com/o/"))
	})

	DescribeTable("cannot be invalid", func(change func(*Spec), why string) {
		spec.Proxy = "127.0.0.1:3128"
		change(&spec)
		Expect(spec.Validate()).To(MatchError(And(ContainSubstring(why), Not(ContainSubstring("secret")))))
	},
		Entry("a source outside the lab", func(s *Spec) { s.Sources = []string{"192.0.2.1"} }, "outside the lab"),
		Entry("a source that is no address", func(s *Spec) { s.Sources = []string{"x"} }, "source"),
		Entry("an IPv6 source", func(s *Spec) { s.Sources = []string{"::1"} }, "want an IPv4 address"),
		Entry("an account without a password", func(s *Spec) { s.Account = "secret" }, "user:password"),
		Entry("an account of two lines", func(s *Spec) { s.Account = "ann:secret\r\nX: y" }, "user:password"),
		Entry("a web server with TLS", func(s *Spec) { s.Web, s.TLSShare = true, 0.5 }, "web"),
		Entry("a web server of a pool", func(s *Spec) { s.Web, s.Proxy = true, "" }, "web"),
	)
})
