package analyze_test

import (
	"encoding/json"
	"math/rand/v2"
	"os"
	"slices"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/seed-ab8b6914/spof/reports/analyze"
)

// Ranks of order-statistic intervals of a median at 95 % or more, as textbooks tabulate them: n, and the ranks of the ends. Each entry names
// the level of its interval. R gives the lower rank as qbinom(.025, n, .5).
var _ = DescribeTable("the interval of a median has the ranks of the tables", func(n, lo, hi int) {
	Expect(analyze.MedianRank(n)).To(Equal(lo))
	if lo == 0 {
		Expect(analyze.MedianInterval(make([]float64, n))).To(BeNil())
		return
	}
	v := make([]float64, n)
	for i := range v {
		v[i] = float64(i + 1)
	}
	Expect(*analyze.MedianInterval(v)).To(Equal([2]float64{float64(lo), float64(hi)}))
},
	Entry("5: 93.8 % is too little", 5, 0, 0),
	Entry("6: 96.9 %", 6, 1, 6),
	Entry("7: 98.4 %", 7, 1, 7),
	Entry("8: 99.2 %; 93.0 % is too little", 8, 1, 8),
	Entry("9: 96.1 %", 9, 2, 8),
	Entry("10: 97.9 %", 10, 2, 9),
	Entry("11: 98.8 %; 93.5 % is too little", 11, 2, 10),
	Entry("12: 96.1 %", 12, 3, 10),
	Entry("13: 97.8 %", 13, 3, 11),
	Entry("14: 98.7 %; 94.3 % is too little", 14, 3, 12),
	Entry("15: 96.5 %", 15, 4, 12),
	Entry("16: 97.9 %", 16, 4, 13),
	Entry("17: 95.1 %", 17, 5, 13),
	Entry("18: 96.9 %", 18, 5, 14),
	Entry("19: 98.1 %", 19, 5, 15),
	Entry("20: 95.9 %", 20, 6, 15),
)

// medians is testdata/medians.json, bootstraps is testdata/bca.json; the scripts beside them wrote them.
type (
	medians struct {
		Medians []struct{ N, Lo, Hi int } `json:"medians"` // ranks from 1
	}
	bootstraps struct {
		BCa []struct {
			Name      string     `json:"name"`
			Statistic string     `json:"statistic"`
			X         []float64  `json:"x"`
			Level     float64    `json:"level"`
			CI        [2]float64 `json:"ci"`
			Slack     float64    `json:"slack"` // four standard errors of the reference's own resampling
			Accel     float64    `json:"accel"`
		} `json:"bca"`
	}
)

func readReference[T any](name string) (r T) {
	GinkgoHelper()
	data, err := os.ReadFile("testdata/" + name)
	Expect(err).NotTo(HaveOccurred())
	Expect(json.Unmarshal(data, &r)).To(Succeed())
	return r
}

// variance is the plug-in estimate, with n below.
func variance(v []float64) float64 {
	m, sum := analyze.Mean(v), 0.0
	for _, x := range v {
		sum += (x - m) * (x - m)
	}
	return sum / float64(len(v))
}

// The spatial test data of Efron & Tibshirani (1993), An Introduction to the Bootstrap, table 14.1, column A.
var spatial = []float64{48, 36, 20, 29, 42, 42, 20, 42, 22, 41, 45, 14, 6, 0, 33, 28, 34, 4, 32, 24, 47, 41, 24, 26, 30, 41}

var _ = Describe("intervals over trials", func() {
	It("of a median are those that R's sign test does not reject, for few and for many values", func() {
		r := readReference[medians]("medians.json")
		Expect(len(r.Medians)).To(BeNumerically(">", 50))
		for _, m := range r.Medians {
			Expect(analyze.MedianRank(m.N)).To(Equal(m.Lo), "n = %d", m.N)
			Expect(m.N+1-analyze.MedianRank(m.N)).To(Equal(m.Hi), "n = %d", m.N)
		}
	})

	// Section 14.3 of the book: the variance is 171.5, z0 0.146, a 0.061, and the BCa interval at 90 % (115.8, 259.6), from 2000 resamples. The
	// slack is three standard errors of such an interval's ends.
	It("of a variance by BCa are those of Efron and Tibshirani", func() {
		Expect(variance(spatial)).To(BeNumerically("~", 171.5, .05))
		b, ok := analyze.BCa(spatial, variance, .9, 20_000)
		Expect(ok).To(BeTrue())
		Expect(b.Accel).To(BeNumerically("~", .061, .0005))
		Expect(b.Bias).To(BeNumerically("~", .146, 3*.028))
		Expect(b.Lo).To(BeNumerically("~", 115.8, 5))
		Expect(b.Hi).To(BeNumerically("~", 259.6, 8))
	})

	It("by BCa are those of scipy.stats.bootstrap", func() {
		of := map[string]func([]float64) float64{"mean": analyze.Mean, "variance": variance}
		r := readReference[bootstraps]("bca.json")
		Expect(len(r.BCa)).To(BeNumerically(">=", 4))
		for _, c := range r.BCa {
			b, ok := analyze.BCa(c.X, of[c.Statistic], c.Level, 100_000)
			Expect(ok).To(BeTrue())
			Expect(b.Accel).To(BeNumerically("~", c.Accel, 1e-9), c.Name)
			Expect(b.Lo).To(BeNumerically("~", c.CI[0], c.Slack), c.Name)
			Expect(b.Hi).To(BeNumerically("~", c.CI[1], c.Slack), c.Name)
		}
	})

	It("of a mean do not depend on the order of the trials, and need 6 that differ", func() {
		v := []float64{1, 5, 2, 9, 4, 4, 3}
		w := slices.Clone(v)
		slices.Reverse(w)
		Expect(analyze.MeanInterval(v)).To(Equal(analyze.MeanInterval(w)))
		Expect(analyze.MeanInterval(v[:5])).To(BeNil())
		Expect(analyze.MeanInterval([]float64{2, 2, 2, 2, 2, 2})).To(BeNil())
	})

	It("of a mean cover it in about 95 % of samples", func() {
		covered := func(n int, draw func(*rand.Rand) float64, truth float64) float64 {
			const rounds = 400
			rng := rand.New(rand.NewPCG(3, uint64(n)))
			inside := 0
			for range rounds {
				v := make([]float64, n)
				for i := range v {
					v[i] = draw(rng)
				}
				if ci := analyze.MeanInterval(v); ci[0] <= truth && truth <= ci[1] {
					inside++
				}
			}
			return float64(inside) / rounds
		}
		Expect(covered(10, (*rand.Rand).Float64, .5)).To(BeNumerically("~", .92, .04))
		Expect(covered(30, (*rand.Rand).Float64, .5)).To(BeNumerically("~", .95, .03))
		Expect(covered(10, (*rand.Rand).ExpFloat64, 1)).To(BeNumerically("~", .88, .05)) // as the comment of MeanInterval says
	})

	It("of a mean are in the summary of a total, and not in that of a failover", func() {
		var trials []analyze.Trial
		for i := range 10 {
			v := 3000 + 50*float64(i)
			trials = append(trials, analyze.Trial{Target: "a", FailoverMS: &v, ResilienceLossS: v / 1000})
		}
		s := analyze.Summaries(trials)
		Expect(*s["resilience_loss_s"].Mean).To(BeNumerically("~", 3.225, 1e-9))
		Expect(s["resilience_loss_s"].MeanCI[0]).To(BeNumerically("<", 3.225))
		Expect(s["resilience_loss_s"].MeanCI[1]).To(BeNumerically(">", 3.225))
		Expect(s["failover_ms"].Mean).To(BeNil())
		text, err := json.Marshal(s["resilience_loss_s"])
		Expect(err).NotTo(HaveOccurred())
		var back analyze.Summary
		Expect(json.Unmarshal(text, &back)).To(Succeed())
		Expect(back).To(Equal(s["resilience_loss_s"]))
	})

	It("count a tie with the estimate half, also if rounding hides it", func() {
		v := []float64{.1, .2, .3, .3, .4}
		Expect(analyze.Rank(v, .1+.2)).To(Equal(.6))
	})
})
