package spoftest

import (
	"fmt"
	"io"
	"sync"
	"time"

	"github.com/seed-ab8b6914/spof/sim"
	"github.com/seed-ab8b6914/spof/sim/trace"
)

// maxEvents bounds the events that a lab keeps.
const maxEvents = 100_000

// observer keeps the events of a lab.
type observer struct {
	sim.NopObserver
	say     func(string)
	verbose io.Writer // nil: nothing

	mu     sync.Mutex
	events []trace.Event
	ended  bool // the test may have ended: nothing is said any more
}

// Event keeps an event.
func (o *observer) Event(e trace.Event) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if len(o.events) == maxEvents {
		o.events = append(o.events[:0], o.events[maxEvents/2:]...)
	}
	o.events = append(o.events, e)
	if o.verbose != nil {
		fmt.Fprintln(o.verbose, time.Duration(e.At), e.Kind, e.Node, e.Service, e.Subject, e.State, e.Text)
	}
}

// Note logs a line of the run.
func (o *observer) Note(line string) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if !o.ended {
		o.say(line)
	}
}

// end makes the observer silent: a test must not log after its end.
func (o *observer) end() {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.ended = true
}
