package fault

import (
	"github.com/seed-ab8b6914/spof/proxy"
	"github.com/seed-ab8b6914/spof/proxy/agent"
	"github.com/seed-ab8b6914/spof/scenarios/target"
)

// Modes of dns-failure; ModeSilent is the third.
const (
	ModeDead     = "dead"                    // the server's process dies and its host refuses queries
	ModeServfail = string(proxy.DNSServfail) // the server answers SERVFAIL
)

var dnsModes = []string{ModeDead, ModeServfail, ModeSilent}

const DNSFailure proxy.FaultKind = "dns-failure"

var dnsFailure = Kind{
	Name:       DNSFailure,
	About:      "a DNS server that resolves the proxy's name for users fails",
	Section:    OfNode,
	Roles:      []string{target.RoleDNS},
	Service:    true,
	Parameters: []Parameter{choice("mode", dnsModes, "how the server fails", ModeServfail)},
	read:       readMode(dnsModes),
	Became:     "not answering",
	Executor:   agent.DNSFailure,
	Docker:     Fidelity{Real, "dead: the DNS server's process is killed, and the kernel of its node refuses queries; servfail: the server answers SERVFAIL; silent: it drops each query; proven by queries of spof"},
	Local:      Fidelity{Real, "dead: the DNS server's process is killed, and the kernel refuses queries; servfail: the server answers SERVFAIL; silent: it drops each query; proven by queries of spof"},
}
