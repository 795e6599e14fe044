package load

import (
	"bufio"
	"context"
	"encoding/pem"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
)

// answers is the origin of these tests.
var answers = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
	n, _ := strconv.Atoi(strings.Split(r.URL.Path, "/")[2])
	body := testBody(n)
	w.Header().Set("Spof-Sum", testSum(body))
	w.Header().Set("Spof-Object", r.URL.Path)
	w.Header().Set("Spof-Via", testVia(r.Header.Get("Via")))
	w.Header().Set("Content-Length", strconv.Itoa(n))
	_, _ = w.Write(body)
})

// testProxy is a forward proxy with CONNECT, named in Via.
type testProxy struct {
	name     string
	accepted atomic.Int32
}

func (p *testProxy) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.Method == http.MethodConnect {
		p.tunnel(w, r)
		return
	}
	r.Header.Set("Via", "1.1 "+p.name+" (test)")
	r.RequestURI = ""
	answer, err := http.DefaultTransport.RoundTrip(r)
	if err != nil {
		w.WriteHeader(http.StatusBadGateway)
		return
	}
	defer answer.Body.Close()
	for name, values := range answer.Header {
		w.Header()[name] = values
	}
	w.Header().Set("Via", "1.1 "+p.name+" (test)")
	w.Header().Set("X-Cache", "HIT from "+p.name)
	w.Header().Del("Content-Length") // leaves as chunks
	_, _ = io.Copy(w, answer.Body)
}

func (p *testProxy) tunnel(w http.ResponseWriter, r *http.Request) {
	far, err := net.Dial("tcp", r.Host)
	if err != nil {
		w.WriteHeader(http.StatusServiceUnavailable)
		return
	}
	near, _, _ := w.(http.Hijacker).Hijack()
	fmt.Fprintf(near, "HTTP/1.1 200 Connection established\r\nVia: 1.1 %s\r\n\r\n", p.name)
	go func() { _, _ = io.Copy(far, near); far.Close() }()
	_, _ = io.Copy(near, far)
	near.Close()
}

// start serves the proxy until the test ends.
func (p *testProxy) start() string {
	server := httptest.NewUnstartedServer(p)
	server.Config.ConnState = func(_ net.Conn, s http.ConnState) {
		if s == http.StateNew {
			p.accepted.Add(1)
		}
	}
	server.Start()
	DeferCleanup(server.CloseClientConnections)
	return server.Listener.Addr().String()
}

// rawProxy answers every request with the given bytes, in which OBJECT and SUM stand for the right ones, and closes.
func rawProxy(text string) string {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	Expect(err).NotTo(HaveOccurred())
	DeferCleanup(l.Close)
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			go func() {
				defer c.Close()
				r, err := http.ReadRequest(bufio.NewReader(c))
				if err != nil {
					return
				}
				fill := strings.NewReplacer("OBJECT", r.URL.Path, "SUM", testSum(testBody(100)), "BODY", string(testBody(100)))
				_, _ = io.WriteString(c, fill.Replace(text))
			}()
		}
	}()
	return l.Addr().String()
}

// forgetful answers the first request on every connection, and resets the connection at the second.
func forgetful() string {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	Expect(err).NotTo(HaveOccurred())
	DeferCleanup(l.Close)
	serve := func(c *net.TCPConn) {
		defer c.Close()
		in := bufio.NewReader(c)
		r, err := http.ReadRequest(in)
		if err != nil {
			return
		}
		body := testBody(100)
		fmt.Fprintf(c, "HTTP/1.1 200 OK\r\nContent-Length: 100\r\nSpof-Object: %s\r\nSpof-Sum: %s\r\nSpof-Via: 1.1 x\r\n\r\n%s", r.URL.Path, testSum(body), body)
		if _, err := in.Peek(1); err == nil {
			_ = c.SetLinger(0)
		}
	}
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			go serve(c.(*net.TCPConn))
		}
	}()
	return l.Addr().String()
}

func port(server *httptest.Server) int { return server.Listener.Addr().(*net.TCPAddr).Port }

// run runs the spec and gives its samples.
func run(ctx context.Context, spec Spec) ([]Sample, Summary, error) {
	spec.Start = Monotonic()
	var samples []Sample
	sum, err := Run(ctx, spec, nil, func(batch []Sample) { samples = append(samples, batch...) })
	return samples, sum, err
}

func count(samples []Sample, is func(Sample) bool) (n int) {
	for _, s := range samples {
		if is(s) {
			n++
		}
	}
	return n
}

func has(f Flags) func(Sample) bool { return func(s Sample) bool { return s.Flags&f == f } }

func ended(o Outcome) func(Sample) bool { return func(s Sample) bool { return s.Outcome == o } }

var _ = Describe("a run", func() {
	var spec Spec
	BeforeEach(func() {
		plain := httptest.NewServer(answers)
		secure := httptest.NewTLSServer(answers)
		DeferCleanup(plain.CloseClientConnections)
		DeferCleanup(secure.CloseClientConnections)
		spec = Spec{
			Duration: 300 * time.Millisecond, Rate: 500, Users: 5, Seed: 1, Origins: []string{"127.0.0.1"},
			HTTPPort: port(plain), HTTPSPort: port(secure), BodyBytes: 100, Timeout: 2 * time.Second,
			CA:      pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: secure.Certificate().Raw}),
			Nodes:   []string{"proxy-a", "proxy-b"},
			Allowed: []string{"127.0.0.0/8"},
		}
	})

	It("samples every request once, with times, bytes, node and cache", func() {
		proxy := testProxy{name: "proxy-b"}
		spec.Proxy = proxy.start()
		samples, sum, err := run(context.Background(), spec)
		Expect(err).NotTo(HaveOccurred())
		Expect(sum.Scheduled).To(Equal(150))
		Expect(sum.Samples).To(Equal(150))
		due := map[int64]bool{}
		for _, s := range samples {
			due[s.Scheduled] = true
			Expect(s.Outcome).To(Equal(OK), "%+v", s)
			Expect(s.Bytes).To(BeEquivalentTo(100))
			Expect(s.Node).To(BeEquivalentTo(2))
			Expect(s.Flags &^ Reused).To(Equal(CacheHit))
			Expect(s.FirstByte).To(And(BeNumerically(">", 0), BeNumerically("<=", s.Done)))
			Expect(s.Late / 1000).To(BeNumerically("<=", s.FirstByte))
		}
		Expect(due).To(HaveLen(150))
	})

	It("reuses kept connections, and opens one for each new request", func() {
		proxy := testProxy{name: "proxy-a"}
		spec.Proxy, spec.Rate = proxy.start(), 100
		samples, _, err := run(context.Background(), spec)
		Expect(err).NotTo(HaveOccurred())
		Expect(count(samples, has(Reused))).To(BeEquivalentTo(len(samples)-int(proxy.accepted.Load())), "kept")
		Expect(count(samples, has(Reused))).To(BeNumerically(">", 0))

		proxy.accepted.Store(0)
		spec.NewShare = 1
		samples, _, err = run(context.Background(), spec)
		Expect(err).NotTo(HaveOccurred())
		Expect(proxy.accepted.Load()).To(BeEquivalentTo(len(samples)))
		Expect(count(samples, has(Reused))).To(BeZero())
		Expect(count(samples, ended(OK))).To(Equal(len(samples)))
	})

	It("goes through tunnels, and keeps them", func() {
		proxy := testProxy{name: "proxy-a"}
		spec.Proxy, spec.TLSShare, spec.Rate = proxy.start(), 1, 100
		samples, _, err := run(context.Background(), spec)
		Expect(err).NotTo(HaveOccurred())
		Expect(count(samples, ended(OK))).To(Equal(len(samples)))
		Expect(count(samples, has(Tunnel))).To(Equal(len(samples)))
		Expect(count(samples, has(Tunnel|Reused))).To(BeNumerically(">", 0))
		Expect(count(samples, func(s Sample) bool { return s.Node == 1 })).To(Equal(len(samples)), "also on kept tunnels")
		Expect(count(samples, has(Bypassed))).To(BeZero())
	})

	It("reports the proxy's own failure to connect", func() {
		proxy := testProxy{name: "proxy-a"}
		_, closed, _ := net.SplitHostPort(freePort())
		spec.Proxy, spec.TLSShare, spec.Rate = proxy.start(), 1, 20
		spec.HTTPSPort, _ = strconv.Atoi(closed)
		samples, _, err := run(context.Background(), spec)
		Expect(err).NotTo(HaveOccurred())
		Expect(count(samples, ended(Status5xx))).To(Equal(len(samples)))
	})

	It("counts a request that bypassed the proxy", func() {
		spec.Proxy = net.JoinHostPort("127.0.0.1", strconv.Itoa(spec.HTTPPort))
		samples, _, err := run(context.Background(), spec)
		Expect(err).NotTo(HaveOccurred())
		Expect(count(samples, has(Bypassed))).To(Equal(len(samples)))
		Expect(count(samples, func(s Sample) bool { return s.Node == 0 && s.Outcome == OK })).To(Equal(len(samples)))
	})

	const good = "HTTP/1.1 200 OK\r\nContent-Length: 100\r\nSpof-Sum: SUM\r\nSpof-Object: OBJECT\r\nVia: 1.1 proxy-a\r\n\r\nBODY"
	DescribeTable("tells how an answer failed", func(text string, want Outcome) {
		spec.Proxy, spec.Rate, spec.Timeout = rawProxy(text), 50, patience
		samples, sum, err := run(context.Background(), spec)
		Expect(err).NotTo(HaveOccurred())
		Expect(sum.Samples).To(Equal(15))
		for _, s := range samples {
			Expect(s.Outcome).To(Equal(want), "%+v", s)
		}
	},
		Entry("not at all", good, OK),
		Entry("a changed body", strings.Replace(good, "BODY", strings.Repeat("x", 100), 1), Corrupt),
		Entry("another object", strings.Replace(good, "OBJECT", "/o/100/x", 1), Corrupt),
		Entry("no sum", strings.Replace(good, "Spof-Sum", "Other", 1), Corrupt),
		Entry("a body that is too long", strings.Replace(good, "100\r\n", "101\r\n", 1)+"x", Corrupt),
		Entry("a body that is too short by its own account", "HTTP/1.1 200 OK\r\nContent-Length: 0\r\nSpof-Sum: 00000000\r\nSpof-Object: OBJECT\r\n\r\n", Corrupt),
		Entry("a body cut short", strings.Replace(good, "BODY", "x", 1), Reset),
		Entry("no answer", "", Reset),
		Entry("404", "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n", Status4xx),
		Entry("503", "HTTP/1.1 503 Unavailable\r\nContent-Length: 0\r\n\r\n", Status5xx),
		Entry("a redirection", "HTTP/1.1 302 Found\r\nContent-Length: 0\r\n\r\n", Malformed),
		Entry("another protocol", "220 mail.test ESMTP\r\n", Malformed),
	)

	It("does not trust a certificate of another name", func() {
		proxy := testProxy{name: "proxy-a"}
		spec.Proxy, spec.TLSShare, spec.Rate = proxy.start(), 1, 20
		spec.Origins = []string{"localhost"} // the certificate is for example.com and 127.0.0.1
		samples, _, err := run(context.Background(), spec)
		Expect(err).NotTo(HaveOccurred())
		Expect(count(samples, ended(TLSFailed))).To(Equal(len(samples)))
	})

	It("is refused where nobody listens", func() {
		spec.Proxy = freePort()
		samples, _, err := run(context.Background(), spec)
		Expect(err).NotTo(HaveOccurred())
		Expect(samples).To(HaveLen(150))
		Expect(count(samples, ended(Refused))).To(Equal(150))
	})

	It("stays on schedule while nobody answers, and waits out each request's timeout", func() {
		l, err := net.Listen("tcp", "127.0.0.1:0") // accepts by the kernel only
		Expect(err).NotTo(HaveOccurred())
		DeferCleanup(l.Close)
		spec.Proxy, spec.Timeout = l.Addr().String(), 400*time.Millisecond
		samples, _, err := run(context.Background(), spec)
		Expect(err).NotTo(HaveOccurred())
		Expect(samples).To(HaveLen(150))
		for _, s := range samples {
			Expect(s.Outcome).To(Equal(Timeout))
			Expect(s.FirstByte).To(BeZero())
			Expect(time.Duration(s.Done) * time.Microsecond).To(And(BeNumerically(">=", spec.Timeout), BeNumerically("<", spec.Timeout+patience)))
		}
	})

	It("counts latency from the scheduled instant, and a request that it sent late as its own failure", func() {
		proxy := testProxy{name: "proxy-a"}
		spec.Proxy = proxy.start()
		spec.Timeout = 100 * time.Millisecond
		spec.Start = Monotonic() - int64(200*time.Millisecond) // the first 100 ms are lost already
		var samples []Sample
		sum, err := Run(context.Background(), spec, nil, func(batch []Sample) { samples = append(samples, batch...) })
		Expect(err).NotTo(HaveOccurred())
		Expect(sum.Samples).To(Equal(150))
		Expect(count(samples, ended(NotSent))).To(BeNumerically(">=", 50))
		for _, s := range samples {
			Expect(s.Done).To(BeNumerically(">=", s.Late/1000))
			if s.Scheduled < int64(100*time.Millisecond) {
				Expect(s.Outcome).To(Equal(NotSent))
			}
		}
	})

	It("does not use a kept connection that the other side has closed", func() {
		proxy := testProxy{name: "proxy-a"}
		server := httptest.NewUnstartedServer(&proxy)
		server.Config.IdleTimeout = 20 * time.Millisecond
		server.Start()
		DeferCleanup(server.CloseClientConnections)
		spec.Proxy, spec.Users, spec.Rate = server.Listener.Addr().String(), 1, 10
		samples, _, err := run(context.Background(), spec)
		Expect(err).NotTo(HaveOccurred())
		Expect(count(samples, ended(OK))).To(Equal(3))
		Expect(count(samples, has(Reused))).To(BeZero())
	})

	DescribeTable("keeps a connection that is idle for longer than a request may take", func(tlsShare float64) {
		proxy := testProxy{name: "proxy-a"}
		spec.Proxy, spec.TLSShare, spec.Users = proxy.start(), tlsShare, 1
		spec.Duration, spec.Rate, spec.Timeout = 1800*time.Millisecond, 10.0/6, 500*time.Millisecond
		samples, _, err := run(context.Background(), spec)
		Expect(err).NotTo(HaveOccurred())
		Expect(count(samples, ended(OK))).To(Equal(3))
		Expect(count(samples, has(Reused))).To(Equal(2))
	}, Entry("plain", 0.0), Entry("tunnel: crypto/tls keeps what is no net.Error", 1.0))

	DescribeTable("finds a kept connection dead when it sends on it", func(retry bool, ok, resets, retried int) {
		spec.Proxy = forgetful()
		spec.Users, spec.Rate, spec.Retry, spec.BodyBytes = 1, 10, retry, 100
		samples, _, err := run(context.Background(), spec)
		Expect(err).NotTo(HaveOccurred())
		Expect(count(samples, ended(OK))).To(Equal(ok))
		Expect(count(samples, ended(Reset))).To(Equal(resets))
		Expect(count(samples, has(Retried))).To(Equal(retried))
	},
		Entry("and fails", false, 2, 1, 0),
		Entry("and sends again on a new one, as browsers do", true, 3, 0, 2),
	)

	It("ends promptly when cancelled, whatever it waits for", func() {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		Expect(err).NotTo(HaveOccurred())
		DeferCleanup(l.Close)
		spec.Proxy, spec.Timeout, spec.Duration = l.Addr().String(), time.Minute, time.Hour
		ctx, cancel := context.WithCancel(context.Background())
		defer cancel()
		spec.Start = Monotonic()
		time.AfterFunc(50*time.Millisecond, cancel)
		begin := time.Now()
		sum, err := Run(ctx, spec, nil, func([]Sample) { Fail("nothing has ended") })
		Expect(err).To(MatchError(context.Canceled))
		Expect(time.Since(begin)).To(BeNumerically("<", patience))
		Expect(sum.Scheduled).To(BeNumerically(">", 0))
		Expect(sum.Samples).To(BeZero())
	})
})
