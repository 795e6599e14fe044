package fault

import "github.com/seed-ab8b6914/spof/proxy"

var powerLoss = Kind{
	Name:  proxy.PowerLoss,
	About: "a node loses its power: its links go down, then every process dies, and nobody is told",
	Roles: nodeRoles,
	Keys:  []string{"share"}, read: readShare,
}
