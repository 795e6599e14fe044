package fault

import (
	"fmt"

	"github.com/seed-ab8b6914/spof/proxy"
	"github.com/seed-ab8b6914/spof/scenarios/design"
	"github.com/seed-ab8b6914/spof/scenarios/target"
)

var diskFull = Kind{
	Name:        proxy.DiskFull,
	About:       "the filesystem of a proxy's cache has no space left",
	Section:     OfNode,
	Roles:       []string{target.RoleProxy},
	Service:     true,
	complete:    completeDiskFull,
	Unpredicted: "a service may die of a full disk or go on, and when it next writes no timer says",
	Docker:      Fidelity{Real, "the filesystem of Squid's cache_dir, one of its own in memory, filled until a write fails with ENOSPC"},
	RealEngines: true,
	Local:       unsupported,
}

// completeDiskFull refuses to fill a disk that is not there.
func completeDiskFull(d design.View, f *Planned) error {
	for _, c := range f.Candidates {
		if n, ok := d.Topology.Node(c.Node); ok {
			if s, ok := n.Service(c.Service); !ok || s.Cache == nil || s.Cache.Disk == 0 {
				return fmt.Errorf("service %s of node %s keeps nothing on a disk; give it one with cache: {memory: 64MiB, disk: 64MiB}", c.Service, c.Node)
			}
		}
	}
	return nil
}
