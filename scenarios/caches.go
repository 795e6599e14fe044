package scenarios

import (
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/seed-ab8b6914/spof/proxy"
	"github.com/seed-ab8b6914/spof/topology/yamlfile"
)

// RoleOrigin is the role of the origins.
const RoleOrigin = "origin"

// readSlow reads how slow an origin is.
func readSlow(o yamlfile.Object, f *Fault) {
	f.Latency = o.Require("latency").Duration(0, time.Millisecond, proxy.MaxSlow)
}

// completeColdCache refuses to empty what stores nothing.
func (d predictor) completeColdCache(f *PlannedFault) error {
	for _, c := range f.Candidates {
		if n, ok := d.Topology.Node(c.Node); ok {
			if s, caches := n.Caching(); !caches || s.Name != c.Service {
				return fmt.Errorf("service %s of node %s has no cache; give it one with cache: {memory: 64MiB}", c.Service, c.Node)
			}
		}
	}
	return nil
}

// completeDiskFull refuses to fill a disk that is not there.
func (d predictor) completeDiskFull(f *PlannedFault) error {
	for _, c := range f.Candidates {
		if n, ok := d.Topology.Node(c.Node); ok {
			if s, ok := n.Service(c.Service); !ok || s.Cache == nil || s.Cache.Disk == 0 {
				return fmt.Errorf("service %s of node %s keeps nothing on a disk; give it one with cache: {memory: 64MiB, disk: 64MiB}", c.Service, c.Node)
			}
		}
	}
	return nil
}

// resolveOrigin resolves a target among the origins, all of which serve.
func (d predictor) resolveOrigin(t Target, rng *rand.Rand) (choice, error) {
	var names []string
	for _, o := range d.Topology.Origins {
		names = append(names, o.Name)
	}
	switch t.Pick {
	case All, Serving:
		return choice{pick: PickAll, nodes: names}, nil
	case Any:
		return d.oneOf(names, rng), nil
	case Standby:
		return choice{}, fmt.Errorf("target %s, role %s: every origin serves; none stands by", Standby, RoleOrigin)
	}
	return d.named(t, names)
}
