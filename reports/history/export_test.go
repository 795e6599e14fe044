package history

// For the specs.
var (
	Tests   = tests
	Needed  = needed
	LeastP  = leastP
	Bounded = bounded
)

// ChangePoints gives the places and the p-values of change points.
func ChangePoints(x []float64, level float64, least int) (at []int, p []float64) {
	for _, f := range changePoints(x, level, least) {
		at, p = append(at, f.at), append(p, f.p)
	}
	return at, p
}

// Divergence gives Q of x[:t] and x[t:k].
func Divergence(x []float64, t, k int) float64 {
	var d distances
	d.fill(x)
	return d.divergence(t, k)
}
