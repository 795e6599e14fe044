package fault

import (
	"slices"

	"github.com/seed-ab8b6914/spof/proxy"
	"github.com/seed-ab8b6914/spof/proxy/agent"
	"github.com/seed-ab8b6914/spof/proxy/policy"
	"github.com/seed-ab8b6914/spof/reason"
	"github.com/seed-ab8b6914/spof/scenarios/design"
	"github.com/seed-ab8b6914/spof/scenarios/target"
	"github.com/seed-ab8b6914/spof/topology"
)

const FeedLoss proxy.FaultKind = "feed-loss"

var feedLoss = Kind{
	Name:     FeedLoss,
	About:    "a power feed is lost; UPS and generator act by their delays and capacity",
	Section:  OfHardware,
	Roles:    []string{target.RoleFeed},
	complete: completeFeed,
	Warns:    true,
	Executor: agent.PowerOutage,
	Docker:   Fidelity{Emulated, "the chassis of the nodes follow the time line of a model of UPS and generator; a node whose inputs no longer carry it has a real loss of power"},
	Local:    Fidelity{Emulated, "the chassis of the nodes follow the time line of a model of UPS and generator; for a node whose inputs no longer carry it, a loss of power emulated as for power-loss"},
}

// completeFeed computes from the lost feeds the instants at which each node's inputs change.
func completeFeed(d design.View, f *Planned) error {
	lost := f.Nodes()
	if f.Kind == MainsOutage && len(lost) != len(d.FeedNames()) {
		return reason.Errorf("not-all-feeds", "%s strikes all feeds: want the target %s; for some of the feeds use %s", MainsOutage, target.All, FeedLoss)
	}
	f.Feeds, f.Power, f.Candidates, f.Pick = lost, policy.Outage(d.Topology, lost, f.Undo-f.At), nil, target.PickAll
	for _, n := range d.Topology.Nodes {
		if slices.ContainsFunc(f.Power, func(c policy.Change) bool { return c.Node == n.Name }) {
			f.Candidates = append(f.Candidates, Candidate{Node: n.Name})
		}
	}
	return nil
}

// SharedGenerator is a generator that carries feeds of both faults; empty: none does.
func SharedGenerator(t *topology.Topology, f, g Planned) string {
	if t.Power == nil {
		return ""
	}
	generator := map[string]string{}
	for _, feed := range t.Power.Feeds {
		generator[feed.Name] = feed.Generator
	}
	for _, a := range f.Feeds {
		for _, b := range g.Feeds {
			if name := generator[a]; name != "" && name == generator[b] {
				return name
			}
		}
	}
	return ""
}
