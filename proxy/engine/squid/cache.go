package squid

import (
	"fmt"
	"path"
	"slices"
	"time"

	"github.com/seed-ab8b6914/spof/proxy/engine"
	"github.com/seed-ab8b6914/spof/topology"
)

// The UDP ports at which a Squid asks its siblings and answers them.
const (
	icpPort  = 3130
	htcpPort = 4827
)

// digestEvery is how often a Squid sums up its cache for its siblings: an hour by default, which no run outlasts.
const digestEvery = 5 * time.Second

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

// cacheOf gives what squid.conf says of a cache; nil without one. One object takes at most an eighth of the memory.
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
