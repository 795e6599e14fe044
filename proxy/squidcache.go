package proxy

import (
	"time"

	"github.com/seed-ab8b6914/spof/topology"
)

// squidPeerPorts are the UDP ports at which a Squid answers its siblings.
var squidPeerPorts = map[string]int{topology.ICP: 3130, topology.HTCP: 4827}

// digestEvery is how often a Squid sums up its cache for its siblings: an hour by default, which no run outlasts.
const digestEvery = 5 * time.Second

// squidCache is the cache part of a squid.conf.
type squidCache struct {
	MemoryKB, ObjectKB      int
	Protocol                string
	PeerPort, DigestSeconds int
	Siblings                []squidSibling
}

type squidSibling struct {
	Name, Addr, Options string
	Port                int
}

// squidCache gives what squid.conf says of a cache; nil without one. One object takes at most an eighth of the memory.
func (c configurer) squidCache(cache *topology.Cache) (*squidCache, error) {
	if cache == nil {
		return nil, nil
	}
	s := &squidCache{
		MemoryKB: cache.Memory >> 10, ObjectKB: max(cache.Memory>>13, 512), Protocol: cache.Protocol,
		PeerPort: squidPeerPorts[cache.Protocol], DigestSeconds: int(digestEvery.Seconds()),
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
