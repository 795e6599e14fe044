package spoftest_test

import (
	"math"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/seed-ab8b6914/spof/reason"
	"github.com/seed-ab8b6914/spof/reports/analyze"
	"github.com/seed-ab8b6914/spof/spoftest"
	"github.com/seed-ab8b6914/spof/spoftest/spofmatch"
)

func some(v float64) *float64 { return &v }

// trial is a trial whose service was back after 3 s, give or take 10 ms.
func trial() analyze.Trial {
	return analyze.Trial{
		Verdict: analyze.Pass, FailoverMS: some(3000), EndedBy: analyze.EndedByMechanism, Story: "proxy-a dark at 4 s; users back at 7 s",
		LostRatio: 0.25, QSteady: 0.9, Users: 10, UsersNoticed: 5,
		Ranges:    map[string]analyze.Range{"failover": {Lo: 2990, Hi: 3010}},
		Predicted: &analyze.Predicted{Lo: 2600, Hi: 3600, Inside: true, Text: "3 adverts and a skew"},
	}
}

func result(trials ...analyze.Trial) *spoftest.Result {
	for i := range trials {
		trials[i].Trial = i
	}
	return &spoftest.Result{Cell: analyze.Cell{Topology: "active-passive", Scenario: "node-death", Runtime: "local", Trials: trials}}
}

var _ = Describe("a condition", func() {
	DescribeTable("has three values", func(c spoftest.Condition, want analyze.Verdict, tells string) {
		got, text := c.Judge(result(trial()))
		Expect(got).To(Equal(want))
		Expect(text).To(ContainSubstring(tells))
		Expect(text).To(ContainSubstring(c.String()))
		ok, err := spofmatch.Meet(c).Match(result(trial()))
		Expect(ok).To(Equal(want == analyze.Pass))
		Expect(err != nil).To(Equal(want == analyze.Inconclusive), "To and NotTo both fail of an inconclusive trial")
	},
		Entry("met", spoftest.RecoverWithin(4*time.Second), analyze.Pass, ""),
		Entry("missed", spoftest.RecoverWithin(2*time.Second), analyze.Fail, "[bound-missed]"),
		Entry("the bound lies in the range", spoftest.RecoverWithin(3005*time.Millisecond), analyze.Inconclusive, "[bound-unsure]"),
		Entry("lost too much", spoftest.LoseAtMost(0.01), analyze.Fail, "25"),
		Entry("lost little enough", spoftest.LoseAtMost(0.25), analyze.Pass, ""),
		Entry("kept", spoftest.KeepAtLeast(0.9), analyze.Pass, ""),
		Entry("kept too little", spoftest.KeepAtLeast(0.91), analyze.Fail, "[bound-missed]"),
		Entry("bypassed nothing", spoftest.BypassNothing(), analyze.Pass, ""),
		Entry("noticed by too many", spoftest.BeNoticedByAtMost(0.2), analyze.Fail, "[bound-missed]"),
		Entry("inside the prediction", spoftest.FallInsidePrediction(), analyze.Pass, ""),
		Entry("no stream was held", spoftest.BreakNoStream(), analyze.Inconclusive, "[not-measured]"),
		Entry("an unknown measure", spoftest.Keep("charm", "<=", 1), analyze.Inconclusive, "[unknown-measure]"),
		Entry("an unknown operator", spoftest.Keep("failover", "=<", 4000), analyze.Inconclusive, "[unknown-operator]"),
		Entry("a value that is no number", spoftest.Keep("failover", "<=", math.NaN()), analyze.Inconclusive, "[wrong-bound]"),
		Entry("an endless value", spoftest.Keep("failover", "<=", math.Inf(1)), analyze.Inconclusive, "[wrong-bound]"),
		Entry("a negative time", spoftest.RecoverWithin(-time.Second), analyze.Inconclusive, "[wrong-bound]"),
		Entry("5 meant as 5 %", spoftest.LoseAtMost(5), analyze.Inconclusive, "[wrong-bound]"),
		Entry("a negative share", spoftest.KeepAtLeast(-0.1), analyze.Inconclusive, "[wrong-bound]"),
		Entry("a share of no number", spoftest.BeNoticedByAtMost(math.NaN()), analyze.Inconclusive, "[wrong-bound]"),
		Entry("no condition", spoftest.Condition{}, analyze.Inconclusive, "[no-condition]"),
		Entry("any measure", spoftest.Keep("users_noticed", "<=", 5), analyze.Pass, ""),
		Entry("what the scenario expects", spoftest.MeetExpectations(), analyze.Pass, ""),
	)

	It("tells the trial, the range, the end of the outage and the story", func() {
		slow := trial()
		slow.FailoverMS, slow.Ranges = some(7000), map[string]analyze.Range{"failover": {Lo: 6990, Hi: 7010}}
		verdict, text := spoftest.RecoverWithin(4 * time.Second).Judge(result(trial(), slow))
		Expect(verdict).To(Equal(analyze.Fail))
		Expect(text).To(And(ContainSubstring("trial 2 of 2"), ContainSubstring("7.00 s"), ContainSubstring("4s"), ContainSubstring("± 10"),
			ContainSubstring("ended by mechanism"), ContainSubstring("proxy-a dark at 4 s")))
		Expect(text).NotTo(ContainSubstring("trial 1"))
	})

	It("is missed if one trial misses it and another is inconclusive", func() {
		none, late := trial(), trial()
		none.FailoverMS, none.Ranges = nil, nil
		late.FailoverMS, late.Ranges = some(9000), nil
		verdict, _ := spoftest.RecoverWithin(4 * time.Second).Judge(result(none, late))
		Expect(verdict).To(Equal(analyze.Fail))
		verdict, _ = spoftest.RecoverWithin(4 * time.Second).Judge(result(trial(), none))
		Expect(verdict).To(Equal(analyze.Inconclusive))
	})

	It("is missed where service never returned", func() {
		never := trial()
		never.FailoverMS, never.Ranges = nil, map[string]analyze.Range{"failover": {Lo: 15000, Hi: math.Inf(1)}}
		verdict, text := spoftest.RecoverWithin(4 * time.Second).Judge(result(never))
		Expect(verdict).To(Equal(analyze.Fail))
		Expect(text).To(ContainSubstring("15"))
	})

	It("is never met by a run without trials", func() {
		verdict, text := spoftest.BypassNothing().Judge(result())
		Expect(verdict).To(Equal(analyze.Inconclusive))
		Expect(text).To(ContainSubstring("[no-trial]"))
	})

	It("checks what the scenario expects if Check gets no condition", func() {
		bad := trial()
		bad.Verdict, bad.Codes, bad.Reasons = analyze.Fail, []string{"bound-missed"}, []string{"too slow"}
		t := run(func(t *test) {
			Expect(result(bad).Check(t)).To(BeFalse())
			Expect(result(trial()).Check(t)).To(BeTrue())
		})
		Expect(t.errors).To(ConsistOf(And(ContainSubstring("MeetExpectations()"), ContainSubstring("[bound-missed]"))))
	})

	DescribeTable("names the figure of every trial that meets it", func(c spoftest.Condition, figure string) {
		m := spofmatch.Meet(c)
		Expect(m.Match(result(trial(), trial()))).To(BeTrue())
		Expect(m.NegatedFailureMessage(nil)).To(And(ContainSubstring("trial 1 of 2: "+figure), ContainSubstring("trial 2 of 2: "+figure)))
	},
		Entry("a time", spoftest.RecoverWithin(9*time.Second), "failover 3.000 s ± 10 ms"),
		Entry("a share", spoftest.LoseAtMost(0.3), "lost ratio 25"),
		Entry("the prediction", spoftest.FallInsidePrediction(), "failover took 3.00 s, predicted were 2.60 s to 3.60 s"),
		Entry("what the scenario expects", spoftest.MeetExpectations(), "failover 3.000 s"),
	)

	It("gives figures by the name or the key of a measure, and refuses others", func() {
		for _, measure := range []string{"failover", "failover_ms"} {
			Expect(result(trial(), trial()).Figures(measure)).To(Equal([]float64{3000, 3000}))
		}
		_, err := result(trial()).Figures("failovr")
		Expect(reason.Codes(err)).To(Equal([]string{"unknown-measure"}))
		Expect(err).To(MatchError(ContainSubstring(`"failover"`)))
	})

	It("fails a test by Check, each with its own message", func() {
		t := run(func(t *test) {
			Expect(result(trial()).Check(t, spoftest.RecoverWithin(time.Second), spoftest.BypassNothing(), spoftest.BreakNoStream())).To(BeFalse())
			Expect(result(trial()).Check(t, spoftest.BypassNothing())).To(BeTrue())
		})
		Expect(t.errors).To(ConsistOf(ContainSubstring("RecoverWithin(1s)"), ContainSubstring("BreakNoStream()")))
	})

	It("outside the prediction says what was predicted", func() {
		early := trial()
		early.Predicted.Inside = false
		verdict, text := spoftest.FallInsidePrediction().Judge(result(early))
		Expect(verdict).To(Equal(analyze.Fail))
		Expect(text).To(And(ContainSubstring("2.60 s to 3.60 s"), ContainSubstring("3 adverts and a skew")))
	})
})

var _ = Describe("a matcher", func() {
	It("bounds any measure", func() {
		Expect(result(trial())).To(spofmatch.Keep("users_noticed", "<=", 5))
		Expect(result(trial())).NotTo(spofmatch.Keep("users_noticed", "<", 5))
	})

	It("wants a result", func() {
		_, err := spofmatch.BypassNothing().Match(7)
		Expect(err).To(MatchError(ContainSubstring("*spoftest.Result")))
		_, err = spofmatch.BypassNothing().Match((*spoftest.Result)(nil))
		Expect(err).To(HaveOccurred())
	})

	It("tells the story of a miss", func() {
		m := spofmatch.RecoverWithin(time.Second)
		Expect(m.Match(result(trial()))).To(BeFalse())
		Expect(m.FailureMessage(nil)).To(ContainSubstring("proxy-a dark at 4 s"))
	})
})

var _ = It("a result that is nil is no panic", func() {
	t := new(test)
	var r *spoftest.Result
	Expect(r.Check(t)).To(BeFalse())
	_, text := spoftest.MeetExpectations().Judge(r)
	Expect(text).To(HaveSuffix("the result is nil; want that of Lab.Run [no-result]"))
	_, err := r.Figures("failover")
	Expect(reason.Codes(err)).To(ConsistOf("no-result"))
})
