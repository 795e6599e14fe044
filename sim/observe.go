package sim

import (
	"time"

	"github.com/seed-ab8b6914/spof/sim/trace"
)

// Observer sees a run while it goes on, for people who wait for it. Its methods are called from several goroutines and
// must not block.
type Observer interface {
	// Note is a line of prose: what is about to happen, or why it takes long.
	Note(text string)
	// Trial begins a trial; length is how long its load will last.
	Trial(header trace.Header, length time.Duration)
	Event(trace.Event)
	Samples([]trace.Sample)
	// Ended ends the trial, when its last request has; broken says why it is not whole, empty if it is.
	Ended(broken string)
}

// Blind is an Observer that looks away.
type Blind struct{}

// Note does nothing.
func (Blind) Note(string) {}

// Trial does nothing.
func (Blind) Trial(trace.Header, time.Duration) {}

// Event does nothing.
func (Blind) Event(trace.Event) {}

// Ended does nothing.
func (Blind) Ended(string) {}

// Samples does nothing.
func (Blind) Samples([]trace.Sample) {}
