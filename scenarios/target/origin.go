package target

import "math/rand/v2"

// RoleOrigin is the role of the origins.
const RoleOrigin = "origin"

// origins resolves a target among the origins. All of them serve.
func (d resolver) origins(t Target, rng *rand.Rand) (Choice, error) {
	var names []string
	for _, o := range d.Topology.Origins {
		names = append(names, o.Name)
	}
	switch t.Pick {
	case All, Serving:
		return all(names)
	case Any:
		return d.oneOf(names, rng)
	case Standby:
		return Choice{}, noStandby(RoleOrigin, "every origin serves")
	}
	return d.named(t, names)
}
