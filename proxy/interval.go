package proxy

import "time"

// Interval bounds an unknown instant: it lies between Before and After, in ns of CLOCK_MONOTONIC.
type Interval struct{ Before, After int64 }

// Middle is the best estimate of the instant.
func (i Interval) Middle() int64 { return i.Before + (i.After-i.Before)/2 }

// Uncertainty is half the width of the interval, rounded up to a whole ns: the instant is Middle +- Uncertainty.
func (i Interval) Uncertainty() time.Duration { return time.Duration(i.After-i.Before+1) / 2 }

// Since is the interval from an instant until now.
func Since(before int64) Interval { return Interval{before, Monotonic()} }

// Proven is a change to a node whose effect was observed.
type Proven struct {
	Interval        // of the effect
	Proof    string // the observation
}

// Stamp sets an event's instant and uncertainty.
func (i Interval) Stamp(e Event) Event {
	e.At, e.Uncertainty = i.Middle(), i.Uncertainty()
	return e
}
