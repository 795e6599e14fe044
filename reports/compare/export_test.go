package compare

import "math/rand/v2"

// For the specs.
var (
	MannWhitney = mannWhitney
	Holm        = holm
	Shift       = shift
	EnoughFor   = enough
	CriticalU   = criticalU
)

// Finds is finds for values that are within a distance, down and up.
func Finds(base []float64, down, up float64, n int, alpha, power, least float64) (float64, bool) {
	s := sample{v: base}
	for _, v := range base {
		s.lo, s.hi = append(s.lo, v-down), append(s.hi, v+up)
	}
	return finds(s, n, alpha, power, least)
}

// Draw draws values as the simulation does.
func Draw(base []float64, n int, rng *rand.Rand) []float64 {
	return draw(sample{v: base, lo: base, hi: base}, n, rng).v
}
