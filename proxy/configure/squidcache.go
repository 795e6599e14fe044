package configure

import (
	"fmt"
	"path"
	"slices"
	"time"

	"github.com/seed-ab8b6914/spof/topology"
)

// The UDP ports at which a Squid asks its siblings and answers them.
const (
	icpPort  = 3130
	htcpPort = 4827
)

// digestEvery is how often a Squid sums up its cache for its siblings: an hour by default, which no run outlasts.
const digestEvery = 5 * time.Second

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

// diskShare is how much of its filesystem a Squid may use for its store; Squid's manual has a fifth left free.
const diskShare = 0.75

// squidCache is the cache part of a squid.conf.
type squidCache struct {
	MemoryKB, ObjectKB int
	Store, StoreKind   string // a directory of its own; empty: memory alone
	StoreMB            int
	ICP, HTCP          int  // the UDP ports at which it asks and answers; 0: it does neither
	Digest             bool // it sums up what it has, for those who ask so
	DigestSeconds      int
	Siblings           []squidSibling
}

type squidSibling struct {
	Name, Addr, Options string
	Port                int
}

// squidCache gives what squid.conf says of a cache; nil without one. One object takes at most an eighth of the memory.
func (c configurer) squidCache(node string, service topology.Service) (*squidCache, error) {
	cache := service.Cache
	if cache == nil {
		return nil, nil
	}
	s := &squidCache{
		MemoryKB: cache.Memory >> 10, ObjectKB: max(cache.Memory>>13, 512),
		DigestSeconds: int(digestEvery.Seconds()),
	}
	for _, protocol := range append(c.askedBy(node), cache.Protocol) {
		switch protocol {
		case topology.ICP:
			s.ICP = icpPort
		case topology.HTCP:
			s.HTCP = htcpPort
		case topology.Digest:
			s.Digest = true
		}
	}
	if cache.Disk > 0 {
		s.StoreKind = cache.Store
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

// askedBy lists the protocols by which other nodes ask this one, which need not ask them.
func (c configurer) askedBy(node string) (protocols []string) {
	for _, n := range c.t.Nodes {
		if s, caches := n.Caching(); caches && slices.Contains(s.Cache.Siblings, node) {
			protocols = append(protocols, s.Cache.Protocol)
		}
	}
	return protocols
}

// siblingOptions gives the query port and how the sibling is asked.
func siblingOptions(protocol string) string {
	switch protocol {
	case topology.HTCP:
		return fmt.Sprintf("%d htcp no-digest", htcpPort)
	case topology.Digest:
		return "0 no-query"
	}
	return fmt.Sprintf("%d no-digest", icpPort)
}
