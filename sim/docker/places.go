package docker

import (
	"slices"

	"github.com/seed-ab8b6914/spof/proxy/configure"
	"github.com/seed-ab8b6914/spof/topology"
)

// place is the container of a node: its networks, image and rights.
type place struct {
	node     string
	lan, wan bool
	image    string // imageBuiltin or imageEngines
	caps     []string
	shares   int64               // CPU shares; 0: the engine's 1024
	disks    map[string]int      // its filesystems: path -> size in bytes
	own      *topology.Placement // of a node with a team's files; nil: the engine chooses its address
	turn     int                 // order in which nodes end after the controller was killed, from 0
}

// userShares let the users' requests leave on time while the service under test uses all processors. Real users have their own
// machines.
const userShares = 16 * 1024

// places lists a container for every node, link, origin and user group of a topology.
func places(t topology.Topology, builtin bool) []place {
	var list []place
	add := func(p place) {
		p.caps = append(p.caps, configure.Capabilities(&t, p.node, builtin)...)
		if t.Deployed != nil {
			if own, ok := t.Deployed.Placement(p.node); ok {
				p.own = &own
			}
		}
		list = append(list, p)
	}
	for _, l := range t.WAN {
		add(place{node: l.Name, lan: true, wan: true, image: imageBuiltin})
	}
	for _, n := range t.Nodes {
		kind := imageBuiltin
		if !builtin && needsEngines(t, n) {
			kind = imageEngines
		}
		add(place{node: n.Name, lan: true, image: kind, disks: configure.Disks(n)})
	}
	for _, g := range t.Users { // the load generator's pacer thread raises its own priority
		add(place{node: g.Name, lan: true, image: imageBuiltin, caps: []string{"SYS_NICE"}, shares: userShares})
	}
	for _, o := range t.Origins {
		add(place{node: o.Name, wan: true, image: imageBuiltin})
	}
	return list
}

// needsEngines reports whether a node runs a real engine. A member of a VRRP address runs keepalived.
func needsEngines(t topology.Topology, n topology.Node) bool {
	if t.Deployed != nil {
		return true
	}
	return slices.ContainsFunc(n.Services, func(s topology.Service) bool { return s.Engine != topology.Builtin }) ||
		slices.ContainsFunc(t.Addresses, func(a topology.Address) bool {
			return slices.ContainsFunc(a.Members, func(m topology.Member) bool { return m.Node == n.Name })
		})
}
