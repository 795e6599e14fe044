package lint

import (
	"fmt"

	"github.com/seed-ab8b6914/spof/topology"
)

// endless warns of a balancer that ends no idle connection, as HAProxy itself does: a frozen server then holds those of its
// users until they give up, and a peer that has gone without a word is remembered for ever.
func endless(t *topology.Topology) []Warning {
	var warnings []Warning
	for _, n := range t.Nodes {
		for _, s := range n.Services {
			if !s.Balances() || s.Balance.Passive != nil || s.Balance.ClientTimeout > 0 && s.Balance.ServerTimeout > 0 {
				continue
			}
			warnings = append(warnings, Warning{
				At: []string{"nodes", n.Name, "services", s.Name, "balance"},
				What: fmt.Sprintf("%s of %s has no client_timeout or no server_timeout, and %s has none by itself: "+
					"an idle connection, or one to a frozen server, stays until the other side ends it; 50s is the median of public files", s.Name, n.Name, s.Engine),
			})
		}
	}
	return warnings
}
