package fault

import (
	"time"

	"github.com/seed-ab8b6914/spof/proxy"
	"github.com/seed-ab8b6914/spof/proxy/agent"
	"github.com/seed-ab8b6914/spof/scenarios/target"
	"github.com/seed-ab8b6914/spof/topology/yamlfile"
)

const WANFlap proxy.FaultKind = "wan-flap"

var wanFlap = Kind{
	Name:    WANFlap,
	About:   "a WAN link is lost and returns periodically",
	Section: OfPath,
	Roles:   []string{target.RoleWAN},
	Parameters: []Parameter{
		choice("mode", linkModes, "how the link is lost", ModeSilent),
		{"period", spans(minPeriod, MaxLength), "", "from one loss to the next; the link works for half of it", "4s"},
	},
	read:        readFlap,
	Became:      "cut for the first time",
	Executor:    agent.WANFlap,
	Unpredicted: "the link follows its own period, not a timer of the design",
	Docker:      Fidelity{Emulated, "as wan-loss, periodically; each change is proven"},
	Local:       Fidelity{Emulated, "as wan-loss, periodically; each change is proven"},
}

// minPeriod bounds the key period: a change of the link with its proof takes up to 200 ms.
const minPeriod = 500 * time.Millisecond

func readFlap(o yamlfile.Object, f *Fault) {
	readMode(linkModes)(o, f)
	f.Period = o.Require("period").Duration(0, minPeriod, MaxLength)
}
