package target

import (
	"fmt"
	"math/rand/v2"
)

// RoleDNS is the role of the DNS servers that users ask.
const RoleDNS = "dns"

// responders resolves a target among the DNS servers that users ask; the first serves, and the next stands by.
func (d resolver) responders(t Target, rng *rand.Rand) (Choice, error) {
	if d.Asked == nil {
		return Choice{}, fmt.Errorf("role %s: users ask for no name; this design has no DNS", RoleDNS)
	}
	servers := d.Asked.Servers
	switch t.Pick {
	case All:
		return Choice{Pick: PickAll, Nodes: servers}, nil
	case Any:
		return d.oneOf(servers, rng), nil
	case Serving:
		return Choice{Pick: PickFirst, Nodes: servers[:1]}, nil
	case Standby:
		if len(servers) < 2 {
			return Choice{}, fmt.Errorf("target %s, role %s: users ask %s alone; none stands by", Standby, RoleDNS, servers[0])
		}
		return Choice{Pick: PickFirst, Nodes: servers[1:2]}, nil
	}
	return d.named(t, d.Topology.Responders())
}
