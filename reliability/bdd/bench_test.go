package bdd_test

import (
	"testing"

	"github.com/seed-ab8b6914/spof/reliability/bdd"
)

// series is a system of n components: groups of three, of which two must work, in series.
func series(d *bdd.Diagrams, n int) bdd.Ref {
	var groups []bdd.Ref
	for v := 0; v+3 <= n; v += 3 {
		groups = append(groups, d.AtLeast(2, d.Var(v), d.Var(v+1), d.Var(v+2)))
	}
	return d.Or(groups...)
}

// BenchmarkImportances builds a system of 1,000 components and computes its probability of failure and all derivatives. Target: 10 ms.
func BenchmarkImportances(b *testing.B) {
	p := make([]float64, 1000)
	for v := range p {
		p[v] = 1e-3
	}
	for b.Loop() {
		d := bdd.New()
		d.Birnbaum(series(d, len(p)), p)
	}
}

// BenchmarkCutSets counts the minimal cut sets of 300 components. Target: 1 s.
func BenchmarkCutSets(b *testing.B) {
	for b.Loop() {
		d := bdd.New()
		d.CutSets(series(d, 300)).Orders(4)
	}
}
