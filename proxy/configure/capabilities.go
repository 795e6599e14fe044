package configure

import (
	"slices"

	"github.com/seed-ab8b6914/spof/proxy/engine/nginx"
	"github.com/seed-ab8b6914/spof/proxy/engine/squid"
	"github.com/seed-ab8b6914/spof/topology"
)

// Capabilities gives the Linux capabilities a container of the node needs, all others dropped, in alphabetical order.
// They were found by taking them away one by one under Squid 5.7, HAProxy 2.6 and keepalived 2.2:
//   - NET_ADMIN on every node: the agent takes its links down; keepalived moves addresses.
//   - NET_RAW for keepalived: adverts (IP protocol 112) and gratuitous ARP; the builtin VRRP sends the ARP too.
//   - SETGID for keepalived: it sets the groups of its track scripts.
//
// HAProxy and the builtin programs need none. Nothing needs more open files than the engine gives: HAProxy and Squid fit
// themselves to the limit.
func Capabilities(t *topology.Topology, node string, builtin bool) []string {
	need := map[string]bool{"NET_ADMIN": true}
	add := func(names []string) {
		for _, name := range names {
			need[name] = true
		}
	}
	for _, address := range t.Addresses {
		if _, ok := member(address, node); ok {
			need["NET_RAW"] = true
			need["SETGID"] = need["SETGID"] || !builtin
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
