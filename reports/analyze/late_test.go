package analyze_test

import (
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/seed-ab8b6914/spof/proxy/load"
	"github.com/seed-ab8b6914/spof/reports/analyze"
	"github.com/seed-ab8b6914/spof/sim/trace"
)

var _ = Describe("A late answer", func() {
	loss := func(t *trace.Trace) (seen float64, g analyze.Range) {
		got := analyze.TrialOf(t)
		return got.ResilienceLossS, got.Ranges["resilience_loss"]
	}
	second := func(r reply) service { // one second of slow replies, after service is back
		return func(_ int, at time.Duration) reply {
			if lasting(3*s, 4*s)(at) {
				return r
			}
			return fine
		}
	}
	waiting := func(t *trace.Trace, wait time.Duration) *trace.Trace { // a thread waited so long for a processor, in one reading of three
		busy(t, 0, 0)
		for i := range t.Machine {
			if i%3 == 0 {
				t.Machine[i].Waited = wait
			}
		}
		return t
	}

	DescribeTable("is excused only for the time of the request in which the machine was the limit", func(r reply, limit func(*trace.Trace) *trace.Trace, excused bool) {
		t := patient(synthetic(second(r)))
		t.Header.Plan.Faults[0].Promised = 0.1 // no outage
		seen, g := loss(limit(t))
		Expect(seen).To(BeNumerically("~", 1, 0.02))
		if excused {
			Expect(g.Lo).To(BeNumerically("<", 0.02))
		} else {
			Expect(g.Lo).To(BeNumerically(">", 0.98))
		}
		Expect(g.Hi).To(BeNumerically("~", seen+0.001, 1e-6), "never more than was seen, to the next request")
	},
		Entry("half a second late, and busy for longer", reply{latency: 2500 * msec}, busyFrom(4*s, 4600*msec), true),
		Entry("half a second late, and busy for less", reply{latency: 2500 * msec}, busyFrom(4*s, 4400*msec), false),
		Entry("half a second late, and busy after the answer", reply{latency: 2500 * msec}, busyFrom(6500*msec, 12*s), false),
		Entry("given up after 5 s, and busy for more than 3 s", reply{latency: 5 * s, outcome: load.Timeout}, busyFrom(4*s, 7200*msec), true),
		Entry("given up after 5 s, and busy for less than 3 s", reply{latency: 5 * s, outcome: load.Timeout}, busyFrom(4*s, 6800*msec), false),
		Entry("half a second late, and a thread waited for less in all", reply{latency: 2500 * msec},
			func(t *trace.Trace) *trace.Trace { return waiting(t, 50*msec) }, false),
		Entry("50 ms late, and a thread waited for more in all", reply{latency: 2050 * msec},
			func(t *trace.Trace) *trace.Trace { return waiting(t, 50*msec) }, true),
		Entry("refused", reset, busyFrom(0, 12*s), false),
	)

	It("is not excused on any busy machine if it waited for service or repeated its SYN in the outage", func() {
		seen, g := loss(busy(patient(synthetic(frozen(3*s))), 2900*msec, 3100*msec)) // after 3 s in which nothing answered
		Expect(g.Lo).To(BeNumerically("~", seen, 0.02))
		seen, g = loss(busy(patient(synthetic(dark(3400*msec))), 3300*msec, 8*s)) // two SYNs more take all of the patience
		Expect(g.Lo).To(BeNumerically("~", seen, 0.02))
	})

	It("widens no range that it does not affect", func() {
		t := patient(synthetic(func(i int, at time.Duration) reply {
			if lasting(9*s, 9100*msec)(at) { // after the repair
				return reply{latency: 2500 * msec}
			}
			return every(1, always(reset), lasting(-20*msec, s))(i, at)
		}))
		t.Events[1].Uncertainty = 16 * msec
		g := analyze.TrialOf(busy(t, 8500*msec, 12*s)).Ranges["resilience_loss"]
		Expect(g.Lo).To(BeNumerically("<", g.Hi))
		Expect(g.Why).To(BeEmpty())
	})

	It("has the time reported in which the machine was the limit", func() {
		t := patient(synthetic(dark(3400 * msec)))
		Expect(analyze.TrialOf(busy(t, 0, 0)).Limit).To(BeNil())
		t.Machine = nil
		Expect(analyze.TrialOf(busy(t, 3400*msec, 3550*msec)).Limit).To(BeNil(), "too short to be reported")
		t.Machine = nil
		l := analyze.TrialOf(busy(t, 3400*msec, 5*s)).Limit
		Expect(l.FromMS).To(BeNumerically("~", 3400, 100))
		Expect(l.ToMS).To(BeNumerically("~", 5000, 100))
		Expect(l.Why).To(Equal("this machine's processors were 98.0 % busy"))
	})

	It("is excused if its SYN was repeated while service was there", func() {
		t := patient(synthetic(func(i int, at time.Duration) reply {
			if lasting(5*s, 6*s)(at) && i%100 == 0 {
				return reply{latency: 3100 * msec, syns: 2}
			}
			return dark(2*s)(i, at)
		}))
		seen, g := loss(busy(t, 5*s, 10*s))
		Expect(seen - g.Lo).To(BeNumerically("~", 0.01, 0.005))
	})
})
