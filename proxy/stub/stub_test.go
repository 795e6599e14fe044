package stub

import (
	"context"
	"errors"
	"net"
	"net/netip"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/miekg/dns"
	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
)

// server is a DNS server on loopback that counts its questions; nil from reply: no answer.
func server(asked *atomic.Int32, reply func(*dns.Msg) *dns.Msg) string {
	GinkgoHelper()
	packets, err := net.ListenPacket("udp", "127.0.0.1:0")
	Expect(err).NotTo(HaveOccurred())
	up := make(chan struct{})
	s := &dns.Server{PacketConn: packets, NotifyStartedFunc: func() { close(up) }, Handler: dns.HandlerFunc(func(w dns.ResponseWriter, m *dns.Msg) {
		asked.Add(1)
		if r := reply(m); r != nil {
			_ = w.WriteMsg(r)
		}
	})}
	go func() { _ = s.ActivateAndServe() }()
	<-up
	DeferCleanup(s.Shutdown)
	return packets.LocalAddr().String()
}

func code(rcode int) func(*dns.Msg) *dns.Msg {
	return func(m *dns.Msg) *dns.Msg { return new(dns.Msg).SetRcode(m, rcode) }
}

func silent(*dns.Msg) *dns.Msg { return nil }

// with answers with records as in a zone file, and whatever else change does.
func with(change func(*dns.Msg), records ...string) func(*dns.Msg) *dns.Msg {
	return func(m *dns.Msg) *dns.Msg {
		r := new(dns.Msg).SetReply(m)
		for _, text := range records {
			rr, err := dns.NewRR(text)
			if err != nil {
				panic(err)
			}
			r.Answer = append(r.Answer, rr)
		}
		if change != nil {
			change(r)
		}
		return r
	}
}

// dead is an address at which nobody listens.
func dead() string {
	packets, err := net.ListenPacket("udp", "127.0.0.1:0")
	Expect(err).NotTo(HaveOccurred())
	defer packets.Close()
	return packets.LocalAddr().String()
}

var well = with(nil, "Proxy.test. 30 IN A 10.0.0.2", "proxy.test. 5 IN A 10.0.0.1", "other.test. 1 IN A 10.0.0.9", "proxy.test. 1 IN TXT x")

var _ = Describe("a stub resolver", func() {
	var asked, second atomic.Int32
	BeforeEach(func() { asked.Store(0); second.Store(0) })
	ask := func(ctx context.Context, servers ...string) (Answer, error) {
		return Resolver{Servers: servers, Timeout: 500 * time.Millisecond, Attempts: 2}.Resolve(ctx, "proxy.test", 0)
	}

	It("gives the addresses in their order, and the least TTL", func(ctx context.Context) {
		answer, err := ask(ctx, server(&asked, well), server(&second, well))
		Expect(err).NotTo(HaveOccurred())
		Expect(answer).To(Equal(Answer{Addrs: []netip.Addr{netip.MustParseAddr("10.0.0.2"), netip.MustParseAddr("10.0.0.1")}, TTL: 5 * time.Second}))
		Expect(asked.Load()).To(BeEquivalentTo(1))
		Expect(second.Load()).To(BeZero())
	})

	DescribeTable("leaves a server that fails for the next", func(ctx context.Context, reply func(*dns.Msg) *dns.Msg) {
		answer, err := ask(ctx, server(&asked, reply), server(&second, well))
		Expect(err).NotTo(HaveOccurred())
		Expect(answer.Addrs).To(HaveLen(2))
		Expect(asked.Load()).To(BeEquivalentTo(1))
	},
		Entry("SERVFAIL", code(dns.RcodeServerFailure)),
		Entry("REFUSED", code(dns.RcodeRefused)),
		Entry("silence", silent),
		Entry("a reply to another question", with(func(m *dns.Msg) { m.Question[0].Name = "x.test." }, "proxy.test. 5 IN A 10.0.0.1")),
	)

	DescribeTable("asks every server so many times, and says how the last one failed", func(ctx context.Context, reply func(*dns.Msg) *dns.Msg, why string) {
		_, err := ask(ctx, server(&asked, reply))
		Expect(err).To(MatchError(MatchRegexp(why)))
		Expect(asked.Load()).To(BeEquivalentTo(2))
	},
		Entry(nil, code(dns.RcodeServerFailure), `^DNS server \S+: proxy.test: SERVFAIL$`),
		Entry(nil, silent, `i/o timeout$`),
	)

	It("takes the port that a host refuses for a failure at once", func(ctx context.Context) {
		_, err := Resolver{Servers: []string{dead()}, Timeout: time.Hour, Attempts: 2}.Resolve(ctx, "proxy.test", 0)
		Expect(errors.Is(err, syscall.ECONNREFUSED)).To(BeTrue(), "%v", err)
	}, SpecTimeout(time.Minute))

	It("begins where it is told to, and comes round to the others", func(ctx context.Context) {
		servers := []string{server(&asked, well), server(&second, code(dns.RcodeServerFailure))}
		_, err := Resolver{Servers: servers, Timeout: time.Second, Attempts: 1}.Resolve(ctx, "proxy.test", 1)
		Expect(err).NotTo(HaveOccurred())
		Expect([]int32{asked.Load(), second.Load()}).To(Equal([]int32{1, 1}))
	})

	It("gives each server its own time", func(ctx context.Context) {
		late := func(m *dns.Msg) *dns.Msg { time.Sleep(800 * time.Millisecond); return well(m) }
		r := Resolver{Servers: []string{dead(), server(&asked, late), dead()}, Timeout: 900 * time.Millisecond, Attempts: 1}
		_, err := r.Resolve(ctx, "proxy.test", 0)
		Expect(errors.Is(err, syscall.ECONNREFUSED)).To(BeTrue(), "the second has 600 ms, and the third refuses: %v", err)
	})

	DescribeTable("waits for each server as glibc does", func(timeout time.Duration, want ...time.Duration) {
		r := Resolver{Servers: make([]string, len(want)), Timeout: timeout}
		for i, wait := range want {
			Expect(r.Wait(i)).To(Equal(wait), "server %d", i)
		}
	},
		Entry("one", 5*time.Second, 5*time.Second),
		Entry("two", 5*time.Second, 5*time.Second, 5*time.Second),
		Entry("three", 5*time.Second, 5*time.Second, 3*time.Second, 6*time.Second),
		Entry("three, and never less than a second", time.Second, time.Second, time.Second, time.Second),
		Entry("three, in less than seconds", 300*time.Millisecond, 300*time.Millisecond, 200*time.Millisecond, 400*time.Millisecond),
	)

	DescribeTable("asks nobody else where a name has no address", func(ctx context.Context, reply func(*dns.Msg) *dns.Msg) {
		_, err := ask(ctx, server(&asked, reply), server(&second, well))
		Expect(err).To(MatchError(ErrNoAddress))
		Expect(second.Load()).To(BeZero())
	},
		Entry("NXDOMAIN", code(dns.RcodeNameError)),
		Entry("no record", with(nil)),
		Entry("records of others", with(nil, "x.test. 1 IN A 10.0.0.1", "proxy.test. 1 IN AAAA ::1")),
	)
})
