package agent

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"sync/atomic"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/seed-ab8b6914/spof/proxy"
)

var _ = Describe("a slow origin", func() {
	fault := Fault{ID: "f1", FaultParams: proxy.FaultParams{Latency: 300 * time.Millisecond}}

	// origin is a node with an origin that applies a new delay if obeys gives true.
	origin := func(obeys func() bool) *host {
		var delay atomic.Int64
		site := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { time.Sleep(time.Duration(delay.Load())) }))
		DeferCleanup(site.Close)
		h := newHost(context.Background(), Options{Log: io.Discard}, func(proxy.Event) {})
		h.install([]proxy.Process{{
			Service: "origin",
			Ready:   site.Listener.Addr().String(),
			Pace: controlled(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				text, _ := io.ReadAll(r.Body)
				if d, err := time.ParseDuration(string(text)); err == nil && obeys() {
					delay.Store(int64(d))
				}
				_, _ = w.Write(text)
			})),
		}})
		return h
	}

	It("is proven by the agent's requests, and so is its recovery", func(ctx context.Context) {
		h := origin(func() bool { return true })
		effect, err := h.inject(ctx, SlowOrigin, fault)
		Expect(err).NotTo(HaveOccurred())
		Expect(effect.Proof).To(MatchRegexp(`^the agent's request took .+s before and .+s after$`))
		effect, err = h.recover(ctx, SlowOrigin, fault)
		Expect(err).NotTo(HaveOccurred())
		Expect(effect.Proof).To(HavePrefix("the agent's request took "))
	}, SpecTimeout(2*patience))

	It("is not proven if the origin answers at once", func(ctx context.Context) {
		_, err := origin(func() bool { return false }).inject(ctx, SlowOrigin, fault)
		Expect(err).To(MatchError(MatchRegexp(`^the origin answered within .+s: want at least 300ms$`)))
	}, SpecTimeout(2*patience))

	It("fails to recover if the origin stays slow", func(ctx context.Context) {
		var deaf atomic.Bool
		h := origin(func() bool { return !deaf.Load() })
		_, err := h.inject(ctx, SlowOrigin, fault)
		Expect(err).NotTo(HaveOccurred())
		deaf.Store(true)
		over, cancel := context.WithTimeout(ctx, time.Second)
		defer cancel()
		_, err = h.recover(over, SlowOrigin, fault)
		Expect(err).To(MatchError(HavePrefix("the origin still takes ")))
	}, SpecTimeout(2*patience))

	It("recovers if only the first answers are slow", func(ctx context.Context) {
		var slow atomic.Int64
		h := origin(func() bool { return true })
		_, err := h.inject(ctx, SlowOrigin, fault)
		Expect(err).NotTo(HaveOccurred())
		busy := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {
			if slow.Add(1) <= 2 {
				time.Sleep(fault.Latency)
			}
		}))
		DeferCleanup(busy.Close)
		h.services[0].p.Ready = busy.Listener.Addr().String()
		asked := proxy.Monotonic()
		effect, err := h.recover(ctx, SlowOrigin, fault)
		Expect(err).NotTo(HaveOccurred())
		Expect(slow.Load()).To(BeEquivalentTo(3))
		Expect(effect.At+effect.Uncertainty.Nanoseconds()).To(BeNumerically("<", asked+fault.Latency.Nanoseconds()), "the effect is the change, not the proof")
	}, SpecTimeout(2*patience))

	It("needs an origin and a latency", func(ctx context.Context) {
		h := newHost(context.Background(), Options{Log: io.Discard}, func(proxy.Event) {})
		_, err := h.inject(ctx, SlowOrigin, fault)
		Expect(err).To(MatchError("this node is not an origin"))
		_, err = h.inject(ctx, SlowOrigin, Fault{ID: "f2"})
		Expect(err).To(MatchError("a slow origin needs a latency above 0"))
	})
})
