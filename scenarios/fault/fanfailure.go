package fault

import "github.com/seed-ab8b6914/spof/proxy"

var fanFailure = Kind{
	Name:    proxy.FanFailure,
	About:   "all fans of a node stop; it heats up",
	Section: OfHardware,
	Roles:   nodeRoles,
	Warns:   true,
}
