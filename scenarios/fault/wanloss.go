package fault

import (
	"github.com/seed-ab8b6914/spof/proxy"
	"github.com/seed-ab8b6914/spof/scenarios/target"
)

// Modes of wan-loss and of wan-flap.
const (
	ModeCut    = "cut"    // connections are closed and refused
	ModeSilent = "silent" // data is swallowed; also of dns-failure: questions are
)

var linkModes = []string{ModeCut, ModeSilent}

var wanLoss = Kind{
	Name:       proxy.WANLoss,
	About:      "a WAN link carries nothing",
	Section:    OfPath,
	Roles:      []string{target.RoleWAN},
	Parameters: []Parameter{choice("mode", linkModes, "how it is lost", "silent")},
	read:       readMode(linkModes),
	Docker:     Fidelity{Emulated, "Toxiproxy: cut lets nothing pass, then closes its ports (connections closed, new ones refused); silent swallows all data, but connection requests are still answered"},
	Local:      Fidelity{Emulated, "Toxiproxy: cut lets nothing pass, refuses new connections and closes the others; silent accepts and swallows"},
}
