package history_test

import (
	"encoding/json"
	"math"
	"math/rand/v2"
	"os"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/seed-ab8b6914/spof/reports/history"
)

// slowly computes the divergence by its definition in Matteson & James (2014), equations (5) to (7), pair by pair.
func slowly(x, y []float64) float64 {
	across, left, right := 0.0, 0.0, 0.0
	for _, a := range x {
		for _, b := range y {
			across += math.Abs(a - b)
		}
	}
	n, m := float64(len(x)), float64(len(y))
	return n * m / (n + m) * (2*across/(n*m) - pairs(x, &left)/(n*(n-1)/2) - pairs(y, &right)/(m*(m-1)/2))
}

func pairs(x []float64, sum *float64) float64 {
	for i := range x {
		for k := range i {
			*sum += math.Abs(x[i] - x[k])
		}
	}
	return *sum
}

var _ = Describe("E-divisive means", func() {
	It("has the divergence of the definition", func() {
		rng := rand.New(rand.NewPCG(1, 2))
		for range 20 {
			x := make([]float64, 4+rng.IntN(30))
			for i := range x {
				x[i] = math.Round(100*rng.NormFloat64()) / 10 // with ties
			}
			for t := 2; t <= len(x)-2; t++ {
				for k := t + 2; k <= len(x); k++ {
					Expect(history.Divergence(x, t, k)).To(BeNumerically("~", slowly(x[:t], x[t:k]), 1e-9))
				}
			}
		}
	})

	// The sequence and its change points are those of a test of Apache Otava (tests/change_point_divisive_test.py, version 0.8).
	It("finds the change points of Otava's example", func() {
		at, _ := history.ChangePoints([]float64{.3, 2.4, 1.5, -.9, -.5, 99.7, 98.3, 99.1, 149, 149.7, 149.5, 149.1, 148.8, 150}, .05, 2)
		Expect(at).To(Equal([]int{5, 8}))
	})

	It("has the least p-value that the order of so few values allows", func() {
		_, p := history.ChangePoints([]float64{1, 2, 3, 4, 21, 22, 23, 24}, .05, 2)
		Expect(p).To(HaveExactElements(BeNumerically("~", 2.0/70, .015))) // 999 permutations
		Expect(history.LeastP(8)).To(BeNumerically("~", 2.0/70, 1e-12))
		at, _ := history.ChangePoints([]float64{1, 2, 3, 24, 25, 26}, .05, 2) // 2 of 20 orders
		Expect(at).To(BeEmpty())
	})

	It("gives the same points each time, and none where all is equal or too short", func() {
		x := series(5, 30, func(i int) float64 { return float64(i / 15) })
		once, p := history.ChangePoints(x, .05, 2)
		again, q := history.ChangePoints(x, .05, 2)
		Expect(again).To(Equal(once))
		Expect(q).To(Equal(p))
		for _, short := range [][]float64{nil, {1}, {1, 2, 3}, {7, 7, 7, 7, 7, 7, 7, 7, 7, 7}} {
			at, _ := history.ChangePoints(short, .05, 2)
			Expect(at).To(BeEmpty())
		}
	})

	It("survives values that overflow", func() {
		at, _ := history.ChangePoints([]float64{1e308, -1e308, 1e308, -1e308, 1, 2, 3, 4, 5, 6}, .05, 2)
		Expect(len(at)).To(BeNumerically("<", 10))
	})

	It("takes a failover that never came for a value above all others", func() {
		inf := math.Inf(1)
		Expect(history.Bounded([]float64{100, 300, inf})).To(Equal([]float64{100, 300, 600}))
		Expect(history.Bounded([]float64{inf, inf})).To(Equal([]float64{1, 1}))
		Expect(history.Bounded([]float64{0, 0, inf})).To(Equal([]float64{0, 0, 1}))
	})
})

// series makes n values of normal noise around a level.
func series(seed uint64, n int, level func(i int) float64) []float64 {
	rng := rand.New(rand.NewPCG(seed, 9))
	x := make([]float64, n)
	for i := range x {
		x[i] = level(i) + .2*rng.NormFloat64()
	}
	return x
}

// noises are distributions of a run's value without a change: the median of 10 failovers with stratified phases, the same with a run in ten on
// a busy machine, a loss with a long tail, and a count that is mostly 0.
var noises = []struct {
	name string
	draw func(*rand.Rand) float64
}{
	{"medians of stratified trials", stratified},
	{"medians with outliers", func(rng *rand.Rand) float64 {
		if rng.IntN(10) == 0 {
			return stratified(rng) + 2000*rng.Float64()
		}
		return stratified(rng)
	}},
	{"a long tail", func(rng *rand.Rand) float64 { return math.Exp(1.5 * rng.NormFloat64()) }},
	{"rare events", func(rng *rand.Rand) float64 { return float64(max(0, rng.IntN(10)-7)) }},
	{"two values", func(rng *rand.Rand) float64 { return float64(3 * rng.IntN(2)) }},
}

func stratified(rng *rand.Rand) float64 {
	mid := make([]float64, 2)
	for i := range mid { // the strata 4 and 5 of 10 hold the middle values
		mid[i] = 2600 + 100*(float64(4+i)+rng.Float64())
	}
	return (mid[0] + mid[1]) / 2
}

var _ = Describe("the rate of false alarms", func() {
	// 400 series of 30 runs for each noise. A binomial count of 400 at 5 % is above 30 in 1 of 100 cases. Of 2000 for each it was 509 of 10,000.
	for i, noise := range noises {
		It("is the nominal one: "+noise.name, func() {
			const n, runs, level = 400, 30, .05
			rng := rand.New(rand.NewPCG(42, uint64(i)))
			red := 0
			for range n {
				x := make([]float64, runs)
				for i := range x {
					x[i] = noise.draw(rng)
				}
				if at, _ := history.ChangePoints(x, level, 2); len(at) > 0 {
					red++
				}
			}
			AddReportEntry(noise.name, red)
			Expect(red).To(BeNumerically("<=", 30))
		})
	}

	It("holds over all series of a history after the correction", func() {
		const n, many, runs = 60, 12, 20
		rng := rand.New(rand.NewPCG(7, 7))
		red := 0
		for range n {
			found := 0
			for range many {
				x := make([]float64, runs)
				for i := range x {
					x[i] = stratified(rng)
				}
				at, _ := history.ChangePoints(x, .05/many, 2)
				found += len(at)
			}
			if found > 0 {
				red++
			}
		}
		Expect(red).To(BeNumerically("<=", 8)) // of 60 at 5 %: above 8 in fewer than 1 of 100 cases
	})
})

var _ = DescribeTable("finds a shift", func(before, after int, by, level float64, atLeast int) {
	const n = 10
	rng := rand.New(rand.NewPCG(11, uint64(before)))
	right := 0
	for range n {
		x := make([]float64, before+after)
		for i := range x {
			if x[i] = stratified(rng); i >= before {
				x[i] += by
			}
		}
		at, _ := history.ChangePoints(x, level, 2)
		for _, p := range at {
			if p >= before-1 && p <= before+1 {
				right++
				break
			}
		}
	}
	AddReportEntry("found", right)
	Expect(right).To(BeNumerically(">=", atLeast))
},
	Entry("of 100 ms in the middle of 30 runs, noise 20 ms", 15, 15, 100.0, .05, 10),
	Entry("of 100 ms among 6 series", 15, 15, 100.0, .05/6, 10),
	Entry("of 60 ms in the middle of 30 runs", 15, 15, 60.0, .05, 8),
	Entry("of 100 ms, 4 runs ago", 26, 4, 100.0, .05, 9),
	Entry("of 200 ms, 3 runs ago, among 6 series", 27, 3, 200.0, .05/6, 9),
)

// published is testdata/ecp.json; testdata/ecp.R wrote it.
type published struct {
	X         []float64 `json:"x"`
	Estimates []int     `json:"estimates"` // from 1, with the ends of the series
	MinSize   int       `json:"min_size"`
}

var _ = It("finds the change points that the paper of the R package ecp prints", func() {
	data, err := os.ReadFile("testdata/ecp.json")
	Expect(err).NotTo(HaveOccurred())
	var p published
	Expect(json.Unmarshal(data, &p)).To(Succeed())
	Expect(p.X).To(HaveLen(400))
	at, _ := history.ChangePoints(p.X, .1, p.MinSize) // the paper tests at 5 %; 10 % needs half the permutations
	for i, found := range at {
		at[i] = found + 1 // R counts from 1
	}
	Expect(at).To(Equal(p.Estimates[1 : len(p.Estimates)-1]))
})

var _ = Describe("the number of tests", func() {
	It("leaves out the series that can reach no level", func() {
		Expect(history.Tests(nil, .05)).To(Equal(1))
		Expect(history.Tests([]int{30, 30, 30}, .05)).To(Equal(3))
		Expect(history.Tests([]int{30, 30, 30, 4, 5, 6, 7}, .05)).To(Equal(3))
		Expect(history.Tests([]int{8, 8, 8, 8}, .05)).To(Equal(2)) // 2/70 is above .05/2: none of several can be significant
	})

	It("says how many runs a change needs", func() {
		Expect(history.Needed(.05)).To(Equal(8))       // 2/70
		Expect(history.Needed(.05 / 12)).To(Equal(12)) // 2/924; 2/462 is above
		Expect(history.LeastP(3)).To(Equal(1.0))
		for tests, runs := range map[float64]int{1: 8, 3: 9, 9: 11, 10: 11, 50: 14} { // as docs/history.md says
			Expect(history.Needed(.05 / tests)).To(Equal(runs))
		}
	})
})
