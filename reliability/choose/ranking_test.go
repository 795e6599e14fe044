package choose_test

import (
	"context"
	"errors"
	"math"
	"math/rand/v2"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/seed-ab8b6914/spof/reliability/choose"
)

var _ = Describe("a ranking", func() {
	It("counts how often each design is first, and what it costs to be wrong", func() {
		places, err := choose.Rank([][]float64{{5, 5, 5, 5}, {1, 1, 7, 5}})
		Expect(err).NotTo(HaveOccurred())
		Expect(places).To(HaveLen(2))
		Expect(places[0].Design).To(Equal(1))
		Expect(places[0].Mean).To(Equal(3.5))
		Expect(places[0].First).To(Equal(0.625)) // the fourth draw is a tie
		Expect(places[0].Regret).To(Equal(0.5))
		Expect(places[1].First).To(Equal(0.375))
		Expect(places[1].Regret).To(Equal(2.0))
	})

	It("has Wilson's interval", func() { // Newcombe, Statistics in Medicine 17 (1998), table I: 81 of 263 is 0.2553 to 0.3662
		a, b := make([]float64, 263), make([]float64, 263)
		for k := range a {
			b[k] = 1
			if k < 81 {
				b[k] = -1
			}
		}
		places, err := choose.Rank([][]float64{a, b})
		Expect(err).NotTo(HaveOccurred())
		Expect(places[1].Design).To(Equal(1))
		Expect(places[1].Low).To(BeNumerically("~", 0.2553, 5e-5))
		Expect(places[1].High).To(BeNumerically("~", 0.3662, 5e-5))
	})

	It("of two normal losses finds the known probability", func() {
		rng := rand.New(rand.NewPCG(11, 12))
		draws := [][]float64{make([]float64, 100_000), make([]float64, 100_000)}
		for k := range draws[0] {
			draws[0][k], draws[1][k] = rng.NormFloat64(), 1+rng.NormFloat64()
		}
		places, err := choose.Rank(draws)
		Expect(err).NotTo(HaveOccurred())
		Expect(places[0].Design).To(BeZero())
		Expect(places[0].First).To(BeNumerically("~", 0.5*math.Erfc(-1/2.0), 0.005)) // the difference is normal: mean 1, variance 2
	})

	DescribeTable("is refused", func(code string, draws [][]float64) {
		_, err := choose.Rank(draws)
		Expect(err).To(haveCode(code))
	},
		Entry("without designs", "no-option", nil),
		Entry("without draws", "no-option", [][]float64{{}, {}}),
		Entry("with draws missing", "wrong-value", [][]float64{{1, 2}, {1}}),
		Entry("with no number", "wrong-value", [][]float64{{1, math.NaN()}}),
		Entry("with an endless loss", "wrong-value", [][]float64{{1}, {math.Inf(1)}}),
	)
})

var _ = Describe("a tornado", func() {
	ctx := context.Background()
	// The first design loses x+y, the second 4 + y.
	losses := func(_ context.Context, v []float64) ([]float64, error) { return []float64{v[0] + v[1], 4 + v[1]}, nil }
	x, y := choose.Input{Name: "x", Low: 1, Best: 2, High: 6}, choose.Input{Name: "y", Low: 0, Best: 5, High: 9}

	It("moves one input after the other, and sees what turns the ranking", func() {
		t, err := choose.Tornado(ctx, []choose.Input{x, y}, losses)
		Expect(err).NotTo(HaveOccurred())
		Expect(t).To(Equal(choose.Sensitivity{Losses: []float64{7, 9}, Order: []int{0, 1}, Swings: []choose.Swing{
			{Input: y, AtLow: 2, AtHigh: 11, OrderLow: []int{0, 1}, OrderHigh: []int{0, 1}},
			{Input: x, AtLow: 6, AtHigh: 11, OrderLow: []int{0, 1}, OrderHigh: []int{1, 0}, Turns: true},
		}}))
		Expect(t.Swings[0].Size()).To(Equal(9.0))
	})

	It("takes an equal loss for no turn", func() {
		even := choose.Input{Name: "x", Low: 4, Best: 5, High: 5}
		t, err := choose.Tornado(ctx, []choose.Input{even, y}, losses) // the second is first; at x = 4 both are equal
		Expect(err).NotTo(HaveOccurred())
		Expect(t.Order).To(Equal([]int{1, 0}))
		for _, s := range t.Swings {
			Expect(s.Turns).To(BeFalse())
		}
	})

	DescribeTable("is refused", func(code string, inputs []choose.Input, evaluate choose.Losses) {
		_, err := choose.Tornado(ctx, inputs, evaluate)
		Expect(err).To(haveCode(code))
	},
		Entry("without inputs", "no-option", nil, losses),
		Entry("with a best guess outside", "wrong-value", []choose.Input{{Name: "x", Low: 1, Best: 3, High: 2}}, losses),
		Entry("with no number", "wrong-value", []choose.Input{{Name: "x", Low: 1, Best: math.NaN(), High: 2}}, losses),
		Entry("with an endless value", "wrong-value", []choose.Input{{Name: "x", Low: 1, Best: 1, High: math.Inf(1)}}, losses),
		Entry("without designs", "no-option", []choose.Input{x}, answer()),
		Entry("with a loss that is no number", "wrong-value", []choose.Input{x}, answer(math.NaN())),
		Entry("with designs that come and go", "wrong-value", []choose.Input{x}, choose.Losses(func(_ context.Context, v []float64) ([]float64, error) {
			return make([]float64, int(v[0])), nil
		})),
	)

	It("passes errors on", func() {
		broken := errors.New("broken")
		for _, at := range []float64{1, 2, 6} { // low, best and high
			_, err := choose.Tornado(ctx, []choose.Input{x}, func(_ context.Context, v []float64) ([]float64, error) {
				if v[0] == at {
					return nil, broken
				}
				return []float64{1}, nil
			})
			Expect(err).To(MatchError(broken))
		}
	})
})

func answer(losses ...float64) choose.Losses {
	return func(context.Context, []float64) ([]float64, error) { return losses, nil }
}
