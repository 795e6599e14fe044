package target

import (
	"math/rand/v2"
	"slices"
)

// RoleWAN is the role of the WAN links.
const RoleWAN = "wan"

// links resolves a target among the WAN links.
func (d resolver) links(t Target, rng *rand.Rand) (Choice, error) {
	links, serving := d.LinkNames(), d.ServingLinks()
	switch t.Pick {
	case All:
		return all(links)
	case Any:
		return d.oneOf(links, rng)
	case Serving:
		if d.Balance != nil {
			return d.oneOf(serving, rng)
		}
		serving = d.left(serving)
		return first(serving[:min(1, len(serving))]...)
	case Standby:
		spare := slices.DeleteFunc(links, func(l string) bool { return slices.Contains(serving, l) })
		if len(spare) == 0 {
			return Choice{}, noStandby(RoleWAN, "every WAN link serves")
		}
		return first(d.left(spare)[0])
	}
	return d.named(t, links)
}
