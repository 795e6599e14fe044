package fault

import (
	"github.com/seed-ab8b6914/spof/proxy"
	"github.com/seed-ab8b6914/spof/proxy/agent"
)

const Crash proxy.FaultKind = "crash"

var crash = Kind{
	Name:       Crash,
	About:      "the processes of one service are killed; the host stays up",
	Section:    OfNode,
	Roles:      nodeRoles,
	Service:    true,
	Parameters: []Parameter{share, choice("program", programs, "the program that is killed", ProgramKeepalived)},
	read:       readStruck,
	program:    struckProgram,
	Became:     "crashed",
	Executor:   agent.Crash,
	Docker:     Fidelity{Real, "the service's processes are killed; the kernel of the node refuses connections; a killed keepalived leaves its addresses on the interface"},
	Local:      Fidelity{Emulated, "the service's processes are killed; behind a VRRP address the relay accepts and resets a connection that a kernel would refuse; a killed election keeps its relay until another member takes the address"},
}
