package fault

import (
	"time"

	"github.com/seed-ab8b6914/spof/proxy"
	"github.com/seed-ab8b6914/spof/scenarios/target"
	"github.com/seed-ab8b6914/spof/topology/yamlfile"
)

var slowOrigin = Kind{
	Name:        proxy.SlowOrigin,
	About:       "the origin waits before each answer",
	Section:     OfPath,
	Roles:       []string{target.RoleOrigin},
	Parameters:  []Parameter{{"latency", spans(time.Millisecond, proxy.MaxSlow), "", "added to each answer", "3s"}},
	read:        readSlow,
	Unpredicted: "no timer of the design bounds the origin's answers",
	Docker:      Fidelity{Real, "the origin waits before each answer; proven by a request of spof"},
	Local:       Fidelity{Real, "the origin waits before each answer; proven by a request of spof"},
}

func readSlow(o yamlfile.Object, f *Fault) {
	f.Latency = o.Require("latency").Duration(0, time.Millisecond, proxy.MaxSlow)
}
