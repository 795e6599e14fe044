// Package squid is the engine Squid: a forward proxy, with a cache where the design has one.
package squid

import (
	"syscall"

	"github.com/seed-ab8b6914/spof/proxy"
	"github.com/seed-ab8b6914/spof/proxy/engine"
	"github.com/seed-ab8b6914/spof/topology"
)

// Engine is Squid of Debian. Seen with 5.7: it closes its port and dies of a fatal error when it is signalled to read a
// configuration that is wrong. Its own `squid -k reconfigure` looks at the file first, and then does not signal.
var Engine = engine.Engine{
	Name:         string(topology.Squid),
	Process:      process,
	Events:       "squid",
	Event:        parse,
	HealthPath:   "/squid-internal-mgr/menu", // of its cache manager
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

// capabilities gives those that Squid 5.7 was found to need: SETGID and SETUID, since it leaves root, as which it refuses to
// run. It keeps a saved user ID of root, so that the agent needs no KILL to stop it. With a disk it needs KILL: its helper
// unlinkd keeps nothing of root, and freezes with it.
func capabilities(s topology.Service) []string {
	if s.Cache != nil && s.Cache.Disk > 0 {
		return []string{"SETGID", "SETUID", "KILL"}
	}
	return []string{"SETGID", "SETUID"}
}
