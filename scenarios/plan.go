package scenarios

import (
	"time"

	"github.com/seed-ab8b6914/spof/proxy"
	"github.com/seed-ab8b6914/spof/topology"
)

// PlanSchema is the version of the plan's form.
const PlanSchema = "spof/plan/v1"

// Plan is one scenario on one topology, ready to run: names resolved, offsets absolute from the start of the load,
// canonical (the same input gives the same bytes) and hashable.
type Plan struct {
	Schema   string            `json:"schema"`
	Topology topology.Topology `json:"topology"`
	Scenario Scenario          `json:"scenario"`
	Seed     uint64            `json:"seed"`
	// PhasePeriod is the longest timer period of the design that matters here; every trial's Phase is drawn across it.
	PhasePeriod time.Duration `json:"phase_period_ns"`
	// The time line, from the start of the load, without the trial's phase.
	BaselineAt time.Duration  `json:"baseline_at_ns"`
	FaultAt    time.Duration  `json:"fault_at_ns"`
	RecoverAt  time.Duration  `json:"recover_at_ns"` // last undo
	End        time.Duration  `json:"end_ns"`
	Faults     []PlannedFault `json:"faults"`
	Trials     []Trial        `json:"trials"`
}

// Trial is one execution of the plan.
type Trial struct {
	Index int `json:"index"`
	// Phase shifts everything from FaultAt on; 0 <= Phase < PhasePeriod, stratified over the trials.
	Phase time.Duration `json:"phase_ns"`
	Seed  uint64        `json:"seed"`
	// Attempt counts how often the trial was run before: 0 in the plan, more in what Again gives.
	Attempt int `json:"attempt,omitempty"`
}

// PlannedFault is a fault with its target resolved as far as the design allows.
type PlannedFault struct {
	ID   string    `json:"id"` // f1, f2, ...
	Kind FaultKind `json:"kind"`
	proxy.FaultParams
	At   time.Duration `json:"at_ns"` // absolute, without the phase
	Undo time.Duration `json:"undo_at_ns"`
	// Candidates are the nodes (or links) it may hit, with the service that crash and hang strike.
	Candidates []Candidate `json:"candidates"`
	// Pick chooses among them when the fault is due: all; first (fixed by the plan); holder (whoever holds Address then);
	// not-holder (the first that does not).
	Pick    string `json:"pick"`
	Address string `json:"address,omitempty"`
	// Predicted is what the configuration's own timers say of the failover, by candidate role; nil: no prediction, and
	// Unpredicted says why.
	Predicted   *Prediction `json:"predicted,omitempty"`
	Unpredicted string      `json:"unpredicted,omitempty"`
	// Promised is the share of the offered load, above 0 and below 1, that the design itself promises while this fault lasts: a
	// generator's capacity, a smaller link, the exits that are left. 0: all of it.
	Promised float64 `json:"promised,omitempty"`
	// PromisedBy is what of the design says so, for people.
	PromisedBy string `json:"promised_by,omitempty"`
}

// Candidate is a place a fault may strike.
type Candidate struct {
	Node    string `json:"node"`
	Service string `json:"service,omitempty"` // or the WAN link, where it is that which the fault is about
	// Agent is the node that carries the fault out; empty: Node itself.
	Agent string `json:"agent,omitempty"`
}

// Prediction is an interval for the failover (or for a balancer's detection) from the fault's effect.
type Prediction struct {
	Lo time.Duration `json:"lo_ns"`
	Hi time.Duration `json:"hi_ns"`
	// Event is the mechanism's event that the interval also bounds: vrrp (new MASTER) or server-down; empty: none.
	Event string `json:"event,omitempty"`
	// Never says that the design has no way round this fault: service returns only with the repair.
	Never bool `json:"never,omitempty"`
	// EventOnly says that the interval bounds the event alone. A balancer that redispatches may serve users before it takes
	// the server out; one that keeps connections to a silent server may fail users after it.
	EventOnly bool `json:"event_only,omitempty"`
	// Repair says that the interval, or a part of it, comes after the fault's undoing: the outage may outlast the fault.
	Repair  bool   `json:"repair,omitempty"`
	Text    string `json:"text"` // the formula with its numbers
	unknown bool   // nothing is promised, and Text says why: no plan carries such a one
	sure    bool   // the fault's end does not end the outage: only a mechanism does
}
