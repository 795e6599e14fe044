package target

import (
	"math/rand/v2"
	"slices"
)

// RoleZone is the role of cooling zones. A symbol means the zone of the node that it means in the role entry.
const RoleZone = "zone"

// zones resolves a cooling zone to its nodes. A node without a zone is alone in its own.
func (d resolver) zones(t Target, rng *rand.Rand) (Choice, error) {
	node := d.Members[0]
	switch t.Pick {
	case All:
		return all(d.NodeNames())
	case Any:
		one, _ := d.oneOf(d.NodeNames(), rng)
		node = one.Nodes[0]
	case Serving:
	case Standby:
		if len(d.Members) < 2 {
			return Choice{}, d.noSecondMember()
		}
		node = d.Members[1]
	default:
		if !slices.Contains(d.Topology.Cooling, t.Pick) {
			return Choice{}, unknown("cooling zone", t.Pick, symbols, d.Topology.Cooling)
		}
		return zoneOf(d.Topology.Cooled(t.Pick))
	}
	if n, _ := d.Topology.Node(node); n.Chassis != nil && n.Chassis.Zone != "" {
		return zoneOf(d.Topology.Cooled(n.Chassis.Zone))
	}
	return first(node)
}

// zoneOf chooses all nodes of a zone.
func zoneOf(nodes []string) (Choice, error) {
	if len(nodes) == 1 {
		return first(nodes...)
	}
	return all(nodes)
}
