package analyze_test

import (
	"math"
	"strconv"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	. "github.com/onsi/gomega/gstruct"

	"github.com/seed-ab8b6914/spof/proxy"
	"github.com/seed-ab8b6914/spof/reports/analyze"
	"github.com/seed-ab8b6914/spof/scenarios"
	"github.com/seed-ab8b6914/spof/sim/trace"
)

var _ = Describe("the streams that users hold open", func() {
	// holding is a trial whose users have opened n streams.
	holding := func(n int) *trace.Trace {
		t := synthetic(out(0, s))
		t.Header.Plan.Scenario.Load.Streams = &scenarios.Streams{Share: 0.5, Every: 100 * msec, Silence: 2 * s}
		for user := range n {
			event(t, trace.Event{Node: "users", Subject: strconv.Itoa(user), Kind: proxy.EventStreamOpen}, -3*s)
		}
		return t
	}
	broke := func(t *trace.Trace, user string, after, silent time.Duration) {
		event(t, trace.Event{Node: "users", Subject: user, Kind: proxy.EventStreamBroken, Text: "timeout", For: silent}, after)
	}
	opened := func(t *trace.Trace, user string, after time.Duration) {
		event(t, trace.Event{Node: "users", Subject: user, Kind: proxy.EventStreamOpen}, after)
	}

	measure := func(t analyze.Trial, name string) float64 {
		GinkgoHelper()
		v, ok := t.Measure(name)
		Expect(ok).To(BeTrue())
		return v
	}

	It("have their breaks counted, and the time without a stream measured", func() {
		t := holding(4)
		broke(t, "0", -2*s, 0) // before the fault: it was open again at the effect
		opened(t, "0", -s)
		broke(t, "0", 2*s, 2050*msec) // silent since before the effect
		opened(t, "0", 3*s)
		broke(t, "1", 2*s, 500*msec) // the last answer came after the effect
		opened(t, "1", 2600*msec)
		broke(t, "2", 9*s, 100*msec) // by the failback
		opened(t, "2", 9200*msec)
		got := analyze.TrialOf(t)
		Expect(got.Streams).To(HaveValue(Equal(analyze.Streams{
			Open: 4, Broken: 3, BrokenBefore: 2, BrokenAfter: 1,
			OutageMS:      &analyze.MinMedMax{Min: 1100, Median: 2050, Max: 3000},
			OutageAfterMS: &analyze.MinMedMax{Min: 300, Median: 300, Max: 300},
		})))
		Expect(measure(got, "streams_broken")).To(BeEquivalentTo(3))
		Expect(measure(got, "stream_outage_median")).To(BeEquivalentTo(2050))
		Expect(measure(got, "stream_outage_max")).To(BeEquivalentTo(3000))
	})

	It("break when they fall silent, even if the break is noticed after the repair", func() {
		t := holding(1)
		silent := time.Duration(undoAt-effectAt) - s
		broke(t, "0", silent+2*s, 2*s)
		opened(t, "0", silent+3*s)
		got := analyze.TrialOf(t).Streams
		Expect([]int{got.BrokenBefore, got.BrokenAfter}).To(Equal([]int{1, 0}))
		Expect(got.OutageMS.Max).To(BeNumerically("~", 3000, 1))
	})

	It("count to the end of the load if they never return", func() {
		t := holding(1)
		broke(t, "0", 2*s, 2*s)
		got := analyze.TrialOf(t).Streams
		Expect(got.Lost).To(Equal(1))
		Expect(got.OutageMS.Max).To(BeNumerically("~", ms(endAt-effectAt), 1))
	})

	It("count as silent, with a lower bound, if they are open but silent when the load ends", func() {
		t := holding(4)
		ended := func(user string, silent time.Duration) {
			event(t, trace.Event{Node: "users", Subject: user, Kind: proxy.EventStreamEnd, For: silent}, endAt-effectAt+10*msec)
		}
		ended("0", 120*msec) // the next message was due, and its answer not late yet
		ended("1", s)
		ended("2", endAt-undoAt+3*s) // before the repair
		broke(t, "3", 9*s, 0)
		opened(t, "3", 9100*msec)
		ended("3", 0)
		got := analyze.TrialOf(t)
		Expect(got.Streams).To(HaveValue(MatchFields(IgnoreExtras, Fields{
			"Silent": Equal(2), "Broken": Equal(3), "BrokenBefore": Equal(0), "BrokenAfter": Equal(1), "Lost": Equal(0),
		})))
		Expect(got.Streams.OutageMS.Max).To(BeNumerically("~", 7000, 11))
		Expect(*got.Streams.OutageAfterMS).To(Equal(analyze.MinMedMax{Min: 100, Median: 550, Max: 1000}))
		Expect(measure(got, "streams_broken")).To(BeEquivalentTo(3))
		Expect(measure(got, "stream_outage_max")).To(BeNumerically("~", 7000, 11))
	})

	// after is a trial in which each stream broke at the effect and was open again after a time; 0: never.
	after := func(times ...time.Duration) *trace.Trace {
		t := holding(len(times))
		for i, back := range times {
			broke(t, strconv.Itoa(i), s, s)
			if back > 0 {
				opened(t, strconv.Itoa(i), back)
			}
		}
		return t
	}

	It("have a lower bound of the outage if it did not end", func() {
		watched := ms(endAt - effectAt)
		t := analyze.TrialOf(after(2*s, 3*s, 0))
		Expect(t.Ranges["stream_outage_max"]).To(MatchFields(IgnoreExtras, Fields{
			"Lo": BeNumerically("~", watched, 2), "Hi": Equal(math.Inf(1)), "Why": ContainSubstring("before all streams were open again"),
		}))
		Expect(t.Ranges["stream_outage_median"]).To(MatchFields(IgnoreExtras, Fields{
			"Lo": BeNumerically("~", 2999, .1), "Hi": BeNumerically("~", 3001, .1), "Why": BeEmpty(),
		}))
		Expect(analyze.TrialOf(after(2*s, 0)).Ranges["stream_outage_median"].Hi).To(Equal(math.Inf(1)))

		silent := holding(1)
		event(silent, trace.Event{Node: "users", Subject: "0", Kind: proxy.EventStreamEnd, For: 10 * s}, endAt-effectAt+10*msec)
		Expect(analyze.TrialOf(silent).Ranges["stream_outage_max"].Hi).To(Equal(math.Inf(1)))
	})

	DescribeTable("meet a bound only if every outage surely meets it", func(t *trace.Trace, bound time.Duration, want analyze.Verdict) {
		expect(t, "stream_outage_max", "<=", ms(bound), "<= "+bound.String())
		Expect(analyze.TrialOf(t).Verdict).To(Equal(want))
	},
		Entry("all open again in time", after(2*s, 3*s), 4*s, analyze.Pass),
		Entry("one open again too late", after(2*s, 5*s), 4*s, analyze.Fail),
		Entry("one as late as the effect is uncertain", after(2*s, 3999500*time.Microsecond), 4*s, analyze.Inconclusive),
		Entry("one that was watched for less", after(2*s, 0), 20*s, analyze.Inconclusive),
		Entry("one that was watched for more", after(2*s, 0), 4*s, analyze.Fail),
	)

	It("have no measure if none was open, and 0 if none broke", func() {
		t := holding(0)
		expect(t, "streams_broken", "==", 0, "== 0")
		Expect(analyze.TrialOf(t).Codes).To(ConsistOf("not-measured"))
		t = holding(3)
		expect(t, "streams_broken", "==", 0, "== 0")
		expect(t, "stream_outage_max", "<=", 1000, "<= 1s")
		Expect(analyze.TrialOf(t).Verdict).To(Equal(analyze.Pass))
	})

	It("are nil if no user holds any", func() {
		Expect(analyze.TrialOf(synthetic(out(0, s))).Streams).To(BeNil())
	})
})
