package topology

import (
	"slices"

	"github.com/seed-ab8b6914/spof/topology/yamlfile"
)

// Limits of a cache's memory and of its disk, which is memory too, on a node that has 2 GiB.
const (
	minCacheMemory = 1 << 20
	maxCacheMemory = 512 << 20
	minCacheDisk   = 16 << 20
	maxCacheDisk   = 512 << 20
)

// cache reads what a forward proxy keeps.
func (d *design) cache(node string, engine Engine, v yamlfile.Value) *Cache {
	if engine != Squid && engine != "" {
		v.Problemf("engine %s has no cache; only squid has one", engine)
		return nil
	}
	o := v.Object("memory", "disk", "store", "siblings", "protocol")
	disk, store, siblings, protocol := o.Get("disk"), o.Get("store"), o.Get("siblings"), o.Get("protocol")
	c := &Cache{Memory: o.Require("memory").Size(minCacheMemory, minCacheMemory, maxCacheMemory)}
	if disk.Present() {
		c.Disk, c.Store = disk.Size(minCacheDisk, minCacheDisk, maxCacheDisk), store.OneOf(UFS, UFS, AUFS)
	} else if store.Present() {
		store.Problemf("store without a disk; say how large it is, or leave store out")
	}
	c.Siblings = d.each(siblings, "sibling", func(at yamlfile.Value, name string) { d.checkSibling(node, at, name, c.Protocol) })
	if len(c.Siblings) > 0 {
		c.Protocol = protocol.OneOf(ICP, ICP, HTCP, Digest)
	} else if protocol.Present() {
		protocol.Problemf("protocol without siblings; name the nodes to ask, or leave protocol out")
	}
	return c
}

// checkSibling holds that a sibling is another node with one Squid that keeps something, and that it keeps it on a disk
// where it is asked for a digest: Squid sums up nothing else.
func (d *design) checkSibling(node string, at yamlfile.Value, name, protocol string) {
	var valid []string
	for _, n := range d.t.Nodes {
		if s, ok := n.Caching(); ok && s.Cache != nil && n.Name != node {
			valid = append(valid, n.Name)
		}
	}
	switch n, ok := d.t.Node(name); {
	case !ok:
		d.unknown(at, "node", name, valid)
	case name == node:
		at.Problemf("node %s would be its own sibling; valid: %s", name, list(valid))
	case !slices.Contains(valid, n.Name):
		at.Problemf("node %s has no cache to ask; valid: %s", name, list(valid))
	case protocol == Digest:
		if s, _ := n.Caching(); s.Cache.Disk == 0 {
			at.Problemf("node %s keeps nothing on a disk, and a digest sums up nothing else; give it one with disk: 64MiB, or use %s or %s", name, ICP, HTCP)
		}
	}
}

// Caching is the node's forward proxy with a cache.
func (n Node) Caching() (Service, bool) {
	for _, s := range n.Services {
		if s.Cache != nil {
			return s, true
		}
	}
	return Service{}, false
}

// Caches reports whether any forward proxy of the design keeps answers.
func (t *Topology) Caches() bool {
	return slices.ContainsFunc(t.Nodes, func(n Node) bool { _, ok := n.Caching(); return ok })
}
