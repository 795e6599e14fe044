package target

import (
	"fmt"
	"math/rand/v2"
	"slices"
)

// RoleWAN is the role of the WAN links.
const RoleWAN = "wan"

// links resolves a target among the WAN links.
func (d resolver) links(t Target, rng *rand.Rand) (Choice, error) {
	all, serving := d.LinkNames(), d.ServingLinks()
	switch t.Pick {
	case All:
		return Choice{Pick: PickAll, Nodes: all}, nil
	case Any:
		return d.oneOf(all, rng), nil
	case Serving:
		if d.Balance != nil {
			return d.oneOf(serving, rng), nil
		}
		serving = d.left(serving)
		return Choice{Pick: PickFirst, Nodes: serving[:min(1, len(serving))]}, nil
	case Standby:
		spare := slices.DeleteFunc(all, func(l string) bool { return slices.Contains(serving, l) })
		if len(spare) == 0 {
			return Choice{}, fmt.Errorf("target %s, role %s: every WAN link serves; none stands by", Standby, RoleWAN)
		}
		return Choice{Pick: PickFirst, Nodes: d.left(spare)[:1]}, nil
	}
	return d.named(t, all)
}
