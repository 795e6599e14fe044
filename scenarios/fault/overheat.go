package fault

import (
	"fmt"

	"github.com/seed-ab8b6914/spof/proxy"
	"github.com/seed-ab8b6914/spof/proxy/agent"
	"github.com/seed-ab8b6914/spof/topology/yamlfile"
)

const Overheat proxy.FaultKind = "overheat"

var overheat = Kind{
	Name:       Overheat,
	About:      "a node heats up until its thermal shutdown",
	Section:    OfHardware,
	Roles:      nodeRoles,
	Parameters: []Parameter{rise},
	read:       readRise,
	Warns:      true,
	Executor:   agent.Overheat,
	Docker:     Fidelity{Emulated, "a thermal model in the node's agent; the shutdown is a real loss of power"},
	Local:      Fidelity{Emulated, "a thermal model in the node's agent; the shutdown is emulated as for power-loss"},
}

// Bounds of the key rise, °C/s.
const (
	slowestRise = 0.01
	fastestRise = 1000
)

var rise = Parameter{"rise", fmt.Sprintf("%v to %v °C/s", slowestRise, fastestRise), "each sensor's own", "rate of the temperature rise", "5"}

func readRise(o yamlfile.Object, f *Fault) {
	if v := o.Get("rise"); v.Present() {
		f.Rise = v.Number(0, slowestRise, fastestRise)
	}
}
