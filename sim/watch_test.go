package sim

import (
	"context"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/seed-ab8b6914/spof/proxy"
	"github.com/seed-ab8b6914/spof/reason"
	"github.com/seed-ab8b6914/spof/scenarios/fault"
	"github.com/seed-ab8b6914/spof/scenarios/target"
	"github.com/seed-ab8b6914/spof/topology"
)

var _ = Describe("the steady state", func() {
	var w *watch
	BeforeEach(func() { w = newWatch(topology.Topology{}, HostClock{}) })
	never := func(ctx context.Context, why string) {
		GinkgoHelper()
		err := w.awaitSteady(ctx)
		Expect(reason.Codes(err)).To(Equal([]string{"not-steady"}))
		Expect(err).To(MatchError(HaveSuffix(why)))
	}

	It("never comes after a service ended by itself, until the service is started again", func(ctx context.Context) {
		Expect(w.awaitSteady(ctx)).To(Succeed())
		w.Event(proxy.Event{Kind: proxy.EventServiceExit, Node: "proxy-a", Service: "squid", Text: "exit status 1"})
		never(ctx, "squid on proxy-a ended by itself (exit status 1)")
		w.Event(proxy.Event{Kind: proxy.EventServiceReady, Node: "proxy-a", Service: "squid"})
		Expect(w.awaitSteady(ctx)).To(Succeed())
	}, SpecTimeout(time.Minute))

	It("never comes after a chassis failed", func(ctx context.Context) {
		w.Event(proxy.Event{Kind: proxy.EventFailed, Node: "proxy-a", Text: "too hot, but the node goes on: link eth0 down: no"})
		never(ctx, "chassis of proxy-a failed (too hot, but the node goes on: link eth0 down: no)")
	}, SpecTimeout(time.Minute))

	It("ends while a record is withdrawn", func() {
		w.Event(proxy.Event{Kind: proxy.EventRecord, Node: "ns", Subject: "proxy-a", State: proxy.RecordWithdrawn})
		Expect(w.unsteady()).To(Equal("ns has proxy-a down"))
		w.Event(proxy.Event{Kind: proxy.EventRecord, Node: "ns", Subject: "proxy-a", State: proxy.RecordBack})
		Expect(w.unsteady()).To(BeEmpty())
	})

	It("returns without an event when a balancer uses a skipped server again", func(ctx context.Context) {
		w.Event(proxy.Event{Kind: proxy.EventServerDown, Node: "lb-a", Subject: "proxy-a", For: 300 * time.Millisecond})
		before := proxy.Monotonic()
		Expect(w.unsteady()).To(HavePrefix("lb-a skips proxy-a for another "))
		Expect(w.awaitSteady(ctx)).To(Succeed())
		Expect(time.Duration(proxy.Monotonic() - before)).To(BeNumerically(">", 250*time.Millisecond))
	}, SpecTimeout(time.Minute))
})

var _ = Describe("a symbolic target", func() {
	It("is resolved when the fault is due, without the nodes that have another fault", func() {
		w := newWatch(topology.Topology{}, HostClock{})
		for node, state := range map[string]proxy.State{"a": "BACKUP", "b": "MASTER", "c": "BACKUP"} {
			w.Event(proxy.Event{Kind: proxy.EventVRRP, Node: node, Subject: "vip", State: state})
		}
		planned := fault.Planned{ID: "f2", Address: "vip", Candidates: []fault.Candidate{{Node: "a"}, {Node: "b"}, {Node: "c"}}}
		struck := func(pick target.Pick, nodes map[string]bool) ([]fault.Candidate, error) {
			planned.Pick = pick
			return w.strike(planned, nodes)
		}
		Expect(struck(target.PickHolder, nil)).To(Equal([]fault.Candidate{{Node: "b"}}))
		Expect(struck(target.PickNotHolder, nil)).To(Equal([]fault.Candidate{{Node: "a"}}))
		Expect(struck(target.PickNotHolder, map[string]bool{"a": true})).To(Equal([]fault.Candidate{{Node: "c"}}))
		_, err := struck(target.PickHolder, map[string]bool{"b": true})
		Expect(reason.Codes(err)).To(Equal([]string{"no-target"}))
		Expect(err).To(MatchError(ContainSubstring("holders now: b")))
	})
})

var _ = DescribeTable("what a WAN relay adds is no negative time", func(cost time.Duration, want string) {
	Expect(added(cost)).To(Equal(want))
},
	Entry("a measurement", 350*time.Microsecond, "0.35 ms"),
	Entry("the error of a measurement", -700*time.Microsecond, "nothing measurable"),
	Entry("no difference", time.Duration(0), "nothing measurable"),
)
