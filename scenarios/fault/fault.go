// Package fault describes each kind of fault: its name, the roles of its targets, its parameters, what a design must have for it,
// which service of a node it strikes, its executor, and its fidelity on each runtime. The reference docs/faults.md is generated from
// it. Each kind has its own file, with the only spelling of its name, and a row in Kinds. Package proxy/agent has the executors, which
// know no kinds; scenarios/predict predicts their failover. This package knows designs and targets, and no scenario.
package fault

import (
	"math/rand/v2"
	"slices"
	"time"

	"github.com/seed-ab8b6914/spof/proxy"
	"github.com/seed-ab8b6914/spof/reason"
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
	// Candidates are the nodes or links that it may strike.
	Candidates []Candidate `json:"candidates"`
	// Pick says which of them the fault strikes; Address is that of PickHolder and PickNotHolder.
	Pick    target.Pick `json:"pick"`
	Address string      `json:"address,omitempty"`
}

// Candidate is what a fault may strike: a node, a service or a link.
type Candidate struct {
	Node    string `json:"node"`
	Service string `json:"service,omitempty"` // of exit-block: the exit's WAN link
	// Agent is the node that carries the fault out; empty: Node.
	Agent string `json:"agent,omitempty"`
}

// String gives node, or node/service.
func (c Candidate) String() string {
	if c.Service == "" {
		return c.Node
	}
	return c.Node + "/" + c.Service
}

// Meets reports whether both are the same service, or one is the whole node of the other.
func (c Candidate) Meets(o Candidate) bool {
	return c.Node == o.Node && (c.Service == o.Service || c.Service == "" || o.Service == "")
}

// Plan resolves the fault in a design; at and undo are absolute. Random choices come from rng. Struck are the targets of faults that
// are in force when this one is due. Errors have codes: those of target.Resolve, and one for each thing that the design lacks.
func (f Fault) Plan(d design.View, at, undo time.Duration, struck []string, rng *rand.Rand) (Planned, error) {
	c, err := target.Resolve(d, f.Target, struck, rng)
	if err != nil {
		return Planned{}, err
	}
	c = c.Portion(f.Share, rng)
	if len(c.Nodes) == 0 {
		return Planned{}, reason.Errorf("no-target", "target %s, role %s: this design has none", f.Target.Pick, f.Target.Role)
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

// Fixed reports whether the plan, and not the run, decides what the fault strikes.
func (f Planned) Fixed() bool { return f.Pick == target.PickFirst || f.Pick == target.PickAll }

// Meets reports whether both faults are in force at some instant.
func (f Planned) Meets(g Planned) bool { return f.At < g.Undo && g.At < f.Undo }

// Nodes are the nodes of the candidates.
func (f Planned) Nodes() []string {
	var nodes []string
	for _, c := range f.Candidates {
		nodes = append(nodes, c.Node)
	}
	return nodes
}

// Takes reports whether the fault strikes all of the nodes.
func (f Planned) Takes(nodes []string) bool {
	if f.Pick != target.PickAll {
		return len(nodes) == 1
	}
	struck := f.Nodes()
	return !slices.ContainsFunc(nodes, func(n string) bool { return !slices.Contains(struck, n) })
}

// Prolong is the time to add to the fault phase because services of the design stop slowly. A fault with its own length keeps it.
func Prolong(faults []Fault, t *topology.Topology) time.Duration {
	var more time.Duration
	for _, f := range faults {
		if kind, _ := Of(f.Kind); kind.prolongs != nil && f.For == 0 {
			more = max(more, kind.prolongs(t))
		}
	}
	return more
}
