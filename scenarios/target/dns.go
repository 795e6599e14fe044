package target

import (
	"math/rand/v2"

	"github.com/seed-ab8b6914/spof/reason"
)

// RoleDNS is the role of the DNS servers that users ask.
const RoleDNS = "dns"

// responders resolves a target among the DNS servers that users ask. The first serves; the second stands by.
func (d resolver) responders(t Target, rng *rand.Rand) (Choice, error) {
	if d.Asked == nil {
		return Choice{}, reason.Errorf("no-dns", "role %s: this design has no DNS; users resolve no name", RoleDNS)
	}
	servers := d.Asked.Servers
	switch t.Pick {
	case All:
		return all(servers)
	case Any:
		return d.oneOf(servers, rng)
	case Serving:
		return first(servers[0])
	case Standby:
		if len(servers) < 2 {
			return Choice{}, noStandby(RoleDNS, "users ask only %s", servers[0])
		}
		return first(servers[1])
	}
	return d.named(t, d.Topology.Responders())
}
