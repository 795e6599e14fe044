package planner

import (
	"testing"
)

// BenchmarkWorth measures what the choice pays for a combination that it did not work out before, and its parts. Target: 5 ms.
func BenchmarkWorth(b *testing.B) {
	p, err := Open("office", reports(nil))
	if err != nil {
		b.Fatal(err)
	}
	all := []int{0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10}
	topo, err := p.Patched(0, all...)
	if err != nil {
		b.Fatal(err)
	}
	e, err := p.evidenceOf(0, topo)
	if err != nil {
		b.Fatal(err)
	}
	s, err := newStudy("x", e, p.Table)
	if err != nil {
		b.Fatal(err)
	}
	for name, run := range map[string]func(){
		"patch":    func() { _, _ = p.Patched(0, all...) },
		"evidence": func() { _, _ = p.evidenceOf(0, topo) },
		"study":    func() { _, _ = newStudy("x", e, p.Table) },
		"hours":    func() { s.hours(bestGuess, 1) },
		"n-1":      func() { s.nMinusOne(500) },
	} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				run()
			}
		})
	}
}
