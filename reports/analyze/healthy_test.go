package analyze_test

import (
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/seed-ab8b6914/spof/proxy"
	"github.com/seed-ab8b6914/spof/proxy/load"
	"github.com/seed-ab8b6914/spof/reports/analyze"
	"github.com/seed-ab8b6914/spof/scenarios"
	"github.com/seed-ab8b6914/spof/scenarios/fault"
	"github.com/seed-ab8b6914/spof/scenarios/predict"
	"github.com/seed-ab8b6914/spof/scenarios/scenariotest"
	"github.com/seed-ab8b6914/spof/sim/trace"
	"github.com/seed-ab8b6914/spof/topology"
)

// tracked is a trial in which proxy-a dies, proxy-b takes the address after 3 s, its own check fails at 3.4 s, and it takes the address
// again before service is back at 7 s. The bound is 5 s.
func tracked(serve service) *trace.Trace {
	t := patient(addressed(serve))
	a := &t.Header.Plan.Topology.Addresses[0]
	a.Advert = s
	a.Track = &topology.Track{Service: "squid", Check: topology.Check{Kind: topology.CheckHTTP, Interval: s, Timeout: 500 * msec, Fall: 2, Rise: 2}}
	event(t, master, 2900*msec)
	event(t, of(proxy.VRRPFault), 3400*msec)
	event(t, of(proxy.VRRPBackup), 5400*msec)
	event(t, master, 6900*msec)
	expect(t, "failover", "<=", 5000, "<= 5s")
	return t
}

// of is a state of proxy-b.
func of(state proxy.State) trace.Event {
	return trace.Event{Kind: proxy.EventVRRP, Node: "proxy-b", Subject: "vip", State: state}
}

// twiceOut is a service that is back after 3 s for 0.4 s, and lost again until 7 s.
func twiceOut(_ int, at time.Duration) reply {
	if lasting(0, 3*s)(at) || lasting(3400*msec, 7*s)(at) {
		return reset
	}
	return fine
}

// throughout makes the machine busy, or idle.
func throughout(t *trace.Trace) *trace.Trace { return busy(t, -effectAt, endAt) }

func idle(t *trace.Trace) *trace.Trace { return busy(t, 0, 0) }

var _ = Describe("An action against a healthy node", func() {
	const code = "healthy-node-failed"

	It("on a busy machine makes the bound inconclusive that it breaks, and names event, node, time and machine", func() {
		got := analyze.TrialOf(throughout(tracked(twiceOut)))
		Expect(got.Verdict).To(Equal(analyze.Inconclusive))
		Expect(got.Codes).To(ConsistOf(code))
		Expect(got.Reasons[0]).To(MatchRegexp(`^failover 3\.\d+–7\.\d+ s: the bound <= 5s lies inside the uncertainty ` +
			`\(proxy-b went to VRRP FAULT at 7\.41 s, though no fault of the plan touches it, while this machine's processors were 98\.0 % busy\)$`))
		Expect(got.Ranges["failover"].Lo).To(BeNumerically("~", 3000, 20), "as if the check had not failed; what was measured before stays")
		Expect(got.Again()).NotTo(BeEmpty())
	})

	It("on a busy machine changes no verdict if all bounds hold", func() {
		t := throughout(tracked(twiceOut))
		t.Header.Plan.Scenario.Expect = nil
		expect(t, "failover", "<=", 8000, "<= 8s")
		Expect(analyze.TrialOf(t).Verdict).To(Equal(analyze.Pass))
	})

	DescribeTable("stays a failure", func(change func(*trace.Trace) *trace.Trace) {
		got := analyze.TrialOf(change(tracked(twiceOut)))
		Expect(got.Verdict).To(Equal(analyze.Fail), "%v", got.Reasons)
		Expect(got.Codes).NotTo(ContainElement(code))
	},
		Entry("on an idle machine", idle),
		Entry("if the machine was busy only afterwards", busyFrom(3400*msec, 9*s)),
		Entry("if the machine was busy only long before", busyFrom(-3*s, 1500*msec)),
		Entry("if the machine was busy for less than the failed checks lasted", busyFrom(2500*msec, 3*s)),
		Entry("if a fault strikes that node too", func(t *trace.Trace) *trace.Trace {
			second := t.Header.Plan.Faults[0]
			second.ID = "f2"
			t.Header.Plan.Faults = append(t.Header.Plan.Faults, second)
			for kind, at := range map[proxy.EventKind]time.Duration{proxy.EventFaultAsked: s, proxy.EventFaultEffect: s, proxy.EventRecoverAsked: 7980 * msec, proxy.EventRecoverEffect: 7990 * msec} {
				event(t, trace.Event{Node: "proxy-b", Kind: kind, Fault: "f2"}, at)
			}
			return throughout(t)
		}),
		Entry("if a fault cuts that node off", func(t *trace.Trace) *trace.Trace {
			t.Header.Plan.Faults[0].Kind, t.Header.Plan.Faults[0].Apart = fault.Partition, []string{"proxy-b"}
			return throughout(t)
		}),
		Entry("if the fault is more load", func(t *trace.Trace) *trace.Trace {
			t.Header.Plan.Faults[0].Kind = fault.Surge
			return throughout(t)
		}),
		Entry("if the node's service ended by itself", func(t *trace.Trace) *trace.Trace {
			event(t, trace.Event{Kind: proxy.EventServiceExit, Node: "proxy-b", Service: "squid"}, 3300*msec)
			return throughout(t)
		}),
		Entry("if the bound was missed before it", func(t *trace.Trace) *trace.Trace {
			t.Header.Plan.Scenario.Expect = nil
			expect(t, "failover", "<=", 2500, "<= 2500ms")
			return throughout(t)
		}),
		Entry("if the design has no check that could fail", func(t *trace.Trace) *trace.Trace {
			t.Header.Plan.Topology.Addresses[0].Track = nil
			return throughout(t)
		}),
	)

	It("stays a failure if its check meets the fault by design, as in a race of two checks, on any machine", func() {
		for _, of := range []func(*trace.Trace) *trace.Trace{idle, throughout} {
			t := of(tracked(twiceOut))
			t.Header.Plan.Topology.Addresses[0].Track.Kind = topology.CheckOrigin
			t.Header.Plan.Topology.Nodes[1].Services = []topology.Service{{Name: "squid", Balance: &topology.Balance{Servers: []string{"proxy-a"}}}}
			Expect(analyze.TrialOf(t).Verdict).To(Equal(analyze.Fail))
		}
	})

	DescribeTable("explains a failure that needs no bound", func(of func(*trace.Trace) *trace.Trace, until time.Duration, want analyze.Verdict, codes ...string) {
		t := tracked(func(i int, at time.Duration) reply {
			if lasting(3400*msec, until)(at) {
				return reset
			}
			return twiceOut(i, at)
		})
		t.Header.Plan.Scenario.Expect = nil
		got := analyze.TrialOf(of(t))
		Expect(got.Verdict).To(Equal(want))
		Expect(got.Codes).To(Equal(codes))
	},
		Entry("service that did not return", throughout, time.Hour, analyze.Inconclusive, code),
		Entry("service that did not return, on an idle machine", idle, time.Hour, analyze.Fail, "no-return"),
		Entry("service that came back with the repair", throughout, 8200*msec, analyze.Inconclusive, code),
		Entry("service that came back with the repair, on an idle machine", idle, 8200*msec, analyze.Fail, "ended-by-repair"),
	)

	It("does not excuse a bound that was missed before it, if service does not return", func() {
		judge := func(bound float64) analyze.Trial {
			t := throughout(tracked(func(i int, at time.Duration) reply {
				if at >= 3400*msec {
					return reset
				}
				return twiceOut(i, at)
			}))
			t.Header.Plan.Scenario.Expect = nil
			expect(t, "failover", "<=", bound, "...")
			return analyze.TrialOf(t)
		}
		Expect(judge(2500).Verdict).To(Equal(analyze.Fail))
		Expect(judge(5000).Verdict).To(Equal(analyze.Inconclusive))
	})

	It("is in the story of a failed trial", func() {
		Expect(analyze.TrialOf(idle(tracked(twiceOut))).Story).To(ContainSubstring("; proxy-b went to VRRP FAULT without a fault at 7.41 s; "))
	})

	It("is none on the bundled design check-race, whose outer check meets the fault, but is one with the check that does not", func() {
		judge := func(kind topology.CheckKind) analyze.Trial {
			p := scenariotest.Compile(scenariotest.Design("check-race"), scenariotest.Bundled("check-race"))
			t := throughout(patient(synthetic(out(2*s, 7*s))))
			f := &t.Header.Plan.Faults[0]
			at, undo := f.At, f.Undo
			*f = p.Faults[0]
			f.At, f.Undo, f.Predicted = at, undo, nil
			t.Header.Plan.Topology = p.Topology
			t.Header.Plan.Topology.Addresses[0].Track.Kind = kind
			event(t, trace.Event{Kind: proxy.EventVRRP, Node: "lb-a", Subject: "proxy", State: proxy.VRRPFault}, 2*s)
			expect(t, "moves", "==", 0, "== 0")
			return analyze.TrialOf(t)
		}
		Expect(judge(topology.CheckOrigin).Codes).To(ConsistOf("bound-missed"))
		Expect(judge(topology.CheckHTTP).Codes).To(ConsistOf(code))
	})

	It("opens the streams again that were broken before it", func() {
		judge := func(of func(*trace.Trace) *trace.Trace) analyze.Trial {
			t := of(tracked(twiceOut))
			t.Header.Plan.Scenario.Expect = nil
			t.Header.Plan.Scenario.Load.Streams = &scenarios.Streams{Every: s}
			for user, broken := range map[string]time.Duration{"1": 100 * msec, "2": 3500 * msec} {
				stream := trace.Event{Node: "users", Subject: user, Kind: proxy.EventStreamOpen}
				event(t, stream, -s)
				stream.Kind = proxy.EventStreamBroken
				event(t, stream, broken)
			}
			expect(t, "streams_broken", "<=", 0, "<= 0")
			expect(t, "streams_broken", "<=", 1, "<= 1")
			expect(t, "stream_outage_max", "<=", 5000, "<= 5s")
			expect(t, "stream_outage_max", "<=", 3000, "<= 3s")
			return analyze.TrialOf(t)
		}
		Expect(judge(idle).Codes).To(HaveEach("bound-missed"))
		Expect(judge(throughout).Codes).To(Equal([]string{"bound-missed", "bound-missed", code, code}))
	})

	It("explains nothing if the plan predicts that no mechanism ends the outage", func() {
		t := throughout(tracked(twiceOut))
		t.Header.Plan.Faults[0].Predicted = &predict.Prediction{Never: true}
		Expect(analyze.TrialOf(t).Verdict).To(Equal(analyze.Fail))
	})

	It("does not excuse requests that went round the proxies", func() {
		t := throughout(tracked(twiceOut))
		t.Samples[len(t.Samples)/2].Flags |= load.Bypassed
		expect(t, "bypassed", "==", 0, "== 0")
		got := analyze.TrialOf(t)
		Expect(got.Verdict).To(Equal(analyze.Fail))
		Expect(got.Codes).To(ConsistOf("bound-missed", code))
	})

	It("explains the move of the address that it is, and no other", func() {
		t := throughout(tracked(twiceOut))
		t.Header.Plan.Scenario.Expect = nil
		expect(t, "moves", "==", 0, "== 0")
		got := analyze.TrialOf(t)
		Expect(got.Verdict).To(Equal(analyze.Inconclusive))
		Expect(got.Codes).To(ConsistOf(code))
		Expect(got.Ranges["moves"]).To(And(HaveField("Lo", 0.), HaveField("Hi", 1.)))
		t = throughout(tracked(twiceOut))
		t.Header.Plan.Scenario.Expect = nil
		expect(t, "moves", "==", 0, "== 0")
		t.Machine = nil
		event(t, of(proxy.VRRPFault), 7500*msec) // idle at the first, busy at the second
		got = analyze.TrialOf(busy(t, 6*s, endAt))
		Expect(got.Ranges["moves"]).To(And(HaveField("Lo", 1.), HaveField("Hi", 2.)))
		Expect(got.Codes).To(ConsistOf("bound-missed"))
	})

	DescribeTable("may be of any mechanism", func(prepare func(*trace.Trace), e trace.Event, text string) {
		run := func(of func(*trace.Trace) *trace.Trace) analyze.Trial {
			t := of(patient(addressed(twiceOut)))
			t.Header.Plan.Topology.Nodes = append(t.Header.Plan.Topology.Nodes, topology.Node{Name: "lb"}, topology.Node{Name: "proxy-c"})
			expect(t, "failover", "<=", 5000, "<= 5s")
			prepare(t)
			event(t, e, 3400*msec)
			return analyze.TrialOf(t)
		}
		got := run(throughout)
		Expect(got.Verdict).To(Equal(analyze.Inconclusive))
		Expect(got.Codes).To(ConsistOf(code))
		Expect(got.Reasons).To(ConsistOf(ContainSubstring("(" + text + " at 7.41 s, though")))
		Expect(run(idle).Verdict).To(Equal(analyze.Fail))
	},
		Entry("a balancer", func(*trace.Trace) {}, trace.Event{Kind: proxy.EventServerDown, Node: "lb", Subject: "proxies/proxy-b"}, "lb took proxies/proxy-b out of service"),
		Entry("a Squid and its parent", func(*trace.Trace) {}, trace.Event{Kind: proxy.EventPeerDead, Node: "lb", Subject: "proxy-b"}, "lb took proxy-b out of service"),
		Entry("a DNS responder", func(*trace.Trace) {}, trace.Event{Kind: proxy.EventRecord, Node: "lb", Subject: "proxy-b", State: proxy.RecordWithdrawn}, "lb withdrew the record of proxy-b"),
		Entry("browsers", func(*trace.Trace) {}, trace.Event{Kind: proxy.EventPACBad, Node: "users", Subject: "proxy-b"}, "browsers set proxy-b aside"),
		Entry("a node that takes the address from one of higher priority", func(t *trace.Trace) {
			a := &t.Header.Plan.Topology.Addresses[0]
			a.Advert, a.Members = 300*msec, append(a.Members, topology.Member{Node: "proxy-c"})
			event(t, master, 2900*msec)
		}, trace.Event{Kind: proxy.EventVRRP, Node: "proxy-c", Subject: "vip", State: proxy.VRRPMaster}, "proxy-c took vip from a node that works"),
	)

	It("before the fault counts if it still holds at the effect", func() {
		run := func(back time.Duration) analyze.Trial {
			t := throughout(patient(addressed(out(0, 7*s))))
			t.Header.Plan.Topology.Addresses[0].Track = &topology.Track{Service: "squid", Check: topology.Check{Timeout: 500 * msec, Fall: 1}}
			event(t, of(proxy.VRRPFault), -500*msec)
			event(t, of(proxy.VRRPBackup), back)
			expect(t, "failover", "<=", 5000, "<= 5s")
			return analyze.TrialOf(t)
		}
		Expect(run(4 * s).Codes).To(ConsistOf(code))
		Expect(run(-200 * msec).Verdict).To(Equal(analyze.Fail))
	})

	It("is none if the repaired node takes its address back", func() {
		t := throughout(patient(addressed(out(0, 3*s))))
		t.Header.Plan.Topology.Addresses[0].Track = &topology.Track{Service: "squid", Check: topology.Check{Timeout: 500 * msec, Fall: 1}}
		event(t, master, 2900*msec)
		event(t, of(proxy.VRRPBackup), 7990*msec)
		event(t, trace.Event{Kind: proxy.EventVRRP, Node: "proxy-a", Subject: "vip", State: proxy.VRRPMaster}, 8*s)
		expect(t, "failover", "<=", 2000, "<= 2s")
		Expect(analyze.TrialOf(t).Codes).To(ConsistOf("bound-missed"))
	})
})
