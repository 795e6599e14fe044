// Package haproxy is the engine HAProxy: a TCP balancer with active checks. It needs no capability: it fits itself to the limit of
// open files.
package haproxy

import (
	"syscall"

	"github.com/seed-ab8b6914/spof/proxy"
	"github.com/seed-ab8b6914/spof/proxy/engine"
	"github.com/seed-ab8b6914/spof/topology"
)

// Engine is HAProxy of Debian. Seen with 2.6: it keeps the configuration that it has where a new one is wrong, and goes on serving.
var Engine = engine.Engine{
	Name:       string(topology.HAProxy),
	Process:    process,
	Events:     "haproxy",
	Event:      parse,
	Packages:   []string{"haproxy"},
	Real:       "HAProxy of Debian",
	StandIn:    "spof's own balancer",
	OnLoopback: "spof's own TCP balancer, with HAProxy's check timing",
	Reload: &proxy.Reload{
		Signal: int(syscall.SIGUSR2), Spoil: "    no such word\n",
		Begun:    `^\[NOTICE\].*: Reloading HAProxy$`,
		Accepted: `^\[NOTICE\].*: Loading success\.$`, Refused: `^\[WARNING\].*: Loading failure!$`,
	},
}
