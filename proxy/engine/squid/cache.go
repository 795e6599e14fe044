package squid

import (
	"fmt"
	"path"
	"slices"
	"time"

	"github.com/seed-ab8b6914/spof/proxy/engine"
	"github.com/seed-ab8b6914/spof/topology"
)

// The UDP ports of queries between siblings.
const (
	icpPort  = 3130
	htcpPort = 4827
)

// digestEvery is the interval at which a Squid renews its digest. The default of one hour is longer than a run.
const digestEvery = 5 * time.Second

// diskShare is the share of the filesystem that the store may use; Squid's manual recommends to leave a fifth free.
const diskShare = 0.75

// squidCache is the cache part of a squid.conf.
type squidCache struct {
	MemoryKB, ObjectKB int
	Store, StoreKind   string // its directory; empty: in memory only
	StoreMB            int
	ICP, HTCP          int  // UDP ports; 0: not used
	Digest             bool // it makes a digest
	DigestSeconds      int
	Siblings           []squidSibling
}

type squidSibling struct {
	Name, Addr, Options string
	Port                int
}

// cacheOf gives the cache part of a squid.conf; nil without a cache. One object takes at most an eighth of the memory.
func cacheOf(t engine.Task) *squidCache {
	cache := t.Service.Cache
	if cache == nil {
		return nil
	}
	s := &squidCache{
		MemoryKB: cache.Memory >> 10, ObjectKB: max(cache.Memory>>13, 512),
		DigestSeconds: int(digestEvery.Seconds()),
	}
	for _, protocol := range append(slices.Clone(t.AskedBy), cache.Protocol) {
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
		s.Store, s.StoreMB = path.Join(t.Disk, "store"), int(diskShare*float64(cache.Disk>>20))
	}
	for _, p := range t.Siblings {
		s.Siblings = append(s.Siblings, squidSibling{Name: p.Name, Addr: p.Addr.String(), Port: p.Port, Options: siblingOptions(cache.Protocol)})
	}
	return s
}

// siblingOptions gives the query port and the protocol options of a sibling.
func siblingOptions(protocol string) string {
	switch protocol {
	case topology.HTCP:
		return fmt.Sprintf("%d htcp no-digest", htcpPort)
	case topology.Digest:
		return "0 no-query"
	}
	return fmt.Sprintf("%d no-digest", icpPort)
}
