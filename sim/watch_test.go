package sim

import (
	"context"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/seed-ab8b6914/spof/proxy"
	"github.com/seed-ab8b6914/spof/scenarios/fault"
	"github.com/seed-ab8b6914/spof/scenarios/target"
	"github.com/seed-ab8b6914/spof/topology"
)

var _ = Describe("the steady state", func() {
	It("is not waited for once a service has ended by itself", func(ctx context.Context) {
		w := newWatch(topology.Topology{})
		Expect(w.awaitSteady(ctx)).To(Succeed())
		w.Event(proxy.Event{Kind: proxy.EventServiceExit, Node: "proxy-a", Service: "squid", Text: "exit status 1"})
		Expect(w.awaitSteady(ctx)).To(MatchError("no steady state: squid on proxy-a ended by itself (exit status 1)"))
		w.Event(proxy.Event{Kind: proxy.EventServiceReady, Node: "proxy-a", Service: "squid"})
		Expect(w.awaitSteady(ctx)).To(Succeed(), "it has been started anew")
	}, SpecTimeout(time.Minute))

	It("is not waited for once a chassis has failed", func(ctx context.Context) {
		w := newWatch(topology.Topology{})
		w.Event(proxy.Event{Kind: proxy.EventFailed, Node: "proxy-a", Text: "too hot, but the node goes on: link eth0 down: no"})
		Expect(w.awaitSteady(ctx)).To(MatchError("no steady state: chassis of proxy-a failed (too hot, but the node goes on: link eth0 down: no)"))
	}, SpecTimeout(time.Minute))

	It("tells whom a fault strikes, passing over what another fault has struck", func() {
		w := newWatch(topology.Topology{})
		for node, state := range map[string]proxy.State{"a": "BACKUP", "b": "MASTER", "c": "BACKUP"} {
			w.Event(proxy.Event{Kind: proxy.EventVRRP, Node: node, Subject: "vip", State: state})
		}
		planned := fault.Planned{ID: "f2", Address: "vip", Candidates: []fault.Candidate{{Node: "a"}, {Node: "b"}, {Node: "c"}}}
		struck := func(pick target.Pick, nodes map[string]bool) ([]fault.Candidate, error) {
			planned.Pick = pick
			return w.strike(planned, nodes)
		}
		Expect(struck("holder", nil)).To(Equal([]fault.Candidate{{Node: "b"}}))
		Expect(struck("not-holder", nil)).To(Equal([]fault.Candidate{{Node: "a"}}))
		Expect(struck("not-holder", map[string]bool{"a": true})).To(Equal([]fault.Candidate{{Node: "c"}}))
		_, err := struck("holder", map[string]bool{"b": true})
		Expect(err).To(MatchError("fault f2: no holder of address vip among its candidates (it is on [b])"))
	})

	It("is not there while a record is withdrawn", func() {
		w := newWatch(topology.Topology{})
		w.Event(proxy.Event{Kind: proxy.EventRecord, Node: "ns", Subject: "proxy-a", State: proxy.RecordWithdrawn})
		Expect(w.unsteady()).To(Equal("ns has proxy-a down"))
		w.Event(proxy.Event{Kind: proxy.EventRecord, Node: "ns", Subject: "proxy-a", State: proxy.RecordBack})
		Expect(w.unsteady()).To(BeEmpty())
	})

	It("returns by itself where a server was set aside for a time", func(ctx context.Context) {
		w := newWatch(topology.Topology{})
		w.Event(proxy.Event{Kind: proxy.EventServerDown, Node: "lb-a", Subject: "proxy-a", For: 300 * time.Millisecond})
		before := proxy.Monotonic()
		Expect(w.unsteady()).To(HavePrefix("lb-a has proxy-a set aside for another "))
		Expect(w.awaitSteady(ctx)).To(Succeed())
		Expect(time.Duration(proxy.Monotonic() - before)).To(BeNumerically(">", 250*time.Millisecond))
	}, SpecTimeout(time.Minute))
})
