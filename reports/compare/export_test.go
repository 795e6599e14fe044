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

// Fisher is fisher for failing trials and all trials of the base and the new side.
func Fisher(baseFails, base, newFails, new int) float64 {
	return fisher(failing{baseFails, base}, failing{newFails, new})
}

// ShownBy is shownBy, as Fisher is fisher.
func ShownBy(baseFails, base, newFails, new int, level float64) int {
	return shownBy(failing{baseFails, base}, failing{newFails, new}, level)
}

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
