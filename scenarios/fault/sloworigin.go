package fault

import (
	"time"

	"github.com/seed-ab8b6914/spof/proxy"
	"github.com/seed-ab8b6914/spof/proxy/agent"
	"github.com/seed-ab8b6914/spof/scenarios/target"
	"github.com/seed-ab8b6914/spof/topology/yamlfile"
)

const SlowOrigin proxy.FaultKind = "slow-origin"

var slowOrigin = Kind{
	Name:        SlowOrigin,
	About:       "the origin waits before each answer",
	Section:     OfPath,
	Roles:       []string{target.RoleOrigin},
	Parameters:  []Parameter{{"latency", spans(time.Millisecond, proxy.MaxSlow), "", "added to each answer", "3s"}},
	read:        readSlow,
	Unpredicted: "no timer of the design bounds the origin's answers",
	Executor:    agent.SlowOrigin,
	Docker:      Fidelity{Real, "the origin waits before each answer; proven by a request of spof"},
	Local:       Fidelity{Real, "the origin waits before each answer; proven by a request of spof"},
}

func readSlow(o yamlfile.Object, f *Fault) {
	f.Latency = o.Require("latency").Duration(0, time.Millisecond, proxy.MaxSlow)
}
