package fault

import (
	"github.com/seed-ab8b6914/spof/proxy"
	"github.com/seed-ab8b6914/spof/proxy/agent"
)

const PowerLoss proxy.FaultKind = "power-loss"

var powerLoss = Kind{
	Name:       PowerLoss,
	About:      "a node loses power: its links go down, then its processes are killed",
	Section:    OfNode,
	Roles:      nodeRoles,
	Parameters: []Parameter{share},
	read:       readShare,
	Became:     "dark",
	Executor:   agent.PowerLoss,
	Docker:     Fidelity{Real, "the node's links go down, then every process except its agent is killed: silence"},
	Local:      Fidelity{Emulated, "processes are frozen and their sockets silenced: connections hang, new ones get no answer; no host becomes unreachable"},
}
