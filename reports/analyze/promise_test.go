package analyze_test

import (
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/seed-ab8b6914/spof/proxy"
	"github.com/seed-ab8b6914/spof/reports/analyze"
	"github.com/seed-ab8b6914/spof/sim/trace"
)

var _ = Describe("A promised share", func() {
	degraded := func(served int) service { // of ten
		return func(i int, at time.Duration) reply {
			switch {
			case lasting(0, 2*s)(at), lasting(2*s, undoAt-effectAt+1200*msec)(at) && i%10 >= served:
				return reset
			}
			return fine
		}
	}

	It("is service when it is served steadily", func() {
		t := synthetic(degraded(8))
		Expect(analyze.TrialOf(t).EndedBy).To(Equal(analyze.EndedByRepair), "nothing is promised")
		t.Header.Plan.Faults[0].Promised = 0.7
		got := analyze.TrialOf(t)
		Expect(got.FailoverMS).To(about(2000, 20))
		Expect(got.Verdict).To(Equal(analyze.Pass))
		Expect(got.Promise.Share).To(Equal(0.7))
		Expect(got.Promise.Served).To(BeNumerically("~", 0.8, 0.01))
		Expect(got.Promise.WholeMS).To(about(1220, 3), "from the start of the repair")
		Expect(got.LatencyRecoveryMS).To(about(2000, 20), "only served requests count")
		Expect(analyze.CellOf([]*trace.Trace{t}).Sentence).To(MatchRegexp(
			`^served 80.0 % of the load \(promised 70.0 %\) after 2.00\d s ± .*, 99.9 % of requests lost or late meanwhile, full load served again 1.22 s after the repair began`))
	})

	It("is no loss of service if it is served from the effect on", func() {
		t := synthetic(every(5, always(reset), lasting(0, undoAt-effectAt)))
		t.Header.Plan.Faults[0].Promised = 0.7
		Expect(analyze.CellOf([]*trace.Trace{t}).Sentence).To(HavePrefix("no outage: served 80.0 % of the load (promised 70.0 %), full load served again "))
	})

	It("has a separate reason, and a story, if it is lost again", func() {
		again := func(i int, at time.Duration) reply {
			if lasting(0, s)(at) || lasting(5*s, undoAt-effectAt+500*msec)(at) {
				return reset
			}
			return fine
		}
		t := synthetic(again)
		t.Header.Plan.Faults[0].Promised, t.Header.Plan.Faults[0].PromisedBy = 0.7, "bandwidth of radio"
		event(t, trace.Event{Node: "lb-a", Kind: proxy.EventServerDown, Subject: "proxy-c"}, 5*s)
		got := analyze.TrialOf(t)
		Expect(got.Reasons).To(ContainElement("service was lost again 5.00 s after the fault, and no mechanism ended that outage: " +
			"service was back 8.49 s after the fault, with the repair; the design promises 70.0 % of the load meanwhile (bandwidth of radio)"))
		Expect(got.Story).To(ContainSubstring("proxy-c down at lb-a at 9.01 s"))
		Expect(got.Split).To(BeNil())
	})

	It("fails if less is served", func() {
		t := synthetic(degraded(5))
		t.Header.Plan.Faults[0].Promised = 0.7
		Expect(analyze.TrialOf(t).Verdict).To(Equal(analyze.Fail))
	})

	It("is inconclusive if a busy machine may have reduced it", func() {
		t := patient(synthetic(func(i int, at time.Duration) reply {
			switch n := i * 37 % 100; {
			case !lasting(0, undoAt-effectAt)(at) || n < 67: // enough for no outage by chance, too little over the whole fault
				return fine
			case n < 70:
				return reply{latency: 2500 * msec}
			}
			return reset
		}))
		t.Header.Plan.Faults[0].Promised, t.Header.Plan.Faults[0].PromisedBy = 0.7, "generator diesel"
		got := analyze.TrialOf(t)
		Expect(got.Verdict).To(Equal(analyze.Fail))
		Expect(got.Codes).To(ConsistOf("promise-broken"))
		Expect(got.Reasons).To(ConsistOf("67.0 % of the load was served during the fault, but the design promises 70.0 % (generator diesel)"))
		got = analyze.TrialOf(busy(t, -effectAt, endAt))
		Expect(got.Verdict).To(Equal(analyze.Inconclusive))
		Expect(got.Codes).To(ConsistOf("promise-unsure"))
		Expect(got.Reasons).To(ConsistOf(And(HavePrefix("67.0 % to 70.0 % of the load"), HaveSuffix("(some answers were late while this machine was the limit)"))))
	})
})
