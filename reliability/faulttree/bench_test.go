package faulttree_test

import (
	"testing"

	"github.com/seed-ab8b6914/spof/reliability/faulttree"
	"github.com/seed-ab8b6914/spof/reliability/faulttree/faulttreetest"
)

// BenchmarkImportances analyses a tree of 1,000 components with all importances. Target: 10 ms.
func BenchmarkImportances(b *testing.B) {
	t := faulttreetest.Zones(10)
	for b.Loop() {
		a, err := faulttree.Analyse(t)
		if err != nil {
			b.Fatal(err)
		}
		if _, err := a.Importances(); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkCutSets lists the minimal cut sets of up to four events of a tree of 300 components. Target: 1 s.
func BenchmarkCutSets(b *testing.B) {
	t := faulttreetest.Zones(3)
	for b.Loop() {
		a, err := faulttree.Analyse(t)
		if err != nil {
			b.Fatal(err)
		}
		sets, err := a.CutSets(4, 1e6)
		if err != nil {
			b.Fatal(err)
		}
		b.ReportMetric(float64(len(sets)), "sets")
	}
}
