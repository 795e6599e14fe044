package lint

import "github.com/seed-ab8b6914/spof/topology"

// noIdleTimeout warns of a balancer without idle timeouts, as HAProxy is by default. Users of a frozen server wait until they
// give up, and the connection of a peer that is gone stays open without end.
func noIdleTimeout(t *topology.Topology) []Warning {
	var warnings []Warning
	balancers(t, func(n topology.Node, s topology.Service, at string) {
		if s.Balance.Passive == nil && (s.Balance.ClientTimeout == 0 || s.Balance.ServerTimeout == 0) {
			warnings = append(warnings, warn("no-idle-timeout", at,
				"service %s of node %s lacks client_timeout or server_timeout, and %s has no default: an idle connection, or one to a frozen server, "+
					"stays until the other side closes it; the median of public files is 50s", s.Name, n.Name, s.Engine))
		}
	})
	return warnings
}
