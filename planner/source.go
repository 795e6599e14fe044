package planner

// Source is the kind of a figure's origin.
type Source string

// The sources, the best first.
const (
	Measured  Source = "measured"  // by spof, in a report
	Predicted Source = "predicted" // from the timers of the design
)
