package choose_test

import (
	"fmt"
	"testing"

	"github.com/seed-ab8b6914/spof/reliability/choose"
)

// fyffe is the classical system: 14 subsystems of at most 8 parts each, with a cost of at most 130. Source of the parts: Fyffe, Hines & Lee,
// System reliability allocation and a computational algorithm, IEEE Transactions on Reliability R-17 (1968). The 33 instances have
// weights of at most 159 to 191: Nakagawa & Miyazaki, Surrogate constraints algorithm for reliability optimization problems with two
// constraints, IEEE Transactions on Reliability R-30 (1981).
var fyffe = subsystems([][]choose.Part{
	{{"", 0.9, 1, 3}, {"", 0.93, 1, 4}, {"", 0.91, 2, 2}, {"", 0.95, 2, 5}},
	{{"", 0.95, 2, 8}, {"", 0.94, 1, 10}, {"", 0.93, 1, 9}},
	{{"", 0.85, 2, 7}, {"", 0.9, 3, 5}, {"", 0.87, 1, 6}, {"", 0.92, 4, 4}},
	{{"", 0.83, 3, 5}, {"", 0.87, 4, 6}, {"", 0.85, 5, 4}},
	{{"", 0.94, 2, 4}, {"", 0.93, 2, 3}, {"", 0.95, 3, 5}},
	{{"", 0.99, 3, 5}, {"", 0.98, 3, 4}, {"", 0.97, 2, 5}, {"", 0.96, 2, 4}},
	{{"", 0.91, 4, 7}, {"", 0.92, 4, 8}, {"", 0.94, 5, 9}},
	{{"", 0.81, 3, 4}, {"", 0.9, 5, 7}, {"", 0.91, 6, 6}},
	{{"", 0.97, 2, 8}, {"", 0.99, 3, 9}, {"", 0.96, 4, 7}, {"", 0.91, 3, 8}},
	{{"", 0.83, 4, 6}, {"", 0.85, 4, 5}, {"", 0.9, 5, 6}},
	{{"", 0.94, 3, 5}, {"", 0.95, 4, 6}, {"", 0.96, 5, 6}},
	{{"", 0.79, 2, 4}, {"", 0.82, 3, 5}, {"", 0.85, 4, 6}, {"", 0.9, 5, 7}},
	{{"", 0.98, 2, 5}, {"", 0.99, 3, 5}, {"", 0.97, 2, 6}},
	{{"", 0.9, 4, 6}, {"", 0.92, 4, 7}, {"", 0.95, 5, 6}, {"", 0.99, 6, 9}},
})

func subsystems(parts [][]choose.Part) (s choose.Series) {
	for i, p := range parts {
		s = append(s, choose.Subsystem{Name: fmt.Sprint(i + 1), Parts: p, Most: 8})
	}
	return s
}

// optima are the best reliabilities for the weights 191, 190 and so on to 159, with kinds of parts mixed, rounded to 8 digits. Those of 191,
// 180, 170 and 159 are known from the literature to 6 digits; all were computed a second way, by lists of Pareto-optimal systems over all
// stacks of parts.
var optima = []float64{
	0.98681102, 0.98641607, 0.98592167, 0.98537823, 0.98468809, 0.98417552, 0.98350485, 0.98299404, 0.98225569, 0.98151832, 0.98102707,
	0.98029019, 0.97950470, 0.97840028, 0.97759631, 0.97669049, 0.97570792, 0.97492610, 0.97382683, 0.97302662, 0.97192950, 0.97076038,
	0.96929104, 0.96812509, 0.96633510, 0.96504161, 0.96371183, 0.96242185, 0.96064241, 0.95918839, 0.95803459, 0.95571443, 0.95456481,
}

// BenchmarkFyffe solves the 33 classical instances of redundancy allocation. Target: 50 ms.
func BenchmarkFyffe(b *testing.B) {
	for b.Loop() {
		all, err := fyffe.Allocate(130, 191)
		if err != nil {
			b.Fatal(err)
		}
		for weight := 159; weight <= 191; weight++ {
			if _, err := all.At(130, weight); err != nil {
				b.Fatal(err)
			}
		}
	}
}
