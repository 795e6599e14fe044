// Package trace is the record of a trial: header, events, samples, machine readings. It is the contract between the run and the
// judgement. It has a version, is written as a stream (Create), and read again (ReadFile). It measures and judges nothing. It
// imports neither the engine nor the runtimes.
package trace

import (
	"time"

	"github.com/seed-ab8b6914/spof/proxy"
	"github.com/seed-ab8b6914/spof/proxy/load"
	"github.com/seed-ab8b6914/spof/scenarios/fault"
	"github.com/seed-ab8b6914/spof/scenarios/plan"
)

// Schema is the version of the trace's form.
const Schema = "spof/trace/v1"

// Sample, Event and Reading are what a trace holds.
type (
	Sample  = load.Sample
	Event   = proxy.Event
	Reading = proxy.Reading
)

// Header describes the plan, the trial, the runtime and the lab.
type Header struct {
	Schema  string `json:"schema"`
	Lab     string `json:"lab"`
	Runtime string `json:"runtime"`
	// Fidelity is how true to life each fault and mechanism was.
	Fidelity []Fidelity `json:"fidelity"`
	Plan     plan.Plan  `json:"plan"`
	PlanHash string     `json:"plan_hash"`
	Trial    int        `json:"trial"` // index into Plan.Trials
	// Redrawn is the trial of a later attempt (plan.Plan.Again); nil on the first attempt, which is as planned.
	Redrawn *plan.Trial `json:"redrawn,omitempty"`
	Started time.Time   `json:"started"` // wall clock, for people
	// Epoch is the CLOCK_MONOTONIC instant (ns, of the lab's host) of the start of the load. Events carry absolute instants,
	// samples offsets from Epoch.
	Epoch int64    `json:"epoch_ns"`
	Nodes []string `json:"nodes"` // names; Sample.Node is an index + 1
	// ClockUncertainty bounds how far the nodes' clocks may be apart (0: one kernel).
	ClockUncertainty time.Duration `json:"clock_uncertainty_ns"`
	Kernel           string        `json:"kernel"`
	CPUs             int           `json:"cpus"`
	Processor        string        `json:"processor,omitempty"` // model
	// Engines are the versions of the real engines that the design's services run, by name.
	Engines map[string]string `json:"engines,omitempty"`
	Version string            `json:"version"` // of spof
	// LabUp is the time from the call of Deploy until every service listens, MechanismsUp from then to the steady state.
	LabUp        time.Duration `json:"lab_up_ns"`
	MechanismsUp time.Duration `json:"mechanisms_up_ns"`
	// Watching names the nodes that reported announcements of addresses; nil: none did, or the version of spof did not know them.
	Watching []string `json:"watching,omitempty"`
	// Relays is what the relay of each WAN link added to a round trip, measured when the lab was up.
	Relays map[string]proxy.RelayCost `json:"wan_relays,omitempty"`
}

// Drawn is the trial as it ran: with the phase, the seed and the number of this attempt.
func (h *Header) Drawn() plan.Trial {
	switch {
	case h.Redrawn != nil:
		return *h.Redrawn
	case h.Trial >= 0 && h.Trial < len(h.Plan.Trials):
		return h.Plan.Trials[h.Trial]
	}
	return plan.Trial{Index: h.Trial}
}

// Fidelity is how true to life a fault, mechanism or engine is on a runtime.
type Fidelity struct {
	What  string `json:"what"`  // power-loss, vrrp, wan, squid, haproxy, ...
	Level string `json:"level"` // real, emulated or unsupported
	How   string `json:"how"`
}

// The levels of fidelity.
const (
	Real        = fault.Real
	Emulated    = fault.Emulated
	Unsupported = fault.Unsupported
)

// Trace is a record in memory.
type Trace struct {
	Header  Header
	Events  []Event
	Samples []Sample
	// Machine is the load of the lab's machines, read every 100 ms by the agents of the users and of the WAN links. Instants are
	// absolute, as those of events. Empty in a trace of a version of spof that did not read it.
	Machine []Reading
	// Broken is why the trial is not whole; empty if it is.
	Broken string
}
