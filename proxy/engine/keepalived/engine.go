// Package keepalived is the engine keepalived, which moves addresses between nodes by VRRP. It writes keepalived.conf and reads
// keepalived's log; it starts nothing. A design names addresses, not this engine. Begin at Engine.
package keepalived

import (
	"syscall"

	"github.com/seed-ab8b6914/spof/proxy"
	"github.com/seed-ab8b6914/spof/proxy/engine"
	"github.com/seed-ab8b6914/spof/topology"
)

// Engine is keepalived of Debian. keepalived 2.2 ignores an unknown word in a new configuration, but ends at an instance without a
// closing brace.
var Engine = engine.Engine{
	Name:         proxy.ServiceKeepalived,
	Process:      process,
	Own:          own,
	OwnEvent:     parseOwn,
	Events:       "keepalived",
	Event:        parse,
	Capabilities: capabilities,
	Packages:     []string{"keepalived"},
	DiesOfReload: true,
	Reload: &proxy.Reload{
		Signal: int(syscall.SIGHUP), Spoil: "vrrp_instance open {\n",
		Begun:    `: Reloading`,
		Accepted: `: Reload complete$`, Refused: ` missing '\}'s or extra | exited with permanent error CONFIG`,
	},
}

// capabilities gives NET_RAW for adverts (IP protocol 112) and gratuitous ARP, and SETGID for the groups of track scripts.
func capabilities(topology.Service) []string { return []string{"NET_RAW", "SETGID"} }
