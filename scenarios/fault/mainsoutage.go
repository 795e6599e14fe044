package fault

import (
	"github.com/seed-ab8b6914/spof/proxy"
	"github.com/seed-ab8b6914/spof/proxy/agent"
	"github.com/seed-ab8b6914/spof/scenarios/target"
)

const MainsOutage proxy.FaultKind = "mains-outage"

var mainsOutage = Kind{
	Name:     MainsOutage,
	About:    "all feeds lose the mains",
	Section:  OfHardware,
	Roles:    []string{target.RoleFeed},
	complete: completeFeed,
	Warns:    true,
	Executor: agent.PowerOutage,
	Docker:   Fidelity{Emulated, "as feed-loss, on every feed"},
	Local:    Fidelity{Emulated, "as feed-loss, on every feed"},
}
