package fault

import "github.com/seed-ab8b6914/spof/proxy"

var fanFailure = Kind{
	Name:  proxy.FanFailure,
	About: "the fans of a node fail, and it heats up until it shuts down",
	Roles: nodeRoles,
	Warns: true,
}
