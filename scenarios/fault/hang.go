package fault

import "github.com/seed-ab8b6914/spof/proxy"

var hang = Kind{
	Name:       proxy.Hang,
	About:      "the processes of one service are frozen; the kernel still accepts connections",
	Section:    OfNode,
	Roles:      nodeRoles,
	Service:    true,
	Parameters: []Parameter{share},
	read:       readShare,
	Docker:     Fidelity{Real, "the service's processes are frozen by SIGSTOP; the kernel still accepts connections and acknowledges data"},
	Local:      Fidelity{Real, "the service's processes are frozen by SIGSTOP"},
}
