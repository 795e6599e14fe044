package configure

import (
	"path"

	"github.com/seed-ab8b6914/spof/topology"
)

// Disks gives the filesystems of a node's services: the size in bytes by path. nil: none.
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

// diskOf gives the path of a service's filesystem.
func diskOf(s topology.Service) string { return path.Join("/var/cache/spof", s.Name) }
