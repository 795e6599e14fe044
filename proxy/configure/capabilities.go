package configure

import (
	"slices"

	"github.com/seed-ab8b6914/spof/proxy"
	"github.com/seed-ab8b6914/spof/proxy/engine/registry"
	"github.com/seed-ab8b6914/spof/topology"
)

// Capabilities gives the Linux capabilities a container of the node needs, all others dropped, in alphabetical order: NET_ADMIN on
// every node, whose agent takes its links down, and what its engines need. They were found by taking them away one by one under
// Squid 5.7, HAProxy 2.6 and keepalived 2.2. Nothing needs more open files than the container engine gives: HAProxy and Squid fit
// themselves to the limit.
func Capabilities(t *topology.Topology, node string, builtin bool) []string {
	names := []string{"NET_ADMIN"}
	for _, address := range t.Addresses {
		if _, ok := member(address, node); ok {
			names = append(names, holding(builtin).Needs(topology.Service{Name: proxy.ServiceKeepalived})...)
		}
	}
	n, _ := t.Node(node)
	for _, service := range n.Services {
		e, _ := registry.Running(string(service.Engine), builtin)
		names = append(names, e.Needs(service)...)
	}
	slices.Sort(names)
	return slices.Compact(names)
}
