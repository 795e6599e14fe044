package fault

import (
	"github.com/seed-ab8b6914/spof/proxy"
	"github.com/seed-ab8b6914/spof/proxy/agent"
)

const Hang proxy.FaultKind = "hang"

var hang = Kind{
	Name:       Hang,
	About:      "the processes of one service are frozen; the kernel still accepts connections",
	Section:    OfNode,
	Roles:      nodeRoles,
	Service:    true,
	Parameters: []Parameter{share, choice("program", programs, "the program that is frozen", ProgramKeepalived)},
	read:       readStruck,
	program:    struckProgram,
	Became:     "frozen",
	Executor:   agent.Hang,
	Docker:     Fidelity{Real, "the service's processes are frozen by SIGSTOP; the kernel still accepts connections and acknowledges data"},
	Local:      Fidelity{Real, "the service's processes are frozen by SIGSTOP"},
}
