package lint

import (
	"fmt"
	"time"

	"github.com/seed-ab8b6914/spof/proxy/policy"
	"github.com/seed-ab8b6914/spof/topology"
)

// oneBucket warns of a balancer that chooses by the users' address: all of a group share one, as users behind a NAT do, so
// that one server has all of them. HAProxy's default hash-type, map-based, is computed over the servers that are up: until the
// check has failed, a redispatched connection comes to the dead server again.
func oneBucket(t *topology.Topology) []Warning {
	for _, n := range t.Nodes {
		for _, s := range n.Services {
			if !s.Balances() || s.Balance.Algorithm != string(policy.Source) || len(s.Balance.Servers) < 2 {
				continue
			}
			what := fmt.Sprintf("balance source chooses by the users' address, and the users of a group share one: each group has one server of the %d to itself, "+
				"the loss of that one strikes all of them, that of another none; give them several groups to see both", len(s.Balance.Servers))
			if s.Balance.Passive == nil {
				c := timers(s.Balance.Check)
				c.Connect = s.Balance.ConnectTimeout
				down := c.BalancerDown(policy.Blackholed)
				what += fmt.Sprintf("; and a redispatched connection comes to the same server again (hash-type map-based) until its check has failed, %s to %s after a silent death",
					down.Lo.Round(time.Millisecond), down.Hi.Round(time.Millisecond))
			}
			return []Warning{{At: []string{"nodes", n.Name, "services", s.Name, "balance", "algorithm"}, What: what}}
		}
	}
	return nil
}
