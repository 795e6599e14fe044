package agent

import (
	"context"
	"io"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/seed-ab8b6914/spof/proxy"
	"github.com/seed-ab8b6914/spof/reason"
)

var _ = Describe("an executor", func() {
	does := func(proof string) action {
		return func(*host, context.Context, Fault) (proxy.Proven, error) {
			return proxy.Proven{Interval: proxy.Since(proxy.Monotonic()), Proof: proof}, nil
		}
	}
	refusal := func(_ any, err error) []string { return reason.Codes(err) }

	It("is chosen by the kind of the fault; an agent without one refuses", func(ctx context.Context) {
		link := linked(ctx, Options{Executors: map[proxy.FaultKind]Executor{"whole": {inject: does("done"), recover: does("undone")}, "half": {inject: does("done")}}})
		effect, err := link.Inject(ctx, Fault{ID: "f1", Kind: "whole"})
		Expect([]any{effect.Proof, err}).To(Equal([]any{"done", nil}))
		effect, err = link.Recover(ctx, Fault{ID: "f1", Kind: "whole"})
		Expect([]any{effect.Proof, err}).To(Equal([]any{"undone", nil}))
		for _, kind := range []proxy.FaultKind{"none", "half"} {
			Expect(refusal(link.Inject(ctx, Fault{ID: "f2", Kind: kind}))).To(Equal([]string{"no-executor"}))
			Expect(refusal(link.Recover(ctx, Fault{ID: "f2", Kind: kind}))).To(Equal([]string{"no-executor"}))
		}
	}, SpecTimeout(2*patience))

	It("proves each effect; without a proof the fault is broken", func(ctx context.Context) {
		h := newHost(context.Background(), Options{Log: io.Discard}, func(proxy.Event) {})
		e := Executor{inject: does(""), recover: does("undone")}
		_, err := h.inject(ctx, e, Fault{ID: "f1"})
		Expect(err).To(MatchError("no proof of the effect"))
		_, err = h.recover(ctx, e, Fault{ID: "f1"})
		Expect(err).To(MatchError("fault f1 is broken: it cannot become recovering"))
	}, SpecTimeout(2*patience))

	DescribeTable("bounds its steps", func(e Executor, injects bool, want time.Duration) {
		s := newService(proxy.Process{StopsIn: time.Hour}, Options{Log: io.Discard}, nil, func(proxy.Event) {})
		Expect(e.bound(s, injects)).To(Equal(want))
		Expect(e.bound(nil, injects)).To(BeNumerically("<=", want), "without a service")
	},
		Entry("by effectWithin", Crash, true, effectWithin),
		Entry("by recoverWithin for the recovery", Crash, false, recoverWithin),
		Entry("by more if the proof takes longer", WANDegrade, true, degradeWithin),
		Entry("which does not lengthen the recovery", WANDegrade, false, recoverWithin),
		Entry("plus the service's StopsIn", RollingRestart, true, recoverWithin+time.Hour),
		Entry("plus StopsIn for a cold cache", ColdCache, true, recoverWithin+time.Hour),
	)
})
