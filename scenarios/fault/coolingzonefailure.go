package fault

import (
	"github.com/seed-ab8b6914/spof/proxy"
	"github.com/seed-ab8b6914/spof/scenarios/target"
)

var coolingZoneFailure = Kind{
	Name:  proxy.CoolingZoneFailure,
	About: "the cooling of a zone fails, and all nodes in it heat up",
	Roles: []string{target.RoleZone},
	Keys:  []string{"rise"}, read: readRise,
	Warns: true,
}
