package configure

import (
	"fmt"
	"time"

	"github.com/seed-ab8b6914/spof/proxy"
	"github.com/seed-ab8b6914/spof/topology"
)

// dialTimeout is how long a builtin forward proxy waits for its WAN link, where it does not stand in for a Squid with a time of
// its own: 2 s outlast one lost SYN (sent again after 1 s).
const dialTimeout = 2 * time.Second

// proxy is the process of a builtin forward proxy.
func (c configurer) proxy(node topology.Node, service topology.Service) (proxy.Process, error) {
	if service.Parents != nil {
		return proxy.Process{}, fmt.Errorf("parents of a Squid that %s stands in for: %w", topology.Builtin, proxy.ErrUnsupported)
	}
	listen, err := c.listen(node.Name, service.Port)
	if err != nil {
		return proxy.Process{}, err
	}
	hosts, err := c.hosts(node)
	if err != nil {
		return proxy.Process{}, err
	}
	connect := dialTimeout
	if service.Engine == topology.Squid {
		connect = service.OwnTimers().ConnectTimeout
	}
	process, err := builtin(service.Name, "builtin", "proxy", c.dir(node.Name), proxy.ProxyConfig{
		Node: node.Name, Listen: listen, Hosts: hosts,
		Ports: []int{topology.OriginHTTP}, ConnectPorts: []int{topology.OriginHTTPS},
		DialTimeout: connect, Linger: service.StopsIn(),
	})
	if err != nil {
		return proxy.Process{}, err
	}
	process.Listen, process.StopsIn = []string{listen}, service.StopsIn()
	process.Ready, err = c.local(node.Name, service.Port)
	return process, err
}
