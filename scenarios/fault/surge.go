package fault

import (
	"github.com/seed-ab8b6914/spof/proxy"
	"github.com/seed-ab8b6914/spof/scenarios/target"
	"github.com/seed-ab8b6914/spof/topology/yamlfile"
)

var surge = Kind{
	Name:  proxy.Surge,
	About: "users ask for a multiple of what they ask for else",
	Roles: []string{target.RoleUsers},
	Keys:  []string{"factor"}, read: readSurge,
	Unpredicted: "what gives way under more load, and whether anything does, no timer says",
}

// maxFactor bounds a surge.
const maxFactor = 100

func readSurge(o yamlfile.Object, f *Fault) {
	f.Factor = float64(o.Require("factor").Int(0, 2, maxFactor))
}
