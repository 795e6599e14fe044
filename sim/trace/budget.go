package trace

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"unsafe"

	"github.com/seed-ab8b6914/spof/scenarios/plan"
)

// Bounds of one trace. An event whose strings all are MaxText long and need an escape for every byte still fits into a line.
const (
	maxMemory = 1 << 30  // bytes that samples take: enough for scenarios.MaxRequests
	maxRest   = 1 << 28  // bytes that events and readings take
	maxHeader = 8 << 20  // bytes of the first line
	maxLine   = 1 << 20  // bytes of any other
	maxRows   = 1000     // of a table of the header
	MaxText   = 16 << 10 // bytes of each string of an event, and of why a trial broke off
)

// How much more than planned a trace may hold. A mechanism that flaps says so at every check, a request that finds no way may
// tell of every one, and readings come after each other as the machine lets them.
const (
	someEvents    = 10_000 // whatever the plan
	requestEvents = 2      // of each request
	placeEvents   = 100    // of each node, link and group, per second
	streamEvents  = 20     // of each stream, per second: opened and broken at every attempt
	requestRoom   = 2      // samples of each request: it is sent again where its connection has died
	readings      = 20     // of each node, link and group, per second: twice as many as there are
	overrun       = 120    // seconds that a trial may take longer than its plan
)

// Budget is how much more a trace can hold: what its plan can produce, with some to spare, and never more than maxMemory and maxRest.
// It is the same for who writes a trace and who reads it.
type Budget struct{ events, samples, machine, memory, rest allowance }

// allowance is what is left of something.
type allowance struct{ left, all int }

func (a *allowance) take(n int) bool {
	if n > a.left {
		return false
	}
	a.left -= n
	return true
}

// BudgetOf is the budget of an empty trace.
func BudgetOf(p *plan.Plan) *Budget {
	requests := p.Scenario.Requests() + p.Scenario.Load.Rate*p.PhasePeriod.Seconds()
	seconds := p.End.Seconds() + p.PhasePeriod.Seconds() + overrun
	t, streams, users := &p.Topology, 0.0, 0
	places := float64(len(t.Nodes) + len(t.WAN) + len(t.Origins) + len(t.Users))
	for _, g := range t.Users {
		users += g.Count
	}
	if s := p.Scenario.Load.Streams; s != nil {
		streams = s.Share * float64(users)
	}
	return &Budget{
		events:  allow(someEvents + requestEvents*requests + seconds*(placeEvents*places+streamEvents*streams)),
		samples: allow(someEvents + requestRoom*requests),
		machine: allow(someEvents + seconds*readings*places),
		memory:  allow(maxMemory),
		rest:    allow(maxRest),
	}
}

// allow rounds what a plan asks for to what can be there at all: a plan out of a stranger's file may ask for anything.
func allow(n float64) allowance {
	if !(n < maxMemory) {
		n = maxMemory
	}
	return allowance{int(max(n, 0)), int(max(n, 0))}
}

// Event takes what an event needs. The error says that too little is left.
func (b *Budget) Event(e *Event) error {
	return take(&b.events, &b.rest, 1, int(unsafe.Sizeof(*e))+textOf(e), "events")
}

// Samples takes what n samples need.
func (b *Budget) Samples(n int) error {
	return take(&b.samples, &b.memory, n, n*int(unsafe.Sizeof(Sample{})), "samples")
}

// Machine takes what a reading needs.
func (b *Budget) Machine(m *Reading) error {
	return take(&b.machine, &b.rest, 1, int(unsafe.Sizeof(*m))+len(m.Node), "readings of the machine")
}

func take(of, memory *allowance, n, bytes int, what string) error {
	if !of.take(n) {
		return fmt.Errorf("more than %d %s, which is more than the plan can produce", of.all, what)
	}
	if !memory.take(bytes) {
		return fmt.Errorf("%s, with what counts with them, of more than %d MiB; a trace holds no more", what, memory.all>>20)
	}
	return nil
}

// errNotOfPlan says that the header's parts do not go together.
var errNotOfPlan = errors.New("the plan is not the one that was run")

// checkPlan recomputes what follows from the plan, so that a plan that was edited judges nothing.
func (h *Header) checkPlan() error {
	if hash := h.Plan.Hash(); hash != h.PlanHash {
		return fmt.Errorf("%w: its hash is %.12s, and plan_hash says %.12s; the plan was edited, or a version of spof wrote it (%q) whose plans have another form",
			errNotOfPlan, hash, h.PlanHash, h.Version)
	}
	if err := h.Plan.Bounded(); err != nil {
		return fmt.Errorf("no scenario file gives this plan: %w", err)
	}
	if n := max(len(h.Fidelity), len(h.Relays)); n > maxRows {
		return fmt.Errorf("%d rows on fidelity or relays; at most %d are read", n, maxRows)
	}
	if t := h.Drawn(); t.Index != h.Trial || !h.Plan.Draws(t) {
		return fmt.Errorf("%w: it draws no trial %d with the phase %s on attempt %d", errNotOfPlan, h.Trial, t.Phase, t.Attempt)
	}
	var names []string
	for _, n := range h.Plan.Topology.Nodes {
		names = append(names, n.Name)
	}
	if !slices.Equal(h.Nodes, names) {
		return fmt.Errorf("%w: nodes are not those of its topology", errNotOfPlan)
	}
	return nil
}

// Clip cuts the texts of an event, which may come from a program that is under test, to MaxText.
func Clip(e Event) Event {
	for _, s := range stringsOf(&e) {
		*s = ClipText(*s)
	}
	return e
}

// ClipText cuts a text to MaxText, and marks the cut.
func ClipText(s string) string {
	const mark = "…"
	if len(s) <= MaxText {
		return s
	}
	return strings.ToValidUTF8(s[:MaxText-len(mark)], "") + mark
}

// textOf is the length of all strings of an event.
func textOf(e *Event) (n int) {
	for _, s := range stringsOf(e) {
		n += len(*s)
	}
	return n
}

func stringsOf(e *Event) []*string {
	return []*string{&e.Node, &e.Service, (*string)(&e.Kind), &e.Subject, (*string)(&e.State), &e.Text, &e.Fault}
}
