package analyze_test

import (
	"slices"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	"github.com/onsi/gomega/gstruct"
	"github.com/onsi/gomega/types"

	"github.com/seed-ab8b6914/spof/proxy"
	"github.com/seed-ab8b6914/spof/proxy/load"
	"github.com/seed-ab8b6914/spof/reports/analyze"
	"github.com/seed-ab8b6914/spof/sim/trace"
)

// patient sets the patience of the users to 2 s and their timeout to 5 s, as in the bundled scenarios.
func patient(t *trace.Trace) *trace.Trace {
	t.Header.Plan.Scenario.Load.Patience = 2 * s
	t.Header.Plan.Scenario.Load.Timeout = 5 * s
	return t
}

// busy fills the trace with readings of a machine that is busy between two instants (after the effect), and idle otherwise.
func busy(t *trace.Trace, from, to time.Duration) *trace.Trace {
	for at := time.Duration(0); at < endAt; at += 100 * msec {
		r := trace.Reading{At: epoch + int64(at+100*msec), Node: "users", Over: 100 * msec, CPUs: 2, Busy: 0.3, Pressure: -1}
		if lasting(from, to)(at - effectAt) {
			r.Busy = 0.98
		}
		t.Machine = append(t.Machine, r)
	}
	return t
}

func busyFrom(from, to time.Duration) func(*trace.Trace) *trace.Trace {
	return func(t *trace.Trace) *trace.Trace { return busy(t, from, to) }
}

var _ = Describe("Failover", func() {
	DescribeTable("finds an outage whose end is known", func(serve service, end time.Duration) {
		got := analyze.TrialOf(patient(synthetic(serve)))
		Expect(got.FailoverMS).To(about(ms(end), 3), "to the first answers, 2 ms after the service is back")
		Expect(got.FailoverUncertaintyMS).To(BeNumerically("<=", 10))
		g := got.Ranges["failover"]
		Expect(g.Lo).To(BeNumerically("<=", ms(end)))
		Expect(g.Hi).To(BeNumerically(">=", ms(end)))
		Expect(got.EndedBy).To(Equal(analyze.EndedByMechanism))
	},
		Entry("refusals", out(0, 3*s), 3*s),
		Entry("repeated SYNs, within the patience of the last users", dark(3357*msec), 3357*msec),
		Entry("repeated SYNs, an outage shorter than the patience", dark(360*msec), 360*msec),
		Entry("repeated SYNs, users that give up", dark(6200*msec), 6200*msec),
		Entry("processes that hang, and answer all at once", frozen(4*s), 4*s),
		Entry("half of the users cannot connect", every(2, dark(2800*msec), lasting(0, 2800*msec)), 2800*msec),
		Entry("a third of the requests is refused", every(3, always(reset), lasting(0, 4*s)), 4*s),
		Entry("a late outage counts from the effect", func(i int, at time.Duration) reply { return dark(s)(i, at-1500*msec) }, 2500*msec),
		Entry("service that flaps: back for half a second, then away for one", func(i int, at time.Duration) reply {
			if at < 2500*msec {
				return dark(2*s)(i, at)
			}
			return dark(s)(i, at-2500*msec)
		}, 3500*msec),
		Entry("slow answers after the switch are service", func(i int, at time.Duration) reply {
			r := dark(3*s)(i, at)
			if lasting(3*s, 5*s)(at) {
				r.latency = 400*msec - (at-3*s)/10
			}
			return r
		}, 3*s),
	)

	DescribeTable("counts only lost service as an outage", func(serve service, want types.GomegaMatcher) {
		Expect(analyze.TrialOf(synthetic(serve)).FailoverMS).To(want)
	},
		Entry("no outage at all", out(0, 0), about(0, 0)),
		Entry("an outage at the effect far shorter than the slack of a window", out(0, 8*msec), about(8, 3)),
		Entry("failures at twice the slack", every(50, always(reset), lasting(0, 4*s)), about(3970, 50)),
		Entry("failures at half the slack are no outage", every(200, always(reset), lasting(500*msec, 7*s)), about(0, 0)),
		Entry("one failure late in the window is slack", out(500*msec, 500*msec+1), about(0, 0)),
		Entry("two stray failures seconds later are slack", every(1500, always(reset), lasting(200*msec, 6*s)), about(0, 0)),
		Entry("slack at the head does not bring it forward", out(0, 2*s+5*msec), about(2005, 3)),
		Entry("a stray failure before a late outage does not hide it", func(i int, at time.Duration) reply {
			if lasting(5*msec, 6*msec)(at) {
				return reset
			}
			return out(2*s, 3*s)(i, at)
		}, about(3000, 3)),
		Entry("after a second outage the first counts", func(i int, at time.Duration) reply {
			return map[bool]reply{true: hanged, false: fine}[lasting(0, s)(at) || lasting(3*s, 4*s)(at)]
		}, about(1000, 3)),
		Entry("a second outage that only the repair ends counts itself", func(i int, at time.Duration) reply {
			return map[bool]reply{true: hanged, false: fine}[lasting(0, s)(at) || lasting(6*s, 8*s)(at)]
		}, about(8000, 3)),
		Entry("slow answers are no outage", every(10, always(reply{latency: 300 * msec}), lasting(0, 9*s)), about(0, 0)),
		Entry("a pause within the patience is no outage", frozen(800*msec), about(0, 0)),
		Entry("a stall of the machine is no outage", func(_ int, at time.Duration) reply {
			return map[bool]reply{true: {latency: 80 * msec}, false: fine}[lasting(3*s, 3100*msec)(at)]
		}, about(0, 0)),
		Entry("answers later than the patience are no service", every(10, always(reply{latency: 1200 * msec}), lasting(0, 4*s)), about(3991, 10)),
		Entry("a service that drains its queue at half the rate due is not back before it keeps up", func(_ int, at time.Duration) reply {
			switch { // silent for 2 s, then two seconds of requests answered over four
			case lasting(0, 4*s)(at):
				return reply{latency: 2*s + at/2 - at/2 + (at / 2) + 2*msec}
			}
			return fine
		}, about(4000, 5)),
	)

	It("is measured beyond the repair, and says how the outage ended", func() {
		by := func(t *trace.Trace) string { return analyze.TrialOf(t).EndedBy }
		Expect(by(synthetic(out(0, 0)))).To(BeEmpty())
		Expect(by(synthetic(out(0, 3*s)))).To(Equal(analyze.EndedByMechanism))

		repaired := analyze.TrialOf(synthetic(out(0, 8200*msec)))
		Expect(repaired.EndedBy).To(Equal(analyze.EndedByRepair))
		Expect(repaired.FailoverMS).To(about(8200, 3))
		Expect(repaired.Verdict).To(Equal(analyze.Fail))
		Expect(repaired.Offered).To(BeNumerically("~", 8200, 5), "the outage is counted to its end")
		Expect(repaired.Lost).To(BeNumerically("~", 8200, 5))

		acted := synthetic(out(0, 9500*msec))
		event(acted, trace.Event{Kind: proxy.EventVRRP, Node: "proxy-b", Subject: "vip", State: "MASTER"}, 9490*msec)
		Expect(by(acted)).To(Equal(analyze.EndedByMechanism))
		Expect(analyze.TrialOf(acted).Verdict).To(Equal(analyze.Pass))
		long := synthetic(out(0, 9500*msec))
		event(long, trace.Event{Kind: proxy.EventVRRP, Node: "proxy-b", Subject: "vip", State: "MASTER"}, 3*s)
		Expect(by(long)).To(Equal(analyze.EndedByRepair), "the address moved long before, without ending the outage")

		never := analyze.TrialOf(synthetic(out(0, endAt)))
		Expect(never.EndedBy).To(Equal(analyze.EndedByNobody))
		Expect(never.FailoverMS).To(BeNil())
		Expect(never.Verdict).To(Equal(analyze.Fail))
		last := analyze.TrialOf(synthetic(out(0, endAt-effectAt-500*msec)))
		Expect(last.EndedBy).To(Equal(analyze.EndedByNobody), "service came back less than a window before the end")
	})

	It("begins at the effect, not at the command", func() {
		t := synthetic(out(0, 3*s))
		Expect(analyze.TrialOf(t).EffectDelayMS).To(BeNumerically("~", 10, 1e-9))
		t.Events[1].At += int64(500 * msec) // proven half a second later
		Expect(analyze.TrialOf(t).FailoverMS).To(about(2500, 3))
	})

	It("is right at 50 requests/s, where a window allows no failure", func() {
		t := synthetic(out(0, 3*s))
		t.Samples = slices.DeleteFunc(t.Samples, func(x trace.Sample) bool { return x.Scheduled%(20e6) != 0 })
		t.Header.Plan.Scenario.Load.Rate = 50
		Expect(analyze.TrialOf(t).FailoverMS).To(about(3000, 22))
		for i := range t.Samples { // users lose only one request
			t.Samples[i].Outcome, t.Samples[i].Done = load.OK, 2000
		}
		t.Samples[len(t.Samples)/2].Outcome = load.Reset
		Expect(analyze.TrialOf(t).FailoverMS).To(about(0, 0))
	})

	It("is a range if the machine was the limit, and never fails the design", func() {
		saturated := func(i int, at time.Duration) reply { // back after 3.4 s; then two seconds in which every other answer is too late
			switch {
			case at < 3400*msec:
				return dark(3400*msec)(i, at)
			case lasting(3400*msec, 5400*msec)(at) && i%2 == 0:
				return reply{latency: 2500 * msec}
			case at < 8*s:
				return reply{latency: 300 * msec}
			}
			return fine
		}
		t := patient(synthetic(saturated))
		expect(t, "failover", "<=", 5000, "<= 5s")
		Expect(analyze.TrialOf(t).Verdict).To(Equal(analyze.Fail), "on a machine that was not busy")
		busy(t, 3300*msec, 8*s)
		got := analyze.TrialOf(t)
		Expect(got.Verdict).To(Equal(analyze.Inconclusive))
		g := got.Ranges["failover"]
		Expect(g.Lo).To(BeNumerically("~", 3400, 5), "answers were up to 2.5 s late")
		Expect(g.Hi).To(BeNumerically(">", 5000))
		Expect(got.Reasons).To(ContainElement(And(ContainSubstring("failover 3.40–5.70 s"), ContainSubstring("processors were 98.0 % busy"))))
	})
})

var _ = Describe("Failover on a machine that is busy throughout", func() {
	It("is not earlier than the silence before it", func() {
		t := patient(synthetic(func(i int, at time.Duration) reply { // accepted and not answered for 7 s, and answers after it are 200 ms late
			switch {
			case !lasting(0, 7*s)(at):
				return reply{latency: 200 * msec}
			case at > 3*s:
				return reply{latency: 7*s - at + 200*msec}
			}
			return reply{latency: 5 * s, outcome: load.Timeout}
		}))
		g := analyze.TrialOf(busy(t, -effectAt, endAt)).Ranges["failover"]
		Expect(g.Lo).To(BeNumerically("<=", 7000))
		Expect(g.Lo).To(BeNumerically(">", 6500))
		Expect(g.Hi).To(BeNumerically("~", 7200, 50))
	})
})

var _ = Describe("An outage that ends about when the repair begins", func() {
	// Only some requests are lost: the last lost request is due before the repair, and the next one would be due after it.
	some := every(50, always(reset), lasting(0, undoAt-effectAt-30*msec))

	It("was ended by the repair, unless a mechanism's event says otherwise", func() {
		t := synthetic(some)
		Expect(analyze.TrialOf(t).EndedBy).To(Equal(analyze.EndedByRepair))
		event(t, trace.Event{Node: "lb-a", Kind: proxy.EventServerDown, Subject: "proxy-a"}, undoAt-effectAt-60*msec)
		Expect(analyze.TrialOf(t).EndedBy).To(Equal(analyze.EndedByMechanism))
	})

	It("was ended by the faulted node if it recovers by itself and takes the address before the repair", func() {
		t := synthetic(some)
		event(t, trace.Event{Node: "proxy-a", Kind: proxy.EventVRRP, Subject: "vip", State: "MASTER"}, undoAt-effectAt-60*msec)
		Expect(analyze.TrialOf(t).EndedBy).To(Equal(analyze.EndedByMechanism))
	})
})

var _ = Describe("Requests lost one by one", func() {
	// One request of 125 is lost. Latencies vary by more than the time of 20 requests.
	sparse := func(i int, at time.Duration) reply {
		switch {
		case !lasting(0, undoAt-effectAt)(at):
			return fine
		case i%1250 == 1249:
			return reset
		}
		return reply{latency: 100*msec + time.Duration(i%600/20)*7*msec}
	}
	thin := func(t *trace.Trace) *trace.Trace { // to 100 requests/s
		t.Header.Plan.Scenario.Load.Rate = rate / 10
		t.Samples = slices.DeleteFunc(t.Samples, func(one trace.Sample) bool { return one.Scheduled/int64(msec)%10 != 9 })
		return t
	}

	It("are no outage if service allows them, even if answers lag", func() {
		Expect(analyze.TrialOf(thin(patient(synthetic(sparse)))).FailoverMS).To(about(0, 0))
	})

	It("are an outage if service does not allow them", func() {
		more := func(i int, at time.Duration) reply {
			if i%500 == 499 && at >= 0 && at < 4*s {
				return reset
			}
			return sparse(i, at)
		}
		Expect(analyze.TrialOf(thin(patient(synthetic(more)))).FailoverMS).To(gstruct.PointTo(BeNumerically(">", 3000)))
	})
})

var _ = Describe("Outages one after another", func() {
	It("are all reported", func() {
		twice := func(_ int, at time.Duration) reply {
			if lasting(0, 2*s)(at) || lasting(4*s, 5*s)(at) {
				return reset
			}
			return fine
		}
		t := patient(synthetic(twice))
		faultEvent(t, proxy.EventFaultAsked, effectAt+4*s)
		faultEvent(t, proxy.EventFaultEffect, effectAt+4*s)
		for i := range t.Events[len(t.Events)-2:] {
			t.Events[len(t.Events)-2+i].Node = "proxy-b" // in turn
		}
		faultEvent(t, proxy.EventRecoverEffect, undoAt)
		t.Events[len(t.Events)-1].Node = "proxy-b"
		event(t, trace.Event{Node: "proxy-b", Kind: proxy.EventVRRP, Subject: "vip", State: "MASTER"}, 2*s)
		c := analyze.CellOf([]*trace.Trace{t})
		Expect(c.Sentence).To(MatchRegexp(`^failover 2.00\d s ± .*, and lost again for 1.00 s`))
		Expect(c.Trials[0].Story).To(And(ContainSubstring("VRRP master proxy-b at 6.01 s; users back at 6.01 s"), HaveSuffix("users back at 9.01 s")))
	})
})

var _ = Describe("An outage of some users", func() {
	It("may last until the waiting users are answered, even if answers to other users keep up before", func() {
		end := 1740 * msec // the kernel holds a SYN until it knows the MAC address, and then sends it once
		waiting := synthetic(every(20, func(_ int, at time.Duration) reply {
			if at < 1100*msec {
				return reset
			}
			return reply{latency: end - at + 2*msec}
		}, lasting(0, end)))
		t := patient(waiting)
		t.Header.Plan.Scenario.Load.Rate = rate / 10
		t.Samples = slices.DeleteFunc(t.Samples, func(one trace.Sample) bool { return one.Scheduled/int64(msec)%10 != 0 })
		ranges := analyze.TrialOf(t).Ranges
		g := ranges["failover"]
		Expect(g.Lo).To(BeNumerically("~", 1560, 30), "20 requests before")
		Expect(g.Hi).To(BeNumerically("~", 1740, 15))
		Expect(ranges["latency_recovery"].Hi).To(BeNumerically(">=", g.Hi))
	})
})

var _ = Describe("A bound", func() {
	DescribeTable("is met, missed or inside the uncertainty", func(end, bound time.Duration, want analyze.Verdict) {
		t := patient(synthetic(dark(end)))
		t.Events[1].Uncertainty = 10 * msec
		expect(t, "failover", "<=", ms(bound), "<= "+bound.String())
		Expect(analyze.TrialOf(t).Verdict).To(Equal(want))
	},
		Entry("well below", 3400*msec, 5*s, analyze.Pass),
		Entry("just below", 3400*msec, 3430*msec, analyze.Pass),
		Entry("at it, from below", 3400*msec, 3405*msec, analyze.Inconclusive),
		Entry("at it, from above", 3400*msec, 3395*msec, analyze.Inconclusive),
		Entry("just above", 3400*msec, 3370*msec, analyze.Fail),
		Entry("well above", 3400*msec, 2*s, analyze.Fail),
	)

	It("is met by a trial with late sends, if the lateness is small compared with the bound", func() {
		t := patient(synthetic(dark(3400 * msec)))
		for i := range t.Samples {
			t.Samples[i].Late = 3_300_000
		}
		expect(t, "failover", "<=", 5000, "<= 5s")
		Expect(analyze.TrialOf(t).Verdict).To(Equal(analyze.Pass))
	})

	It("is inside the uncertainty of an input that a busy machine lost late", func() {
		late := func(by time.Duration) analyze.Trial {
			t := patient(synthetic(dark(3400 * msec)))
			event(t, trace.Event{Kind: proxy.EventInput, Node: "proxy-a", Subject: "psu-1", Uncertainty: by / 2}, s)
			expect(t, "failover", "<=", 3300, "<= 3300ms")
			return analyze.TrialOf(t)
		}
		Expect(late(50 * msec).Verdict).To(Equal(analyze.Fail))
		got := late(200 * msec)
		Expect(got.Verdict).To(Equal(analyze.Inconclusive))
		Expect(got.EffectUncertainty).To(BeNumerically("~", 201, 1))
	})

	DescribeTable("on the loss or on Q includes the uncertainty of the effect", func(measure, op string, bound float64, serve service, want analyze.Verdict) {
		t := synthetic(serve)
		t.Events[1].Uncertainty = 16 * msec
		expect(t, measure, op, bound, "...")
		Expect(analyze.TrialOf(t).Verdict).To(Equal(want))
	},
		Entry("a loss well below it", "resilience_loss", "<=", 4., out(0, 3900*msec), analyze.Pass),
		Entry("a loss just below it, known to be so from what was lost before the effect", "resilience_loss", "<=", 4., out(0, 3995*msec), analyze.Pass),
		Entry("a loss that may be more by what was lost before the effect", "resilience_loss", "<=", 4., out(-20*msec, 3995*msec), analyze.Inconclusive),
		Entry("a loss that may be less by what was lost after the effect", "resilience_loss", "<=", 4., out(0, 4010*msec), analyze.Inconclusive),
		Entry("a loss well above it", "resilience_loss", "<=", 4., out(0, 4100*msec), analyze.Fail),
		Entry("a loss as close to it as requests are to each other", "resilience_loss", "<=", 4., out(s, 5*s-500*time.Microsecond), analyze.Inconclusive),
		Entry("no loss", "resilience_loss", "<=", 0., out(0, 0), analyze.Pass),
		// The bins of 20 ms begin at the effect: 20 requests that are lost fill half of each of two, or more of one.
		Entry("a least Q that depends on where the bins begin", "q_min", ">=", 0.4, out(1010*msec, 1030*msec), analyze.Inconclusive),
		Entry("a least Q that does not", "q_min", ">=", 0.4, out(s, 2*s), analyze.Fail),
		// The steady state is the last half of what lies between the effect and the patience before the repair, and begins 3485 ms after it.
		Entry("a steady Q of which the first requests are lost", "q_steady", ">=", 0.999, out(3480*msec, 3490*msec), analyze.Inconclusive),
		Entry("a steady Q of which later ones are", "q_steady", ">=", 0.999, out(5*s, 5008*msec), analyze.Fail),
	)

	It("on a share is inconclusive if late answers of a busy machine decide it", func() {
		serve := func(i int, at time.Duration) reply {
			if lasting(6*s, 7*s)(at) {
				return reply{latency: 2500 * msec}
			}
			return fine
		}
		t := patient(synthetic(serve))
		expect(t, "resilience_loss", "<=", 0.5, "<= 500ms")
		t.Header.Plan.Faults[0].Promised = 0.1 // no outage: only the loss counts
		Expect(analyze.TrialOf(t).Verdict).To(Equal(analyze.Fail))
		Expect(analyze.TrialOf(busy(t, 5*s, 10*s)).Verdict).To(Equal(analyze.Inconclusive))
	})
})
