package fault

import (
	"fmt"

	"github.com/seed-ab8b6914/spof/proxy"
	"github.com/seed-ab8b6914/spof/proxy/agent"
	"github.com/seed-ab8b6914/spof/scenarios/target"
	"github.com/seed-ab8b6914/spof/topology/yamlfile"
)

const Surge proxy.FaultKind = "surge"

var surge = Kind{
	Name:        Surge,
	About:       "users send a multiple of their load",
	Section:     OfLoad,
	Roles:       []string{target.RoleUsers},
	Parameters:  []Parameter{{"factor", fmt.Sprintf("%d to %d, a whole number", minFactor, maxFactor), "", "multiple of the load", "3"}},
	read:        readSurge,
	Executor:    agent.Surge,
	Unpredicted: "no timer bounds which part of the design is overloaded, if any",
	Docker:      Fidelity{Real, "the schedule of the users has a multiple of the rate; requests are counted when they leave"},
	Local:       Fidelity{Real, "the schedule of the users has a multiple of the rate; requests are counted when they leave"},
}

// Bounds of the key factor.
const (
	minFactor = 2
	maxFactor = 100
)

func readSurge(o yamlfile.Object, f *Fault) {
	f.Factor = float64(o.Require("factor").Int(0, minFactor, maxFactor))
}
