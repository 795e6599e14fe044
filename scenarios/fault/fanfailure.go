package fault

import (
	"github.com/seed-ab8b6914/spof/proxy"
	"github.com/seed-ab8b6914/spof/proxy/agent"
)

const FanFailure proxy.FaultKind = "fan-failure"

var fanFailure = Kind{
	Name:     FanFailure,
	Executor: agent.FanFailure,
	About:    "all fans of a node stop, and it heats up",
	Section:  OfHardware,
	Roles:    nodeRoles,
	Warns:    true,
	Docker:   Fidelity{Emulated, "a thermal model in the node's agent; the shutdown is a real loss of power"},
	Local:    Fidelity{Emulated, "a thermal model in the node's agent; the shutdown is emulated as for power-loss"},
}
