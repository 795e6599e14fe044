package fault

import (
	"time"

	"github.com/seed-ab8b6914/spof/proxy"
	"github.com/seed-ab8b6914/spof/scenarios/target"
	"github.com/seed-ab8b6914/spof/topology/yamlfile"
)

var wanFlap = Kind{
	Name:  proxy.WANFlap,
	About: "a WAN link is lost and comes back, again and again",
	Roles: []string{target.RoleWAN},
	Keys:  []string{"mode", "period"}, read: readFlap,
	Unpredicted: "the link is back, and gone again, at its own period and not at a timer of the design",
}

// minPeriod bounds how often: a flip with its proof takes up to 200 ms.
const minPeriod = 500 * time.Millisecond

// readFlap reads how a link is lost, and how often.
func readFlap(o yamlfile.Object, f *Fault) {
	f.Mode = o.Get("mode").OneOf(ModeCut, ModeCut, ModeSilent)
	f.Period = o.Require("period").Duration(0, minPeriod, time.Hour)
}
