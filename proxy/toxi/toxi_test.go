package toxi_test

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strconv"
	"sync"
	"syscall"
	"testing"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	"github.com/onsi/gomega/gmeasure"

	"github.com/seed-ab8b6914/spof/proxy"
	"github.com/seed-ab8b6914/spof/proxy/toxi"
)

func TestToxi(t *testing.T) {
	RegisterFailHandler(Fail)
	SetDefaultEventuallyTimeout(patience)
	RunSpecs(t, "toxi")
}

// patience is how long a spec waits for what must come, on a machine that others keep busy, before it says that it never does.
const patience = 30 * time.Second

// listen opens a socket on a loopback address of this process alone: the ports of 127.0.0.1 run out under other tests' load.
func listen() net.Listener {
	GinkgoHelper()
	pid := os.Getpid()
	l, err := net.Listen("tcp", fmt.Sprintf("127.78.%d.%d:0", pid>>8&0xff, pid&0xff))
	Expect(err).NotTo(HaveOccurred())
	return l
}

// given are the addresses that free has found.
var given sync.Map

// free finds a TCP address nobody listens at, and never the same one again.
func free() string {
	GinkgoHelper()
	for {
		l := listen()
		addr := l.Addr().String()
		Expect(l.Close()).To(Succeed())
		if _, before := given.LoadOrStore(addr, true); !before {
			return addr
		}
	}
}

// taken is a TCP address that somebody listens at until the spec ends.
func taken() string {
	GinkgoHelper()
	l := listen()
	DeferCleanup(l.Close)
	return l.Addr().String()
}

// api is a name for the unix socket of a link's API.
func api() string { return filepath.Join(GinkgoT().TempDir(), "api.sock") }

// origin answers every request on its socket with 200.
func origin(start func(*httptest.Server)) *httptest.Server {
	GinkgoHelper()
	s := &httptest.Server{Listener: listen(), Config: &http.Server{
		Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			var size int
			if _, err := fmt.Sscanf(r.URL.Path, "/o/%d/", &size); err == nil {
				w.Header().Set("Content-Length", strconv.Itoa(size))
				_, _ = w.Write(make([]byte, size))
			}
		}),
		ErrorLog: log.New(io.Discard, "", 0), // cut handshakes are what is tested
	}}
	start(s)
	return s
}

// link runs a WAN link before an origin that speaks HTTP and HTTPS, until the spec ends.
func link(latency time.Duration) proxy.WANConfig {
	GinkgoHelper()
	plain, secure := origin((*httptest.Server).Start), origin((*httptest.Server).StartTLS)
	cfg := proxy.WANConfig{Link: "isp", API: api(), Latency: latency, Proxies: []proxy.WANProxy{
		{Name: "origin-http", Listen: free(), Upstream: plain.Listener.Addr().String()},
		{Name: "origin-https", Listen: free(), Upstream: secure.Listener.Addr().String()},
	}}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- toxi.Serve(ctx, cfg) }()
	DeferCleanup(func() {
		cancel()
		Eventually(done).Should(Receive(BeNil()))
		plain.CloseClientConnections()
		secure.CloseClientConnections()
		plain.Close()
		secure.Close()
	})
	Eventually(func() error {
		select {
		case err := <-done:
			return StopTrying("the link does not run").Wrap(err)
		default:
			return connect(cfg.Proxies[0].Listen)
		}
	}).Should(Succeed())
	return cfg
}

func connect(addr string) error {
	c, err := net.Dial("tcp", addr)
	if err == nil {
		err = c.Close()
	}
	return err
}

// kept is a connection that has had one answer.
type kept struct {
	net.Conn
	in *bufio.Reader
}

func (k kept) ask(within time.Duration) error {
	if err := k.SetDeadline(time.Now().Add(within)); err != nil {
		return err
	}
	if _, err := fmt.Fprint(k, "HEAD / HTTP/1.1\r\nHost: origin\r\n\r\n"); err != nil {
		return err
	}
	response, err := http.ReadResponse(k.in, &http.Request{Method: http.MethodHead})
	if err == nil {
		err = response.Body.Close()
	}
	return err
}

func open(addr string) kept {
	GinkgoHelper()
	c, err := net.Dial("tcp", addr)
	Expect(err).NotTo(HaveOccurred())
	DeferCleanup(c.Close)
	return kept{c, bufio.NewReader(c)}
}

// within checks an interval of effect against the instants around the call.
func within(start int64, done proxy.Proven) {
	GinkgoHelper()
	Expect(done.Before).To(BeNumerically(">=", start))
	Expect(done.After).To(BeNumerically(">=", done.Before))
	Expect(done.After).To(BeNumerically("<=", proxy.Monotonic()))
}

var _ = Describe("a WAN link", func() {
	It("forwards, and adds its latency to each answer", func() {
		cfg := link(60 * time.Millisecond)
		k := open(cfg.Proxies[0].Listen)
		start := time.Now()
		Expect(k.ask(patience)).To(Succeed())
		Expect(time.Since(start)).To(BeNumerically(">=", 60*time.Millisecond))
	})

	It("measures the cost of its relay apart from its latency, and leaves nothing behind", func(ctx context.Context) {
		cfg := link(60 * time.Millisecond)
		c := toxi.NewControl(cfg.API)
		for range 2 {
			cost, err := c.Calibrate(ctx)
			Expect(err).NotTo(HaveOccurred())
			Expect(cost.N).To(Equal(200))
			Expect(cost.Direct).To(BeNumerically(">", 0))
			Expect(cost.AddedP50).To(BeNumerically("<", cfg.Latency))
		}
		done, err := c.Cut(ctx)
		Expect(err).NotTo(HaveOccurred())
		Expect(done.Proof).NotTo(ContainSubstring("calibration"))
	}, SpecTimeout(2*patience))

	It("is cut: connections are refused and closed; then it is restored", func(ctx context.Context) {
		cfg := link(0)
		c := toxi.NewControl(cfg.API)
		k := open(cfg.Proxies[0].Listen)
		Expect(k.ask(patience)).To(Succeed())

		start := proxy.Monotonic()
		done, err := c.Cut(ctx)
		Expect(err).NotTo(HaveOccurred())
		within(start, done)
		Expect(done.Proof).To(ContainSubstring("refused"))
		Expect(k.ask(patience)).NotTo(Succeed())
		for _, p := range cfg.Proxies {
			Expect(connect(p.Listen)).To(MatchError(syscall.ECONNREFUSED))
		}

		_, err = c.Cut(ctx)
		Expect(err).To(MatchError(toxi.ErrLost))
		_, err = c.Silence(ctx)
		Expect(err).To(MatchError(toxi.ErrLost))

		start = proxy.Monotonic()
		done, err = c.Restore(ctx)
		Expect(err).NotTo(HaveOccurred())
		within(start, done)
		Expect(done.Proof).To(ContainSubstring("answered again"))
		Expect(open(cfg.Proxies[0].Listen).ask(patience)).To(Succeed())
	}, SpecTimeout(2*patience))

	It("is silent: it accepts and does not answer; then it is restored with its latency", func(ctx context.Context) {
		cfg := link(20 * time.Millisecond)
		c := toxi.NewControl(cfg.API)
		k := open(cfg.Proxies[0].Listen)
		Expect(k.ask(patience)).To(Succeed())

		Expect(c.Prepare(ctx)).To(Succeed())
		start := proxy.Monotonic()
		done, err := c.Silence(ctx)
		Expect(err).NotTo(HaveOccurred())
		within(start, done)
		Expect(done.Proof).To(ContainSubstring("SYNs still acknowledged"))
		Expect(k.ask(150 * time.Millisecond)).To(MatchError(ContainSubstring("timeout")))
		Expect(open(cfg.Proxies[0].Listen).ask(150 * time.Millisecond)).To(MatchError(ContainSubstring("timeout")))
		_, err = c.Cut(ctx)
		Expect(err).To(MatchError(toxi.ErrLost))

		_, err = c.Restore(ctx)
		Expect(err).NotTo(HaveOccurred())
		again := open(cfg.Proxies[0].Listen)
		start = proxy.Monotonic()
		Expect(again.ask(patience)).To(Succeed())
		Expect(time.Duration(proxy.Monotonic() - start)).To(BeNumerically(">=", 20*time.Millisecond))
	}, SpecTimeout(2*patience))

	It("closes after a silence only the connections that lost data", func(ctx context.Context) {
		cfg := link(0)
		c := toxi.NewControl(cfg.API)
		idle, robbed := open(cfg.Proxies[0].Listen), open(cfg.Proxies[0].Listen)
		Expect(idle.ask(patience)).To(Succeed())
		Expect(robbed.ask(patience)).To(Succeed())
		_, err := c.Silence(ctx)
		Expect(err).NotTo(HaveOccurred())
		Expect(robbed.ask(100 * time.Millisecond)).To(MatchError(ContainSubstring("timeout")))
		_, err = c.Restore(ctx)
		Expect(err).NotTo(HaveOccurred())
		Expect(robbed.ask(patience)).NotTo(Succeed())
		Expect(idle.ask(patience)).To(Succeed())
	}, SpecTimeout(2*patience))

	It("refuses to be restored without a loss", func(ctx context.Context) {
		_, err := toxi.NewControl(link(0).API).Restore(ctx)
		Expect(err).To(MatchError(toxi.ErrNotLost))
	}, SpecTimeout(2*patience))

	It("is not reported as silent if the far end did not answer before", func(ctx context.Context) {
		cfg := link(0)
		broken := cfg
		broken.API = api()
		broken.Proxies = []proxy.WANProxy{{Name: "dead-http", Listen: free(), Upstream: free()}}
		serving, cancel := context.WithCancel(ctx)
		defer cancel()
		go func() { _ = toxi.Serve(serving, broken) }()
		Eventually(func() error { return connect(broken.Proxies[0].Listen) }).Should(Succeed())
		_, err := toxi.NewControl(broken.API).Silence(ctx)
		Expect(err).To(HaveOccurred())
	}, SpecTimeout(2*patience))

	It("fails in bounded time when Toxiproxy hangs", func(ctx context.Context) {
		socket := api()
		hung, err := proxy.ListenControl(socket)
		Expect(err).NotTo(HaveOccurred())
		DeferCleanup(hung.Close)
		_, err = toxi.NewControl(socket).Cut(ctx)
		Expect(err).To(MatchError(context.DeadlineExceeded))
		Expect(ctx.Err()).NotTo(HaveOccurred(), "it is its own time that is over")
	}, SpecTimeout(2*patience))

	DescribeTable("does not start",
		func(ctx context.Context, change func(*proxy.WANConfig), why string) {
			cfg := proxy.WANConfig{Link: "isp", API: api(), Proxies: []proxy.WANProxy{{Name: "a", Listen: free(), Upstream: free()}}}
			change(&cfg)
			Expect(toxi.Serve(ctx, cfg)).To(MatchError(ContainSubstring(why)))
		},
		Entry("with a latency Toxiproxy cannot make", func(c *proxy.WANConfig) { c.Latency = 1500 * time.Microsecond }, "whole milliseconds", SpecTimeout(2*patience)),
		Entry("where its address is taken", func(c *proxy.WANConfig) { c.Proxies[0].Listen = taken() }, "in use", SpecTimeout(2*patience)),
		Entry("with a name used twice", func(c *proxy.WANConfig) { c.Proxies = append(c.Proxies, c.Proxies[0]) }, "proxy a", SpecTimeout(2*patience)),
	)

	It("takes effect fast, with 50 open connections", func(ctx context.Context) {
		cfg := link(0)
		c := toxi.NewControl(cfg.API)
		figures := gmeasure.NewExperiment("wan-loss")
		AddReportEntry(figures.Name, figures)
		for range 10 {
			for _, lose := range []struct {
				name string
				do   func(context.Context) (proxy.Proven, error)
			}{{"cut", c.Cut}, {"silence", c.Silence}} {
				for range 50 {
					Expect(open(cfg.Proxies[0].Listen).ask(patience)).To(Succeed())
				}
				for _, act := range []struct {
					name string
					do   func(context.Context) (proxy.Proven, error)
				}{lose, {"restore after " + lose.name, c.Restore}} {
					asked := proxy.Monotonic()
					done, err := act.do(ctx)
					Expect(err).NotTo(HaveOccurred())
					figures.RecordDuration(act.name+": to effect", time.Duration(done.After-asked))
					figures.RecordDuration(act.name+": uncertainty", done.Uncertainty())
				}
			}
		}
		for _, name := range []string{"cut", "silence", "restore after cut", "restore after silence"} {
			Expect(figures.GetStats(name + ": to effect").DurationFor(gmeasure.StatMedian)).To(BeNumerically("<", 200*time.Millisecond))
		}
	}, SpecTimeout(2*patience))
})
