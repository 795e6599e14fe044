package configure

import (
	"slices"

	"github.com/seed-ab8b6914/spof/proxy"
	"github.com/seed-ab8b6914/spof/proxy/engine/registry"
	"github.com/seed-ab8b6914/spof/topology"
)

// capRaw is the capability to open packet sockets.
const capRaw = "NET_RAW"

// ownCapabilities are those of a node that runs a team's files: Docker's defaults without MKNOD, AUDIT_WRITE and SETFCAP, and NET_ADMIN. The
// files may change the user and the root directory, own directories, listen at any port and hold addresses.
var ownCapabilities = []string{
	"CHOWN", "DAC_OVERRIDE", "FOWNER", "FSETID", "KILL", "NET_ADMIN", "NET_BIND_SERVICE", "NET_RAW", "SETGID", "SETPCAP", "SETUID", "SYS_CHROOT",
}

// Capabilities gives the Linux capabilities that a container of the node needs, in alphabetical order; all others are dropped. Every
// node needs NET_ADMIN, because its agent takes links down. A node that may hold an address, or whose users enter at one, needs NET_RAW:
// its agent hears the announcements of the address. Engines need more. The list was found by removing capabilities one by one
// with Squid 5.7, HAProxy 2.6 and keepalived 2.2. No engine needs a higher limit of open files: HAProxy and Squid adapt to it.
func Capabilities(t *topology.Topology, node string, builtin bool) []string {
	if t.Deployed != nil {
		if p, ok := t.Deployed.Placement(node); ok && len(p.Runs) > 0 {
			return ownCapabilities
		}
	}
	names := []string{"NET_ADMIN"}
	for _, address := range t.Addresses {
		if _, ok := member(address, node); ok {
			names = append(names, holding(builtin).Needs(topology.Service{Name: proxy.ServiceKeepalived})...)
			names = append(names, capRaw)
		}
	}
	if _, ok := t.EntryAddress(node); ok {
		names = append(names, capRaw)
	}
	n, _ := t.Node(node)
	for _, service := range n.Services {
		e, _ := registry.Running(string(service.Engine), builtin)
		names = append(names, e.Needs(service)...)
	}
	slices.Sort(names)
	return slices.Compact(names)
}
