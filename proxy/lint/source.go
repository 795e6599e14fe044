package lint

import (
	"fmt"
	"time"

	"github.com/seed-ab8b6914/spof/proxy/policy"
	"github.com/seed-ab8b6914/spof/topology"
)

// sourceOneServer warns of a balancer that chooses a server by the users' address. The users of a group share an address, as
// users behind a NAT do, so one server gets all of them. HAProxy's default hash-type, map-based, hashes over the servers that
// are up. Until the check of a dead server has failed, a redispatched connection goes to that server again. There is one
// warning for each design.
func sourceOneServer(t *topology.Topology) []Warning {
	var warnings []Warning
	balancers(t, func(_ topology.Node, s topology.Service, at string) {
		if s.Balance.Algorithm != string(policy.Source) || len(s.Balance.Servers) < 2 {
			return
		}
		w := warn("source-one-server", at+".algorithm", "algorithm: source chooses one of the %d servers by the users' address, and the users of a group share an address: "+
			"the loss of that server affects all users of the group, and the loss of another server none; use several groups to measure both", len(s.Balance.Servers))
		if s.Balance.Passive == nil {
			c := timers(s.Balance.Check)
			c.Connect = s.Balance.ConnectTimeout
			down := c.BalancerDown(policy.Blackholed)
			w.What += fmt.Sprintf(". A redispatched connection goes to the same server again (hash-type map-based) until its check has failed, %s to %s after a silent death",
				down.Lo.Round(time.Millisecond), down.Hi.Round(time.Millisecond))
		}
		warnings = append(warnings, w)
	})
	return warnings[:min(1, len(warnings))]
}
