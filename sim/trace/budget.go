package trace

import (
	"slices"
	"strings"
	"unsafe"

	"github.com/seed-ab8b6914/spof/reason"
	"github.com/seed-ab8b6914/spof/scenarios"
	"github.com/seed-ab8b6914/spof/scenarios/plan"
)

// Bounds of one trace. maxLine holds an event whose strings are all MaxText long and need an escape for every byte.
const (
	maxMemory = 1 << 30  // bytes of samples: enough for scenarios.MaxRequests
	maxRest   = 1 << 28  // bytes of events and readings
	maxHeader = 8 << 20  // bytes of the first line
	maxLine   = 1 << 20  // bytes of any other
	maxRows   = 1000     // of each table of the header
	MaxText   = 16 << 10 // bytes of each string of an event, and of Broken
)

// How much more than planned a trace may hold. A flapping mechanism causes an event at every check, a request that is not served may
// cause several events, and a busy machine delays readings.
const (
	someEvents    = 10_000 // for every plan
	requestEvents = 2      // of each request
	placeEvents   = 100    // of each node, link and group, per second
	streamEvents  = 20     // of each stream, per second: opened and broken at every attempt
	requestRoom   = 2      // samples of each request: it is sent again after its connection died
	readings      = 20     // of each node, link and group, per second: twice the planned number
	overrun       = 120    // seconds that a trial may take longer than its plan
)

// Budget is how much more a trace can hold: what its plan can produce, with a reserve, at most maxMemory and maxRest. Writers and
// readers use the same budget.
type Budget struct{ events, samples, machine, memory, rest allowance }

// allowance is how much is left of a limit.
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

// Planned is the number of samples that a trial of the plan has, with 1 % for requests that are sent again. A list with room for them need
// not grow, which would take twice its memory.
func Planned(p *plan.Plan) int {
	requests := p.Scenario.Requests() + p.Scenario.Load.Rate*p.PhasePeriod.Seconds()
	return allow(min(1.01*requests, scenarios.MaxRequests)).left
}

// allow bounds what a plan asks for: a plan from an untrusted file may ask for any number.
func allow(n float64) allowance {
	if !(n < maxMemory) {
		n = maxMemory
	}
	return allowance{int(max(n, 0)), int(max(n, 0))}
}

// Event takes the budget of an event. The error says that too little is left.
func (b *Budget) Event(e *Event) error {
	return take(&b.events, &b.rest, 1, int(unsafe.Sizeof(*e))+textOf(e), "events")
}

// Samples takes the budget of n samples.
func (b *Budget) Samples(n int) error {
	return take(&b.samples, &b.memory, n, n*int(unsafe.Sizeof(Sample{})), "samples")
}

// Machine takes the budget of a reading.
func (b *Budget) Machine(m *Reading) error {
	return take(&b.machine, &b.rest, 1, int(unsafe.Sizeof(*m))+len(m.Node), "readings of the machine")
}

func take(of, memory *allowance, n, bytes int, what string) error {
	if !of.take(n) {
		return reason.Errorf("trace-too-large", "more than %d %s, which is more than the plan can produce", of.all, what)
	}
	if !memory.take(bytes) {
		return reason.Errorf("trace-too-large", "%s that exceed the limit of %d MiB for them and what shares it", what, memory.all>>20)
	}
	return nil
}

// otherPlan is the error that the header does not fit its plan.
func otherPlan(format string, args ...any) error {
	return reason.Errorf("plan-edited", "the plan is not the one that was run: "+format, args...)
}

// checkPlan recomputes everything that follows from the plan, so that an edited plan is refused.
func (h *Header) checkPlan() error {
	if !h.Plan.Known() {
		return reason.Errorf("unknown-plan-version", "unknown schema %.40q of the plan; this version of spof reads %s and %s",
			h.Plan.Schema, plan.Schema, plan.SchemaV1)
	}
	if hash := h.Plan.Hash(); hash != h.PlanHash {
		return otherPlan("its hash is %.12s, and plan_hash is %.12s; the plan was edited, or a version of spof (%q) whose plans have another form wrote it",
			hash, h.PlanHash, h.Version)
	}
	if err := h.Plan.Bounded(); err != nil {
		return reason.Errorf("plan-out-of-range", "no scenario file gives this plan: %w", err)
	}
	if n := max(len(h.Fidelity), len(h.Relays), len(h.Watching)); n > maxRows {
		return reason.Errorf("trace-too-large", "%d rows of fidelity, relays or watching nodes; at most %d are read", n, maxRows)
	}
	if t := h.Drawn(); t.Index != h.Trial || !h.Plan.Draws(t) {
		return otherPlan("it draws no trial %d with the phase %s on attempt %d", h.Trial, t.Phase, t.Attempt)
	}
	var names []string
	for _, n := range h.Plan.Topology.Nodes {
		names = append(names, n.Name)
	}
	if !slices.Equal(h.Nodes, names) {
		return otherPlan("its topology has other nodes")
	}
	return nil
}

// Clip cuts the texts of an event to MaxText. They may come from a program under test.
func Clip(e Event) Event {
	for _, s := range stringsOf(&e) {
		*s = ClipText(*s)
	}
	return e
}

// ClipText cuts a text to MaxText and marks the cut.
func ClipText(s string) string {
	const mark = "…"
	if len(s) <= MaxText {
		return s
	}
	return strings.ToValidUTF8(s[:MaxText-len(mark)], "") + mark
}

// textOf is the length of all strings of an event, in bytes.
func textOf(e *Event) (n int) {
	for _, s := range stringsOf(e) {
		n += len(*s)
	}
	return n
}

func stringsOf(e *Event) []*string {
	return []*string{&e.Node, &e.Service, (*string)(&e.Kind), &e.Subject, (*string)(&e.State), &e.Text, &e.Hardware, &e.Fault}
}
