package fault

import (
	"github.com/seed-ab8b6914/spof/proxy"
	"github.com/seed-ab8b6914/spof/scenarios/target"
)

// Modes of wan-loss.
const (
	ModeCut    = "cut"    // connections are closed and refused
	ModeSilent = "silent" // data is swallowed; also of dns-failure: questions are
)

var wanLoss = Kind{
	Name:  proxy.WANLoss,
	About: "a WAN link is lost: cut, or silent",
	Roles: []string{target.RoleWAN},
	Keys:  []string{"mode"}, read: readMode(ModeCut, ModeSilent),
}
