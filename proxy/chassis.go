package proxy

import (
	"github.com/seed-ab8b6914/spof/proxy/chassis"
	"github.com/seed-ab8b6914/spof/topology"
)

// ChassisConfig is the configuration of a node's hardware: the model, and the interfaces by which the chassis signals.
type ChassisConfig struct {
	topology.Chassis
	Policy  topology.Signals `json:"policy,omitempty"` // empty: ignore
	Redfish string           `json:"redfish"`          // host:port of the Redfish service
	Access  chassis.Access   `json:"access"`           // to the Redfish service
	Signal  string           `json:"signal"`           // host:port of HAProxy's agent-check
	// Drain and Leave are files of one digit: 1 while the node drains or leaves. keepalived tracks them.
	Drain string `json:"drain"`
	Leave string `json:"leave"`
}

// Signal is the state that a chassis tells the failover mechanisms.
type Signal string

// The signals.
const (
	SignalReady Signal = "ready"
	SignalDrain Signal = "drain"
	SignalLeave Signal = "leave"
)

// SignalOf gives the signal of a chassis by its policy and its health.
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

// AgentCheck is the signal in the form of HAProxy's agent-check (HAProxy configuration manual, section 5.2, agent-check).
func (s Signal) AgentCheck() string {
	switch s {
	case SignalDrain:
		return "drain\n"
	case SignalLeave:
		return "down # chassis is critical\n"
	}
	return "up ready\n"
}

// VRRPSignals says how a VRRP member follows its chassis. Drain lowers the priority below that of every other member. Another member
// takes the address over while this one still serves. If all members drain, the order of their priorities stays. Without preemption
// no other member would take over: there drain is FAULT. Leave is always FAULT.
type VRRPSignals struct {
	Drain  string `json:"drain"` // files, as in ChassisConfig
	Leave  string `json:"leave"`
	Weight int    `json:"weight"` // added to the priority while draining; 0: FAULT
}
