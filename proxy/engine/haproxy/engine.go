// Package haproxy is the engine HAProxy: a TCP balancer with active checks. It writes haproxy.cfg and reads HAProxy's log; it
// starts nothing. Begin at Engine. HAProxy needs no capability: it adapts to the limit of open files.
package haproxy

import (
	"syscall"

	"github.com/seed-ab8b6914/spof/proxy"
	"github.com/seed-ab8b6914/spof/proxy/engine"
	"github.com/seed-ab8b6914/spof/topology"
)

// Engine is HAProxy of Debian. HAProxy 2.6 keeps the old configuration when a new one is wrong, and continues to serve.
var Engine = engine.Engine{
	Name:       string(topology.HAProxy),
	Process:    process,
	Own:        own,
	OwnEvent:   parseOwn,
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
