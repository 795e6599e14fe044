package capacity_test

import (
	"math"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/seed-ab8b6914/spof/reports/analyze"
	"github.com/seed-ab8b6914/spof/reports/capacity"
)

// climbed is a state after a ramp against a responder.
func climbed(name string, reach float64, respond func(float64) capacity.Outcome) capacity.State {
	r := &capacity.Ramp{Start: 100, Least: 1, Most: 1000, Within: 0.1}
	s := capacity.State{State: name, Reach: reach}
	climb(r, func(rate float64) capacity.Outcome {
		o := respond(rate)
		why := map[capacity.Outcome]string{capacity.GaveWay: "the link", capacity.Machine: "busy"}[o]
		s.Steps = append(s.Steps, capacity.Step{Rate: rate, Outcome: o, Why: why})
		return o
	})
	s.Conclude(r, "")
	return s
}

// upTo responds with another outcome above the knee.
func upTo(knee float64, above capacity.Outcome) func(float64) capacity.Outcome {
	return func(rate float64) capacity.Outcome {
		if rate <= knee {
			return capacity.Held
		}
		return above
	}
}

var _ = Describe("the report", func() {
	It("says how much more than the load each state carries, and for how many users", func() {
		rep := capacity.Report{Offered: 100, PerUser: 2, States: []capacity.State{
			climbed("whole", 1, carries(300)), climbed("n-1", 1, carries(90)), climbed("n-1", 0.5, carries(90)), {State: "n-2", Limit: capacity.ByPath},
		}}
		rep.Finish()
		Expect(rep.Verdict).To(Equal(analyze.Pass))
		whole := rep.States[0]
		Expect(whole.Limit).To(Equal(capacity.ByDesign))
		Expect(whole.First).To(Equal("the link"))
		Expect(whole.Headroom.Lo).To(And(BeNumerically("~", 2, 0.3), BeNumerically("<=", 2)))
		Expect(whole.Users.Lo).To(Equal(math.Floor(whole.Carries.Lo / 2)))
		Expect(rep.States[2].Carries.Lo).To(BeNumerically("~", rep.States[1].Carries.Lo/2, 1e-9))
		Expect([]bool{rep.States[1].Worst, rep.States[2].Worst, rep.States[3].Worst}).To(Equal([]bool{false, true, true}))
		Expect(rep.States[3].Headroom).To(Equal(analyze.Range{Lo: -1, Hi: -1}))
	})

	It("tells the machine's limit from the design's", func() {
		s := climbed("whole", 1, upTo(300, capacity.Machine))
		Expect(s.Limit).To(Equal(capacity.ByMachine))
		Expect(s.Carries.Why).To(Equal("busy"))
		Expect(s.Carries.Hi).To(Equal(math.Inf(1)))
		Expect(s.First).To(BeEmpty())
		Expect(climbed("whole", 1, carries(1e9)).Limit).To(Equal(capacity.ByMost))
	})

	It("has no figures of a state that was not reached", func() {
		s := capacity.State{State: "n-1", Reach: 1}
		s.Conclude(&capacity.Ramp{}, capacity.ByMachine)
		Expect(s.Limit).To(Equal(capacity.ByMachine))
		Expect(s.Carries).To(Equal(analyze.Range{Hi: math.Inf(1)}))
	})

	DescribeTable("judges a gate", func(s capacity.State, atLeast float64, want analyze.Verdict) {
		rep := capacity.Report{Offered: 1, PerUser: 1, States: []capacity.State{climbed("whole", 1, carries(1e9)), s}, Gates: []capacity.Gate{{State: "n-1", AtLeast: atLeast}}}
		rep.Finish()
		Expect([]analyze.Verdict{rep.Verdict, rep.Gates[0].Verdict}).To(HaveEach(want))
	},
		Entry("that is carried", climbed("n-1", 1, carries(90)), 60.0, analyze.Pass),
		Entry("that is not", climbed("n-1", 1, carries(90)), 120.0, analyze.Fail),
		Entry("that lies inside the interval", climbed("n-1", 1, carries(90)), 90.0, analyze.Inconclusive),
		Entry("above the machine's limit", climbed("n-1", 1, upTo(90, capacity.Machine)), 500.0, analyze.Inconclusive),
		Entry("of a state that was not measured", capacity.State{State: "n-2"}, 60.0, analyze.Inconclusive),
		Entry("without a path", capacity.State{State: "n-1"}, 1.0, analyze.Fail),
		Entry("by the requests that are served", climbed("n-1", 0.5, carries(90)), 60.0, analyze.Fail),
	)
})
