package agent

import (
	"context"
	"io"
	"net"
	"net/http"
	"sync"
	"time"

	"github.com/miekg/dns"
	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/seed-ab8b6914/spof/proxy"
)

// nameServer is a DNS responder with its control. A deaf one confirms a new mode, but keeps the old one.
type nameServer struct {
	mu   sync.Mutex
	mode proxy.DNSMode
	deaf bool
	slow time.Duration // before each answer
}

func (n *nameServer) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	n.mu.Lock()
	defer n.mu.Unlock()
	text, _ := io.ReadAll(r.Body)
	if !n.deaf {
		n.mode = proxy.DNSMode(text)
	}
	_, _ = w.Write(text)
}

func (n *nameServer) ServeDNS(w dns.ResponseWriter, m *dns.Msg) {
	n.mu.Lock()
	defer n.mu.Unlock()
	time.Sleep(n.slow)
	reply := new(dns.Msg).SetReply(m)
	switch n.mode {
	case proxy.DNSSilent:
		return
	case proxy.DNSServfail:
		reply.SetRcode(m, dns.RcodeServerFailure)
	default:
		reply.Answer = []dns.RR{&dns.A{Hdr: dns.RR_Header{Name: m.Question[0].Name, Rrtype: dns.TypeA, Class: dns.ClassINET, Ttl: 1}, A: net.IPv4(10, 0, 0, 1)}}
	}
	_ = w.WriteMsg(reply)
}

var _ = Describe("a DNS server that fails", func() {
	serve := func(n *nameServer) *host {
		packets, err := net.ListenPacket("udp", "127.0.0.1:0")
		Expect(err).NotTo(HaveOccurred())
		up := make(chan struct{})
		s := &dns.Server{PacketConn: packets, Handler: n, NotifyStartedFunc: func() { close(up) }}
		go func() { _ = s.ActivateAndServe() }()
		<-up
		DeferCleanup(s.Shutdown)
		h := newHost(context.Background(), Options{}, func(proxy.Event) {})
		h.services = []*service{
			newService(proxy.Process{Service: "squid"}, h.o, h.starts, h.event),
			newService(proxy.Process{Service: "dns", Responder: &proxy.ResponderFace{
				Control: controlled(n), Server: packets.LocalAddr().String(), Host: "proxy.test",
			}}, h.o, h.starts, h.event),
		}
		return h
	}
	fault := func(mode string) Fault {
		return Fault{ID: "f1", Service: "dns", FaultParams: proxy.FaultParams{Mode: mode}}
	}

	DescribeTable("fails by its mode, and recovers", func(ctx context.Context, mode, proof string) {
		h := serve(&nameServer{mode: proxy.DNSWell})
		for range 2 {
			effect, err := h.inject(ctx, DNSFailure, fault(mode))
			Expect(err).NotTo(HaveOccurred())
			Expect(effect.Proof).To(Equal(proof))
			_, err = h.inject(ctx, DNSFailure, fault(mode))
			Expect(err).To(MatchError("fault f1 is active: it cannot become injecting"))
			effect, err = h.recover(ctx, DNSFailure, fault(mode))
			Expect(err).NotTo(HaveOccurred())
			Expect(effect.Proof).To(Equal("the agent's query for proxy.test got 1 address(es)"))
			_, err = h.recover(ctx, DNSFailure, fault(mode))
			Expect(err).To(MatchError("fault f1 is absent: it cannot become recovering"))
		}
	},
		Entry(nil, dnsServfail, "the agent's query got SERVFAIL", SpecTimeout(2*patience)),
		Entry(nil, dnsSilent, "the agent's query got no answer within 250ms", SpecTimeout(2*patience)),
	)

	It("is proven on a slow machine", func(ctx context.Context) {
		h := serve(&nameServer{mode: proxy.DNSWell, slow: 2 * dnsQuiet})
		effect, err := h.inject(ctx, DNSFailure, fault(dnsServfail))
		Expect(err).NotTo(HaveOccurred())
		Expect(effect.Proof).To(Equal("the agent's query got SERVFAIL"))
		_, err = h.recover(ctx, DNSFailure, fault(dnsServfail))
		Expect(err).NotTo(HaveOccurred())
		_, err = serve(&nameServer{mode: proxy.DNSWell, slow: 2 * dnsQuiet, deaf: true}).inject(ctx, DNSFailure, fault(dnsSilent))
		Expect(err).To(MatchError(ContainSubstring("still answers")), "a late answer is not silence")
	}, SpecTimeout(2*patience))

	It("is not proven if it answers, or fails in another way", func(ctx context.Context) {
		_, err := serve(&nameServer{mode: proxy.DNSWell, deaf: true}).inject(ctx, DNSFailure, fault(dnsSilent))
		Expect(err).To(MatchError(MatchRegexp(`^127\.0\.0\.1:\d+ still answers, with 1 address\(es\)$`)))
		n := &nameServer{mode: proxy.DNSWell}
		h := serve(n)
		_, face, err := h.responder("dns")
		Expect(err).NotTo(HaveOccurred())
		n.mu.Lock()
		n.mode = proxy.DNSServfail
		n.mu.Unlock()
		_, err = face.failing(ctx, dnsDead, dnsAnswer)
		Expect(err).To(MatchError(ContainSubstring("fails in another way than dead: ")))
		over, cancel := context.WithCancel(ctx)
		cancel()
		_, err = face.failing(over, dnsSilent, dnsQuiet)
		Expect(err).To(MatchError(context.Canceled), "the end of ctx is not silence")
	}, SpecTimeout(2*patience))

	It("needs an answer before the fault, a known mode and a DNS responder", func(ctx context.Context) {
		_, err := serve(&nameServer{mode: proxy.DNSServfail}).inject(ctx, DNSFailure, fault(dnsSilent))
		Expect(err).To(MatchError(ContainSubstring("service dns does not answer before the fault: ")))
		_, err = serve(&nameServer{}).inject(ctx, DNSFailure, fault("drunk"))
		Expect(err).To(MatchError(HavePrefix(`unknown mode "drunk"`)))
		f := fault(dnsSilent)
		f.Service = "squid"
		_, err = serve(&nameServer{}).inject(ctx, DNSFailure, f)
		Expect(err).To(MatchError("service squid is not a DNS responder"))
	}, SpecTimeout(2*patience))
})
