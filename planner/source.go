package planner

// Source is the kind of a figure's origin: Measured, Predicted, or a certainty of the component library (component.Certainty).
type Source string

// The sources of a failover and of a capacity, beside the certainties.
const (
	Measured  Source = "measured"  // by spof, in a report
	Predicted Source = "predicted" // from the timers of the design
	ByPath    Source = "path"      // users with a path, whatever it carries
)
