package proxy

import (
	"path"
	"time"

	"github.com/seed-ab8b6914/spof/topology"
)

// squidPeerPorts are the UDP ports at which a Squid answers its siblings.
var squidPeerPorts = map[string]int{topology.ICP: 3130, topology.HTCP: 4827}

// digestEvery is how often a Squid sums up its cache for its siblings: an hour by default, which no run outlasts.
const digestEvery = 5 * time.Second

// Disks gives the filesystems that the services of a node keep things on: where each is to be, and its size in bytes.
func Disks(node topology.Node) map[string]int {
	disks := make(map[string]int)
	for _, s := range node.Services {
		if s.Cache != nil && s.Cache.Disk > 0 {
			disks[diskOf(s)] = s.Cache.Disk
		}
	}
	return disks
}

// diskOf is where the filesystem of a service is.
func diskOf(s topology.Service) string { return path.Join("/var/cache/spof", s.Name) }

// diskShare is how much of its filesystem a Squid may use for its store; Squid's manual has a fifth left free.
const diskShare = 0.75

// squidCache is the cache part of a squid.conf.
type squidCache struct {
	MemoryKB, ObjectKB      int
	Store                   string // a directory of its own; empty: memory alone
	StoreMB                 int
	Protocol                string
	PeerPort, DigestSeconds int
	Siblings                []squidSibling
}

type squidSibling struct {
	Name, Addr, Options string
	Port                int
}

// squidCache gives what squid.conf says of a cache; nil without one. One object takes at most an eighth of the memory.
func (c configurer) squidCache(service topology.Service) (*squidCache, error) {
	cache := service.Cache
	if cache == nil {
		return nil, nil
	}
	s := &squidCache{
		MemoryKB: cache.Memory >> 10, ObjectKB: max(cache.Memory>>13, 512), Protocol: cache.Protocol,
		PeerPort: squidPeerPorts[cache.Protocol], DigestSeconds: int(digestEvery.Seconds()),
	}
	if cache.Disk > 0 {
		s.Store, s.StoreMB = path.Join(diskOf(service), "store"), int(diskShare*float64(cache.Disk>>20))
	}
	for _, name := range cache.Siblings {
		addr, err := find(c.site.LAN, name)
		if err != nil {
			return nil, err
		}
		n, _ := c.t.Node(name)
		service, _ := n.Caching()
		s.Siblings = append(s.Siblings, squidSibling{Name: name, Addr: addr.String(), Port: service.Port, Options: siblingOptions(cache.Protocol)})
	}
	return s, nil
}

// siblingOptions gives the query port and how the sibling is asked.
func siblingOptions(protocol string) string {
	switch protocol {
	case topology.HTCP:
		return "4827 htcp no-digest"
	case topology.Digest:
		return "0 no-query"
	}
	return "3130 no-digest"
}
