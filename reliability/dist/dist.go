// Package dist has the distributions of times to failure, of repairs and of failovers. All times are hours. Begin at Distribution and
// Parse, which reads the text of a plan file; the constructors make the same in Go. It draws nothing by itself: who simulates brings the
// random numbers, so that a stream of them always gives the same times.
package dist

// Year is the hours of a year of 365 days.
const Year = 8760.0

// Distribution is a distribution of times in hours. It does not change; several goroutines may use it at once.
type Distribution interface {
	// Mean is +Inf for Never and finite for all others.
	Mean() float64
	// CDF is the probability of a time of at most t; Survival is 1 - CDF, without its loss of digits in the tail.
	CDF(t float64) float64
	Survival(t float64) float64
	// Quantile is the least time t with CDF(t) >= p, for p from 0 to 1.
	Quantile(p float64) float64
	// Draw turns a uniform number from (0, 1] into a time, by inverse transform: the time that is exceeded with the probability u. It is
	// as sharp in the long tail, where u is small, as in the middle.
	Draw(u float64) float64
	// String is a text that Parse reads.
	String() string
}

// Residual turns a uniform number from (0, 1] into the time that is left after an age in hours, which the distribution must be able to
// exceed: Survival(age) > 0. It is not negative.
func Residual(d Distribution, age, u float64) float64 {
	return max(0, d.Draw(u*d.Survival(age))-age)
}
