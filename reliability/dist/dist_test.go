package dist_test

import (
	"math"
	"math/rand/v2"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/seed-ab8b6914/spof/reason"
	"github.com/seed-ab8b6914/spof/reliability/dist"
)

// close is equal within 1e-12 of the value.
func close(want float64) OmegaMatcher { return BeNumerically("~", want, 1e-12*math.Abs(want)) }

func must(text string) dist.Distribution {
	GinkgoHelper()
	d, err := dist.Parse(text)
	Expect(err).NotTo(HaveOccurred())
	return d
}

var _ = Describe("a distribution", func() {
	type point struct{ t, cdf, survival float64 }
	// The figures are of scipy 1.10.1: stats.expon(scale=4000), stats.weibull_min(shape, scale=43800/gamma(1+1/shape)),
	// stats.lognorm(1.2, scale=exp(log(10)-0.72)), stats.lognorm(log(7.1)/norm.ppf(0.9), scale=10); cdf, sf, ppf of 1e-6, 0.5, 0.9 and
	// 0.999, the time that is
	// exceeded with 1e-12 from expon.isf and norm.isf, since isf of the others loses digits.
	DescribeTable("agrees with scipy", func(text string, mean float64, points []point, quantiles [4]float64, exceeded float64) {
		d := must(text)
		Expect(d.Mean()).To(close(mean))
		for _, p := range points {
			Expect(d.CDF(p.t)).To(close(p.cdf), "CDF(%v)", p.t)
			Expect(d.Survival(p.t)).To(close(p.survival), "Survival(%v)", p.t)
		}
		for i, p := range []float64{1e-6, 0.5, 0.9, 0.999} {
			Expect(d.Quantile(p)).To(close(quantiles[i]), "Quantile(%v)", p)
		}
		Expect(d.Draw(1e-12)).To(close(exceeded))
	},
		Entry("exponential", "exponential mean=4000h", 4000.0,
			[]point{{1, 0.00024996875260400395, 0.999750031247396}, {40000, 0.9999546000702375, 4.5399929762484854e-05}},
			[4]float64{0.004000002000001334, 2772.588722239781, 9210.340371976183, 27631.021115928543}, 110524.08446371419),
		Entry("weibull with a falling hazard", "weibull shape=0.7 mean=5y", 43800.0,
			[]point{{1, 0.0006644847235094366, 0.9993355152764906}, {438000, 0.9972905331619767, 0.002709466838023335}},
			[4]float64{9.282665332180492e-05, 20497.871008985097, 113907.39980009456, 547209.6287359813}, 3964965.6804739605),
		Entry("weibull with a rising hazard", "weibull shape=3 mean=5y", 43800.0,
			[]point{{1000, 8.474231269302217e-06, 0.9999915257687307}, {100000, 0.9997912278674794, 0.0002087721325205602}},
			[4]float64{490.49285826315423, 43408.465756402366, 64769.594606523235, 93413.91999024316}, 148285.3548609852),
		Entry("lognormal with a sigma", "lognormal mean=10h sigma=1.2", 10.0,
			[]point{{0.1, 0.0006026100962555846, 0.9993973899037444}, {1000, 0.9999954525101749, 4.547489825187501e-06}},
			[4]float64{0.01621977539837239, 4.867522559599718, 22.656504195321233, 198.51484046796483}, 22560.72142942606),
		Entry("lognormal with a 90th percentile", "lognormal median=10h p90=71h", 32.20830910590014,
			[]point{{0.1, 0.0013021243792668885, 0.9986978756207331}, {10, 0.5, 0.5}, {1000, 0.9986978756207331, 0.0013021243792668861}},
			[4]float64{0.006959586643640141, 10.0, 71.0, 1128.9044929448955}, 470531.2615608186),
	)

	DescribeTable("draws what its CDF says", func(text string) {
		d, random := must(text), rand.New(rand.NewPCG(1, 2))
		const n = 100_000
		sum, below := 0.0, 0
		for range n {
			t := d.Draw(1 - random.Float64())
			sum += t
			if t <= d.Mean() {
				below++
			}
		}
		Expect(float64(below) / n).To(BeNumerically("~", d.CDF(d.Mean()), 0.006)) // four standard errors of a share
		Expect(sum / n).To(BeNumerically("~", d.Mean(), 0.05*d.Mean()))
	},
		Entry(nil, "exponential mean=4000h"), Entry(nil, "weibull shape=0.7 mean=5y"), Entry(nil, "lognormal mean=10h sigma=1.2"),
		Entry(nil, "lognormal mean=10h sigma=0"), Entry(nil, "fixed 30s"), Entry(nil, "empirical 1s 2s 2s 3s 1h"), Entry(nil, "empirical 0s 1s"), Entry(nil, "uniform from=2s to=4s"),
	)

	It("is uniform between two times", func() {
		d := must("uniform from=2h to=4h")
		Expect([]float64{d.Mean(), d.CDF(1), d.CDF(2.5), d.CDF(5), d.Survival(2.5), d.Quantile(0.25), d.Draw(0.25), d.Draw(1)}).To(
			Equal([]float64{3, 0, 0.25, 1, 0.75, 2.5, 3.5, 2}))
		Expect(must("uniform from=2h to=2h").Draw(0.3)).To(Equal(2.0))
	})

	DescribeTable("is that of a longer time", func(text string) {
		d := must(text)
		longer := dist.Scale(d, 3)
		Expect(longer.Mean()).To(close(3 * d.Mean()))
		for _, u := range []float64{1e-9, 0.1, 0.5, 0.9} {
			Expect(longer.Draw(u)).To(close(3*d.Draw(u)), "%v", u)
			Expect(longer.Survival(3 * d.Quantile(u))).To(BeNumerically("~", d.Survival(d.Quantile(u)), 1e-9))
		}
		Expect(dist.Scale(dist.Never(), 3)).To(Equal(dist.Never()))
	},
		Entry(nil, "exponential mean=4000h"), Entry(nil, "weibull shape=0.7 mean=5y"), Entry(nil, "lognormal mean=10h sigma=1.2"),
		Entry(nil, "fixed 30s"), Entry(nil, "uniform from=2s to=4s"), Entry(nil, "empirical 1s 2s 2s 3s 1h"),
	)

	It("of samples keeps each of them", func() {
		d := must("empirical 40h 1h 2h 2h")
		Expect([]float64{d.Draw(1), d.Draw(0.75), d.Draw(0.5), d.Draw(0.25), d.Draw(1e-300)}).To(Equal([]float64{1, 2, 2, 40, 40}))
		Expect([]float64{d.Quantile(0), d.Quantile(0.25), d.Quantile(0.26), d.Quantile(1)}).To(Equal([]float64{1, 1, 2, 40}))
		Expect([]float64{d.CDF(0.9), d.CDF(1), d.CDF(2), d.CDF(40)}).To(Equal([]float64{0, 0.25, 0.75, 1}))
		Expect(d.Mean()).To(Equal(11.25))
	})

	DescribeTable("says how much is left after an age", func(text string, age, u, left float64) {
		Expect(dist.Residual(must(text), age, u)).To(BeNumerically("~", left, 1e-9))
	},
		Entry("the same without ageing", "exponential mean=10h", 1000.0, math.Exp(-2), 20.0),
		Entry("the rest of a fixed time", "fixed 10h", 4.0, 0.3, 6.0),
		Entry("of the samples above the age", "empirical 1h 2h 5h 9h", 2.0, 0.6, 3.0),
		Entry("the last of them", "empirical 1h 2h 5h 9h", 2.0, 0.5, 7.0),
		Entry("nothing by rounding", "empirical 1h 2h 5h", 5.0, 1.0, 0.0),
	)

	It("that never happens has no mean", func() {
		d := must("never")
		Expect([]float64{d.Mean(), d.Draw(1), d.Draw(1e-9)}).To(HaveEach(math.Inf(1)))
		Expect(d.Survival(1e300)).To(Equal(1.0))
	})

	DescribeTable("refuses in Go", func(d dist.Distribution, err error) {
		Expect(reason.Codes(err)).To(Equal([]string{"distribution-value"}))
	},
		Entry("a negative mean", first(dist.Exponential(-1))...),
		Entry("no number", first(dist.Exponential(math.NaN()))...),
		Entry("an infinite mean", first(dist.Weibull(1, math.Inf(1)))...),
		Entry("a shape of which no simulation sees the mean", first(dist.Weibull(0.1, 1))...),
		Entry("a negative sigma", first(dist.Lognormal(1, -1))...),
		Entry("a mean of 0", first(dist.Lognormal(0, 1))...),
		Entry("a percentile below the median", first(dist.LognormalOf(2, 1))...),
		Entry("a median of 0", first(dist.LognormalOf(0, 1))...),
		Entry("a negative time", first(dist.Fixed(-1))...),
		Entry("a range from end to start", first(dist.Uniform(2, 1))...),
		Entry("no samples", first(dist.Empirical())...),
		Entry("an infinite sample", first(dist.Empirical(1, math.Inf(1)))...),
	)
})

// first makes the parameters of an entry from two results.
func first(d dist.Distribution, err error) []any { return []any{d, err} }
