package choose_test

import (
	"context"
	"errors"
	"fmt"
	"math"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/seed-ab8b6914/spof/reliability/choose"
)

// hours is an evaluation by the loss alone.
func hours(of func(choose.Set) float64) choose.Evaluate {
	return func(_ context.Context, s choose.Set) (choose.Worth, error) { return choose.Worth{Loss: of(s)}, nil }
}

// fewer makes each of n options save an hour of n.
func fewer(n int) choose.Evaluate {
	return hours(func(s choose.Set) float64 { return float64(n - s.Len()) })
}

func made(evaluate choose.Evaluate, options ...choose.Option) *choose.Choices {
	GinkgoHelper()
	c, err := choose.New(options, 1, evaluate)
	Expect(err).NotTo(HaveOccurred())
	return c
}

func many(n int, hurt bool) (options []choose.Option) {
	for i := range n {
		options = append(options, choose.Option{Name: fmt.Sprint("o", i), Buy: 1, MayHurt: hurt})
	}
	return options
}

var _ = Describe("choices", func() {
	ctx := context.Background()

	DescribeTable("are refused", func(code, words string, years float64, options []choose.Option) {
		_, err := choose.New(options, years, nil)
		Expect(err).To(haveCode(code))
		Expect(err).To(MatchError(ContainSubstring(words)))
	},
		Entry("none", "no-option", "no options", 1.0, many(0, false)),
		Entry("too many", "too-many-options", "65 options", 1.0, many(65, false)),
		Entry("too many that may hurt", "too-many-options", "25 options may hurt", 1.0, many(25, true)),
		Entry("years below 0", "wrong-value", "-1 years", -1.0, many(1, false)),
		Entry("no number of years", "wrong-value", "NaN years", math.NaN(), many(1, false)),
		Entry("a negative price", "negative-cost", "option a costs -1", 1.0, []choose.Option{{Name: "a", Buy: -1}}),
		Entry("a negative price a year", "negative-cost", "option a costs 5 and -1 a year", 1.0, []choose.Option{{Name: "a", Buy: 5, Yearly: -1}}),
		Entry("an endless price", "negative-cost", "option a costs +Inf", 1.0, []choose.Option{{Name: "a", Buy: math.Inf(1)}}),
		Entry("a price that is no number", "negative-cost", "option a costs NaN", 1.0, []choose.Option{{Name: "a", Buy: math.NaN()}}),
		Entry("a name twice", "repeated-name", `option 2 has the name "a"`, 1.0, []choose.Option{{Name: "a"}, {Name: "a"}}),
		Entry("no name", "repeated-name", `option 1 has the name ""`, 1.0, []choose.Option{{}}),
		Entry("an unknown name in requires", "unknown-name", "option a requires c, which is no option; valid are a, b", 1.0, []choose.Option{{Name: "a", Requires: []string{"c"}}, {Name: "b"}}),
		Entry("an unknown name in excludes", "unknown-name", "option a excludes c", 1.0, []choose.Option{{Name: "a", Excludes: []string{"c"}}}),
		Entry("a cycle", "requires-cycle", "in a cycle: b, c;", 1.0, []choose.Option{{Name: "a", Requires: []string{"b"}}, {Name: "b", Requires: []string{"c"}}, {Name: "c", Requires: []string{"b"}}}),
		Entry("one that requires itself", "requires-cycle", "in a cycle: a;", 1.0, []choose.Option{{Name: "a", Requires: []string{"a"}}}),
		Entry("one that excludes itself", "never-possible", "option a can never be chosen: it needs and excludes a", 1.0, []choose.Option{{Name: "a", Excludes: []string{"a"}}}),
		Entry("one that excludes what it requires by another", "never-possible", "option a can never be chosen", 1.0,
			[]choose.Option{{Name: "a", Requires: []string{"b"}}, {Name: "b", Requires: []string{"c"}}, {Name: "c", Excludes: []string{"a"}}}),
	)

	It("report every mistake", func() {
		_, err := choose.New([]choose.Option{{Name: "a", Buy: -1, Requires: []string{"x", "y"}}}, -1, nil)
		for _, word := range []string{"-1 years", "which is no option", "x", "y"} {
			Expect(err).To(MatchError(ContainSubstring(word)))
		}
		_, err = choose.New([]choose.Option{{Name: "a", Buy: -1}, {Name: "b", Yearly: -1}}, 1, nil)
		Expect(err).To(MatchError(And(ContainSubstring("option a"), ContainSubstring("option b"))))
	})

	DescribeTable("cost what is bought, and the years", func(years, want float64) {
		c, err := choose.New([]choose.Option{{Name: "a", Buy: 100, Yearly: 10}, {Name: "b", Buy: 1}}, years, nil)
		Expect(err).NotTo(HaveOccurred())
		Expect(c.Cost(3)).To(Equal(want))
		Expect(c.Names(2)).To(Equal([]string{"b"}))
	},
		Entry("no year", 0.0, 101.0),
		Entry("five years", 5.0, 151.0),
	)

	It("for a budget that buys nothing name the cheapest option with what it requires", func() {
		c := made(fewer(2), choose.Option{Name: "a", Buy: 5}, choose.Option{Name: "b", Buy: 1, Requires: []string{"a"}})
		_, err := c.Best(ctx, 4)
		Expect(err).To(haveCode("buys-nothing"))
		Expect(err).To(MatchError("a budget of 4 buys nothing; the cheapest option is a for 5"))
		_, err = c.Front(ctx, 4)
		Expect(err).To(haveCode("buys-nothing"))
		_, err = c.Steps(ctx, 4)
		Expect(err).To(haveCode("buys-nothing"))
		_, err = c.Best(ctx, math.NaN())
		Expect(err).To(haveCode("wrong-budget"))
	})

	It("buy what is free for a budget of 0, and nothing that saves nothing", func() {
		c := made(hours(func(s choose.Set) float64 { return float64(9 - s.Len()*b2i(s.Has(0))) }),
			choose.Option{Name: "timer", MayHurt: true}, choose.Option{Name: "useless", Requires: []string{"timer"}, Buy: 1})
		got, err := c.Best(ctx, 0)
		Expect(err).NotTo(HaveOccurred())
		Expect(c.Names(got.Set)).To(Equal([]string{"timer"}))
		c = made(hours(func(choose.Set) float64 { return 9 }), many(5, false)...)
		got, err = c.Best(ctx, 3)
		Expect(err).NotTo(HaveOccurred())
		Expect(got.Set).To(BeZero())
	})

	It("take sums of money for what they are", func() {
		c := made(fewer(2), choose.Option{Name: "a", Buy: 0.1}, choose.Option{Name: "b", Buy: 0.2})
		got, err := c.Best(ctx, 0.3) // 0.1 + 0.2 is more than 0.3 in floating point
		Expect(err).NotTo(HaveOccurred())
		Expect(got.Loss).To(BeZero())
	})

	It("say which option hurts that must not", func() {
		worse := hours(func(s choose.Set) float64 { return 5 + float64(s&1) - float64(s>>1&1) })
		c := made(worse, choose.Option{Name: "a"}, choose.Option{Name: "b"})
		_, err := c.Best(ctx, 1)
		Expect(err).To(haveCode("option-hurts"))
		Expect(err).To(MatchError(ContainSubstring("option a hurts: the design with a loses 6")))
		c = made(worse, choose.Option{Name: "a", MayHurt: true}, choose.Option{Name: "b"})
		got, err := c.Best(ctx, 1)
		Expect(err).NotTo(HaveOccurred())
		Expect(c.Names(got.Set)).To(Equal([]string{"b"}))
		Expect(c.Names(got.Enumerated)).To(Equal([]string{"a"}))
	})

	It("pass the errors of the evaluation on, and refuse figures that are none", func() {
		broken := errors.New("broken")
		c := made(func(context.Context, choose.Set) (choose.Worth, error) { return choose.Worth{}, broken }, many(3, false)...)
		_, err := c.Best(ctx, 1)
		Expect(err).To(MatchError(broken))
		late := 0
		c = made(func(context.Context, choose.Set) (choose.Worth, error) {
			if late++; late > 2 {
				return choose.Worth{}, broken
			}
			return choose.Worth{Loss: 1}, nil
		}, many(3, false)...)
		_, err = c.Front(ctx, 9)
		Expect(err).To(MatchError(broken))
		_, err = c.Cheapest(ctx, choose.Target{})
		Expect(err).To(MatchError(broken))
		for _, w := range []choose.Worth{{Loss: -1}, {Loss: math.NaN()}, {Loss: math.Inf(1)}, {Capacity: math.NaN()}, {Capacity: math.Inf(1)}} {
			c = made(func(context.Context, choose.Set) (choose.Worth, error) { return w, nil }, many(1, false)...)
			_, err = c.Best(ctx, 1)
			Expect(err).To(haveCode("wrong-worth"))
		}
	})

	It("whose context has ended before the first design give its error", func() {
		over, stop := context.WithCancel(ctx)
		stop()
		_, err := made(fewer(3), many(3, false)...).Best(over, 2)
		Expect(err).To(MatchError(context.Canceled))
	})

	DescribeTable("for a target refuse", func(code string, t choose.Target) {
		_, err := made(fewer(3), many(3, true)...).Cheapest(ctx, t)
		Expect(err).To(haveCode(code))
	},
		Entry("a negative loss", "wrong-value", choose.Target{Loss: -1}),
		Entry("no number", "wrong-value", choose.Target{Loss: math.NaN()}),
		Entry("an endless capacity", "wrong-value", choose.Target{Capacity: math.Inf(1)}),
		Entry("what cannot be reached", "target-missed", choose.Target{Loss: 1, Capacity: 1}),
	)

	It("try each set once, and remember it for the next question", func() {
		tried := map[choose.Set]int{}
		c := made(hours(func(s choose.Set) float64 { tried[s]++; return float64(12 - s.Len()) }), many(12, false)...)
		for _, budget := range []float64{3, 6, 3} {
			_, err := c.Best(ctx, budget)
			Expect(err).NotTo(HaveOccurred())
		}
		for s, n := range tried {
			Expect(n).To(Equal(1), fmt.Sprint(s))
		}
	})
})

func b2i(b bool) int {
	if b {
		return 1
	}
	return 0
}
