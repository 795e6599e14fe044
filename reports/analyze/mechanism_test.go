package analyze_test

import (
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/seed-ab8b6914/spof/proxy"
	"github.com/seed-ab8b6914/spof/reports/analyze"
	"github.com/seed-ab8b6914/spof/scenarios/predict"
	"github.com/seed-ab8b6914/spof/scenarios/target"
	"github.com/seed-ab8b6914/spof/sim/trace"
	"github.com/seed-ab8b6914/spof/topology"
)

var _ = Describe("Mechanisms", func() {
	down := trace.Event{Kind: proxy.EventServerDown, Node: "lb-a", Subject: "proxy-a"}

	It("include a DNS responder that withdraws the record of the faulted node", func() {
		t := synthetic(out(0, 3*s))
		event(t, trace.Event{Kind: proxy.EventRecord, Node: "ns", Subject: "proxy-b", State: proxy.RecordWithdrawn}, 500*msec)
		event(t, trace.Event{Kind: proxy.EventRecord, Node: "ns", Subject: "proxy-a", State: proxy.RecordBack}, 600*msec)
		Expect(analyze.TrialOf(t).Split).To(BeNil(), "another's record, and one that comes back")
		event(t, trace.Event{Kind: proxy.EventRecord, Node: "ns", Subject: "proxy-a", State: proxy.RecordWithdrawn}, 1200*msec)
		event(t, trace.Event{Kind: proxy.EventDNSFailed, Node: "office"}, 1300*msec)
		event(t, trace.Event{Kind: proxy.EventDNSFailed, Node: "office"}, 1400*msec)
		t.Header.Plan.Faults[0].Predicted = &predict.Prediction{Lo: s, Hi: 4 * s, Event: string(proxy.EventRecord)}
		trial := analyze.TrialOf(t)
		Expect(trial.Split.Detect).To(about(1200, 0.1))
		Expect(trial.Split.Client).To(about(1800, 3))
		Expect(trial.Predicted.EventMS).To(about(1200, 0.1))
		Expect(trial.Story).To(ContainSubstring("record proxy-a withdrawn by ns at 5.21 s"))
		var labels []string
		for _, m := range analyze.TimelineOf(t).Events {
			labels = append(labels, m.Label)
		}
		Expect(labels).To(HaveExactElements("ns: record proxy-b withdrawn", "ns: record proxy-a back", "ns: record proxy-a withdrawn",
			"first DNS query failed"))
	})
	It("are reported for each target, by its name", func() {
		t := synthetic(out(0, 3*s))
		t.Header.Plan.Faults[0].Pick = target.PickAll
		also := func(kind proxy.EventKind, at time.Duration) {
			t.Events = append(t.Events, trace.Event{At: epoch + at.Nanoseconds(), Node: "proxy-b", Kind: kind, Fault: "f1"})
		}
		also(proxy.EventFaultAsked, 4*s)
		also(proxy.EventFaultEffect, effectAt+3*msec)
		also(proxy.EventRecoverAsked, undoAt)
		also(proxy.EventRecoverEffect, undoAt+200*msec)
		event(t, down, 1200*msec)
		event(t, trace.Event{Kind: proxy.EventServerDown, Node: "lb-a", Subject: "proxy-b"}, 1700*msec)
		event(t, trace.Event{Kind: proxy.EventServerDown, Node: "lb-b", Subject: "proxy-b"}, 1800*msec) // nothing new
		Expect(analyze.TrialOf(t).Story).To(Equal(
			"proxy-a, proxy-b dark at 4.01 s; proxy-a down at lb-a at 5.21 s; proxy-b down at lb-a at 5.71 s; users back at 7.01 s"))
		Expect(analyze.TimelineOf(t).Bands).To(HaveExactElements(analyze.Band{FromMS: 4010, ToMS: 12200, Label: "power-loss proxy-a, proxy-b"}))
	})
	It("are reported for targets that fail one after another, each at its own instant", func() {
		t := synthetic(out(0, 3*s))
		t.Events = append(t.Events, trace.Event{At: epoch + (effectAt + s).Nanoseconds(), Node: "proxy-b", Kind: proxy.EventFaultEffect, Fault: "f1"})
		Expect(analyze.TrialOf(t).Story).To(HavePrefix("proxy-a dark at 4.01 s; proxy-b dark at 5.01 s; "))
	})
	It("widen the prediction of an event by that event's own uncertainty", func() {
		t := synthetic(out(0, 3*s))
		event(t, down, 2010*msec)
		t.Header.Plan.Faults[0].Predicted = &predict.Prediction{Lo: s, Hi: 2 * s, Event: string(proxy.EventServerDown), EventOnly: true}
		Expect(analyze.TrialOf(t).Predicted.Inside).To(BeFalse())
		t.Events[len(t.Events)-1].Uncertainty = 10 * msec
		Expect(analyze.TrialOf(t).Predicted.Inside).To(BeTrue())
	})
	It("are those of the balancer that users enter at, not of the standby", func() {
		t := synthetic(out(0, 3*s))
		t.Header.Plan.Topology.Users[0].Proxy = topology.Entry{Host: "vip", Port: 3128}
		t.Header.Plan.Topology.Addresses = []topology.Address{{Name: "vip", Preempt: true, Members: []topology.Member{{Node: "lb-a"}, {Node: "lb-b"}}}}
		event(t, trace.Event{Kind: proxy.EventServerDown, Node: "lb-b", Subject: "proxy-a"}, 2*s)
		event(t, down, 2500*msec)
		Expect(analyze.TrialOf(t).Split.Detect).To(about(2500, 0.1))
		event(t, trace.Event{Kind: proxy.EventVRRP, Node: "lb-b", Subject: "vip", State: "MASTER"}, -s)
		Expect(analyze.TrialOf(t).Split.Detect).To(about(2000, 0.1), "the address had moved")
		t.Header.Plan.Topology.Addresses[0].Preempt = false
		Expect(analyze.TrialOf(t).Split.Detect).To(about(2000, 0.1), "the first event, because the holder is unknown")
	})
	It("include the servers whose WAN link has a fault", func() {
		t := synthetic(out(0, 3*s))
		for i := range t.Header.Plan.Topology.Nodes {
			n := &t.Header.Plan.Topology.Nodes[i]
			n.WAN = map[string]string{"proxy-a": "fibre", "proxy-b": "radio"}[n.Name]
		}
		for i := range t.Events {
			t.Events[i].Node = "fibre"
		}
		event(t, trace.Event{Kind: proxy.EventServerDown, Node: "lb-a", Subject: "proxy-b"}, s)
		event(t, down, 2500*msec)
		Expect(analyze.TrialOf(t).Split.Detect).To(about(2500, 0.1))
	})
	It("include a Squid that marks its parent dead", func() {
		t := synthetic(out(0, 3*s))
		event(t, trace.Event{Kind: proxy.EventPeerDead, Node: "front", Subject: "proxy-b"}, s)
		event(t, trace.Event{Kind: proxy.EventPeerDead, Node: "front", Subject: "proxy-a"}, 2500*msec)
		t.Header.Plan.Faults[0].Predicted = &predict.Prediction{Lo: 2 * s, Hi: 2600 * msec, Event: string(proxy.EventPeerDead), EventOnly: true}
		got := analyze.TrialOf(t)
		Expect(got.Split.Detect).To(about(2500, 0.1))
		Expect(got.Predicted.EventMS).To(about(2500, 0.1))
		Expect(got.Predicted.Inside).To(BeTrue())
	})
	DescribeTable("are compared with the prediction", func(p predict.Prediction, outage time.Duration, inside bool) {
		t := synthetic(out(0, outage))
		if !p.Never {
			event(t, master, outage-20*msec)
		}
		event(t, down, 6*s)
		event(t, trace.Event{Kind: proxy.EventServerDown, Node: "lb-a", Subject: "other"}, s)
		t.Header.Plan.Faults[0].Predicted = &p
		got := analyze.TrialOf(t).Predicted
		Expect(got.Inside).To(Equal(inside))
		switch proxy.EventKind(p.Event) {
		case proxy.EventVRRP:
			Expect(got.EventMS).To(about(ms(outage)-20, 0.1))
		case proxy.EventServerDown:
			Expect(got.EventMS).To(about(6000, 0.1))
		}
	},
		Entry("inside", predict.Prediction{Lo: 2610 * msec, Hi: 3610 * msec, Event: string(proxy.EventVRRP)}, 3*s, true),
		Entry("above", predict.Prediction{Lo: 2610 * msec, Hi: 3610 * msec, Event: string(proxy.EventVRRP)}, 3620*msec, false),
		Entry("above by no more than resolution and uncertainty", predict.Prediction{Lo: 2610 * msec, Hi: 3610 * msec}, 3611*msec, true),
		Entry("below", predict.Prediction{Lo: 2610 * msec, Hi: 3610 * msec}, 2600*msec, false),
		Entry("the event, where it is the event that is bounded", predict.Prediction{Lo: 5 * s, Hi: 7 * s, Event: string(proxy.EventServerDown), EventOnly: true}, s, true),
		Entry("the event outside", predict.Prediction{Lo: s, Hi: 2 * s, Event: string(proxy.EventServerDown), EventOnly: true}, 1500*msec, false),
		Entry("never, rightly", predict.Prediction{Never: true}, 8*s, true),
		Entry("never, wrongly", predict.Prediction{Never: true}, s, false),
		Entry("no outage", predict.Prediction{}, time.Duration(0), true),
	)
})
