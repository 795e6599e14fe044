package load

import (
	"context"
	"encoding/pem"
	"errors"
	"net/http/httptest"
	"net/netip"
	"sync"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
)

// hops is a chooser with a fixed list of hops, and keeps what it is told.
type hops struct {
	hops []Hop
	err  error

	mu     sync.Mutex
	failed map[Hop]Outcome
	worked map[Hop]int
}

func (h *hops) route(_ context.Context, q Query) (route, error) {
	Expect(q.URL).To(MatchRegexp(`^https?://127\.0\.0\.1:\d+/o/100/[0-9a-f]{16}-\d+$`))
	Expect(q.Host).To(Equal("127.0.0.1"))
	l := list(h.hops)
	return &toldRoute{list: l, h: h}, h.err
}

type toldRoute struct {
	list
	h    *hops
	last Hop
}

func (r *toldRoute) next() (Hop, bool) {
	hop, ok := r.list.next()
	r.last = hop
	return hop, ok
}

func (r *toldRoute) failed(why Outcome, _ time.Duration) {
	r.h.mu.Lock()
	defer r.h.mu.Unlock()
	r.h.failed[r.last] = why
}

func (r *toldRoute) worked(time.Duration) {
	r.h.mu.Lock()
	defer r.h.mu.Unlock()
	r.h.worked[r.last]++
}

// runBy runs the spec with users who choose by h.
func runBy(h *hops, spec Spec) []Sample {
	spec.Start = Monotonic()
	h.failed, h.worked = map[Hop]Outcome{}, map[Hop]int{}
	spec.Proxy = "127.0.0.1:1"
	g, err := newGenerator(context.Background(), nil, spec, nil)
	Expect(err).NotTo(HaveOccurred())
	g.chooser = h
	var samples []Sample
	sum, err := g.run(func(batch []Sample) { samples = append(samples, batch...) })
	Expect(err).NotTo(HaveOccurred())
	Expect(sum.Samples).To(Equal(sum.Scheduled))
	return samples
}

func hopTo(addr string) Hop { return Hop{netip.MustParseAddrPort(addr)} }

// full is the address of a socket that does not answer any more: its queue is full.
func full() string { return newFullListener().Addr().String() }

var _ = Describe("users who choose among hops", func() {
	var spec Spec
	BeforeEach(func() {
		plain := httptest.NewServer(answers)
		secure := httptest.NewTLSServer(answers)
		DeferCleanup(plain.CloseClientConnections)
		DeferCleanup(secure.CloseClientConnections)
		spec = Spec{
			Duration: 300 * time.Millisecond, Rate: 200, Users: 5, Seed: 1, Origins: []string{"127.0.0.1"},
			HTTPPort: port(plain), HTTPSPort: port(secure), BodyBytes: 100, Timeout: 2 * time.Second, TLSShare: 0.5, Retry: true,
			CA:    pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: secure.Certificate().Raw}),
			Nodes: []string{"proxy-a", "proxy-b"}, Allowed: []string{"127.0.0.0/8"},
		}
	})

	It("go to the next hop within the request if a hop refuses, and keep connections by hop", func() {
		b := testProxy{name: "proxy-b"}
		dead, alive := hopTo(freePort()), hopTo(b.start())
		h := &hops{hops: []Hop{dead, alive}}
		samples := runBy(h, spec)
		Expect(count(samples, ended(OK))).To(Equal(len(samples)))
		Expect(count(samples, func(s Sample) bool { return s.Node == 2 })).To(Equal(len(samples)))
		Expect(h.failed).To(Equal(map[Hop]Outcome{dead: Refused}))
		Expect(h.worked).To(HaveLen(1))
		Expect(h.worked[alive]).To(BeEquivalentTo(b.accepted.Load()))
		Expect(count(samples, has(Reused))).To(Equal(len(samples) - h.worked[alive]))
		Expect(count(samples, has(Reused))).To(BeNumerically(">", 0))
	})

	It("go to the next hop after the connect timeout, counted from the scheduled instant", func() {
		a := testProxy{name: "proxy-a"}
		dead, alive := hopTo(full()), hopTo(a.start())
		spec.Timeout, spec.ConnectTimeout, spec.NewShare = patience, 500*time.Millisecond, 1
		h := &hops{hops: []Hop{dead, alive}}
		samples := runBy(h, spec)
		Expect(count(samples, ended(OK))).To(Equal(len(samples)))
		Expect(h.failed).To(Equal(map[Hop]Outcome{dead: Timeout}))
		for _, s := range samples {
			Expect(s.Done).To(BeNumerically(">=", 490_000))
			Expect(s.Late).To(BeNumerically("<", 4*spec.ConnectTimeout/5), "choosing is the user's time, not the pacer's")
		}
	})

	It("end a request at its own timeout, without marking the hop as bad", func() {
		spec.Timeout, spec.ConnectTimeout = 150*time.Millisecond, time.Second
		h := &hops{hops: []Hop{hopTo(full()), hopTo(freePort())}}
		samples := runBy(h, spec)
		Expect(count(samples, ended(Timeout))).To(Equal(len(samples)))
		Expect(h.failed).To(BeEmpty())
	})

	It("go DIRECT, and are counted as bypassed", func() {
		spec.Direct = "127.0.0.1"
		dead := hopTo(freePort())
		samples := runBy(&hops{hops: []Hop{dead, Direct}}, spec)
		Expect(count(samples, ended(OK))).To(Equal(len(samples)))
		Expect(count(samples, has(Bypassed))).To(Equal(len(samples)), "plain and TLS alike")
		Expect(count(samples, has(Tunnel))).To(And(BeNumerically(">", 0), BeNumerically("<", len(samples))))
		Expect(count(samples, has(Reused))).To(BeNumerically(">", 0))
		Expect(count(samples, func(s Sample) bool { return s.Node != 0 })).To(BeZero())
	})

	It("never go DIRECT unless the settings allow it", func() {
		h := &hops{hops: []Hop{Direct}}
		samples := runBy(h, spec)
		Expect(count(samples, ended(Unreachable))).To(Equal(len(samples)))
		Expect(count(samples, has(Bypassed))).To(BeZero())
	})

	It("end with the failure of the last hop, or of the choice of hops", func() {
		samples := runBy(&hops{hops: []Hop{hopTo(full()), hopTo(freePort())}}, func() Spec {
			s := spec
			s.ConnectTimeout = 50 * time.Millisecond
			return s
		}())
		Expect(count(samples, ended(Refused))).To(Equal(len(samples)))
		samples = runBy(&hops{}, spec)
		Expect(count(samples, ended(Unreachable))).To(Equal(len(samples)), "nowhere to go")
		samples = runBy(&hops{err: failure(Status5xx)}, spec)
		Expect(count(samples, ended(Status5xx))).To(Equal(len(samples)))
	})

	It("send a request again, over all hops, if a kept connection is dead", func() {
		spec.TLSShare, spec.Users, spec.Rate = 0, 1, 10
		h := &hops{hops: []Hop{hopTo(freePort()), hopTo(forgetful())}}
		samples := runBy(h, spec)
		Expect(count(samples, ended(OK))).To(Equal(3))
		Expect(count(samples, has(Retried))).To(Equal(2))
	})

	It("need a proxy, a PAC file, a pool or a DNS name", func() {
		_, err := Run(context.Background(), func() Spec { s := spec; s.Proxy = ""; return s }(), nil, func([]Sample) {})
		Expect(err).To(MatchError(ContainSubstring("no proxy")))
		spec.Proxy, spec.Direct = "127.0.0.1:1", "192.0.2.1"
		Expect(errors.Is(spec.Validate(), ErrForbidden)).To(BeTrue(), "a direct path out of the lab")
	})
})
