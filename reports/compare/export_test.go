package compare

// For the specs.
var (
	MannWhitney = mannWhitney
	Holm        = holm
	Shift       = shift
	EnoughFor   = enough
	CriticalU   = criticalU
	Finds       = finds
)
