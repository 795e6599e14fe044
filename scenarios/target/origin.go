package target

import (
	"fmt"
	"math/rand/v2"
)

// RoleOrigin is the role of the origins.
const RoleOrigin = "origin"

// origins resolves a target among the origins, all of which serve.
func (d resolver) origins(t Target, rng *rand.Rand) (Choice, error) {
	var names []string
	for _, o := range d.Topology.Origins {
		names = append(names, o.Name)
	}
	switch t.Pick {
	case All, Serving:
		return Choice{Pick: PickAll, Nodes: names}, nil
	case Any:
		return d.oneOf(names, rng), nil
	case Standby:
		return Choice{}, fmt.Errorf("target %s, role %s: every origin serves; none stands by", Standby, RoleOrigin)
	}
	return d.named(t, names)
}
