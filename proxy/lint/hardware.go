package lint

import (
	"fmt"
	"slices"

	"github.com/seed-ab8b6914/spof/topology"
)

// powerGap warns of a UPS that is empty before the generator carries its feed.
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
		holds := fmt.Sprintf("the UPS of feed %s holds %s", f.Name, f.UPS)
		if f.UPS == 0 {
			holds = fmt.Sprintf("feed %s has no UPS", f.Name)
		}
		warnings = append(warnings, Warning{At: []string{"power", "feeds", f.Name, "ups"}, What: fmt.Sprintf(
			"%s, but generator %s takes %s to start: for %s what hangs on this feed alone is without power and goes down; ups: %s would bridge it",
			holds, g.Name, g.Start, g.Start-f.UPS, g.Start)})
	}
	return warnings
}

// deafSignals warns of a policy of signals that nothing in the design can act on.
func deafSignals(t *topology.Topology) []Warning {
	if !t.Heeds() || slices.ContainsFunc(t.Addresses, func(a topology.Address) bool { return len(a.Members) > 1 }) {
		return nil
	}
	for _, n := range t.Nodes {
		if slices.ContainsFunc(n.Services, func(s topology.Service) bool {
			return s.Balances() && s.Balance.Passive == nil && len(s.Balance.All()) > 1 || s.Responds() && len(s.DNS.Records) > 1
		}) {
			return nil
		}
	}
	return []Warning{{At: []string{"signals"}, What: fmt.Sprintf(
		"nothing can act on signals: %s: no address moves between nodes, no balancer with an active check has another server, and no "+
			"name another record, so that a node that warns goes on serving until it dies", t.Signals)}}
}

// lowestDrain warns of a member whose priority is the least there is: one that drains cannot go below it, and so keeps the
// address while that one is all that is well.
func lowestDrain(t *topology.Topology) []Warning {
	if t.Signals != topology.Drain {
		return nil
	}
	var warnings []Warning
	for _, a := range t.Addresses {
		for _, m := range a.Members {
			if a.Preempt && m.Priority == 1 {
				warnings = append(warnings, Warning{At: []string{"addresses", a.Name, "vrrp", "members", m.Node}, What: fmt.Sprintf(
					"priority 1 is the least that VRRP has, so that a node that drains goes no lower than %s, which then does not take %s over; priority 2 would do",
					m.Node, a.Name)})
			}
		}
	}
	return warnings
}
