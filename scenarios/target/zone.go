package target

import (
	"fmt"
	"math/rand/v2"
	"slices"
)

// RoleZone is the role of cooling zones. A symbol means the zone of the node that it means at the entry.
const RoleZone = "zone"

// zones resolves a cooling zone to the nodes in it; a node that stands in none has one of its own.
func (d resolver) zones(t Target, rng *rand.Rand) (Choice, error) {
	node := ""
	switch t.Pick {
	case All:
		return Choice{Pick: PickAll, Nodes: d.NodeNames()}, nil
	case Any:
		node = d.oneOf(d.NodeNames(), rng).Nodes[0]
	case Serving:
		node = d.Members[0]
	case Standby:
		if len(d.Members) < 2 {
			return Choice{}, fmt.Errorf("target %s: nothing stands by for %s in this design", Standby, d.Entry.Host)
		}
		node = d.Members[1]
	default:
		if !slices.Contains(d.Topology.Cooling, t.Pick) {
			return Choice{}, unknown("cooling zone", t.Pick, append([]string{Serving, Standby, Any, All}, d.Topology.Cooling...))
		}
		return zoneOf(d.Topology.Cooled(t.Pick)), nil
	}
	if n, _ := d.Topology.Node(node); n.Chassis != nil && n.Chassis.Zone != "" {
		return zoneOf(d.Topology.Cooled(n.Chassis.Zone)), nil
	}
	return zoneOf([]string{node}), nil
}

// zoneOf chooses all nodes of a zone.
func zoneOf(nodes []string) Choice {
	if len(nodes) == 1 {
		return Choice{Pick: PickFirst, Nodes: nodes}
	}
	return Choice{Pick: PickAll, Nodes: nodes}
}
