package builtin

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/miekg/dns"
	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/seed-ab8b6914/spof/fuzzcost"
	"github.com/seed-ab8b6914/spof/proxy"
	"github.com/seed-ab8b6914/spof/topology"
)

// resolver is the resolver of Go's standard library, over the given network.
func resolver(network, server string) *net.Resolver {
	return &net.Resolver{PreferGo: true, Dial: func(ctx context.Context, _, _ string) (net.Conn, error) {
		return (&net.Dialer{}).DialContext(ctx, network, server)
	}}
}

var _ = Describe("the DNS responder", func() {
	var cfg proxy.DNSConfig
	var program *running
	serve := func(records ...proxy.DNSRecord) {
		l := socket()
		cfg = proxy.DNSConfig{
			Node: "ns", Listen: l.Addr().String(), Control: controlName(), Host: "proxy.test", TTL: 7, Records: records,
			Check: topology.Check{Kind: topology.CheckTCP, Interval: 20 * time.Millisecond, Timeout: 100 * time.Millisecond, Fall: 2, Rise: 2},
		}
		program = start(DNSMain, cfg, l)
		Eventually(func() error { return proxy.SetDNS(context.Background(), cfg.Control, proxy.DNSWell) }).Should(Succeed())
	}
	live := func(addr string) proxy.DNSRecord {
		l := socket()
		DeferCleanup(l.Close)
		return proxy.DNSRecord{Name: "node-" + addr, Addr: addr, Probe: l.Addr().String()}
	}
	lookup := func(network string) ([]string, error) {
		ctx, cancel := context.WithTimeout(context.Background(), patience)
		defer cancel()
		return resolver(network, cfg.Listen).LookupHost(ctx, "proxy.test.")
	}
	addresses := func() string {
		list, err := lookup("udp")
		if err != nil {
			return err.Error()
		}
		return strings.Join(list, " ")
	}

	It("answers a stock resolver over UDP and TCP, with the records in rotation", func() {
		serve(live("10.0.0.1"), live("10.0.0.2"), live("10.0.0.3"))
		for _, network := range []string{"udp", "tcp"} {
			list, err := lookup(network)
			Expect(err).NotTo(HaveOccurred())
			Expect(list).To(ConsistOf("10.0.0.1", "10.0.0.2", "10.0.0.3"))
		}
		first := map[string]int{}
		question := new(dns.Msg).SetQuestion("PROXY.test.", dns.TypeA)
		for range 30 {
			reply, err := dns.Exchange(question, cfg.Listen)
			Expect(err).NotTo(HaveOccurred())
			Expect(reply.Authoritative).To(BeTrue())
			Expect(reply.Answer).To(HaveLen(3))
			a := reply.Answer[0].(*dns.A)
			Expect(a.Hdr.Ttl).To(BeEquivalentTo(7))
			first[a.A.String()]++
		}
		Expect(first).To(Equal(map[string]int{"10.0.0.1": 10, "10.0.0.2": 10, "10.0.0.3": 10}))
	})

	It("withdraws a record whose node is down, and brings it back", func() {
		l := socket()
		addr := l.Addr().String()
		serve(live("10.0.0.1"), proxy.DNSRecord{Name: "node-b", Addr: "10.0.0.2", Probe: addr})
		Eventually(addresses).Should(Or(Equal("10.0.0.1 10.0.0.2"), Equal("10.0.0.2 10.0.0.1")))
		check, err := l.Accept() // the first check alone decides; a later one must fail twice
		Expect(err).NotTo(HaveOccurred())
		Expect(check.Close()).To(Succeed())
		Expect(l.Close()).To(Succeed())
		Eventually(addresses).Should(Equal("10.0.0.1"))
		Eventually(program.states).Should(HaveExactElements(ContainSubstring("recordback"), ContainSubstring("recordback"), "node-b recordwithdrawn"))
		Expect(program.all()[2].Text).To(MatchRegexp("connection (refused|reset)"), "reset, if the connection was waiting for accept")
		Expect(program.everything()).To(ContainElement(And(HaveField("Kind", proxy.EventCheckFailed), HaveField("Subject", "node-b"))))
		again, err := net.Listen("tcp", addr)
		Expect(err).NotTo(HaveOccurred())
		defer again.Close()
		Eventually(addresses).Should(ContainSubstring("10.0.0.2"))
		Eventually(program.states).Should(HaveLen(4))
		Expect(program.states()[3]).To(Equal("node-b recordback"))
	})

	It("withdraws a record whose chassis drains or leaves, unless no other record is up", func() {
		var signal atomic.Value
		signal.Store(proxy.SignalReady)
		other := socket()
		warns := live("10.0.0.1")
		warns.Agent = chassisOf(&signal)
		serve(warns, proxy.DNSRecord{Name: "b", Addr: "10.0.0.2", Probe: other.Addr().String()})
		Eventually(addresses).Should(Or(Equal("10.0.0.1 10.0.0.2"), Equal("10.0.0.2 10.0.0.1")))
		for _, s := range []proxy.Signal{proxy.SignalDrain, proxy.SignalLeave, proxy.SignalReady, proxy.SignalLeave} {
			signal.Store(s)
			Eventually(addresses).Should(Equal(map[bool]string{true: "10.0.0.2", false: "10.0.0.1 10.0.0.2"}[s != proxy.SignalReady]), string(s))
		}
		Eventually(program.states).Should(HaveExactElements(ContainSubstring("recordback"), ContainSubstring("recordback"),
			"node-10.0.0.1 recordwithdrawn", "node-10.0.0.1 recordback", "node-10.0.0.1 recordwithdrawn"), "drain and leave have the same effect")
		Expect(program.all()[2].Text).To(Equal("chassis: drain"))
		Expect(other.Close()).To(Succeed())
		Eventually(addresses).Should(Equal("10.0.0.1"), "a node that leaves still serves")
	})

	It("answers with all records if all are down", func() {
		serve(proxy.DNSRecord{Name: "a", Addr: "10.0.0.1", Probe: free()}, proxy.DNSRecord{Name: "b", Addr: "10.0.0.2", Probe: free()})
		Eventually(program.states).Should(ContainElements("a recordwithdrawn", "b recordwithdrawn"))
		list, err := lookup("udp")
		Expect(err).NotTo(HaveOccurred())
		Expect(list).To(ConsistOf("10.0.0.1", "10.0.0.2"))
	})

	DescribeTable("answers other queries with the right code", func(name string, class, kind uint16, opcode, rcode int) {
		serve(live("10.0.0.1"))
		question := new(dns.Msg).SetQuestion(name, kind)
		question.Question[0].Qclass, question.Opcode = class, opcode
		reply, err := dns.Exchange(question, cfg.Listen)
		Expect(err).NotTo(HaveOccurred())
		Expect(reply.Rcode).To(Equal(rcode), dns.RcodeToString[reply.Rcode])
		Expect(reply.Answer).To(BeEmpty())
	},
		Entry("another name", "x.test.", uint16(dns.ClassINET), dns.TypeA, dns.OpcodeQuery, dns.RcodeRefused),
		Entry("a name below", "a.proxy.test.", uint16(dns.ClassINET), dns.TypeA, dns.OpcodeQuery, dns.RcodeRefused),
		Entry("another class", "proxy.test.", uint16(dns.ClassCHAOS), dns.TypeA, dns.OpcodeQuery, dns.RcodeRefused),
		Entry("another type", "proxy.test.", uint16(dns.ClassINET), dns.TypeAAAA, dns.OpcodeQuery, dns.RcodeSuccess),
		Entry("another operation", "proxy.test.", uint16(dns.ClassINET), dns.TypeA, dns.OpcodeStatus, dns.RcodeNotImplemented),
	)

	It("follows its mode", func() {
		serve(live("10.0.0.1"))
		ask := func(within time.Duration) string {
			client := dns.Client{Timeout: within}
			reply, _, err := client.Exchange(new(dns.Msg).SetQuestion("proxy.test.", dns.TypeA), cfg.Listen)
			var timeout net.Error
			switch {
			case errors.As(err, &timeout) && timeout.Timeout():
				return "nothing"
			case err != nil:
				return err.Error()
			}
			return fmt.Sprint(dns.RcodeToString[reply.Rcode], len(reply.Answer))
		}
		for _, step := range []struct {
			mode   proxy.DNSMode
			within time.Duration
			want   string
		}{{proxy.DNSServfail, patience, "SERVFAIL0"}, {proxy.DNSSilent, 200 * time.Millisecond, "nothing"}, {proxy.DNSWell, patience, "NOERROR1"}} {
			Expect(proxy.SetDNS(context.Background(), cfg.Control, step.mode)).To(Succeed())
			Expect(ask(step.within)).To(Equal(step.want))
		}
		Expect(proxy.SetDNS(context.Background(), cfg.Control, "drunk")).To(MatchError(ContainSubstring("well, servfail or silent")))
		own := &http.Transport{DisableKeepAlives: true, DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
			return proxy.DialUnix(ctx, cfg.Control)
		}}
		answer, err := (&http.Client{Transport: own}).Get("http://control/")
		Expect(err).NotTo(HaveOccurred())
		text, err := io.ReadAll(answer.Body)
		Expect(err).NotTo(HaveOccurred())
		Expect(answer.Body.Close()).To(Succeed())
		Expect(string(text)).To(Equal("well"))
	})
})

// FuzzAnswer sends any packet as a query. The reply must be packable and have the query's id.
func FuzzAnswer(f *testing.F) {
	for _, m := range []*dns.Msg{new(dns.Msg).SetQuestion("proxy.test.", dns.TypeA), new(dns.Msg).SetQuestion("x.", dns.TypeANY), {}} {
		packed, err := m.Pack()
		if err != nil {
			f.Fatal(err)
		}
		f.Add(packed)
	}
	r, err := newResponder(proxy.DNSConfig{
		Host: "proxy.test", TTL: 7, Records: []proxy.DNSRecord{{Addr: "10.0.0.1"}, {Addr: "10.0.0.2"}},
		Check: topology.Check{Interval: time.Second, Timeout: time.Second, Fall: 1, Rise: 1},
	}, &bytes.Buffer{})
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		fuzzcost.Bound(t)
		question := new(dns.Msg)
		if question.Unpack(data) != nil {
			return
		}
		reply := r.answer(question)
		if _, err := reply.Pack(); err != nil {
			t.Fatalf("reply to %v: %v", question, err)
		}
		if !reply.Response || reply.Id != question.Id {
			t.Fatalf("reply %v to %v", reply, question)
		}
	})
}
