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

var dnsModes = []string{ModeDead, ModeServfail, ModeSilent}

var dnsFailure = Kind{
	Name:       proxy.DNSFailure,
	About:      "a DNS server that users ask for their proxy fails",
	Section:    OfNode,
	Roles:      []string{target.RoleDNS},
	Service:    true,
	Parameters: []Parameter{choice("mode", dnsModes, "how it is lost", "servfail")},
	read:       readMode(dnsModes),
	Docker:     Fidelity{Real, "dead: the DNS server's process killed, its kernel refuses; servfail, silent: the server answers so, or drops each question; proven by own questions"},
	Local:      Fidelity{Real, "dead: the DNS server's process killed, the kernel refuses; servfail, silent: the server answers so, or drops each question; proven by own questions"},
}
