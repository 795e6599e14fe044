// Package fault says what each kind of fault is: its name and a line about it, the roles of its targets, its parameters and how
// they are read, what it asks of a design, which service of a node it strikes, and how true to life it is on each runtime. The
// reference of faults is made from that. Each kind has a file of its own, and a row in the table of Kinds. How an agent carries
// it out stands in proxy/agent, and what the timers of a design make of it in scenarios/predict. It knows designs and targets,
// and no scenario.
package fault

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"time"

	"github.com/seed-ab8b6914/spof/proxy"
	"github.com/seed-ab8b6914/spof/scenarios/design"
	"github.com/seed-ab8b6914/spof/scenarios/target"
	"github.com/seed-ab8b6914/spof/topology"
)

// Fault is one fault on the time line of a scenario.
type Fault struct {
	Kind   proxy.FaultKind `json:"kind"`
	Target target.Target   `json:"target"`
	// At is the offset from the start of the fault phase; the trial's random phase is added to it.
	At time.Duration `json:"at_ns"`
	// For is how long the fault lasts; 0: to the end of the fault phase.
	For time.Duration `json:"for_ns"`
	proxy.FaultParams
}

// End is when the fault is undone, from the start of a fault phase of that length.
func (f Fault) End(phase time.Duration) time.Duration {
	if f.For == 0 {
		return phase
	}
	return f.At + f.For
}

// Planned is a fault with its target resolved as far as the design allows.
type Planned struct {
	ID   string          `json:"id"` // f1, f2, ...
	Kind proxy.FaultKind `json:"kind"`
	proxy.FaultParams
	At   time.Duration `json:"at_ns"` // absolute, without the phase
	Undo time.Duration `json:"undo_at_ns"`
	// Candidates are the nodes (or links) it may hit, with the service that crash and hang strike.
	Candidates []Candidate `json:"candidates"`
	// Pick chooses among them when the fault is due: all; first (fixed by the plan); holder (whoever holds Address then);
	// not-holder (the first that does not).
	Pick    string `json:"pick"`
	Address string `json:"address,omitempty"`
}

// Candidate is a place a fault may strike.
type Candidate struct {
	Node    string `json:"node"`
	Service string `json:"service,omitempty"` // or the WAN link, where it is that which the fault is about
	// Agent is the node that carries the fault out; empty: Node itself.
	Agent string `json:"agent,omitempty"`
}

// String gives the node, and the service in it if one is struck.
func (c Candidate) String() string {
	if c.Service == "" {
		return c.Node
	}
	return c.Node + "/" + c.Service
}

// Plan resolves the fault in a design, from one absolute instant to another. Every choice that is left comes from rng. Struck
// are what other faults have struck when this one is due.
func (f Fault) Plan(d design.View, at, undo time.Duration, struck []string, rng *rand.Rand) (Planned, error) {
	c, err := target.Resolve(d, f.Target, struck, rng)
	if err != nil {
		return Planned{}, err
	}
	c = c.Portion(f.Share, rng)
	if len(c.Nodes) == 0 {
		return Planned{}, fmt.Errorf("target %s, role %s: this design has none", f.Target.Pick, f.Target.Role)
	}
	planned := Planned{
		Kind: f.Kind, FaultParams: f.FaultParams, Pick: c.Pick, Address: c.Address,
		At: at, Undo: undo,
	}
	kind, _ := Of(f.Kind)
	for _, node := range c.Nodes {
		service, err := kind.strikes(d, f, node)
		if err != nil {
			return Planned{}, err
		}
		planned.Candidates = append(planned.Candidates, Candidate{Node: node, Service: service})
	}
	if kind.complete != nil {
		err = kind.complete(d, &planned)
	}
	return planned, err
}

// Fixed reports whether the plan alone decides what the fault strikes.
func (f Planned) Fixed() bool { return f.Pick == target.PickFirst || f.Pick == target.PickAll }

// Meets reports whether both faults are in force at some instant.
func (f Planned) Meets(g Planned) bool { return f.At < g.Undo && g.At < f.Undo }

// Nodes are those of the candidates.
func (f Planned) Nodes() []string {
	var nodes []string
	for _, c := range f.Candidates {
		nodes = append(nodes, c.Node)
	}
	return nodes
}

// Takes reports whether the fault leaves none of the nodes.
func (f Planned) Takes(nodes []string) bool {
	if f.Pick != target.PickAll {
		return len(nodes) == 1
	}
	struck := f.Nodes()
	return !slices.ContainsFunc(nodes, func(n string) bool { return !slices.Contains(struck, n) })
}

// Prolong is how much longer the fault phase has to be on a design whose services take their time to end. A fault with a
// length of its own keeps that.
func Prolong(faults []Fault, t *topology.Topology) time.Duration {
	var more time.Duration
	for _, f := range faults {
		if kind, _ := Of(f.Kind); kind.prolongs != nil && f.For == 0 {
			more = max(more, kind.prolongs(t))
		}
	}
	return more
}
