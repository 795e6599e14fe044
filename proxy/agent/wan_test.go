package agent

import (
	"context"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"sync"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/seed-ab8b6914/spof/proxy"
	"github.com/seed-ab8b6914/spof/proxy/toxi"
)

// flips collects the events of a flapping link.
type flips struct {
	mu   sync.Mutex
	list []proxy.Event
}

func (f *flips) take(e proxy.Event) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if e.Kind == proxy.EventWANFlip {
		f.list = append(f.list, e)
	}
}

func (f *flips) all() []proxy.Event {
	f.mu.Lock()
	defer f.mu.Unlock()
	return append([]proxy.Event(nil), f.list...)
}

// gateway is a node with a WAN link to an origin. stop ends the link.
func gateway() (h *host, seen *flips, link string, stop context.CancelFunc) {
	GinkgoHelper()
	origin := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
	DeferCleanup(origin.Close)
	address := func() string {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		Expect(err).NotTo(HaveOccurred())
		defer l.Close()
		return l.Addr().String()
	}
	cfg := proxy.WANConfig{Link: "isp", API: filepath.Join(GinkgoT().TempDir(), "api.sock"), Proxies: []proxy.WANProxy{
		{Name: "web-http", Listen: address(), Upstream: origin.Listener.Addr().String()},
	}}
	serving, stop := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- toxi.Serve(serving, cfg) }()
	DeferCleanup(func() { stop(); <-done })
	seen = &flips{}
	h = newHost(context.Background(), Options{Log: io.Discard}, seen.take)
	h.install([]proxy.Process{{Service: "isp", Control: cfg.API}})
	link = cfg.Proxies[0].Listen
	Eventually(func() error { return answers(link) }).Should(Succeed())
	return h, seen, link, stop
}

// answers sends a request to the origin over the link, on a new connection.
func answers(link string) error {
	c := http.Client{Timeout: patience, Transport: &http.Transport{DisableKeepAlives: true}}
	r, err := c.Get("http://" + link + "/")
	if err != nil {
		return err
	}
	return r.Body.Close()
}

var _ = Describe("a WAN link that flaps", func() {
	const period = 400 * time.Millisecond
	fault := func(mode string) Fault {
		return Fault{ID: "f1", FaultParams: proxy.FaultParams{Mode: mode, Period: period}}
	}

	DescribeTable("is lost and restored in turn, with proofs, and stays up after recovery",
		func(ctx context.Context, mode string) {
			h, seen, link, _ := gateway()
			effect, err := h.inject(ctx, WANFlap, fault(mode))
			Expect(err).NotTo(HaveOccurred())
			Eventually(ctx, func() int { return len(seen.all()) }).Should(BeNumerically(">=", 4))
			_, err = h.recover(ctx, WANFlap, fault(mode))
			Expect(err).NotTo(HaveOccurred())
			Expect(answers(link)).To(Succeed())

			list := seen.all()
			Expect(list[0].At).To(Equal(effect.At), "the effect is the first loss")
			for i, e := range list {
				Expect(e.State).To(Equal([]proxy.State{proxy.LinkLost, proxy.LinkBack}[i%2]))
				Expect(e.Text).NotTo(BeEmpty())
				if i < 4 { // the recovery may have restored it last
					Expect(e.At).To(BeNumerically(">=", effect.At+int64(i)*period.Nanoseconds()/2-effect.Uncertainty.Nanoseconds()))
				}
			}
			Expect(list[len(list)-1].State).To(Equal(proxy.LinkBack))
			Consistently(func() int { return len(seen.all()) }).WithTimeout(period).Should(Equal(len(list)))
		},
		Entry("cut", "cut", SpecTimeout(2*patience)),
		Entry("silent", "silent", SpecTimeout(2*patience)),
	)

	It("is not lost again when the recovery is due", func(ctx context.Context) {
		h, seen, link, _ := gateway()
		f := fault("cut")
		f.At = proxy.Monotonic()
		f.Until = f.At + 2*period.Nanoseconds()
		_, err := h.inject(ctx, WANFlap, f)
		Expect(err).NotTo(HaveOccurred())
		Eventually(ctx, h.flaps["f1"].done).Should(BeClosed())
		Expect(seen.all()).To(HaveLen(4))
		f.At = f.Until
		effect, err := h.recover(ctx, WANFlap, f)
		Expect(err).NotTo(HaveOccurred())
		Expect(effect.Proof).To(Equal("the link is back, and stays"))
		Expect(answers(link)).To(Succeed())
	}, SpecTimeout(2*patience))

	It("stops flapping when its agent ends", func(ctx context.Context) {
		h, _, _, _ := gateway()
		_, err := h.inject(ctx, WANFlap, fault("cut"))
		Expect(err).NotTo(HaveOccurred())
		h.end()
		Expect(h.flaps["f1"].done).To(BeClosed())
	}, SpecTimeout(2*patience))

	It("does not flap twice, nor recover before the injection", func(ctx context.Context) {
		h, _, _, _ := gateway()
		_, err := h.recover(ctx, WANFlap, fault("cut"))
		Expect(err).To(MatchError("fault f1 is absent: it cannot become recovering"))
		_, err = h.inject(ctx, WANFlap, fault("cut"))
		Expect(err).NotTo(HaveOccurred())
		_, err = h.inject(ctx, WANFlap, fault("cut"))
		Expect(err).To(MatchError("fault f1 is active: it cannot become injecting"))
		_, err = h.recover(ctx, WANFlap, fault("cut"))
		Expect(err).NotTo(HaveOccurred())
	}, SpecTimeout(2*patience))

	It("needs a period", func(ctx context.Context) {
		h, seen, link, _ := gateway()
		_, err := h.inject(ctx, WANFlap, Fault{ID: "f1"})
		Expect(err).To(MatchError(ContainSubstring("needs a period")))
		Expect(seen.all()).To(BeEmpty())
		Expect(answers(link)).To(Succeed())
	}, SpecTimeout(2*patience))

	It("fails to recover after a failed change", func(ctx context.Context) {
		h, _, _, stop := gateway()
		_, err := h.inject(ctx, WANFlap, fault("cut"))
		Expect(err).NotTo(HaveOccurred())
		stop()
		Eventually(h.flaps["f1"].done).Should(BeClosed())
		_, err = h.recover(ctx, WANFlap, fault("cut"))
		Expect(err).To(MatchError(HavePrefix("a change of the link failed: ")))
	}, SpecTimeout(2*patience))
})

var _ = Describe("a degraded WAN link", func() {
	fault := Fault{ID: "f1", FaultParams: proxy.FaultParams{Latency: 100 * time.Millisecond}}

	It("is slow until the recovery, and cannot degrade twice", func(ctx context.Context) {
		h, _, link, _ := gateway()
		_, err := h.recover(ctx, WANDegrade, fault)
		Expect(err).To(MatchError("fault f1 is absent: it cannot become recovering"))
		_, err = h.inject(ctx, WANDegrade, fault)
		Expect(err).NotTo(HaveOccurred())
		at := time.Now()
		Expect(answers(link)).To(Succeed())
		Expect(time.Since(at)).To(BeNumerically(">=", fault.Latency))
		other := fault
		other.ID = "f2"
		_, err = h.inject(ctx, WANDegrade, other)
		Expect(err).To(MatchError(toxi.ErrDegraded), "by another fault")
		_, err = h.recover(ctx, WANDegrade, fault)
		Expect(err).NotTo(HaveOccurred())
		Eventually(func() time.Duration {
			at := time.Now()
			Expect(answers(link)).To(Succeed())
			return time.Since(at)
		}).Should(BeNumerically("<", fault.Latency))
	}, SpecTimeout(2*patience))
})
