package analyze_test

import (
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/seed-ab8b6914/spof/proxy/load"
	"github.com/seed-ab8b6914/spof/reports/analyze"
	"github.com/seed-ab8b6914/spof/scenarios/predict"
	"github.com/seed-ab8b6914/spof/sim/trace"
)

// overloaded makes all readings busy. In one reading of oneOf, a thread waited 50 ms to run.
func overloaded(t *trace.Trace, oneOf int) *trace.Trace {
	busy(t, -effectAt, endAt)
	for i := range t.Machine {
		if i%oneOf == 0 {
			t.Machine[i].Waited = 50 * msec
		}
	}
	return patient(t)
}

var _ = Describe("An overloaded machine", func() {
	refusedFrom := func(from, to time.Duration) service {
		return func(_ int, at time.Duration) reply {
			if lasting(from, to)(at) {
				return reset
			}
			return fine
		}
	}
	again := func(i int, at time.Duration) reply { // an outage of a second, and from after the repair on another one
		if lasting(9*s, endAt)(at) {
			return reset
		}
		return refusedFrom(0, s)(i, at)
	}

	DescribeTable("makes failures inconclusive", func(serve service, code string) {
		Expect(analyze.TrialOf(busy(patient(synthetic(serve)), -effectAt, endAt)).Verdict).To(Equal(analyze.Fail), "a busy machine does not cause refusals")
		Expect(analyze.TrialOf(overloaded(synthetic(serve), 8)).Verdict).To(Equal(analyze.Fail), "single waits are no overload")
		got := analyze.TrialOf(overloaded(synthetic(serve), 3))
		Expect(got.Verdict).To(Equal(analyze.Inconclusive))
		Expect(got.Codes).To(ContainElement(code))
		Expect(got.Reasons).To(ContainElement(MatchRegexp(", but this machine was overloaded: .* waited up to 50(.0)? ms for a processor")))
	},
		Entry("service that does not come back", refusedFrom(0, time.Hour), "no-return-unsure"),
		Entry("service that comes back with the repair", refusedFrom(0, 8200*msec), "ended-by-repair-unsure"),
		Entry("service that is lost again after the repair", again, "lost-after-repair-unsure"),
	)

	It("makes the better end of a range unknown, and keeps the observed value as the worse end", func() {
		t := overloaded(synthetic(refusedFrom(0, 3*s)), 3)
		expect(t, "failover", "<=", 2000, "<= 2s")
		expect(t, "lost", "<=", 1e6, "<= 1000000")
		got := analyze.TrialOf(t)
		Expect(got.Verdict).To(Equal(analyze.Inconclusive))
		Expect(got.Ranges["failover"]).To(And(HaveField("Lo", 0.), HaveField("Hi", BeNumerically("~", 3000, 20)), HaveField("Why", ContainSubstring("overloaded"))))
		Expect(got.Ranges["q_min"].Hi).To(Equal(1.))
		Expect(got.Reasons).To(HaveLen(1), "a bound that is met on this machine is met on any")
	})

	It("changes nothing if the plan predicts that no mechanism ends the outage", func() {
		t := overloaded(synthetic(refusedFrom(0, 8200*msec)), 3)
		t.Header.Plan.Faults[0].Predicted = &predict.Prediction{Never: true}
		Expect(analyze.TrialOf(t).Verdict).To(Equal(analyze.Fail))
	})

	It("does not excuse bypassed or corrupted requests", func() {
		t := overloaded(synthetic(refusedFrom(0, s)), 3)
		t.Samples[len(t.Samples)/2].Flags |= load.Bypassed
		expect(t, "bypassed", "==", 0, "== 0")
		Expect(analyze.TrialOf(t).Verdict).To(Equal(analyze.Fail))
	})
})
