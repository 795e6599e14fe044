package choose_test

import (
	"context"
	"testing"

	"github.com/seed-ab8b6914/spof/reliability/bdd"
	"github.com/seed-ab8b6914/spof/reliability/choose"
)

// twins is a service of 20 components, of which each can have a twin. Four bridges of five components are in series; a decision diagram
// says how often the service fails.
func twins(b *testing.B, tried *int) *choose.Choices {
	d := bdd.New()
	var fails []bdd.Ref
	for v := 0; v < 20; v += 5 {
		x, y, z, u, w := d.Var(v), d.Var(v+1), d.Var(v+2), d.Var(v+3), d.Var(v+4)
		fails = append(fails, d.Or(d.And(x, z), d.And(y, u), d.And(x, w, u), d.And(z, w, y))) // the cuts of a bridge
	}
	top := d.Or(fails...)
	options := many(20, false)
	for v := range options {
		options[v].Buy = float64(100 + 37*v%90)
	}
	c, err := choose.New(options, 1, func(_ context.Context, s choose.Set) (choose.Worth, error) {
		*tried++
		p := make([]float64, 20)
		for v := range p {
			p[v] = 0.001 * float64(1+v%7)
			if s.Has(v) {
				p[v] *= p[v]
			}
		}
		return choose.Worth{Loss: 8760 * d.Probability(top, p)}, nil
	})
	if err != nil {
		b.Fatal(err)
	}
	return c
}

// questions measures a question about 20 options, and how many of the 2^20 designs it evaluates.
func questions(b *testing.B, ask func(context.Context, *choose.Choices) error) {
	tried := 0
	for b.Loop() {
		tried = 0
		if err := ask(context.Background(), twins(b, &tried)); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(tried), "designs/op")
}

// BenchmarkBest asks for the best of 20 options for half of their price. Target: 1 s.
func BenchmarkBest(b *testing.B) {
	questions(b, func(ctx context.Context, c *choose.Choices) error { _, err := c.Best(ctx, 1500); return err })
}

// BenchmarkCheapest asks for the cheapest design that loses at most 0.1 h a year. Target: 1 s.
func BenchmarkCheapest(b *testing.B) {
	questions(b, func(ctx context.Context, c *choose.Choices) error {
		_, err := c.Cheapest(ctx, choose.Target{Loss: 0.1})
		return err
	})
}

// BenchmarkFront asks for the whole Pareto front of 20 options. Target: 10 s.
func BenchmarkFront(b *testing.B) {
	questions(b, func(ctx context.Context, c *choose.Choices) error { _, err := c.Front(ctx, 1e6); return err })
}

// BenchmarkSteps asks for the steps to half of the price. Target: 100 ms.
func BenchmarkSteps(b *testing.B) {
	questions(b, func(ctx context.Context, c *choose.Choices) error { _, err := c.Steps(ctx, 1500); return err })
}
