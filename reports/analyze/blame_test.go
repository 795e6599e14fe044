package analyze_test

import (
	"math"
	"slices"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/seed-ab8b6914/spof/proxy"
	"github.com/seed-ab8b6914/spof/proxy/load"
	"github.com/seed-ab8b6914/spof/reports/analyze"
	"github.com/seed-ab8b6914/spof/sim/trace"
)

var _ = Describe("A request that is given up before the patience", func() {
	early := func(_ int, at time.Duration) reply {
		if lasting(3*s, 4*s)(at) {
			return reply{latency: s, outcome: load.Timeout}
		}
		return fine
	}

	DescribeTable("is not blamed on the machine", func(from, to time.Duration) {
		t := busy(patient(synthetic(early)), from, to)
		t.Header.Plan.Faults[0].Promised = 0.1 // no outage
		got := analyze.TrialOf(t)
		Expect(got.ResilienceLossS).To(BeNumerically("~", 1, 0.02))
		Expect(got.Ranges["resilience_loss"].Lo).To(BeNumerically("~", got.ResilienceLossS, 0.002), "except for its resolution")
	},
		Entry("on an idle one", time.Duration(0), time.Duration(0)),
		Entry("on a busy one", 2*s, 8*s),
	)
})

// pause is a working service on a machine that stands still between two instants: no request is sent or answered.
func pause(from, to time.Duration) *trace.Trace {
	t := patient(synthetic(func(_ int, at time.Duration) reply {
		if lasting(from, to)(at) {
			return reply{latency: to - at + 2*msec}
		}
		return fine
	}))
	for i := range t.Samples {
		if at := time.Duration(t.Samples[i].Scheduled) - effectAt; lasting(from, to)(at) {
			t.Samples[i].Late = uint32(min(to-at, math.MaxUint32))
		}
	}
	return t
}

// stolen adds one reading between two instants: the hypervisor gave the processors to others.
func stolen(t *trace.Trace, from, to time.Duration) *trace.Trace {
	busy(t, 0, 0)
	t.Machine = slices.DeleteFunc(t.Machine, func(m trace.Reading) bool {
		end := time.Duration(m.At-epoch) - effectAt
		return end > from && end <= to
	})
	t.Machine = append(t.Machine, trace.Reading{At: epoch + int64(effectAt+to), Node: "users", Over: to - from, CPUs: 2, Busy: 0.03, Stolen: 0.97, Pressure: -1})
	return t
}

// onTime makes all requests leave at their due instants.
func onTime(t *trace.Trace) *trace.Trace {
	for i := range t.Samples {
		t.Samples[i].Late = 0
	}
	return t
}

var _ = Describe("A pause of the machine", func() {
	const from, to = 3 * s, 5600 * msec

	DescribeTable("that looks like an outage", func(of func() *trace.Trace, want analyze.Verdict) {
		t := of()
		expect(t, "failover", "<=", 5000, "<= 5s")
		got := analyze.TrialOf(t)
		Expect(got.Verdict).To(Equal(want))
		Expect(got.FailoverMS).To(about(ms(to), 5), "never more than was seen")
		g := got.Ranges["failover"]
		Expect(g.Hi).To(BeNumerically("~", ms(to), 10))
		if want == analyze.Fail {
			Expect(g.Lo).To(BeNumerically(">", 5500))
			return
		}
		Expect(g.Lo).To(BeZero(), "as if there had been none")
		Expect(g.Why).To(ContainSubstring("this machine was the limit"))
		Expect(got.Ranges["resilience_loss"].Lo).To(BeNumerically("<", 0.02))
	},
		Entry("does not fail the design", func() *trace.Trace { return stolen(pause(from, to), from, to) }, analyze.Inconclusive),
		Entry("does not fail the design if the hypervisor took only the processors of the proxies", func() *trace.Trace { return stolen(onTime(pause(from, to)), from, to) }, analyze.Inconclusive),
		Entry("does not fail the design if the machine was busy and no request could leave", func() *trace.Trace { return busy(pause(from, to), from, to) }, analyze.Inconclusive),
		Entry("fails a design that is silent while the busy machine runs", func() *trace.Trace { return busy(onTime(pause(from, to)), from, to) }, analyze.Fail),
		Entry("fails the design if the machine was idle", func() *trace.Trace { return busy(onTime(pause(from, to)), 0, 0) }, analyze.Fail),
		Entry("fails the design if the hypervisor took processors at another time", func() *trace.Trace { return stolen(onTime(pause(from, to)), 6*s, 7*s) }, analyze.Fail),
	)

	It("after an outage leaves the outage unchanged", func() {
		t := stolen(pause(from, to), from, to)
		for i := range t.Samples { // users are refused for a second
			if at := time.Duration(t.Samples[i].Scheduled) - effectAt; lasting(0, s)(at) {
				t.Samples[i].Outcome = load.Reset
			}
		}
		expect(t, "failover", "<=", 500, "<= 500ms")
		got := analyze.TrialOf(t)
		Expect(got.FailoverMS).To(about(1000, 3))
		Expect(got.Ranges["failover"].Lo).To(BeNumerically(">", 990))
		Expect(got.Verdict).To(Equal(analyze.Fail))
	})

	DescribeTable("that looks like a failback", func(of func(from, to time.Duration) *trace.Trace, want analyze.Verdict) {
		t := of(8300*msec, 10600*msec)
		expect(t, "failback", "<=", 2000, "<= 2s")
		got := analyze.TrialOf(t)
		Expect(got.Verdict).To(Equal(want))
		Expect(got.FailbackMS).To(about(2300, 5))
		Expect(got.Ranges["failback"].Hi).To(BeNumerically("~", 2300, 10))
	},
		Entry("does not fail the design", func(from, to time.Duration) *trace.Trace { return stolen(pause(from, to), from, to) }, analyze.Inconclusive),
		Entry("fails the design if the machine was idle", func(from, to time.Duration) *trace.Trace { return busy(onTime(pause(from, to)), 0, 0) }, analyze.Fail),
		Entry("fails a design that is silent while the machine runs", func(from, to time.Duration) *trace.Trace { return busy(onTime(pause(from, to)), from, to) }, analyze.Fail),
	)
})

var _ = Describe("A failure without an expectation", func() {
	repair, end := undoAt-effectAt, endAt-effectAt
	stands := func(from, to time.Duration) *trace.Trace { return stolen(pause(from, to), from, to) }
	hangs := func(from, to time.Duration) *trace.Trace { // on a machine that is busy throughout
		return busy(onTime(pause(from, to)), -effectAt, end)
	}
	idle := func(from, to time.Duration) *trace.Trace { return busy(onTime(pause(from, to)), 0, 0) }

	DescribeTable("is inconclusive if the machine may have caused it", func(of func(from, to time.Duration) *trace.Trace, from, to time.Duration, code, value string) {
		t := of(from, to)
		got := analyze.TrialOf(t)
		Expect(got.Codes).To(ConsistOf(code))
		Expect(got.Reasons).To(ConsistOf(ContainSubstring(value)))
		if t.Machine[len(t.Machine)-1].Stolen > 0 {
			Expect(got.Verdict).To(Equal(analyze.Inconclusive))
		} else {
			Expect(got.Verdict).To(Equal(analyze.Fail))
		}
	},
		Entry("the repair", stands, repair-s, repair+1600*msec, "ended-by-repair-unsure", "9.59 s after the fault"),
		Entry("the repair, while the machine ran", hangs, repair-s, repair+1600*msec, "ended-by-repair", ""),
		Entry("the repair, on an idle machine", idle, repair-s, repair+1600*msec, "ended-by-repair", ""),
		Entry("the end of the trial", stands, repair-500*msec, end, "no-return-unsure", "12.0 s after the fault, but some answers were late"),
		Entry("the end of the trial, while the machine ran", hangs, repair-500*msec, end, "no-return", ""),
		Entry("the end of the trial, on an idle machine", idle, repair-500*msec, end, "no-return", ""),
		Entry("a loss after the repair", stands, repair+s, end, "lost-after-repair-unsure", "but some answers were late"),
		Entry("a loss after the repair, while the machine ran", hangs, repair+s, end, "lost-after-repair", ""),
		Entry("a loss after the repair, on an idle machine", idle, repair+s, end, "lost-after-repair", ""),
	)

	It("is ended-by-repair on a busy machine, if users met no service until the repair", func() {
		got := analyze.TrialOf(busy(patient(synthetic(dark(8200*msec))), -effectAt, end))
		Expect(got.Verdict).To(Equal(analyze.Fail))
		Expect(got.Codes).To(ConsistOf("ended-by-repair"))
	})

	It("is ended-by-repair if service is back at the repair", func() {
		Expect(analyze.TrialOf(synthetic(out(0, repair-20*msec))).Verdict).To(Equal(analyze.Fail), "it begins 20 ms before its effect")
	})

	It("is ended-by-repair if the machine limit was too short to hide an earlier return of service", func() {
		t := busy(patient(synthetic(every(2, frozen(repair), lasting(0, repair)))), 0, 0)
		for i := range t.Machine {
			t.Machine[i].Waited = 25 * msec
		}
		got := analyze.TrialOf(t)
		Expect(got.Ranges["failover"].Why).To(ContainSubstring("waited 25.0 ms"))
		Expect(got.Verdict).To(Equal(analyze.Fail))
		Expect(got.Codes).To(ConsistOf("ended-by-repair"))
	})

	It("is ended-by-repair if the machine could hide the return of service for less than one reading", func() {
		t := patient(synthetic(func(_ int, at time.Duration) reply {
			switch {
			case lasting(0, repair)(at):
				return reply{latency: repair - at + 20*msec}
			case lasting(repair, end)(at):
				return reply{latency: 90 * msec}
			}
			return fine
		}))
		got := analyze.TrialOf(busy(t, -effectAt, end))
		Expect(got.Ranges["failover"].Lo).To(BeNumerically("~", ms(repair-70*msec), 5), "50 ms before the repair began")
		Expect(got.Verdict).To(Equal(analyze.Fail))
	})

	It("is inconclusive if requests are too far apart to see whether the repair ended the outage", func() {
		got := analyze.TrialOf(synthetic(every(50, always(reset), lasting(0, repair-30*msec))))
		Expect(got.EndedBy).To(Equal(analyze.EndedByRepair))
		Expect(got.Verdict).To(Equal(analyze.Inconclusive))
		Expect(got.Codes).To(ConsistOf("ended-by-repair-unsure"))
		Expect(got.Reasons).To(ConsistOf(ContainSubstring("too far apart")))
	})
})

var _ = Describe("Latencies that stay high after an outage", func() {
	slow := func(until time.Duration) *trace.Trace { // the limit is 25 ms
		t := patient(synthetic(func(_ int, at time.Duration) reply {
			switch {
			case lasting(0, 3*s)(at):
				return reset
			case lasting(3*s, until)(at):
				return reply{latency: 60 * msec}
			}
			return fine
		}))
		expect(t, "latency_recovery", "<=", 4500, "<= 4500ms")
		return t
	}

	DescribeTable("are blamed on the machine only for the time in which it was the limit", func(until, busyTo time.Duration, want analyze.Verdict, lo float64) {
		got := analyze.TrialOf(busy(slow(until), 3*s, busyTo))
		Expect(got.Verdict).To(Equal(want))
		g := got.Ranges["latency_recovery"]
		Expect(g.Lo).To(BeNumerically("~", lo, 110))
		if until < endAt {
			Expect(got.LatencyRecoveryMS).To(about(ms(until), 60), "never more than was seen")
			Expect(g.Hi).To(BeNumerically("~", ms(until), 60))
		} else {
			Expect(got.LatencyRecoveryMS).To(BeNil())
		}
		if want == analyze.Inconclusive {
			Expect(g.Why).To(MatchRegexp(`processors were 9\d\.\d % busy`))
		}
	},
		Entry("for 1.2 s of 2.2 s", 5200*msec, 4200*msec, analyze.Inconclusive, 3000.0),
		Entry("never", 5200*msec, 3*s, analyze.Fail, 5200.0),
		Entry("for less than a window", 5200*msec, 3500*msec, analyze.Fail, 5200.0),
		Entry("for 1.2 s of 5 s", 8*s, 4200*msec, analyze.Fail, 5800.0),
		Entry("to the end of the trial", endAt, endAt, analyze.Inconclusive, 3000.0),
		Entry("never, to the end of the trial", endAt, 3*s, analyze.Fail, 10990.0),
		Entry("for 1.2 s, to the end of the trial", endAt, 4200*msec, analyze.Fail, 8790.0),
	)

	It("are reported with the machine as a cause, also to the end of the trial", func() {
		t := busy(slow(endAt), 3*s, endAt)
		t.Header.Plan.Scenario.Expect = nil
		Expect(analyze.CellOf([]*trace.Trace{t}).Sentence).To(MatchRegexp(`; latencies were high until the trial ended \(.* 9\d\.\d % busy`))
	})
})

var _ = Describe("Requests that are given up while the machine is the limit", func() {
	second := func(r reply) *trace.Trace {
		return patient(synthetic(func(_ int, at time.Duration) reply {
			if lasting(3*s, 4*s)(at) {
				return r
			}
			return fine
		}))
	}
	given := reply{latency: 5 * s, outcome: load.Timeout}

	DescribeTable("do not fail a design", func(faults bool, r reply, busyTo time.Duration, want analyze.Verdict, measure string, bound, seen float64) {
		t := busy(second(r), 3*s, busyTo)
		if faults {
			t.Header.Plan.Faults[0].Promised = 0.1 // no outage
		} else {
			t.Header.Plan.Faults, t.Events = nil, nil
		}
		expect(t, measure, "<=", bound, "...")
		got := analyze.TrialOf(t)
		Expect(got.Verdict).To(Equal(want), "%v", got.Reasons)
		g := got.Ranges[measure]
		v, ok := got.Measure(measure)
		Expect(ok).To(BeTrue())
		Expect(v).To(BeNumerically("~", seen, seen/100), "as it was seen")
		if want == analyze.Inconclusive {
			Expect(g.Lo).To(BeNumerically("~", 0, 1e-9))
			Expect(g.Hi).To(BeNumerically("~", v, 1e-9), "never more than was seen")
			Expect(g.Why).To(ContainSubstring("this machine was the limit"))
		}
	},
		Entry("errors", false, given, 8*s, analyze.Inconclusive, "error_ratio", 0.01, 1.0/15),
		Entry("errors, on an idle machine", false, given, 3*s, analyze.Fail, "error_ratio", 0.01, 1.0/15),
		Entry("errors, where it was busy for less", false, given, 5500*msec, analyze.Fail, "error_ratio", 0.01, 1.0/15),
		Entry("errors that are refusals", false, reset, 8*s, analyze.Fail, "error_ratio", 0.01, 1.0/15),
		Entry("the loss without a fault", false, given, 8*s, analyze.Inconclusive, "resilience_loss", 0.5, 1.0),
		Entry("errors under a fault", true, given, 8*s, analyze.Inconclusive, "error_ratio", 0.01, 1.0/15),
		Entry("the lost", true, given, 8*s, analyze.Inconclusive, "lost", 100.0, 1000.0),
		Entry("the lost, on an idle machine", true, given, 3*s, analyze.Fail, "lost", 100.0, 1000.0),
		Entry("the lost that were refused", true, reset, 8*s, analyze.Fail, "lost", 100.0, 1000.0),
		Entry("their share", true, given, 8*s, analyze.Inconclusive, "lost_ratio", 0.01, 1/7.99),
		Entry("their share, on an idle machine", true, given, 3*s, analyze.Fail, "lost_ratio", 0.01, 1/7.99),
		Entry("the time that they stand for", true, given, 8*s, analyze.Inconclusive, "loss_derived", 100.0, 1000.0),
		Entry("that time, on an idle machine", true, given, 3*s, analyze.Fail, "loss_derived", 100.0, 1000.0),
	)
})

var _ = Describe("Of two faults, the first undone while the second lasts,", func() {
	const repaired = 4 * s // effect of the first repair, which begins 20 ms before
	twice := func(from, to time.Duration) *trace.Trace {
		t := synthetic(out(from, to))
		t.Events[2].At, t.Events[3].At = t.Events[1].At+int64(repaired-20*msec), t.Events[1].At+int64(repaired)
		second := t.Header.Plan.Faults[0]
		second.ID = "f2"
		t.Header.Plan.Faults = append(t.Header.Plan.Faults, second)
		for kind, at := range map[proxy.EventKind]time.Duration{
			proxy.EventFaultAsked: s, proxy.EventFaultEffect: s, proxy.EventRecoverAsked: undoAt - effectAt, proxy.EventRecoverEffect: undoAt - effectAt,
		} {
			event(t, trace.Event{Node: "proxy-b", Kind: kind, Fault: "f2"}, at)
		}
		return t
	}
	acted := func(kind proxy.EventKind, node, subject string, state proxy.State) func(*trace.Trace) {
		return func(t *trace.Trace) {
			event(t, trace.Event{Kind: kind, Node: node, Subject: subject, State: state}, repaired+500*msec)
		}
	}
	none := func(*trace.Trace) {}

	DescribeTable("the outage", func(from, to time.Duration, acts func(*trace.Trace), ender string, want analyze.Verdict) {
		t := twice(from, to)
		acts(t)
		got := analyze.TrialOf(t)
		Expect(got.EndedBy).To(Equal(ender))
		Expect(got.Verdict).To(Equal(want))
	},
		Entry("that the first repair ended was ended by it", s, repaired+s, none, analyze.EndedByRepair, analyze.Fail),
		Entry("that the first repair ended at once, too", s, repaired-20*msec, none, analyze.EndedByRepair, analyze.Fail),
		Entry("that ended before it was ended by a mechanism", s, repaired-100*msec, none, analyze.EndedByMechanism, analyze.Pass),
		Entry("that began after it, and ended before the second, too", repaired+s, repaired+2*s, none, analyze.EndedByMechanism, analyze.Pass),
		Entry("that the second repair ended was ended by it", repaired+s, undoAt-effectAt+s, none, analyze.EndedByRepair, analyze.Fail),
		Entry("was ended by the repaired node if it took the address", s, repaired+s,
			acted(proxy.EventVRRP, "proxy-a", "vip", "MASTER"), analyze.EndedByMechanism, analyze.Pass),
		Entry("was ended by the repaired node if it took the address, and users followed much later", s, repaired+3*s,
			acted(proxy.EventVRRP, "proxy-a", "vip", "MASTER"), analyze.EndedByMechanism, analyze.Pass),
		Entry("was ended by a DNS responder that put the repaired node back", s, repaired+3*s,
			acted(proxy.EventRecord, "ns", "proxy-a", proxy.RecordBack), analyze.EndedByMechanism, analyze.Pass),
		Entry("was not ended by a DNS responder that withdrew the repaired node", s, repaired+s,
			acted(proxy.EventRecord, "ns", "proxy-a", proxy.RecordWithdrawn), analyze.EndedByRepair, analyze.Fail),
		Entry("was ended by a balancer that took the repaired node back", s, repaired+s,
			acted(proxy.EventServerUp, "lb-a", "proxy-a", ""), analyze.EndedByMechanism, analyze.Pass),
		Entry("was not ended by a balancer that took back a node that was still down", s, repaired+s,
			acted(proxy.EventServerUp, "lb-a", "proxy-b", ""), analyze.EndedByRepair, analyze.Fail),
		Entry("was ended by a balancer that marked down a node that was still down", s, repaired+s,
			acted(proxy.EventServerDown, "lb-a", "proxy-b", ""), analyze.EndedByMechanism, analyze.Pass),
		Entry("was not ended by a balancer that marked down a repaired node", s, repaired+s,
			acted(proxy.EventServerDown, "lb-a", "proxy-a", ""), analyze.EndedByRepair, analyze.Fail),
	)
})

var _ = Describe("A range that the machine did not widen", func() {
	It("does not name the machine", func() {
		t := busy(patient(synthetic(func(i int, at time.Duration) reply {
			if lasting(8500*msec, 8600*msec)(at) { // after the window
				return reply{latency: 2100 * msec}
			}
			return out(0, 3*s)(i, at)
		})), 8*s, 12*s)
		g := analyze.TrialOf(t).Ranges
		Expect(g["failback"].Lo).To(BeZero(), "late answers were excused")
		Expect(g["user_outage_max"].Hi).To(BeNumerically(">", g["user_outage_max"].Lo))
		Expect(g["user_outage_max"].Why).To(BeEmpty())
		Expect(g).NotTo(HaveKey("users_noticed"), "it is exact")
	})
})
