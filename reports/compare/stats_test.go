package compare_test

import (
	"encoding/json"
	"math"
	"math/bits"
	"math/rand/v2"
	"os"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/seed-ab8b6914/spof/reports/compare"
)

// Permeability constants of the human chorioamnion: Hollander & Wolfe (1973), Nonparametric Statistical Methods, p. 69 f., also the
// example of R's wilcox.test. U is 35 of 50; of the 3003 ways to choose 10 of 15 ranks, 382 have a U of 35 or more: one-sided 0.1272.
var (
	atTerm  = []float64{0.80, 0.83, 1.89, 1.04, 1.45, 1.38, 1.91, 1.64, 0.73, 1.46}
	earlier = []float64{1.15, 0.88, 0.90, 0.74, 1.21}
)

var _ = Describe("the Mann-Whitney test", func() {
	It("gives the exact p-value of Hollander and Wolfe", func() {
		Expect(compare.MannWhitney(atTerm, earlier)).To(BeNumerically("~", 2*382.0/3003, 1e-9))
		Expect(compare.MannWhitney(earlier, atTerm)).To(BeNumerically("~", 2*382.0/3003, 1e-9))
	})

	DescribeTable("is exact with ties: it agrees with the count over all divisions of the values", func(a, b []float64) {
		Expect(compare.MannWhitney(a, b)).To(BeNumerically("~", twoSided(a, b), 1e-9))
		Expect(compare.MannWhitney(b, a)).To(BeNumerically("~", twoSided(a, b), 1e-9))
	},
		Entry("of equal sizes", []float64{0, 0, 0, 1, 2}, []float64{1, 2, 2, 3, 3}),
		Entry("of unequal sizes with many ties at one end, where U is not symmetric", []float64{0, 1, 2}, []float64{0, 0, 0, 0, 1, 2, 0}),
		Entry("the same the other way round", []float64{0, 0, 0, 2}, []float64{0, 1, 1, 2, 2, 2, 0}),
		Entry("with the larger values in the smaller sample", []float64{0, 2, 2}, []float64{0, 0, 0, 0, 0, 1}),
	)

	It("takes a failover that never came for the greatest value", func() {
		never := math.Inf(1)
		Expect(compare.MannWhitney([]float64{1, 2, 3, 4, 5}, []float64{never, never, never, never, never})).To(BeNumerically("~", 2.0/252, 1e-9))
	})

	It("is conservative for two sides with the same phases", func() {
		const n, rounds = 10, 2000
		rng := rand.New(rand.NewPCG(4, 6))
		alarms := map[bool]int{}
		for range rounds {
			a, other, same := draws(rng, n, 0), draws(rng, n, 0), make([]float64, n)
			for i := range a {
				same[i] = a[i] + 200*rng.Float64() - 100
			}
			for phases, b := range map[bool][]float64{true: same, false: other} {
				if compare.MannWhitney(a, b) <= .05 {
					alarms[phases]++
				}
			}
		}
		Expect(float64(alarms[false]) / rounds).To(BeNumerically("~", .045, .015))
		Expect(alarms[true]).To(BeNumerically("<", alarms[false]/4))
	})

	It("finds no difference in equal values or without values", func() {
		Expect(compare.MannWhitney([]float64{0, 0, 0}, []float64{0, 0})).To(Equal(1.0))
		Expect(compare.MannWhitney(nil, []float64{0, 0})).To(Equal(1.0))
	})

	// Critical values of U, two-sided: Milton (1964), J. Amer. Statist. Assoc. 59, 925-934, and the tables of textbooks after it.
	DescribeTable("has the critical values of the tables", func(a, b int, alpha, want float64) {
		u, ok := compare.CriticalU(a, b, alpha)
		Expect(ok).To(BeTrue())
		Expect(u).To(Equal(want))
	},
		Entry("5 and 5 at 5 %", 5, 5, .05, 2.0),
		Entry("5 and 10 at 5 %", 5, 10, .05, 8.0),
		Entry("8 and 8 at 5 %", 8, 8, .05, 13.0),
		Entry("10 and 10 at 5 %", 10, 10, .05, 23.0),
		Entry("20 and 20 at 5 %", 20, 20, .05, 127.0),
		Entry("10 and 10 at 1 %", 10, 10, .01, 16.0),
	)

	It("says how few trials can find nothing", func() {
		Expect(compare.LeastP(3, 3)).To(BeNumerically("~", 2.0/20, 1e-12))
		Expect(compare.LeastP(10, 10)).To(BeNumerically("~", 2.0/184756, 1e-15))
		Expect(compare.EnoughFor(.05)).To(Equal(4))
		_, ok := compare.CriticalU(3, 3, .05)
		Expect(ok).To(BeFalse())
	})
})

// twoSided counts over all divisions of the values in two samples of these sizes: twice the share of the smaller tail of U.
func twoSided(a, b []float64) float64 {
	all := append(append([]float64{}, a...), b...)
	u := func(set int) (u float64) {
		for i := range all {
			for k := range all {
				switch {
				case set>>i&1 == 0 || set>>k&1 == 1:
				case all[i] > all[k]:
					u++
				case all[i] == all[k]:
					u += .5
				}
			}
		}
		return u
	}
	seen := u(1<<len(a) - 1)
	lower, upper, divisions := 0.0, 0.0, 0.0
	for set := range 1 << len(all) {
		if bits.OnesCount(uint(set)) != len(a) {
			continue
		}
		divisions++
		if u(set) <= seen {
			lower++
		}
		if u(set) >= seen {
			upper++
		}
	}
	return min(1, 2*min(lower, upper)/divisions)
}

var _ = DescribeTable("Holm's correction", func(p, want []float64) {
	got := compare.Holm(p)
	Expect(got).To(HaveLen(len(want)))
	for i := range want {
		Expect(got[i]).To(BeNumerically("~", want[i], 1e-12))
	}
},
	Entry("of R: p.adjust(c(.01, .02, .03, .04, .05), 'holm')", []float64{.01, .02, .03, .04, .05}, []float64{.05, .08, .09, .09, .09}),
	Entry("of four hypotheses, of which the fourth and the first are rejected at 5 % (Wikipedia, Holm-Bonferroni method)",
		[]float64{.01, .04, .03, .005}, []float64{.03, .06, .06, .02}),
	Entry("of one", []float64{.2}, []float64{.2}),
	Entry("of none", []float64{}, []float64{}),
	Entry("is at most 1", []float64{.9, .8}, []float64{1, 1}),
)

var _ = Describe("the estimate of a shift", func() {
	It("is that of Hodges and Lehmann", func() {
		Expect(compare.Shift(earlier, atTerm)).To(BeNumerically("~", .305, 1e-9)) // the middle of the 50 differences, counted apart
	})

	It("sees a rare event by the means", func() {
		Expect(compare.Shift([]float64{0, 0, 0, 0}, []float64{0, 0, 0, 8})).To(Equal(2.0))
	})

	It("has no bound where service did not return", func() {
		never := math.Inf(1)
		Expect(compare.Shift([]float64{1, 2, 3}, []float64{never, never, 3})).To(Equal(never))
		Expect(compare.Shift([]float64{never, never}, []float64{never, never})).To(BeZero())
	})
})

// The oracle draws anew from the true distribution, which the statement does not know: it knows 10 values of it.
var _ = Describe("the statement of what n trials find", func() {
	It("holds in a simulation: 10 trials a side of a failover of 2.6 to 3.6 s", func() {
		const n, rounds = 10, 2000
		rng := rand.New(rand.NewPCG(7, 11))
		stratified := func(from float64) (v []float64) { // as the phases of trials are
			for i := range n {
				v = append(v, from+1000*(float64(i)+rng.Float64())/n)
			}
			return v
		}
		base := stratified(2600)
		move, ok := compare.Finds(base, 0, 0, n, .05, .9, 100)
		Expect(ok).To(BeTrue())
		Expect(move).To(BeNumerically("~", 500, 150)) // Noether: about 1.5 standard deviations of 289 ms
		found := 0
		for range rounds {
			a, b := draws(rng, n, 2600), draws(rng, n, 2600+move)
			if compare.MannWhitney(a, b) <= .05 && compare.Shift(a, b) >= 100 {
				found++
			}
		}
		Expect(float64(found) / rounds).To(BeNumerically("~", .9, .06))
	})

	It("counts the uncertainty of the trials: a move that it explains is not found", func() {
		base := draws(rand.New(rand.NewPCG(5, 5)), 10, 2600)
		sharp, ok := compare.Finds(base, 0, 0, 10, .05, .9, 100)
		Expect(ok).To(BeTrue())
		vague, ok := compare.Finds(base, 500, 500, 10, .05, .9, 100)
		Expect(ok).To(BeTrue())
		Expect(vague).To(BeNumerically(">", 1000)) // half of the pairs need it already without any spread
		Expect(vague).To(BeNumerically("~", 1000+sharp, 300))
		_, ok = compare.Finds(base, 0, math.Inf(1), 10, .05, .9, 100)
		Expect(ok).To(BeFalse(), "no move is more than a value without bound")
	})

	It("does not scale the uncertainty down with the number of trials", func() {
		base := draws(rand.New(rand.NewPCG(3, 3)), 400, 0)
		all, ok := compare.Finds(base, 500, 500, 400, .05, .9, 0)
		Expect(ok).To(BeTrue())
		Expect(all).To(BeNumerically(">=", 999))
	})

	// Values in two groups: the median of a draw jumps between them, the middle of all pairs does not.
	It("takes the shift of the rule, not the difference of the medians", func() {
		base := []float64{0, 10, 20, 30, 40, 1000, 1010, 1020, 1030, 1040}
		move, ok := compare.Finds(base, 0, 0, 10, .05, .9, 1000)
		Expect(ok).To(BeTrue())
		found, rounds := 0, 1000
		rng := rand.New(rand.NewPCG(2, 9))
		for range rounds {
			a, b := compare.Draw(base, 10, rng), compare.Draw(base, 10, rng)
			for i := range b {
				b[i] += move
			}
			if compare.MannWhitney(a, b) <= .05 && compare.Shift(a, b) >= 1000 {
				found++
			}
		}
		Expect(float64(found) / float64(rounds)).To(BeNumerically("~", .9, .04))
	})

	It("is never below the minimum effect", func() {
		move, ok := compare.Finds([]float64{1, 2, 3, 4, 5, 6, 7, 8, 9, 10}, 0, 0, 10, .05, .9, 100)
		Expect(ok).To(BeTrue())
		Expect(move).To(BeNumerically(">=", 100))
	})

	It("falls with the number of trials, beyond the size that is simulated too", func() {
		base := draws(rand.New(rand.NewPCG(3, 3)), 400, 0)
		ten, _ := compare.Finds(base[:10], 0, 0, 10, .05, .9, 0)
		hundred, _ := compare.Finds(base[:100], 0, 0, 100, .05, .9, 0)
		all, _ := compare.Finds(base, 0, 0, 400, .05, .9, 0)
		Expect(hundred).To(BeNumerically("<", ten/2))
		Expect(all).To(BeNumerically("~", hundred/2, hundred/8))
	})

	It("is nothing for too few trials, or where service did not return", func() {
		_, ok := compare.Finds([]float64{1, 2, 3}, 0, 0, 3, .05, .9, 100)
		Expect(ok).To(BeFalse())
		_, ok = compare.Finds([]float64{1, 2, 3, 4, 5, math.Inf(1)}, 0, 0, 6, .05, .9, 100)
		Expect(ok).To(BeFalse())
	})
})

func draws(rng *rand.Rand, n int, from float64) (v []float64) {
	for range n {
		v = append(v, from+1000*rng.Float64())
	}
	return v
}

// scipyCases is testdata/scipy.json, rCases is testdata/r.json; the scripts beside them wrote them.
type (
	scipyCases struct {
		Cases []struct {
			Name   string    `json:"name"`
			Method string    `json:"method"`
			A      []float64 `json:"a"`
			B      []float64 `json:"b"`
			P      float64   `json:"p"`
		} `json:"cases"`
	}
	rCases struct {
		Holm []struct {
			P        []float64 `json:"p"`
			Adjusted []float64 `json:"adjusted"`
		} `json:"holm"`
		Wilcox []struct {
			A []float64 `json:"a"`
			B []float64 `json:"b"`
			P float64   `json:"p"`
		} `json:"wilcox"`
	}
)

func readCases[T any](name string) (cases T) {
	GinkgoHelper()
	data, err := os.ReadFile("testdata/" + name)
	Expect(err).NotTo(HaveOccurred())
	Expect(json.Unmarshal(data, &cases)).To(Succeed())
	return cases
}

var _ = Describe("the tests of a comparison", func() {
	It("have the p-values of scipy: exact, exact with ties, and approximate", func() {
		methods := map[string]int{}
		for _, c := range readCases[scipyCases]("scipy.json").Cases {
			methods[c.Method]++
			Expect(compare.MannWhitney(c.A, c.B)).To(BeNumerically("~", c.P, 1e-9+1e-6*c.P), c.Name)
		}
		Expect(methods).To(And(HaveKeyWithValue("exact", 9), HaveKeyWithValue("permutations", 5), HaveKeyWithValue("asymptotic", 6)))
	})

	It("have the p-values of R's wilcox.test, and its corrections by p.adjust", func() {
		r := readCases[rCases]("r.json")
		Expect(r.Wilcox).To(HaveLen(6))
		for _, c := range r.Wilcox {
			Expect(compare.MannWhitney(c.A, c.B)).To(BeNumerically("~", c.P, 1e-9+1e-6*c.P))
		}
		Expect(r.Holm).To(HaveLen(7))
		for _, c := range r.Holm {
			for i, p := range compare.Holm(c.P) {
				Expect(p).To(BeNumerically("~", c.Adjusted[i], 1e-12))
			}
		}
	})
})
