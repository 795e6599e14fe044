package configure

import (
	"path"

	"github.com/seed-ab8b6914/spof/topology"
)

// Disks gives the filesystems that the services of a node keep things on: where each is to be, and its size in bytes. It is
// nil where there are none.
func Disks(node topology.Node) map[string]int {
	var disks map[string]int
	for _, s := range node.Services {
		if s.Cache != nil && s.Cache.Disk > 0 {
			if disks == nil {
				disks = make(map[string]int)
			}
			disks[diskOf(s)] = s.Cache.Disk
		}
	}
	return disks
}

// diskOf is where the filesystem of a service is.
func diskOf(s topology.Service) string { return path.Join("/var/cache/spof", s.Name) }
