package builtin

import (
	"fmt"
	"time"

	"github.com/seed-ab8b6914/spof/proxy"
	"github.com/seed-ab8b6914/spof/proxy/engine"
	"github.com/seed-ab8b6914/spof/reason"
	"github.com/seed-ab8b6914/spof/topology"
)

// dialTimeout is the time limit of a builtin forward proxy for a connection over its WAN link: 2 s are enough for one lost SYN,
// which is sent again after 1 s. A proxy in place of a Squid uses that Squid's connect_timeout.
const dialTimeout = 2 * time.Second

// forward runs a forward proxy.
func forward(t engine.Task) (proxy.Process, error) {
	if t.Service.Parents != nil {
		return proxy.Process{}, reason.Errorf("engine-cannot", "parents of a Squid with the stand-in %s: %w", topology.Builtin, proxy.ErrUnsupported)
	}
	if t.Hosts == nil {
		return proxy.Process{}, fmt.Errorf("WAN link of node %s: %w", t.Node, proxy.ErrNotFound)
	}
	connect := dialTimeout
	if t.Service.Engine == topology.Squid {
		connect = t.Service.OwnTimers().ConnectTimeout
	}
	p, err := program(t.Service.Name, "proxy", t.Dir, proxy.ProxyConfig{
		Node: t.Node, Listen: t.Listen, Hosts: t.Hosts,
		Ports: []int{topology.OriginHTTP}, ConnectPorts: []int{topology.OriginHTTPS},
		DialTimeout: connect, Linger: t.Service.StopsIn(),
	})
	p.Listen, p.Ready, p.StopsIn = []string{t.Listen}, t.Ready, t.Service.StopsIn()
	return p, err
}
