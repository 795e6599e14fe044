package fault

import (
	"github.com/seed-ab8b6914/spof/proxy"
	"github.com/seed-ab8b6914/spof/proxy/agent"
	"github.com/seed-ab8b6914/spof/scenarios/target"
)

// Modes of dns-failure; ModeSilent is the third.
const (
	ModeDead     = "dead"                    // the server's process dies and its host refuses
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
	Parameters: []Parameter{choice("mode", dnsModes, "how it is lost", ModeServfail)},
	read:       readMode(dnsModes),
	Became:     "not answering",
	Executor:   agent.DNSFailure,
	Docker:     Fidelity{Real, "dead: the DNS server's process is killed, its kernel refuses; servfail, silent: the server answers SERVFAIL, or drops each query; proven by queries of spof"},
	Local:      Fidelity{Real, "dead: the DNS server's process is killed, the kernel refuses; servfail, silent: the server answers SERVFAIL, or drops each query; proven by queries of spof"},
}
