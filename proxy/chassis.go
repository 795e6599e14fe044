package proxy

import (
	"github.com/seed-ab8b6914/spof/proxy/chassis"
	"github.com/seed-ab8b6914/spof/topology"
)

// ChassisConfig is what an agent needs to play its node's hardware, and how that makes itself heard.
type ChassisConfig struct {
	topology.Chassis
	Policy  topology.Signals `json:"policy,omitempty"` // empty: ignore
	Redfish string           `json:"redfish"`          // where it answers Redfish
	Access  chassis.Access   `json:"access"`           // who may do what there
	Signal  string           `json:"signal"`           // where it answers HAProxy's agent-check
	// Drain and Leave are files of one digit, 1 while the node is to drain or to leave: what keepalived tracks.
	Drain string `json:"drain"`
	Leave string `json:"leave"`
}

// Signal is what a chassis tells the mechanisms.
type Signal string

// The signals.
const (
	SignalReady Signal = "ready"
	SignalDrain Signal = "drain"
	SignalLeave Signal = "leave"
)

// SignalOf is what a policy makes of a chassis's health.
func SignalOf(policy topology.Signals, health chassis.Health) Signal {
	switch {
	case policy != topology.Drain && policy != topology.Leave:
		return SignalReady
	case health == chassis.Critical:
		return SignalLeave
	case health == chassis.Warning && policy == topology.Drain:
		return SignalDrain
	}
	return SignalReady
}

// AgentCheck is the signal as HAProxy's agent-check reads it (HAProxy configuration manual, section 5.2, agent-check).
func (s Signal) AgentCheck() string {
	switch s {
	case SignalDrain:
		return "drain\n"
	case SignalLeave:
		return "down # chassis is critical\n"
	}
	return "up ready\n"
}

// VRRPSignals is how a member of an address heeds its chassis. Drain lowers its priority below every other member's, so
// that one of them takes the address over while this one still serves; it takes no more than that the others do not drain
// too, in which case their order stays. Without preemption nobody would, and so it leaves at once. Leave is FAULT.
type VRRPSignals struct {
	Drain  string `json:"drain"` // files, as in ChassisConfig
	Leave  string `json:"leave"`
	Weight int    `json:"weight"` // of the priority while draining; 0: FAULT
}
