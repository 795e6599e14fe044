package topology

import (
	"fmt"
	"slices"
	"time"

	"github.com/seed-ab8b6914/spof/topology/yamlfile"
)

// The most that a design's power may have.
const (
	maxFeeds      = 20
	maxGenerators = 10
	maxPSUs       = 8 // of one node
)

// Bounds of the times of UPSs and generators.
const (
	minHold  = time.Millisecond
	maxHold  = 24 * time.Hour
	maxStart = time.Hour
)

// leastCapacity is the smallest capacity of a generator.
const leastCapacity = 0.01

func (d *design) power(v yamlfile.Value) *Power {
	if !v.Present() {
		return nil
	}
	o := v.Object("feeds", "generators", "shed")
	p := &Power{}
	for _, e := range d.section(o.Require("feeds"), "power feed", 1, maxFeeds) {
		p.Feeds = append(p.Feeds, d.feed(e))
	}
	for _, e := range d.section(o.Get("generators"), "generator", 0, maxGenerators) {
		p.Generators = append(p.Generators, d.generator(e))
	}
	p.Shed = d.each(o.Get("shed"), "node", 0, maxNodes, nil, d.checkShed)
	return p
}

func (d *design) feed(e yamlfile.Entry) Feed {
	o := e.Value.Object("ups", "generator")
	at := o.Get("generator")
	f := Feed{Name: e.Name, UPS: o.Get("ups").Duration(0, minHold, maxHold), Generator: at.Reference()}
	d.later(func() {
		if names := namesOf(d.t.Power.Generators); f.Generator != "" && !slices.Contains(names, f.Generator) {
			d.unknown(at, "generator", f.Generator, names)
		}
		if len(d.t.Fed(f.Name)) == 0 {
			e.Key.Refuse("unused-name", "no PSU is on feed %s; add chassis: {psus: {psu-1: %s}} to a node, or leave the feed out", f.Name, f.Name)
		}
	})
	return f
}

func (d *design) generator(e yamlfile.Entry) Generator {
	o := e.Value.Object("start", "capacity")
	capacity := o.Get("capacity")
	g := Generator{Name: e.Name, Start: o.Require("start").Duration(0, 0, maxStart), Capacity: capacity.Ratio(1)}
	if g.Capacity < leastCapacity {
		capacity.Refuse("wrong-value", "want a share from %s to 100%%, got %s", share(leastCapacity), share(g.Capacity))
		g.Capacity = leastCapacity
	}
	at := capacity
	if !at.Present() {
		at = e.Key
	}
	d.later(func() { d.checkGenerator(e.Key, at, g) })
	return g
}

// checkGenerator checks that a feed uses the generator, and that shedding brings its load within its capacity: an overloaded
// generator trips.
func (d *design) checkGenerator(key, capacity yamlfile.Value, g Generator) {
	if !slices.ContainsFunc(d.t.Power.Feeds, func(f Feed) bool { return f.Generator == g.Name }) {
		key.Refuse("unused-name", "no feed uses generator %s; add generator: %s to a feed, or leave the generator out", g.Name, g.Name)
		return
	}
	rated := d.t.Rated(g.Name)
	kept := filter(rated, func(n string) bool { return !slices.Contains(d.t.Power.Shed, n) })
	if carries := g.Capacity * float64(len(rated)); float64(len(kept)) > carries+1e-9 {
		capacity.Refuse("generator-overload", "generator %s carries %s of %d nodes. When all nodes of shed are off, %d are left (%s), and it trips; add nodes to shed, or raise capacity",
			g.Name, share(g.Capacity), len(rated), len(kept), list(kept))
	}
}

// checkShed checks that a node that is shed is on a feed with a generator.
func (d *design) checkShed(at yamlfile.Value, name string) {
	d.checkPeer("not-on-generator", at, name, "node %s cannot be shed; want a node on a feed with a generator; valid: %s", func(n Node) bool {
		return slices.ContainsFunc(d.t.Power.Generators, func(g Generator) bool { return slices.Contains(d.t.Rated(g.Name), n.Name) })
	})
}

// checkFed checks that in a design with power every node has a PSU: a node without one would survive the loss of the mains.
func (d *design) checkFed(key yamlfile.Value, n *Node) {
	if d.t.Power != nil && (n.Chassis == nil || len(n.Chassis.PSUs) == 0) {
		key.Refuse("no-psu", "node %s has no PSU, and the design has power; add chassis: {psus: {psu-1: %s}}", n.Name, d.anyFeed())
	}
}

func (d *design) anyFeed() string {
	if len(d.t.Power.Feeds) == 0 {
		return "FEED"
	}
	return d.t.Power.Feeds[0].Name
}

// psus reads a node's PSUs and how many of them it needs.
func (d *design) psus(node string, psus, needed yamlfile.Value) (list []PSU, n int) {
	entries := psus.Entries()
	between(psus, "PSU", len(entries), 1, maxPSUs)
	for _, e := range entries {
		p := PSU{Name: e.Name, Feed: e.Value.Reference()}
		list = append(list, p)
		d.later(func() { d.checkPSU(e.Value, p) })
	}
	if len(list) == 0 {
		if !psus.Present() {
			needed.Refuse("unused-key", "node %s has no PSUs; add psus: {psu-1: FEED}, or leave needed out", node)
		}
		return nil, 0
	}
	n = needed.Int(1, 1, maxPSUs)
	if n > len(list) {
		needed.Refuse("wrong-value", "node %s needs %d PSUs and has %d; want a whole number from 1 to %d", node, n, len(list), len(list))
		n = len(list)
	}
	return list, n
}

func (d *design) checkPSU(at yamlfile.Value, p PSU) {
	if p.Feed == "" {
		return // a problem already
	}
	if d.t.Power == nil {
		at.Refuse("no-power", "PSU %s is on feed %q, and the design has no power; add power: {feeds: {%s: {}}}", p.Name, p.Feed, p.Feed)
	} else if feeds := namesOf(d.t.Power.Feeds); !slices.Contains(feeds, p.Feed) {
		d.unknown(at, "power feed", p.Feed, feeds)
	}
}

// share prints a share as files write it.
func share(f float64) string { return fmt.Sprintf("%g%%", float64(int(f*1e6+0.5))/1e4) }
