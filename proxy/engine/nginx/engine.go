// Package nginx is the engine nginx: a TCP balancer with passive health checks. It writes nginx.conf and reads nginx's log; it
// starts nothing. Begin at Engine. A new engine can follow this package.
package nginx

import (
	"syscall"

	"github.com/seed-ab8b6914/spof/proxy"
	"github.com/seed-ab8b6914/spof/proxy/engine"
	"github.com/seed-ab8b6914/spof/topology"
)

// Engine is nginx of Debian with its stream module. nginx 1.22 keeps the old configuration when a new one is wrong, and continues to
// serve.
var Engine = engine.Engine{
	Name:         string(topology.Nginx),
	Process:      process,
	Own:          own,
	Events:       "nginx",
	Event:        parse,
	Capabilities: capabilities,
	Packages:     []string{"nginx-light", "libnginx-mod-stream"},
	Real:         "nginx of Debian with its stream module, one worker",
	StandIn:      "spof's own balancer, with nginx's passive checks",
	OnLoopback:   "spof's own TCP balancer, with nginx's passive checks",
	Reload: &proxy.Reload{
		Signal: int(syscall.SIGHUP), Spoil: "no such word;\n",
		Begun:    ` \[notice\] .*[:,] reconfiguring$`,
		Accepted: ` \[notice\] .*: start worker process \d+$`, Refused: ` \[emerg\] `,
	},
}

// capabilities gives SETGID: workers set their groups, although they stay root.
func capabilities(topology.Service) []string { return []string{"SETGID"} }
