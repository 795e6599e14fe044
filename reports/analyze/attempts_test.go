package analyze_test

import (
	"slices"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/seed-ab8b6914/spof/reports/analyze"
	"github.com/seed-ab8b6914/spof/scenarios/plan"
	"github.com/seed-ab8b6914/spof/sim/trace"
)

// attempt makes a trace the trace of an attempt with a number; the attempt has a later phase.
func attempt(t *trace.Trace, number int, phase time.Duration) *trace.Trace {
	t.Header.Redrawn = &plan.Trial{Index: t.Header.Trial, Attempt: number, Phase: phase}
	return t
}

// broken is a trial that was not finished. It is void, and may be run again.
func broken() *trace.Trace {
	t := trials(3 * time.Second)[0]
	t.Broken = "the agent of proxy-a is gone"
	return t
}

var _ = Describe("A trial with several attempts", func() {
	It("counts the conclusive attempt, and lists the others as repeated", func() {
		all := trials(2900*msec, 3100*msec)
		torn := trials(2900*msec, 9*time.Second)[1]
		torn.Broken = "the agent of proxy-a is gone"
		attempt(all[1], 1, msec)
		traces := []*trace.Trace{all[1], torn, all[0]}
		c := analyze.CellOf(traces)
		Expect(c.Verdict).To(Equal(analyze.Pass))
		Expect(c.Reasons).To(BeEmpty())
		Expect(c.Trials).To(HaveLen(2))
		Expect([]int{c.Trials[0].Attempt, c.Trials[1].Attempt}).To(Equal([]int{0, 1}))
		Expect(c.Trials[1].PhaseMS).To(Equal(1.), "the phase of the attempt, not of the plan")
		Expect(c.Repeated).To(HaveLen(1))
		Expect(c.Repeated[0]).To(And(HaveField("Trial", 1), HaveField("Attempt", 0), HaveField("Verdict", analyze.Inconclusive)))
		Expect(c.Summary["failover_ms"].N).To(Equal(2), "no figure includes a repeated attempt")
		slices.Reverse(traces)
		Expect(analyze.CellOf(traces)).To(Equal(c), "whatever the order")
	})

	It("is inconclusive when all of them are", func() {
		c := analyze.CellOf([]*trace.Trace{broken(), attempt(broken(), 1, 0)})
		Expect(c.Verdict).To(Equal(analyze.Inconclusive))
		Expect(c.Trials).To(HaveLen(1))
		Expect(c.Repeated).To(HaveLen(1))
	})

	It("stays failed if a later attempt passes", func() {
		failed := synthetic(out(0, time.Hour))
		good := attempt(trials(3 * time.Second)[0], 1, 0)
		Expect(analyze.TrialOf(good).Verdict).To(Equal(analyze.Pass))
		Expect(analyze.CellOf([]*trace.Trace{failed, good}).Verdict).To(Equal(analyze.Fail))
	})

	It("is a duplicate if two traces have the same attempt", func() {
		one := trials(3 * time.Second)[0]
		c := analyze.CellOf([]*trace.Trace{one, one})
		Expect(c.Verdict).To(Equal(analyze.Inconclusive))
		Expect(c.Codes).To(ContainElement("repeated-trial"))
	})
})

var _ = DescribeTable("Another attempt is", func(t *trace.Trace, want string) {
	trial := analyze.TrialOf(t)
	Expect(trial.Again()).To(Equal(want))
},
	Entry("not for one that passed", trials(3 * time.Second)[0], ""),
	Entry("not for one that failed", synthetic(out(0, time.Hour)), ""),
	Entry("for one that was not finished", broken(), "inconclusive: the trial was not finished: the agent of proxy-a is gone"),
	Entry("for one with a dirty baseline", synthetic(func(i int, at time.Duration) reply {
		if at < 0 && i%2 == 0 {
			return reset
		}
		return fine
	}), "inconclusive: only 50.0 % of the requests succeeded in time before any fault"),
	Entry("not for one whose baseline is too short by its plan", func() *trace.Trace {
		t := synthetic(out(0, 3*time.Second))
		t.Header.Plan.BaselineAt = t.Header.Plan.FaultAt - 50*msec
		t.Header.Plan.Scenario.Phases.Baseline = 50 * msec
		return t
	}(), ""),
	Entry("not for one whose fault is too short by its plan", func() *trace.Trace {
		t := synthetic(out(0, 100*msec))
		t.Header.Plan.Scenario.Faults[0].For = 500 * msec
		t.Header.Plan.Faults[0].Undo = t.Header.Plan.Faults[0].At + 500*msec
		t.Events[2].At, t.Events[3].At = t.Events[1].At+int64(480*msec), t.Events[1].At+int64(500*msec)
		return t
	}(), ""),
	Entry("for one whose fault was short because its effect was late", func() *trace.Trace {
		t := synthetic(out(0, 0))
		t.Events[1].At = t.Events[2].At - int64(900*msec)
		return t
	}(), "inconclusive: the fault lasted 900 ms and had 900 requests; the least for a verdict is 1.00 s and 20 requests"),
	Entry("for one whose requests before the fault had not ended by then", func() *trace.Trace {
		t := synthetic(func(_ int, at time.Duration) reply {
			if lasting(-5*s, -50*msec)(at) {
				return reply{latency: 50*msec - at}
			}
			return fine
		})
		t.Header.Plan.Scenario.Load.Patience = 3 * s
		return t
	}(), "inconclusive: only 60 requests before the fault; the baseline needs at least 100"),
	Entry("for one that was not finished and has too few requests", func() *trace.Trace {
		t := broken()
		t.Samples = slices.DeleteFunc(t.Samples, func(s trace.Sample) bool { return s.Scheduled < int64(4*time.Second) })
		return t
	}(), "inconclusive: the trial was not finished: the agent of proxy-a is gone"),
	Entry("not for one that can never be conclusive by its plan", func() *trace.Trace {
		t := trials(3 * time.Second)[0]
		expect(t, "diversity", ">=", 1, ">= 100%")
		return t
	}(), ""),
	Entry("not for one without load", func() *trace.Trace {
		t := synthetic(out(0, 3*time.Second))
		t.Header.Plan.Scenario.Load.Rate = 0
		return t
	}(), ""),
)
