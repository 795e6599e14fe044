package target

import (
	"fmt"
	"math/rand/v2"
)

// RoleUsers is the role of the groups of users.
const RoleUsers = "users"

// users resolves a target among the groups of users. All of them are served, and none stands by.
func (d resolver) users(t Target, rng *rand.Rand) (Choice, error) {
	var groups []string
	for _, g := range d.Topology.Users {
		groups = append(groups, g.Name)
	}
	switch t.Pick {
	case All:
		return Choice{Pick: PickAll, Nodes: groups}, nil
	case Any:
		return d.oneOf(groups, rng), nil
	case Serving, Standby:
		return Choice{}, fmt.Errorf("target %s, role %s: users are served; say all, any or the name of a group", t.Pick, RoleUsers)
	}
	return d.named(t, groups)
}
