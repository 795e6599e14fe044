package fault

import "github.com/seed-ab8b6914/spof/proxy"

var crash = Kind{
	Name:       proxy.Crash,
	About:      "the processes of one service are killed; the host stays up",
	Section:    OfNode,
	Roles:      nodeRoles,
	Service:    true,
	Parameters: []Parameter{share},
	read:       readShare,
}
