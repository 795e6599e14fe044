package fault

import (
	"github.com/seed-ab8b6914/spof/proxy"
	"github.com/seed-ab8b6914/spof/topology/yamlfile"
)

var overheat = Kind{
	Name:  proxy.Overheat,
	About: "a node heats up: a warning, a critical temperature, then it shuts down",
	Roles: nodeRoles,
	Keys:  []string{"rise"}, read: readRise,
	Warns: true,
}

// Bounds of the key rise, deg C per s.
const (
	slowestRise = 0.01
	fastestRise = 1000
)

func readRise(o yamlfile.Object, f *Fault) {
	if v := o.Get("rise"); v.Present() {
		f.Rise = v.Number(0, slowestRise, fastestRise)
	}
}
