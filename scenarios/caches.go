package scenarios

import (
	"fmt"
	"time"

	"github.com/seed-ab8b6914/spof/proxy"
	"github.com/seed-ab8b6914/spof/topology/yamlfile"
)

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
