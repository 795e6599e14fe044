package topology

import (
	"slices"

	"github.com/seed-ab8b6914/spof/topology/yamlfile"
)

// Limits of a cache's memory and disk, in bytes. The disk is in memory too (tmpfs); a node has 2 GiB.
const (
	minCacheMemory = 1 << 20
	maxCacheMemory = 512 << 20
	minCacheDisk   = 16 << 20
	maxCacheDisk   = 512 << 20
)

// cache reads the cache of a forward proxy.
func (d *design) cache(node string, engine Engine, v yamlfile.Value) *Cache {
	engine.need(canCache, "cache", v)
	if !v.Present() || !engine.fits(canCache) {
		return nil
	}
	o := v.Object("memory", "disk", "store", "siblings", "protocol")
	disk, store, protocol := o.Get("disk"), o.Get("store"), o.Get("protocol")
	c := &Cache{Memory: o.Require("memory").Size(minCacheMemory, minCacheMemory, maxCacheMemory)}
	if disk.Present() {
		c.Disk, c.Store = disk.Size(minCacheDisk, minCacheDisk, maxCacheDisk), store.OneOf(UFS, UFS, AUFS)
	} else {
		store.Refuse("unused-key", "store needs a disk; add disk: 64MiB, or leave store out")
	}
	c.Siblings = d.each(o.Get("siblings"), "sibling", 0, maxNodes, nil, func(at yamlfile.Value, name string) { d.checkSibling(node, at, name, c.Protocol) })
	if len(c.Siblings) > 0 {
		c.Protocol = protocol.OneOf(ICP, ICP, HTCP, Digest)
	} else {
		protocol.Refuse("unused-key", "protocol needs siblings; add siblings, or leave protocol out")
	}
	return c
}

// checkSibling checks that a sibling is another node with a cache. With the protocol digest that cache must have a disk: Squid
// digests only the objects on a disk.
func (d *design) checkSibling(node string, at yamlfile.Value, name, protocol string) {
	d.checkPeer("unfit-sibling", at, name, "node %s cannot be a sibling; want another node with a cache; valid: %s", func(n Node) bool {
		_, caches := n.Caching()
		return caches && n.Name != node
	})
	n, _ := d.t.Node(name)
	if s, caches := n.Caching(); caches && name != node && protocol == Digest && s.Cache.Disk == 0 {
		at.Refuse("digest-without-disk", "node %s has no disk for its cache, and a digest lists only what is on a disk; add disk: 64MiB to that cache, or use %s or %s", name, ICP, HTCP)
	}
}

// Caching is the node's forward proxy with a cache.
func (n Node) Caching() (Service, bool) {
	return find(n.Services, func(s Service) bool { return s.Cache != nil })
}

// Caches reports whether any forward proxy of the design has a cache.
func (t *Topology) Caches() bool {
	return slices.ContainsFunc(t.Nodes, func(n Node) bool { _, ok := n.Caching(); return ok })
}
