package fault

import (
	"time"

	"github.com/seed-ab8b6914/spof/proxy"
	"github.com/seed-ab8b6914/spof/scenarios/target"
	"github.com/seed-ab8b6914/spof/topology/yamlfile"
)

var wanFlap = Kind{
	Name:    proxy.WANFlap,
	About:   "a WAN link is lost and returns, again and again",
	Section: OfPath,
	Roles:   []string{target.RoleWAN},
	Parameters: []Parameter{
		choice("mode", linkModes, "how it is lost", "silent"),
		{"period", spans(minPeriod, MaxLength), "", "from one loss to the next; the link is back for half of it", "4s"},
	},
	read:        readFlap,
	Unpredicted: "the link is back, and gone again, at its own period and not at a timer of the design",
	Docker:      Fidelity{Emulated, "as wan-loss, again and again; each change proven"},
	Local:       Fidelity{Emulated, "as wan-loss, again and again; each change proven"},
}

// minPeriod bounds how often: a flip with its proof takes up to 200 ms.
const minPeriod = 500 * time.Millisecond

// readFlap reads how a link is lost, and how often.
func readFlap(o yamlfile.Object, f *Fault) {
	readMode(linkModes)(o, f)
	f.Period = o.Require("period").Duration(0, minPeriod, MaxLength)
}
