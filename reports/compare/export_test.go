package compare

// For the specs.
var (
	MannWhitney = mannWhitney
	Holm        = holm
	Shift       = shift
	LeastP      = leastP
	EnoughFor   = enough
	CriticalU   = criticalU
	Finds       = finds
)
