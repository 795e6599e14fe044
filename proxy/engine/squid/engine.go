// Package squid is the engine Squid: a forward proxy, with or without a cache. It writes squid.conf, reads Squid's log and counts
// its stored objects; it starts nothing. Begin at Engine.
package squid

import (
	"syscall"

	"github.com/seed-ab8b6914/spof/proxy"
	"github.com/seed-ab8b6914/spof/proxy/engine"
	"github.com/seed-ab8b6914/spof/topology"
)

// Engine is Squid of Debian. On a signal to reload a wrong configuration Squid 5.7 closes its port and dies of a fatal error. Its own
// command `squid -k reconfigure` checks the file first and sends no signal.
var Engine = engine.Engine{
	Name:         string(topology.Squid),
	Process:      process,
	Own:          own,
	Events:       "squid",
	Event:        parse,
	HealthPath:   "/squid-internal-mgr/menu", // of the cache manager
	Stored:       stored,
	Capabilities: capabilities,
	Packages:     []string{"squid"},
	Real:         "Squid of Debian",
	StandIn:      "spof's own forward proxy",
	OnLoopback:   "spof's own forward proxy",
	DiesOfReload: true,
	Reload: &proxy.Reload{
		Signal: int(syscall.SIGHUP), Spoil: "http_port no-such-port\n",
		Begun:    `\| Reconfiguring Squid Cache `,
		Accepted: `\| Accepting HTTP Socket connections `, Refused: `\| FATAL: `,
	},
}

// capabilities gives the capabilities that Squid 5.7 needs: SETGID and SETUID, because it refuses to run as root and changes the
// user. It keeps root as its saved user ID, so the agent can stop it without KILL. With a disk it needs KILL: its helper unlinkd has no
// user ID of root, and must be frozen too.
func capabilities(s topology.Service) []string {
	if s.Cache != nil && s.Cache.Disk > 0 {
		return []string{"SETGID", "SETUID", "KILL"}
	}
	return []string{"SETGID", "SETUID"}
}
