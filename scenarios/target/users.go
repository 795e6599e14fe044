package target

import (
	"math/rand/v2"

	"github.com/seed-ab8b6914/spof/reason"
)

// RoleUsers is the role of the groups of users.
const RoleUsers = "users"

// users resolves a target among the groups of users. Groups neither serve nor stand by.
func (d resolver) users(t Target, rng *rand.Rand) (Choice, error) {
	var groups []string
	for _, g := range d.Topology.Users {
		groups = append(groups, g.Name)
	}
	switch t.Pick {
	case All:
		return all(groups)
	case Any:
		return d.oneOf(groups, rng)
	case Serving, Standby:
		return Choice{}, reason.Errorf("symbol-not-of-role", "target %s, role %s: users neither serve nor stand by; want all, any or the name of a group", t.Pick, RoleUsers)
	}
	return d.named(t, groups)
}
