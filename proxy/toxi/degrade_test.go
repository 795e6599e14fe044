package toxi_test

import (
	"context"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/seed-ab8b6914/spof/proxy"
	"github.com/seed-ab8b6914/spof/proxy/toxi"
)

var _ = Describe("a degraded WAN link", func() {
	It("is slow on open connections too, and normal on the same ones afterwards", func(ctx context.Context) {
		cfg := link(0)
		c := toxi.NewControl(cfg.API)
		k := open(cfg.Proxies[0].Listen)
		Expect(k.ask(patience)).To(Succeed())
		start := proxy.Monotonic()
		done, err := c.Degrade(ctx, proxy.FaultParams{Latency: 100 * time.Millisecond, Jitter: 20 * time.Millisecond})
		Expect(err).NotTo(HaveOccurred())
		within(start, done)
		Expect(done.Proof).To(ContainSubstring("an answer took "))
		for range 5 {
			at := time.Now()
			Expect(k.ask(patience)).To(Succeed())
			Expect(time.Since(at)).To(BeNumerically(">=", 80*time.Millisecond))
		}
		_, err = c.Degrade(ctx, proxy.FaultParams{Latency: time.Second})
		Expect(err).To(MatchError(toxi.ErrDegraded))

		_, err = c.Mend(ctx)
		Expect(err).NotTo(HaveOccurred())
		Eventually(func() time.Duration {
			at := time.Now()
			Expect(k.ask(patience)).To(Succeed())
			return time.Since(at)
		}).Should(BeNumerically("<", 80*time.Millisecond))
		_, err = c.Mend(ctx)
		Expect(err).To(MatchError(toxi.ErrNotDegraded))
	}, SpecTimeout(2*patience))

	DescribeTable("proves each part of the fault, and of its undoing",
		func(ctx context.Context, f proxy.FaultParams, want string) {
			c := toxi.NewControl(link(0).API)
			done, err := c.Degrade(ctx, f)
			Expect(err).NotTo(HaveOccurred())
			Expect(done.Proof).To(ContainSubstring(want))
			_, err = c.Mend(ctx)
			Expect(err).NotTo(HaveOccurred())
			_, err = c.Cut(ctx)
			Expect(err).NotTo(HaveOccurred(), "the link can be lost as ever")
		},
		Entry("a narrow line", proxy.FaultParams{Bandwidth: 1_000_000}, "16 KiB took 1", SpecTimeout(2*patience)),
		Entry("ends that are told late", proxy.FaultParams{SlowClose: 150 * time.Millisecond}, "an end arrived after 1", SpecTimeout(2*patience)),
		Entry("resets", proxy.FaultParams{Reset: 0.3, ResetAfter: 10 * time.Millisecond}, "connections reset", SpecTimeout(2*patience)),
		Entry("all at once", proxy.FaultParams{Latency: 20 * time.Millisecond, Bandwidth: 5_000_000, SlowClose: 50 * time.Millisecond, Reset: 0.3},
			"connections reset", SpecTimeout(2*patience)),
	)

	It("keeps connections open after its resets end, and has no toxic after it is renewed", func(ctx context.Context) {
		cfg := link(0)
		c := toxi.NewControl(cfg.API)
		resets := proxy.FaultParams{Reset: 0.3, ResetAfter: time.Millisecond}
		for range 2 {
			_, err := c.Degrade(ctx, resets)
			Expect(err).NotTo(HaveOccurred())
			var spared kept
			Eventually(func() error {
				spared = open(cfg.Proxies[0].Listen)
				return spared.ask(patience)
			}).Should(Succeed())
			_, err = c.Mend(ctx)
			Expect(err).NotTo(HaveOccurred())
			Expect(spared.ask(patience)).To(Succeed())
			for range 40 { // all spared under resets with a chance of 1 in a million
				Expect(open(cfg.Proxies[0].Listen).ask(patience)).To(Succeed())
			}
			Expect(c.Renew(ctx)).To(Succeed())
			Expect(spared.ask(patience)).NotTo(Succeed())
		}
		lasting := open(cfg.Proxies[0].Listen)
		Expect(lasting.ask(patience)).To(Succeed())
		Expect(c.Renew(ctx)).To(Succeed())
		Expect(lasting.ask(patience)).To(Succeed(), "there was nothing to renew")
	}, SpecTimeout(2*patience))

	It("can fail and return while it is degraded, and stays degraded", func(ctx context.Context) {
		cfg := link(0)
		c := toxi.NewControl(cfg.API)
		_, err := c.Degrade(ctx, proxy.FaultParams{Latency: 60 * time.Millisecond})
		Expect(err).NotTo(HaveOccurred())
		_, err = c.Silence(ctx)
		Expect(err).NotTo(HaveOccurred())
		_, err = c.Restore(ctx)
		Expect(err).NotTo(HaveOccurred())
		at := time.Now()
		Expect(open(cfg.Proxies[0].Listen).ask(patience)).To(Succeed())
		Expect(time.Since(at)).To(BeNumerically(">=", 60*time.Millisecond))
		_, err = c.Mend(ctx)
		Expect(err).NotTo(HaveOccurred())
	}, SpecTimeout(2*patience))
})
