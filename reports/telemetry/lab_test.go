package telemetry_test

import (
	"testing"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/seed-ab8b6914/spof/proxy/load"
	"github.com/seed-ab8b6914/spof/reports/telemetry"
	"github.com/seed-ab8b6914/spof/scenarios/plan"
	"github.com/seed-ab8b6914/spof/sim/trace"
)

var _ = Describe("a lab with metrics", func() {
	var m *telemetry.Metrics
	var lab *telemetry.Lab
	var p plan.Plan
	BeforeEach(func() {
		m, p = telemetry.NewMetrics(), compiled()
		lab = telemetry.NewLab(m, nil)
	})
	// ended is a request that ended.
	ended := func(user uint16, due time.Duration, took time.Duration, outcome load.Outcome) trace.Sample {
		return trace.Sample{User: user, Scheduled: due.Nanoseconds(), Done: uint32(took.Microseconds()), Outcome: outcome}
	}

	It("counts requests by outcome while the trial runs", func() {
		lab.Samples([]trace.Sample{ended(0, 0, time.Millisecond, load.OK)}) // no trial yet: nothing to count for
		lab.Trial(&trace.Header{Plan: p})
		lab.Samples([]trace.Sample{
			ended(0, 0, time.Millisecond, load.OK), ended(1, 0, 3*time.Second, load.OK), ended(2, 0, time.Second, load.Reset), {Outcome: 200},
		})
		Expect(exposition(m)).To(And(
			line(`spof_requests_total{design="active-passive",outcome="ok",scenario="node-death"} 2`),
			line(`spof_requests_total{design="active-passive",outcome="reset",scenario="node-death"} 1`),
			line(`spof_requests_total{design="active-passive",outcome="timeout",scenario="node-death"} 0`),
			line(`spof_requests_late_total{CELL} 1`),
		))
	})

	It("counts the users who are served, by the latest request of each", func() {
		lab.Trial(&trace.Header{Plan: p})
		Expect(exposition(m)).To(And(line(`spof_users{CELL} 50`), line(`spof_users_served{CELL} 0`)))
		lab.Samples([]trace.Sample{
			ended(0, time.Second, time.Millisecond, load.OK),
			ended(1, time.Second, time.Millisecond, load.OK),
			ended(2, time.Second, 3*time.Second, load.OK), // later than the patience
			ended(999, time.Second, time.Millisecond, load.OK),
		})
		Expect(exposition(m)).To(line(`spof_users_served{CELL} 2`))
		lab.Samples([]trace.Sample{
			ended(0, 2*time.Second, 5*time.Second, load.Timeout),
			ended(1, 500*time.Millisecond, 5*time.Second, load.Timeout), // due before the one that was answered
		})
		Expect(exposition(m)).To(line(`spof_users_served{CELL} 1`))
	})

	It("has no users between trials", func() {
		followed(lab, recorded(p))
		Expect(exposition(m)).NotTo(MatchRegexp(`(?m)^spof_users(_served)?\{`))
	})

	It("allocates nothing for the samples of a trial", func() {
		of := recorded(p)
		lab.Trial(&of.Header)
		Expect(testing.AllocsPerRun(10, func() { lab.Samples(of.Samples) })).To(BeZero())
	})
})

func BenchmarkSamples(b *testing.B) {
	RegisterTestingT(b)
	of := recorded(compiled())
	for name, m := range map[string]*telemetry.Metrics{"with metrics": telemetry.NewMetrics(), "without": nil} {
		b.Run(name, func(b *testing.B) {
			lab := telemetry.NewLab(m, nil)
			lab.Trial(&of.Header)
			b.ReportAllocs()
			for b.Loop() {
				lab.Samples(of.Samples)
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*len(of.Samples)), "ns/sample")
		})
	}
}
