package sim

import (
	"time"

	"github.com/seed-ab8b6914/spof/sim/trace"
)

// Observer receives the progress of a run, to show it to people. Several goroutines call its methods. The methods must not block.
type Observer interface {
	// Note is a line of prose: what is about to happen, or why it takes long.
	Note(text string)
	// Trial begins a trial; length is how long its load lasts.
	Trial(header trace.Header, length time.Duration)
	Event(trace.Event)
	Samples([]trace.Sample)
	// Ended ends the trial, after its last request. broken is why the trial is not whole; empty if it is.
	Ended(broken string)
}

// NopObserver discards everything.
type NopObserver struct{}

// Note does nothing.
func (NopObserver) Note(string) {}

// Trial does nothing.
func (NopObserver) Trial(trace.Header, time.Duration) {}

// Event does nothing.
func (NopObserver) Event(trace.Event) {}

// Ended does nothing.
func (NopObserver) Ended(string) {}

// Samples does nothing.
func (NopObserver) Samples([]trace.Sample) {}
