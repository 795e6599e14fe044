package planner

import (
	"math"
	"math/rand/v2"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/seed-ab8b6914/spof/reliability/system"
)

// integrated is the posterior's distribution function by Simpson's rule, with x = sin² of an angle: then the density is a polynomial of sines.
func integrated(k, n int, x float64) float64 {
	density := func(angle float64) float64 {
		return math.Pow(math.Sin(angle), float64(2*k)) * math.Pow(math.Cos(angle), float64(2*(n-k)))
	}
	to := func(end float64) (sum float64) {
		const steps = 20000
		for i := range steps + 1 {
			weight := float64(2 + 2*(i%2))
			if i == 0 || i == steps {
				weight = 1
			}
			sum += weight * density(end*float64(i)/steps) * end / steps / 3
		}
		return sum
	}
	return to(math.Asin(math.Sqrt(x))) / to(math.Pi/2)
}

var _ = Describe("the posterior of k of n trials", func() {
	DescribeTable("agrees with its integral, and its quantiles undo it", func(k, n int) {
		p := jeffreys(k, n)
		Expect(p.mean()).To(BeNumerically("~", (float64(k)+0.5)/(float64(n)+1), 1e-15))
		for _, x := range []float64{1e-6, 0.01, 0.3, 0.5, 0.77, 0.99, 1 - 1e-6} {
			Expect(p.cdf(x)).To(BeNumerically("~", integrated(k, n, x), 1e-10), "at %g", x)
		}
		for _, q := range []float64{0.001, 0.025, 0.5, 0.975, 0.999} {
			Expect(p.cdf(p.quantile(q))).To(BeNumerically("~", q, 1e-6))
		}
	},
		Entry(nil, 0, 1), Entry(nil, 1, 1), Entry(nil, 0, 6), Entry(nil, 6, 6), Entry(nil, 19, 20), Entry(nil, 20, 20), Entry(nil, 250, 1000), Entry(nil, 1000, 1000),
	)

	It("is that of the arc sine without a trial", func() {
		Expect(jeffreys(0, 0).cdf(0.25)).To(BeNumerically("~", 1.0/3, 1e-12))
		Expect(jeffreys(0, 0).cdf(0)).To(BeZero())
		Expect(jeffreys(0, 0).cdf(1)).To(Equal(1.0))
	})

	It("is never certain", func() {
		for _, k := range []int{0, 20} {
			p := jeffreys(k, 20)
			ci := p.interval()
			Expect([]float64{0, ci[0], p.mean(), ci[1], 1}).To(HaveExactElements(0.0, BeNumerically(">", 0), And(BeNumerically(">", ci[0]), BeNumerically("<", ci[1])),
				BeNumerically("<", 1), 1.0))
		}
	})
})

var _ = Describe("the draws of what was measured", func() {
	sampled := func(in input) (mean, least, most float64) {
		rng := rand.New(rand.NewPCG(7, 0))
		least, most = math.Inf(1), math.Inf(-1)
		const n = 20000
		for range n {
			v := in.drawn(rng)
			mean, least, most = mean+v/n, min(least, v), max(most, v)
		}
		return mean, least, most
	}

	It("follow the posterior of the coverage, which goes beyond the interval", func() {
		f := &Failover{From: Measured, Worked: 19, Trials: 20, times: []float64{3}}
		f.sumUp()
		s := &study{failover: f}
		in := s.covering(system.Event{Kind: "address-failover"})
		mean, least, most := sampled(in)
		Expect(mean).To(BeNumerically("~", 1-19.5/21, 0.002))
		Expect(least).To(BeNumerically("<", in.Low))
		Expect(most).To(BeNumerically(">", in.High))
		Expect(most).To(BeNumerically("<", 1))
	})

	It("resample the failovers, the tail included, around their mean", func() {
		f := &Failover{From: Measured, Worked: 10, Trials: 10, times: []float64{3, 3, 3, 3, 3, 3, 3, 3, 3, 33}} // mean 6, median 3
		f.sumUp()
		Expect(f.Mean).To(BeNumerically("~", 6, 1e-12))
		in := (&study{failover: f}).waiting()[0]
		mean, least, most := sampled(in)
		Expect(mean).To(BeNumerically("~", 1, 0.02))
		Expect(least).To(BeNumerically("~", 0.5, 1e-9), "no resample without the tail is below 3 s")
		Expect(most).To(BeNumerically(">", 2))
		Expect(in.Low).To(BeNumerically("~", 0.5, 1e-9)) // (9/10)^10 = 35 % of the resamples have no 33
		Expect(in.High).To(BeNumerically("~", 2, 1e-9))  // binomial(10, 1/10) is at most 3 with 98.7 %, at most 2 with 93 %: mean 3 + 3x3 = 12 s
	})
})
