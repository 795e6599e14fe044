package scenarios

import (
	"fmt"
	"math/rand/v2"

	"github.com/seed-ab8b6914/spof/topology/yamlfile"
)

// maxFactor bounds a surge.
const maxFactor = 100

func readSurge(o yamlfile.Object, f *Fault) {
	f.Factor = float64(o.Require("factor").Int(0, 2, maxFactor))
}

// resolveUsers resolves a target among the groups of users. All of them are served, and none stands by.
func (d predictor) resolveUsers(t Target, rng *rand.Rand) (choice, error) {
	var groups []string
	for _, g := range d.Topology.Users {
		groups = append(groups, g.Name)
	}
	switch t.Pick {
	case All:
		return choice{pick: PickAll, nodes: groups}, nil
	case Any:
		return d.oneOf(groups, rng), nil
	case Serving, Standby:
		return choice{}, fmt.Errorf("target %s, role %s: users are served; say all, any or the name of a group", t.Pick, RoleUsers)
	}
	return d.named(t, groups)
}
