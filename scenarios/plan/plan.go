// Package plan compiles a scenario on a design to a plan: targets resolved, instants absolute, predictions made, phases drawn,
// with a canonical form and a hash. A plan is what a lab runs and what a trace carries. This package knows everything of
// scenarios but the selection of a campaign, and runs nothing.
package plan

import (
	"time"

	"github.com/seed-ab8b6914/spof/scenarios"
	"github.com/seed-ab8b6914/spof/scenarios/fault"
	"github.com/seed-ab8b6914/spof/scenarios/predict"
	"github.com/seed-ab8b6914/spof/topology"
)

// Schema is the version of the plan's form.
const Schema = "spof/plan/v1"

// Plan is one scenario on one topology, ready to run: names resolved, offsets absolute from the start of the load,
// canonical (the same input gives the same bytes) and hashable.
type Plan struct {
	Schema   string             `json:"schema"`
	Topology topology.Topology  `json:"topology"`
	Scenario scenarios.Scenario `json:"scenario"`
	Seed     uint64             `json:"seed"`
	// PhasePeriod is the longest timer period of the design that matters here; every trial's Phase is drawn across it.
	PhasePeriod time.Duration `json:"phase_period_ns"`
	// The time line, from the start of the load, without the trial's phase.
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
	// Phase shifts everything from FaultAt on; 0 <= Phase < PhasePeriod, stratified over the trials.
	Phase time.Duration `json:"phase_ns"`
	Seed  uint64        `json:"seed"`
	// Attempt counts how often the trial was run before: 0 in the plan, more in what Again gives.
	Attempt int `json:"attempt,omitempty"`
}

// Fault is a fault with its target resolved as far as the design allows, and what the design makes of it.
type Fault struct {
	fault.Planned
	// Predicted is what the configuration's own timers say of the failover, by candidate role; nil: no prediction, and
	// Unpredicted says why.
	Predicted   *predict.Prediction `json:"predicted,omitempty"`
	Unpredicted string              `json:"unpredicted,omitempty"`
	// Promised is the share of the offered load, above 0 and below 1, that the design itself promises while this fault lasts: a
	// generator's capacity, a smaller link, the exits that are left. 0: all of it.
	Promised float64 `json:"promised,omitempty"`
	// PromisedBy is what of the design says so, for people.
	PromisedBy string `json:"promised_by,omitempty"`
}
