package fault

import (
	"github.com/seed-ab8b6914/spof/proxy"
	"github.com/seed-ab8b6914/spof/proxy/agent"
	"github.com/seed-ab8b6914/spof/reason"
	"github.com/seed-ab8b6914/spof/scenarios/design"
	"github.com/seed-ab8b6914/spof/scenarios/target"
)

const DiskFull proxy.FaultKind = "disk-full"

var diskFull = Kind{
	Name:        DiskFull,
	About:       "the filesystem of a proxy's cache has no space left",
	Section:     OfNode,
	Roles:       []string{target.RoleProxy},
	Service:     true,
	complete:    completeDiskFull,
	Ends:        true,
	Became:      "out of disk space",
	Executor:    agent.DiskFull,
	Unpredicted: "a service may die of a full disk or continue, and no timer bounds when it writes next",
	Docker:      Fidelity{Real, "Squid's cache_dir is a filesystem of its own in memory; it is filled until a write fails with ENOSPC"},
	RealEngines: true,
	Local:       unsupported,
}

// completeDiskFull refuses a service without a cache on disk.
func completeDiskFull(d design.View, f *Planned) error {
	for _, c := range f.Candidates {
		if n, ok := d.Topology.Node(c.Node); ok {
			if s, ok := n.Service(c.Service); !ok || s.Cache == nil || s.Cache.Disk == 0 {
				return reason.Errorf("no-disk-cache", "service %s of node %s has no cache on disk; give it one with cache: {memory: 64MiB, disk: 64MiB}", c.Service, c.Node)
			}
		}
	}
	return nil
}
