package fault

import (
	"github.com/seed-ab8b6914/spof/proxy"
	"github.com/seed-ab8b6914/spof/scenarios/target"
)

var mainsOutage = Kind{
	Name:     proxy.MainsOutage,
	About:    "all feeds lose the mains",
	Section:  OfHardware,
	Roles:    []string{target.RoleFeed},
	complete: completeFeed,
	Warns:    true,
	Docker:   Fidelity{Emulated, "as feed-loss, on every feed"},
	Local:    Fidelity{Emulated, "as feed-loss, on every feed"},
}
