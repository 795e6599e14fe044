package fault

import (
	"fmt"
	"time"

	"github.com/seed-ab8b6914/spof/proxy"
	"github.com/seed-ab8b6914/spof/scenarios/design"
	"github.com/seed-ab8b6914/spof/scenarios/target"
	"github.com/seed-ab8b6914/spof/topology"
)

var coldCache = Kind{
	Name:        proxy.ColdCache,
	About:       "a caching proxy is restarted with an empty store",
	Section:     OfNode,
	Roles:       []string{target.RoleProxy},
	Service:     true,
	complete:    completeColdCache,
	prolongs:    restartingOne,
	Unpredicted: "the service is away for as long as it takes to start, and its cache is cold for as long as users take to warm it",
	Docker:      Fidelity{Real, "Squid restarted without its store: what was in memory is gone, what was on disk removed; counted by its own cache manager"},
	RealEngines: true,
	Local:       unsupported,
}

// completeColdCache refuses to empty what stores nothing.
func completeColdCache(d design.View, f *Planned) error {
	for _, c := range f.Candidates {
		if n, ok := d.Topology.Node(c.Node); ok {
			if s, caches := n.Caching(); !caches || s.Name != c.Service {
				return fmt.Errorf("service %s of node %s has no cache; give it one with cache: {memory: 64MiB}", c.Service, c.Node)
			}
		}
	}
	return nil
}

// restartingOne is how long one service takes to end, whichever it is.
func restartingOne(t *topology.Topology) time.Duration {
	var longest time.Duration
	for _, n := range t.Nodes {
		for _, s := range n.Services {
			longest = max(longest, lingering(s))
		}
	}
	return longest
}
