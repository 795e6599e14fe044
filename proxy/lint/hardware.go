package lint

import (
	"fmt"
	"slices"

	"github.com/seed-ab8b6914/spof/topology"
)

// powerGap warns of a feed whose UPS is empty before the generator carries the feed.
func powerGap(t *topology.Topology) []Warning {
	if t.Power == nil {
		return nil
	}
	var warnings []Warning
	for _, f := range t.Power.Feeds {
		i := slices.IndexFunc(t.Power.Generators, func(g topology.Generator) bool { return g.Name == f.Generator })
		if i < 0 || f.UPS >= t.Power.Generators[i].Start {
			continue
		}
		g := t.Power.Generators[i]
		ups := fmt.Sprintf("the UPS of feed %s holds for %s", f.Name, f.UPS)
		if f.UPS == 0 {
			ups = fmt.Sprintf("feed %s has no UPS", f.Name)
		}
		warnings = append(warnings, warn("power-gap", "power.feeds."+f.Name+".ups",
			"%s, but generator %s takes %s to start: nodes on this feed alone lose power for %s and go down; use ups: %s",
			ups, g.Name, g.Start, g.Start-f.UPS, g.Start))
	}
	return warnings
}

// signalsWithoutEffect warns of a policy of signals to which no mechanism of the design can react.
func signalsWithoutEffect(t *topology.Topology) []Warning {
	if !t.ReactsToSignals() || slices.ContainsFunc(t.Addresses, func(a topology.Address) bool { return len(a.Members) > 1 }) {
		return nil
	}
	for _, n := range t.Nodes {
		if slices.ContainsFunc(n.Services, func(s topology.Service) bool {
			return s.Balances() && s.Balance.Passive == nil && len(s.Balance.All()) > 1 || s.Responds() && len(s.DNS.Records) > 1
		}) {
			return nil
		}
	}
	return []Warning{warn("signals-without-effect", "signals", "no mechanism reacts to signals: %s: the design has no address that moves, no balancer with "+
		"active checks and a second server, and no name with a second record; a node serves until its hardware turns it off", t.Signals)}
}

// lowestPriority warns of a member with the lowest priority of VRRP: the priority of a member that drains cannot fall below it, so the
// address does not move to that member.
func lowestPriority(t *topology.Topology) []Warning {
	if t.Signals != topology.Drain {
		return nil
	}
	var warnings []Warning
	for _, a := range t.Addresses {
		for _, m := range a.Members {
			if a.Preempt && m.Priority == 1 {
				warnings = append(warnings, warn("lowest-priority", "addresses."+a.Name+".vrrp.members."+m.Node,
					"%s has priority 1, the lowest of VRRP: the priority of a node that drains does not fall below it, so %s does not take %s over; use priority 2",
					m.Node, m.Node, a.Name))
			}
		}
	}
	return warnings
}
