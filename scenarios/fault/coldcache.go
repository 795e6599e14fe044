package fault

import (
	"time"

	"github.com/seed-ab8b6914/spof/proxy"
	"github.com/seed-ab8b6914/spof/proxy/agent"
	"github.com/seed-ab8b6914/spof/reason"
	"github.com/seed-ab8b6914/spof/scenarios/design"
	"github.com/seed-ab8b6914/spof/scenarios/target"
	"github.com/seed-ab8b6914/spof/topology"
)

const ColdCache proxy.FaultKind = "cold-cache"

var coldCache = Kind{
	Name:        ColdCache,
	About:       "a caching proxy is restarted with an empty store",
	Section:     OfNode,
	Roles:       []string{target.RoleProxy},
	Service:     true,
	complete:    completeColdCache,
	prolongs:    restartingOne,
	Executor:    agent.ColdCache,
	Unpredicted: "the outage lasts until the service has started, and the cache is cold until requests have filled it; no timer bounds either",
	Docker:      Fidelity{Real, "Squid is restarted without its store, in memory and on disk; proven by the number of objects in its cache manager"},
	RealEngines: true,
	Local:       unsupported,
}

// completeColdCache refuses a service without a cache.
func completeColdCache(d design.View, f *Planned) error {
	for _, c := range f.Candidates {
		if n, ok := d.Topology.Node(c.Node); ok {
			if s, caches := n.Caching(); !caches || s.Name != c.Service {
				return reason.Errorf("no-cache", "service %s of node %s has no cache; give it one with cache: {memory: 64MiB}", c.Service, c.Node)
			}
		}
	}
	return nil
}

// restartingOne is the longest time that any service takes to stop.
func restartingOne(t *topology.Topology) time.Duration {
	var longest time.Duration
	for _, n := range t.Nodes {
		for _, s := range n.Services {
			longest = max(longest, lingering(s))
		}
	}
	return longest
}
