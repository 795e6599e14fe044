package analyze_test

import (
	"slices"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/seed-ab8b6914/spof/proxy"
	"github.com/seed-ab8b6914/spof/proxy/load"
	"github.com/seed-ab8b6914/spof/reports/analyze"
	"github.com/seed-ab8b6914/spof/scenarios/fault"
	"github.com/seed-ab8b6914/spof/sim/trace"
)

var _ = Describe("The verdict", func() {
	judge := func(t *trace.Trace) analyze.Trial { return analyze.TrialOf(t) }

	DescribeTable("is inconclusive, never pass or fail, if a trial is void", func(spoil func(*trace.Trace), code, value string) {
		t := synthetic(out(0, 8*s)) // service never came back: a failure, if the trial is not void
		spoil(t)
		got := judge(t)
		Expect(got.Verdict).To(Equal(analyze.Inconclusive))
		i := slices.Index(got.Codes, code)
		Expect(i).To(BeNumerically(">=", 0), "%v", got.Codes)
		Expect(got.Reasons[i]).To(ContainSubstring(value))
	},
		Entry("broken", func(t *trace.Trace) { t.Broken = "agent lost" }, "trial-broken-off", "agent lost"),
		Entry("a fault without an effect", func(t *trace.Trace) { t.Events = slices.Delete(t.Events, 1, 2) }, "no-effect", "power-loss on proxy-a"),
		Entry("no event of the fault at all", func(t *trace.Trace) { t.Events = nil }, "no-effect", "fault f1 (power-loss)"),
		Entry("one of two places without an effect", func(t *trace.Trace) {
			t.Events = append(t.Events, trace.Event{At: epoch + 4e9, Node: "proxy-b", Kind: proxy.EventFaultAsked, Fault: "f1"})
		}, "no-effect", "power-loss on proxy-b"),
		Entry("an undoing without an effect", func(t *trace.Trace) { t.Events = t.Events[:3] }, "no-repair-effect", "fault f1"),
		Entry("a chassis that could not turn its node off", func(t *trace.Trace) {
			event(t, trace.Event{Kind: proxy.EventFailed, Node: "proxy-a", Text: "inlet at 75.0 deg C, but the node goes on"}, s)
		}, "chassis-failed", "proxy-a failed at 5.01 s: inlet at 75.0 deg C, but the node goes on"),
		Entry("no baseline", func(t *trace.Trace) { t.Header.Plan.BaselineAt = 4*s - 50*msec }, "few-baseline-requests", "at least 100"),
		Entry("a dirty baseline", func(t *trace.Trace) {
			for i := 1000; i < 1100; i++ {
				t.Samples[i].Outcome = load.Status5xx
			}
		}, "dirty-baseline", " %"),
		Entry("a baseline of answers later than the patience", func(t *trace.Trace) {
			for i := 1000; i < 3000; i++ {
				t.Samples[i].Done = 1_100_000
			}
		}, "dirty-baseline", " %"),
		Entry("a baseline whose requests hang beyond the effect", func(t *trace.Trace) {
			for i := 1000; i < 3000; i += 10 {
				t.Samples[i].Outcome, t.Samples[i].Done = load.Timeout, 5_000_000
			}
		}, "dirty-baseline", " %"),
		Entry("requests not sent", func(t *trace.Trace) { t.Samples[9000].Outcome = load.NotSent }, "requests-not-sent", " 1 request"),
		Entry("samples missing", func(t *trace.Trace) { t.Samples = t.Samples[:len(t.Samples)-100] }, "samples-missing", "100 of 16000"),
		Entry("a fault too short", func(t *trace.Trace) { t.Events[2].At = t.Events[1].At + 9e8 }, "short-fault", "lasted 900 ms and had "),
		Entry("no load", func(t *trace.Trace) { t.Header.Plan.Scenario.Load.Rate = 0 }, "no-load", ""),
	)

	It("is inconclusive if resilience loss and lost requests disagree", func() {
		t := synthetic(out(0, 3*s))
		kept := t.Samples[:0]
		for i, x := range t.Samples { // the generator skipped half of the outage, and doubled the recovery to make up for it
			if at := time.Duration(x.Scheduled) - effectAt; !lasting(0, 3*s)(at) || i%2 == 0 {
				kept = append(kept, x)
			}
		}
		t.Samples = append(kept, kept[len(kept)-1500:]...)
		got := judge(t)
		Expect(got.Verdict).To(Equal(analyze.Inconclusive))
		Expect(got.Codes).To(ConsistOf("uneven-load"))
		Expect(got.Reasons).To(ConsistOf(And(ContainSubstring("3.00 s"), ContainSubstring("1.50 s"))))
	})

	DescribeTable("is inconclusive, but may fail, if an unplanned event occurred", func(blur func(*trace.Trace), code, value string) {
		t := synthetic(out(0, s))
		blur(t)
		got := judge(t)
		Expect(got.Verdict).To(Equal(analyze.Inconclusive))
		Expect(got.Codes).To(ConsistOf(code))
		Expect(got.Reasons).To(ConsistOf(ContainSubstring(value)))
		expect(t, "failover", "<=", 500, "<= 500ms")
		Expect(judge(t).Verdict).To(Equal(analyze.Fail))
	},
		Entry("a service that ended by itself", func(t *trace.Trace) {
			event(t, trace.Event{Kind: proxy.EventServiceExit, Node: "proxy-b", Service: "squid", Text: "exit status 1"}, -2*s)
		}, "service-ended", "squid on proxy-b ended by itself at 2.01 s, and no fault of the plan explains it (exit status 1)"),
	)

	DescribeTable("counts the death of a service by a full disk as a result, and any other as a doubt", func(kind proxy.FaultKind, node string, after time.Duration, want analyze.Verdict) {
		t := synthetic(out(100*msec, 3*s))
		t.Header.Plan.Faults[0].Kind = kind
		for i := range t.Events {
			t.Events[i].Service = "squid"
		}
		event(t, trace.Event{Kind: proxy.EventServiceExit, Node: node, Service: "squid", Text: "signal: aborted"}, after)
		got := judge(t)
		Expect(got.Verdict).To(Equal(want))
		if want == analyze.Pass {
			Expect(got.Story).To(ContainSubstring("squid on proxy-a died of the fault (signal: aborted) at 4.06 s"))
		} else {
			Expect(got.Codes).To(ConsistOf("service-ended"))
		}
	},
		Entry("of the full disk", fault.DiskFull, "proxy-a", 50*msec, analyze.Pass),
		Entry("of a configuration that it has refused", fault.ConfigBreak, "proxy-a", 50*msec, analyze.Pass),
		Entry("before it", fault.DiskFull, "proxy-a", -2*s, analyze.Inconclusive),
		Entry("elsewhere", fault.DiskFull, "proxy-b", 50*msec, analyze.Inconclusive),
		Entry("of another fault", fault.Hang, "proxy-a", 50*msec, analyze.Inconclusive),
	)

	DescribeTable("follows the expectations", func(measure, op string, value float64, want analyze.Verdict, reason string) {
		t := synthetic(out(0, 3*s))
		expect(t, measure, op, value, "...")
		got := judge(t)
		Expect(got.Verdict).To(Equal(want))
		if reason != "" {
			Expect(got.Reasons).To(ConsistOf(reason))
		}
	},
		Entry("met", "failover", "<=", 3500.0, analyze.Pass, ""),
		Entry("missed", "failover", "<=", 2000.0, analyze.Fail, "failover 3.00 s > 2 s"),
		Entry("missed by a small margin", "failover", "<", 2995.0, analyze.Fail, "failover 3.002 s >= 2.995 s"),
		Entry("a ratio", "lost_ratio", "<=", 0.3, analyze.Fail, "lost ratio 37.5 % > 30 %"),
		Entry("seconds", "resilience_loss", "<", 1.5, analyze.Fail, "resilience loss 3.00 s >= 1.5 s"),
		Entry("a count", "lost", "==", 0.0, analyze.Fail, "lost 3000 != 0"),
		Entry("a lower bound", "q_min", ">=", 0.5, analyze.Fail, "q min 0 % < 50 %"),
		Entry("the users who noticed", "users_noticed", "<=", 10.0, analyze.Fail, "users noticed 50 > 10"),
		Entry("their share", "users_noticed_ratio", "<=", 0.1, analyze.Fail, "users noticed ratio 100 % > 10 %"),
		Entry("an unknown operator", "lost", "~", 0.0, analyze.Inconclusive, ""),
	)

	It("fails a failover that never came, once, expected or not", func() {
		t := synthetic(out(0, 12*s))
		Expect(judge(t).Verdict).To(Equal(analyze.Fail))
		expect(t, "failover", "<=", 2000, "<= 2s")
		Expect(judge(t).Codes).To(ConsistOf("no-return"))
		Expect(judge(t).Reasons).To(ConsistOf(ContainSubstring("12.0 s after the fault")))
	})

	It("needs no baseline if there is no fault", func() {
		t := synthetic(every(100, always(reset), func(time.Duration) bool { return true }))
		t.Header.Plan.Faults, t.Events = nil, nil
		got := judge(t)
		Expect(got.Verdict).To(Equal(analyze.Pass))
		Expect(got.FailoverMS).To(BeNil())
		expect(t, "error_ratio", "<=", 0.001, "<= 0.1%")
		Expect(judge(t).Reasons).To(ConsistOf("error ratio 1.00 % > 0.1 %"))
		expect(t, "failover", "<=", 1000, "<= 1s")
		Expect(judge(t).Codes).To(ConsistOf("bound-missed", "not-measured"))
	})
})
