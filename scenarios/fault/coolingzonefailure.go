package fault

import (
	"github.com/seed-ab8b6914/spof/proxy"
	"github.com/seed-ab8b6914/spof/scenarios/target"
)

var coolingZoneFailure = Kind{
	Name:       proxy.CoolingZoneFailure,
	About:      "all nodes of a cooling zone heat up",
	Section:    OfHardware,
	Roles:      []string{target.RoleZone},
	Parameters: []Parameter{rise},
	read:       readRise,
	Warns:      true,
	Docker:     Fidelity{Emulated, "a thermal model in the agent of each node of the zone; a shutdown is a real loss of power"},
	Local:      Fidelity{Emulated, "a thermal model in the agent of each node of the zone; a shutdown is emulated as for power-loss"},
}
