package analyze_test

import (
	"slices"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

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

	DescribeTable("is not the machine's doing", func(from, to time.Duration) {
		t := busy(patient(synthetic(early)), from, to)
		t.Header.Plan.Faults[0].Promised = 0.1 // no outage
		got := analyze.TrialOf(t)
		Expect(got.ResilienceLossS).To(BeNumerically("~", 1, 0.02))
		Expect(got.Ranges["resilience_loss"].Lo).To(Equal(got.ResilienceLossS))
	},
		Entry("on an idle one", time.Duration(0), time.Duration(0)),
		Entry("on a busy one", 2*s, 8*s),
	)
})

// pause is a service that is well on a machine that stands still between two instants: nothing is sent, nor answered.
func pause(from, to time.Duration) *trace.Trace {
	t := patient(synthetic(func(_ int, at time.Duration) reply {
		if lasting(from, to)(at) {
			return reply{latency: to - at + 2*msec}
		}
		return fine
	}))
	for i := range t.Samples {
		if at := time.Duration(t.Samples[i].Scheduled) - effectAt; lasting(from, to)(at) {
			t.Samples[i].Late = uint32(to - at)
		}
	}
	return t
}

// stolen has the machine's readings say that the hypervisor took it between two instants. There is one reading of that time.
func stolen(t *trace.Trace, from, to time.Duration) *trace.Trace {
	busy(t, 0, 0)
	t.Machine = slices.DeleteFunc(t.Machine, func(m trace.Reading) bool {
		end := time.Duration(m.At-epoch) - effectAt
		return end > from && end <= to
	})
	t.Machine = append(t.Machine, trace.Reading{At: epoch + int64(effectAt+to), Node: "users", Over: to - from, CPUs: 2, Busy: 0.03, Stolen: 0.97, Pressure: -1})
	return t
}

// onTime has all requests leave when they are due.
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
		Entry("is no failure of the design", func() *trace.Trace { return stolen(pause(from, to), from, to) }, analyze.Inconclusive),
		Entry("nor where only the proxies' machine was taken", func() *trace.Trace { return stolen(onTime(pause(from, to)), from, to) }, analyze.Inconclusive),
		Entry("nor where it was busy, and nothing could leave", func() *trace.Trace { return busy(pause(from, to), from, to) }, analyze.Inconclusive),
		Entry("is one of a design that is silent while the machine runs, however busy", func() *trace.Trace { return busy(onTime(pause(from, to)), from, to) }, analyze.Fail),
		Entry("is one where the machine was idle", func() *trace.Trace { return busy(onTime(pause(from, to)), 0, 0) }, analyze.Fail),
		Entry("is one where the machine was taken at another time", func() *trace.Trace { return stolen(onTime(pause(from, to)), 6*s, 7*s) }, analyze.Fail),
	)

	It("after an outage leaves that", func() {
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
		Entry("is no failure of the design", func(from, to time.Duration) *trace.Trace { return stolen(pause(from, to), from, to) }, analyze.Inconclusive),
		Entry("is one where the machine was idle", func(from, to time.Duration) *trace.Trace { return busy(onTime(pause(from, to)), 0, 0) }, analyze.Fail),
		Entry("is one of a design that is silent", func(from, to time.Duration) *trace.Trace { return busy(onTime(pause(from, to)), from, to) }, analyze.Fail),
	)
})
