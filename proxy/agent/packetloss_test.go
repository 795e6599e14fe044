package agent

import (
	"context"
	"fmt"
	"net"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/seed-ab8b6914/spof/proxy"
)

var _ = Describe("packets that are lost", func() {
	// onSite gives a node and a function that sends datagrams from there to it and gives the number that came.
	onSite := func() (h *host, sent func(n int) int) {
		GinkgoHelper()
		s := newSite()
		Eventually(func() bool { return (&links{all: interfaces("eth0")}).working() }).Should(BeTrue())
		links, err := readLinks()
		Expect(err).NotTo(HaveOccurred())
		h = newHost(context.Background(), Options{}, func(proxy.Event) {})
		h.links = links
		DeferCleanup(h.end)
		in, err := net.ListenUDP("udp4", &net.UDPAddr{IP: net.ParseIP("10.9.0.1"), Port: 7000})
		Expect(err).NotTo(HaveOccurred())
		Expect(in.SetReadBuffer(1 << 20)).To(Succeed())
		DeferCleanup(in.Close)
		var out net.Conn
		s.there(func() { out, err = net.Dial("udp4", "10.9.0.1:7000") })
		Expect(err).NotTo(HaveOccurred())
		DeferCleanup(out.Close)
		return h, func(n int) (came int) {
			GinkgoHelper()
			buffer := make([]byte, 16)
			for range n { // one at a time: no queue overflows
				_, err := out.Write([]byte{1})
				Expect(err).NotTo(HaveOccurred())
				Expect(in.SetReadDeadline(time.Now().Add(2 * time.Millisecond))).To(Succeed())
				if _, err := in.Read(buffer); err == nil {
					came++
				}
			}
			Expect(in.SetReadDeadline(time.Now().Add(100 * time.Millisecond))).To(Succeed())
			for { // late ones, on a busy machine
				if _, err := in.Read(buffer); err != nil {
					return came
				}
				came++
			}
		}
	}
	fault := func(loss float64, direction string) Fault {
		return Fault{ID: "f1", FaultParams: proxy.FaultParams{Loss: loss, Direction: direction}}
	}

	It("are the share of the fault, in its direction, and none after it", func(ctx context.Context) {
		h, sent := onSite()
		Expect(sent(20)).To(Equal(20))
		Expect(lossFilter(h.links.all, 0.3, Inbound).Flush()).To(Succeed())
		const n = 1000
		came := sent(n)
		// a binomial share of 0.3 of 1000 has a deviation of 14.5: 6 of them are 87
		Expect(n - came).To(BeNumerically("~", 300, 87))
		counted, err := countLost()
		Expect(err).NotTo(HaveOccurred())
		Expect(counted.lost).To(BeEquivalentTo(n - came))
		Expect(counted.seen).To(BeNumerically(">=", n))
		_, err = h.deliver(ctx, fault(0.3, Inbound))
		Expect(err).NotTo(HaveOccurred())
		Expect(sent(200)).To(Equal(200))
	}, SpecTimeout(2*patience))

	It("are proven by the kernel's counters", func(ctx context.Context) {
		h, sent := onSite()
		Expect(lossFilter(h.links.all, 1, Outbound).Flush()).To(Succeed())
		Expect(sent(20)).To(Equal(20), "only what the node sends is lost")
		_, err := h.deliver(ctx, fault(1, Outbound))
		Expect(err).NotTo(HaveOccurred())

		reply, err := net.Dial("udp4", "10.9.0.2:9")
		Expect(err).NotTo(HaveOccurred())
		defer reply.Close()
		stop := make(chan struct{})
		go func() { // the node sends, as its services do
			tick := time.NewTicker(time.Millisecond)
			defer tick.Stop()
			for {
				select {
				case <-tick.C:
					_, _ = reply.Write([]byte{1})
				case <-stop:
					return
				}
			}
		}()
		asked := proxy.Monotonic()
		effect, err := h.inject(ctx, PacketLoss, fault(1, BothWays))
		close(stop)
		Expect(err).NotTo(HaveOccurred())
		Expect(effect.Proof).To(MatchRegexp(`^2 rule\(s\) drop 100 % of the packets; [1-9]\d* of the first \d+ were lost$`))
		liesWithin(effect, asked)
		Expect(sent(20)).To(BeZero())
		counted, err := countLost()
		Expect(err).NotTo(HaveOccurred())
		effect, err = h.recover(ctx, PacketLoss, fault(1, BothWays))
		Expect(err).NotTo(HaveOccurred())
		Expect(effect.Proof).To(Equal(fmt.Sprintf("%d of %d packets were lost; the packet filter is removed", counted.lost, counted.seen)))
		Expect(sent(20)).To(Equal(20))
	}, SpecTimeout(2*patience))

	It("may be none on a quiet node, but not of many", func(ctx context.Context) {
		h, sent := onSite()
		effect, err := h.inject(ctx, PacketLoss, fault(0.01, Inbound))
		Expect(err).NotTo(HaveOccurred())
		Expect(effect.Proof).To(HavePrefix("1 rule(s) drop 1 % of the packets; 0 of the first "))
		_, err = h.recover(ctx, PacketLoss, fault(0.01, Inbound))
		Expect(err).NotTo(HaveOccurred())

		Expect(lossFilter(h.links.all, 0, Inbound).Flush()).To(Succeed())
		Expect(sent(100)).To(Equal(100))
		_, err = h.deliver(ctx, fault(0.5, Inbound))
		Expect(err).To(MatchError(MatchRegexp(`none of 1\d\d packets was lost`)))
	}, SpecTimeout(2*patience))

	It("need links of the node's own", func(ctx context.Context) {
		h := newHost(context.Background(), Options{}, func(proxy.Event) {})
		h.spec.Shared = true
		_, err := h.inject(ctx, PacketLoss, fault(0.5, BothWays))
		Expect(err).To(MatchError(ContainSubstring("share one network stack")))
	})
})
