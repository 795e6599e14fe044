package fault

import (
	"github.com/seed-ab8b6914/spof/proxy"
	"github.com/seed-ab8b6914/spof/scenarios/target"
)

// Modes of dns-failure; ModeSilent is the third.
const (
	ModeDead     = "dead"     // the server's process dies: its host refuses
	ModeServfail = "servfail" // it answers that it cannot
)

var dnsFailure = Kind{
	Name:    proxy.DNSFailure,
	About:   "a DNS server that users ask dies, answers that it cannot, or says nothing",
	Roles:   []string{target.RoleDNS},
	Service: true,
	Keys:    []string{"mode"}, read: readMode(ModeDead, ModeServfail, ModeSilent),
}
