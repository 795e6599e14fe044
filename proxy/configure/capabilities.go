package configure

import (
	"slices"

	"github.com/seed-ab8b6914/spof/proxy"
	own "github.com/seed-ab8b6914/spof/proxy/engine/builtin"
	"github.com/seed-ab8b6914/spof/proxy/engine/keepalived"
	"github.com/seed-ab8b6914/spof/proxy/engine/nginx"
	"github.com/seed-ab8b6914/spof/proxy/engine/squid"
	"github.com/seed-ab8b6914/spof/topology"
)

// Capabilities gives the Linux capabilities a container of the node needs, all others dropped, in alphabetical order.
// They were found by taking them away one by one under Squid 5.7, HAProxy 2.6 and keepalived 2.2:
// NET_ADMIN on every node: the agent takes its links down, and the holder of an address moves it. The rest is each engine's.
// Nothing needs more open files than the container's engine gives.
func Capabilities(t *topology.Topology, node string, builtin bool) []string {
	need := map[string]bool{"NET_ADMIN": true}
	add := func(names []string) {
		for _, name := range names {
			need[name] = true
		}
	}
	for _, address := range t.Addresses {
		if _, ok := member(address, node); ok {
			e := keepalived.Engine
			if builtin {
				e = own.Engine
			}
			add(e.Capabilities(topology.Service{Name: proxy.ServiceKeepalived}))
		}
	}
	for _, n := range t.Nodes {
		for _, service := range n.Services {
			if n.Name != node || builtin {
				continue
			}
			switch service.Engine {
			case topology.Squid:
				add(squid.Engine.Capabilities(service))
			case topology.Nginx:
				add(nginx.Engine.Capabilities(service))
			}
		}
	}
	var names []string
	for name, needed := range need {
		if needed {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names
}
