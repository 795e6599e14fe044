package load

import (
	"context"
	"net"
	"net/http/httptest"
	"net/netip"
	"strings"
	"sync"
	"time"

	"github.com/miekg/dns"
	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
)

// zone is a DNS server for proxy.test that can be changed while it runs.
type zone struct {
	mu     sync.Mutex
	addrs  []string // in the order of every answer
	ttl    uint32
	fails  bool
	asked  []time.Time
	delays time.Duration
}

func (z *zone) ServeDNS(w dns.ResponseWriter, m *dns.Msg) {
	z.mu.Lock()
	z.asked = append(z.asked, time.Now())
	reply, delay := new(dns.Msg).SetReply(m), z.delays
	for _, addr := range z.addrs {
		header := dns.RR_Header{Name: m.Question[0].Name, Rrtype: dns.TypeA, Class: dns.ClassINET, Ttl: z.ttl}
		reply.Answer = append(reply.Answer, &dns.A{Hdr: header, A: net.ParseIP(addr)})
	}
	if z.fails {
		reply.SetRcode(m, dns.RcodeServerFailure)
	}
	z.mu.Unlock()
	time.Sleep(delay)
	_ = w.WriteMsg(reply)
}

// set changes the zone.
func (z *zone) set(change func()) {
	z.mu.Lock()
	defer z.mu.Unlock()
	change()
}

func (z *zone) questions() int {
	z.mu.Lock()
	defer z.mu.Unlock()
	return len(z.asked)
}

func (z *zone) start() string {
	GinkgoHelper()
	packets, err := net.ListenPacket("udp", "127.0.0.1:0")
	Expect(err).NotTo(HaveOccurred())
	up := make(chan struct{})
	s := &dns.Server{PacketConn: packets, Handler: z, NotifyStartedFunc: func() { close(up) }}
	go func() { _ = s.ActivateAndServe() }()
	<-up
	DeferCleanup(s.Shutdown)
	return packets.LocalAddr().String()
}

var _ = Describe("users who find their proxy by a name", func() {
	var spec Spec
	var z *zone
	var mu sync.Mutex
	var events []Event
	BeforeEach(func() {
		plain := httptest.NewServer(answers)
		DeferCleanup(plain.CloseClientConnections)
		b := testProxy{name: "proxy-b"}
		live := netip.MustParseAddrPort(b.start())
		z, events = &zone{addrs: []string{live.Addr().String()}, ttl: 60}, nil
		spec = Spec{
			Duration: 500 * time.Millisecond, Rate: 200, Users: 4, Seed: 1, Origins: []string{"127.0.0.1"},
			HTTPPort: port(plain), BodyBytes: 100, Timeout: patience, NewShare: 0.5,
			Nodes: []string{"proxy-b"}, Allowed: []string{"127.0.0.0/8"},
			DNS: &DNS{Servers: []string{z.start()}, Host: "proxy.test", Port: int(live.Port()), Timeout: patience, Attempts: 2},
		}
	})
	load := func() []Sample {
		GinkgoHelper()
		spec.Start = Monotonic()
		var samples []Sample
		_, err := Run(context.Background(), spec, func(e Event) { mu.Lock(); events = append(events, e); mu.Unlock() },
			func(batch []Sample) { samples = append(samples, batch...) })
		Expect(err).NotTo(HaveOccurred())
		return samples
	}

	It("ask once per TTL, and send on time while the answer is outstanding", func() {
		const delay = time.Second
		z.set(func() { z.delays = delay })
		spec.Duration, spec.Rate = 2*delay, 100
		samples := load()
		Expect(count(samples, ended(OK))).To(Equal(len(samples)))
		Expect(z.questions()).To(Equal(4))
		for _, s := range samples {
			Expect(s.Late).To(BeNumerically("<", 4*delay/5), "asking is the user's time, not the pacer's")
		}
		Expect(count(samples, has(Reused))).To(BeNumerically(">", 0))
	})

	It("share a cache", func() {
		spec.DNS.Caches = 1
		samples := load()
		Expect(count(samples, ended(OK))).To(Equal(len(samples)))
		Expect(z.questions()).To(Equal(1))
	})

	It("ask again after the TTL; the first TTL of each user is a random part of it", func() {
		z.set(func() { z.ttl = 2 })
		spec.Users, spec.Rate, spec.Duration = 10, 200, 3*time.Second
		load()
		z.mu.Lock()
		defer z.mu.Unlock()
		Expect(len(z.asked)).To(BeNumerically(">=", 20))
		began, early := z.asked[0], 0
		for _, at := range z.asked[10:20] {
			if at.Sub(began) < time.Second {
				early++
			}
		}
		Expect(early).To(BeNumerically("~", 5, 2), "half of the users in half of the TTL")
	})

	It("ask the first server each time, or rotate over the servers", func() {
		other := &zone{addrs: z.addrs}
		z.set(func() { z.ttl = 0 })
		spec.DNS.Servers = append(spec.DNS.Servers, other.start())
		samples := load()
		Expect(count(samples, ended(OK))).To(Equal(len(samples)))
		Expect(other.questions()).To(BeZero())
		before := z.questions()
		spec.DNS.Rotate = true
		load()
		Expect(z.questions()-before).To(BeNumerically("~", other.questions(), spec.Users), "each user by its own turns")
		Expect(other.questions()).To(BeNumerically(">", spec.Users))
	})

	It("use the first address only, or try the next one too", func() {
		z.set(func() { z.addrs = []string{"127.0.0.2", z.addrs[0]} }) // nobody listens there
		samples := load()
		Expect(count(samples, ended(Refused))).To(Equal(len(samples)))
		spec.DNS.Next = true
		samples = load()
		Expect(count(samples, ended(OK))).To(Equal(len(samples)))
	})

	It("keep the old answer until its TTL ends, and have none afterwards", func() {
		z.set(func() { z.ttl = 1 })
		spec.Duration = 2 * time.Second
		var failed int64 // when it begins to fail, which a busy machine may be late with
		failing := time.AfterFunc(300*time.Millisecond, func() { z.set(func() { failed, z.fails = Monotonic(), true }) })
		defer failing.Stop()
		samples := load()
		Expect(count(samples, ended(OK)) + count(samples, ended(NoName))).To(Equal(len(samples)))
		for _, s := range samples {
			due := spec.Start + s.Scheduled
			switch end := due + int64(s.Done)*1000; {
			case end < failed:
				Expect(s.Outcome).To(Equal(OK))
			case due > failed+(1200*time.Millisecond).Nanoseconds():
				Expect(s.Outcome).To(Equal(NoName))
			}
		}
		Expect(events).To(HaveLen(spec.Users), "each resolver says so once")
		for _, e := range events {
			Expect(e.Kind).To(Equal(EventDNSFailed))
			Expect(e.Text).To(MatchRegexp(`^resolver [0-3] has lost its answer: DNS server \S+: proxy.test: SERVFAIL$`))
		}
	})

	It("fail the request if no answer comes before its timeout", func() {
		z.set(func() { z.delays = 600 * time.Millisecond })
		spec.Timeout, spec.DNS.Timeout = 150*time.Millisecond, time.Second
		spec.Duration = 300 * time.Millisecond
		samples := load()
		Expect(count(samples, ended(NoName))).To(Equal(len(samples)))
	})

	It("connect to addresses of the lab only, whatever the answer", func() {
		z.set(func() { z.addrs = []string{"192.0.2.1"} })
		samples := load()
		Expect(count(samples, ended(NotSent))).To(Equal(len(samples)))
	})

	It("are refused with invalid settings", func() {
		spec.DNS.Servers, spec.DNS.Attempts = []string{"192.0.2.1:53"}, 0
		err := spec.Validate()
		Expect(err).To(MatchError(ErrForbidden))
		Expect(err).To(MatchError(ContainSubstring("0 attempts")))
		spec.Proxy = strings.Repeat("x", 3)
		Expect(spec.Validate()).To(MatchError(ContainSubstring("dns, and proxy, pool or pac")))
	})
})
