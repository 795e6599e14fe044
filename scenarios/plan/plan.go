// Package plan compiles a scenario on a design to a plan: targets resolved, instants absolute, failover predicted, phases drawn, with
// a canonical form and a hash. A lab runs plans, and a trace holds its plan. This package runs nothing and does not know campaigns.
package plan

import (
	"time"

	"github.com/seed-ab8b6914/spof/scenarios"
	"github.com/seed-ab8b6914/spof/scenarios/fault"
	"github.com/seed-ab8b6914/spof/scenarios/predict"
	"github.com/seed-ab8b6914/spof/topology"
)

// The versions of a plan's form. They differ in what the hash covers; the fields are the same. Compile makes plans of Schema.
const (
	Schema   = "spof/plan/v2" // the hash covers no prose
	SchemaV1 = "spof/plan/v1" // the hash covers all prose except Unpredicted
)

// Plan is one scenario on one topology, ready to run. The same input gives the same bytes and the same hash. withoutProse lists the
// fields of prose; every other field changes the hash.
type Plan struct {
	Schema   string             `json:"schema"`
	Topology topology.Topology  `json:"topology"`
	Scenario scenarios.Scenario `json:"scenario"`
	Seed     uint64             `json:"seed"`
	// PhasePeriod is the longest period of the design's timers. Every trial's Phase is drawn from it.
	PhasePeriod time.Duration `json:"phase_period_ns"`
	// Instants from the start of the load, without the trial's phase.
	BaselineAt time.Duration `json:"baseline_at_ns"`
	FaultAt    time.Duration `json:"fault_at_ns"`
	RecoverAt  time.Duration `json:"recover_at_ns"` // last undo
	End        time.Duration `json:"end_ns"`
	Faults     []Fault       `json:"faults"`
	Trials     []Trial       `json:"trials"`
}

// Trial is one execution of the plan.
type Trial struct {
	Index int `json:"index"`
	// Phase delays everything from FaultAt on; 0 <= Phase < PhasePeriod, stratified over the trials.
	Phase time.Duration `json:"phase_ns"`
	Seed  uint64        `json:"seed"`
	// Attempt is the number of earlier attempts: 0 in the plan.
	Attempt int `json:"attempt,omitempty"`
}

// Fault is a resolved fault with its prediction.
type Fault struct {
	fault.Planned
	// Predicted is the failover that the design's timers predict; nil: none, and Unpredicted says why.
	Predicted   *predict.Prediction `json:"predicted,omitempty"`
	Unpredicted string              `json:"unpredicted,omitempty"`
	// Promised is the share of the offered load, above 0 and below 1, that the design's stated capacity carries while the fault lasts:
	// of a generator, a smaller link, or the exits that are left. 0: all of it.
	Promised float64 `json:"promised,omitempty"`
	// PromisedBy names what limits the share.
	PromisedBy string `json:"promised_by,omitempty"`
}
