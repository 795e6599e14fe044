package fault

import (
	"github.com/seed-ab8b6914/spof/proxy"
	"github.com/seed-ab8b6914/spof/proxy/agent"
	"github.com/seed-ab8b6914/spof/scenarios/target"
)

// Modes of wan-loss and of wan-flap.
const (
	ModeCut    = "cut"                   // connections are closed and refused
	ModeSilent = string(proxy.DNSSilent) // data is dropped; of dns-failure: queries are
)

var linkModes = []string{ModeCut, ModeSilent}

const WANLoss proxy.FaultKind = "wan-loss"

var wanLoss = Kind{
	Name:       WANLoss,
	About:      "a WAN link carries nothing",
	Section:    OfPath,
	Roles:      []string{target.RoleWAN},
	Parameters: []Parameter{choice("mode", linkModes, "how the link is lost", ModeSilent)},
	read:       readMode(linkModes),
	Became:     "cut",
	Executor:   agent.WANLoss,
	Docker:     Fidelity{Emulated, "Toxiproxy: cut drops all data, then closes its ports (connections closed, new ones refused); silent accepts connections and drops their data"},
	Local:      Fidelity{Emulated, "Toxiproxy: cut drops all data, refuses new connections and closes the others; silent accepts connections and drops their data"},
}
