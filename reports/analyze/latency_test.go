package analyze_test

import (
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/seed-ab8b6914/spof/reports/analyze"
)

var _ = Describe("Latency recovery", func() {
	slowUntil := func(end time.Duration) service {
		return func(i int, at time.Duration) reply {
			r := dark(3*s)(i, at)
			if lasting(3*s, end)(at) {
				r.latency = 60 * msec // the limit is 25 ms
			}
			return r
		}
	}

	It("is when latencies are low again, and not before failover", func() {
		got := analyze.TrialOf(patient(synthetic(slowUntil(4200 * msec))))
		Expect(got.FailoverMS).To(about(3000, 3))
		Expect(got.LatencyRecoveryMS).To(about(4200, 60)) // 5 % may be slow
		same := analyze.TrialOf(patient(synthetic(dark(3 * s))))
		Expect(same.LatencyRecoveryMS).To(about(*same.FailoverMS, 5))
		Expect(analyze.TrialOf(synthetic(out(0, 0))).LatencyRecoveryMS).To(about(0, 0))
	})

	It("is not reached if answers stay slow", func() {
		t := patient(synthetic(slowUntil(endAt)))
		expect(t, "latency_recovery", "<=", 5000, "<= 5s")
		got := analyze.TrialOf(t)
		Expect(got.LatencyRecoveryMS).To(BeNil())
		Expect(got.Verdict).To(Equal(analyze.Fail))
		Expect(got.Codes).To(ConsistOf("bound-missed"))
	})

	It("is an upper bound while the machine was the limit", func() {
		t := busy(patient(synthetic(slowUntil(4200*msec))), 2900*msec, 4300*msec)
		g := analyze.TrialOf(t).Ranges["latency_recovery"]
		Expect(g.Lo).To(BeNumerically("~", 3000, 5))
		Expect(g.Hi).To(BeNumerically("~", 4200, 60))
		Expect(g.Why).To(ContainSubstring("98.0 % busy"))
	})
})
