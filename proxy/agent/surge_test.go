package agent

import (
	"context"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/seed-ab8b6914/spof/proxy"
	"github.com/seed-ab8b6914/spof/proxy/load"
)

var _ = Describe("a surge", func() {
	fault := Fault{ID: "f1", FaultParams: proxy.FaultParams{Factor: 3}}

	// sendingAt is a node whose users send at a rate until the spec ends.
	sendingAt := func(rate float64) *host {
		h := newHost(context.Background(), Options{}, func(proxy.Event) {})
		sent := h.sends(load.Spec{Rate: 100})
		ctx, cancel := context.WithCancel(context.Background())
		ended := make(chan struct{})
		DeferCleanup(func() { cancel(); <-ended })
		began := proxy.Monotonic()
		go func() {
			defer close(ended)
			for ctx.Err() == nil {
				sent.Store(int64(rate * time.Duration(proxy.Monotonic()-began).Seconds()))
				time.Sleep(time.Millisecond)
			}
		}()
		return h
	}

	It("is proven by a count of requests, and so is its recovery", func(ctx context.Context) {
		h := sendingAt(300)
		asked := proxy.Monotonic()
		effect, err := h.inject(ctx, Surge, fault)
		Expect(err).NotTo(HaveOccurred())
		Expect(effect.Proof).To(MatchRegexp(`^\d+ requests left within \S+s$`))
		liesWithin(effect, asked)
		_, err = h.recover(ctx, Surge, fault)
		Expect(err).To(MatchError(ContainSubstring("requests left within")), "it still surges")
	}, SpecTimeout(2*patience))

	It("has no effect if the users send as usual, or not at all", func(ctx context.Context) {
		_, err := sendingAt(100).inject(ctx, Surge, fault)
		Expect(err).To(MatchError(MatchRegexp(`^\d+ requests left within 1(\.\d+)?s: \d+ were due$`)))
		_, err = newHost(context.Background(), Options{}, func(proxy.Event) {}).inject(ctx, Surge, fault)
		Expect(err).To(MatchError("no load runs on this node"))
	}, SpecTimeout(2*patience))
})
