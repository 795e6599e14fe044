package capacity_test

import (
	"math"
	"math/rand/v2"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/seed-ab8b6914/spof/reports/capacity"
)

// climb runs a ramp against a responder until it ends. It gives the rates in the order in which they were tried.
func climb(r *capacity.Ramp, respond func(rate float64) capacity.Outcome) (rates []float64) {
	for {
		rate, more := r.Next()
		if !more {
			return rates
		}
		rates = append(rates, rate)
		Expect(len(rates)).To(BeNumerically("<=", 60), "a ramp ends")
		Expect(rate).To(And(BeNumerically(">=", r.Least), BeNumerically("<=", r.Most)))
		r.Add(rate, respond(rate))
	}
}

// carries responds as a design with a sharp knee.
func carries(knee float64) func(float64) capacity.Outcome {
	return func(rate float64) capacity.Outcome {
		if rate <= knee {
			return capacity.Held
		}
		return capacity.GaveWay
	}
}

var _ = Describe("a ramp", func() {
	ramp := func(within float64) *capacity.Ramp {
		return &capacity.Ramp{Start: 100, Least: 1, Most: 100_000, Within: within}
	}

	It("encloses any sharp knee", func() {
		rng := rand.New(rand.NewPCG(1, 2))
		for range 2000 {
			knee, within := math.Exp(rng.Float64()*math.Log(90_000))+0.1, 0.02+0.3*rng.Float64()
			r := ramp(within)
			tried := climb(r, carries(knee))
			g := r.Knee()
			Expect(g.Lo).To(BeNumerically("<=", knee), "knee %g", knee)
			Expect(g.Hi).To(BeNumerically(">", knee), "knee %g", knee)
			if knee >= r.Least {
				Expect(g.Hi/g.Lo).To(BeNumerically("<=", 1+within+1e-9), "knee %g", knee)
			}
			Expect(len(tried)).To(BeNumerically("<=", 30))
			Expect(r.Limited()).To(BeFalse())
		}
	})

	It("meets a blurred knee within its blur", func() {
		rng := rand.New(rand.NewPCG(3, 4))
		for range 2000 {
			knee, blur := 2+500*rng.Float64(), 0.2*rng.Float64()
			r := ramp(0.1)
			climb(r, func(rate float64) capacity.Outcome {
				if math.Abs(rate/knee-1) < blur {
					return carries(rng.Float64())(rng.Float64())
				}
				return carries(knee)(rate)
			})
			g := r.Knee()
			Expect(g.Lo).To(BeNumerically("<=", knee*(1+blur)))
			Expect(g.Hi).To(BeNumerically(">=", knee*(1-blur)))
		}
	})

	It("never takes a disturbed machine for the knee of the design", func() {
		rng := rand.New(rand.NewPCG(5, 6))
		for range 2000 {
			knee, disturbed, machine := 2+5000*rng.Float64(), 0.6*rng.Float64(), 2+5000*rng.Float64()
			r := ramp(0.1)
			climb(r, func(rate float64) capacity.Outcome {
				if rate > machine || rng.Float64() < disturbed {
					return capacity.Machine
				}
				return carries(knee)(rate)
			})
			g := r.Knee()
			Expect(g.Lo).To(BeNumerically("<=", knee))
			Expect(g.Hi).To(BeNumerically(">", knee))
			if g.Hi > 1.1*g.Lo+1e-9 && g.Lo > 0 {
				Expect(r.Limited()).To(BeTrue(), "it says why the interval is wide")
			}
		}
	})

	It("says at least, if the machine is the limit", func() {
		r := ramp(0.1)
		climb(r, func(rate float64) capacity.Outcome {
			if rate > 300 {
				return capacity.Machine
			}
			return capacity.Held
		})
		Expect(r.Knee().Lo).To(And(BeNumerically("<=", 300), BeNumerically(">", 270)))
		Expect(r.Knee().Hi).To(Equal(math.Inf(1)))
		Expect(r.Limited()).To(BeTrue())
	})

	It("ends where it may not go further", func() {
		r := ramp(0.1)
		Expect(climb(r, carries(1e9))).To(HaveLen(12), "100, 200, ... 51,200, 100,000 twice")
		Expect(r.Knee()).To(And(HaveField("Lo", 100_000.0), HaveField("Hi", math.Inf(1))))
		r = ramp(0.1)
		climb(r, carries(0.5))
		Expect(r.Knee()).To(And(HaveField("Lo", 0.0), HaveField("Hi", 1.0)))
	})

	It("decides the rates that are asked for", func() {
		for _, asked := range []float64{55.5, 57.1, 59.9} {
			r := ramp(0.3)
			r.Ask = []float64{asked}
			climb(r, carries(57))
			g := r.Knee()
			Expect(g.Lo >= asked || g.Hi <= asked).To(BeTrue(), "%g in %v", asked, g)
		}
	})

	It("tries a rate again when the tries contradict each other", func() {
		r, first := ramp(0.1), true
		climb(r, func(rate float64) capacity.Outcome {
			if rate == 100 && first { // a disturbance at the first try
				first = false
				return capacity.GaveWay
			}
			return carries(1000)(rate)
		})
		Expect(r.Knee().Lo).To(BeNumerically("~", 1000, 100))
	})
})
