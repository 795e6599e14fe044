package fault

import (
	"github.com/seed-ab8b6914/spof/proxy"
	"github.com/seed-ab8b6914/spof/proxy/agent"
	"github.com/seed-ab8b6914/spof/scenarios/target"
)

const CoolingZoneFailure proxy.FaultKind = "cooling-zone-failure"

var coolingZoneFailure = Kind{
	Name:       CoolingZoneFailure,
	About:      "all nodes of a cooling zone heat up",
	Section:    OfHardware,
	Roles:      []string{target.RoleZone},
	Parameters: []Parameter{rise},
	read:       readRise,
	Warns:      true,
	Executor:   agent.Overheat,
	Docker:     Fidelity{Emulated, "a thermal model in the agent of each node of the zone; a shutdown is a real loss of power"},
	Local:      Fidelity{Emulated, "a thermal model in the agent of each node of the zone; a shutdown is emulated as for power-loss"},
}
