package topology

import (
	"fmt"
	"slices"
	"time"

	"github.com/seed-ab8b6914/spof/topology/yamlfile"
)

// The most that a plant may have.
const (
	maxFeeds      = 20
	maxGenerators = 10
	maxPSUs       = 8 // of one node
)

// Bounds of a plant's times.
const (
	minHold  = time.Millisecond
	maxHold  = 24 * time.Hour
	maxStart = time.Hour
)

// leastCapacity is the least share that a generator may carry.
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
	d.shed(p, o.Get("shed"))
	return p
}

func (d *design) feed(e yamlfile.Entry) Feed {
	o := e.Value.Object("ups", "generator")
	at := o.Get("generator")
	f := Feed{Name: e.Name, UPS: o.Get("ups").Duration(0, minHold, maxHold), Generator: at.String()}
	d.later(func() {
		if names := namesOf(d.t.Power.Generators); f.Generator != "" && !slices.Contains(names, f.Generator) {
			d.unknown(at, "generator", f.Generator, names)
		}
		if len(d.t.Fed(f.Name)) == 0 {
			e.Key.Problemf("no PSU is on feed %s; name it in the chassis of a node, or leave it out", f.Name)
		}
	})
	return f
}

func (d *design) generator(e yamlfile.Entry) Generator {
	o := e.Value.Object("start", "capacity")
	capacity := o.Get("capacity")
	g := Generator{Name: e.Name, Start: o.Require("start").Duration(0, 0, maxStart), Capacity: capacity.Ratio(1)}
	if g.Capacity < leastCapacity {
		capacity.Problemf("a generator carries from 1%% to 100%% of its nodes' load, got %s", share(g.Capacity))
		g.Capacity = leastCapacity
	}
	at := capacity
	if !at.Present() {
		at = e.Key
	}
	d.later(func() { d.checkGenerator(e.Key, at, g) })
	return g
}

// checkGenerator holds that a generator is used, and that shedding can bring its load within its capacity: one that has
// more to carry trips.
func (d *design) checkGenerator(key, capacity yamlfile.Value, g Generator) {
	if !slices.ContainsFunc(d.t.Power.Feeds, func(f Feed) bool { return f.Generator == g.Name }) {
		key.Problemf("no feed uses generator %s; name it in a feed, such as {generator: %s}, or leave it out", g.Name, g.Name)
		return
	}
	rated := d.t.Rated(g.Name)
	kept := slices.DeleteFunc(slices.Clone(rated), func(n string) bool { return slices.Contains(d.t.Power.Shed, n) })
	if carries := g.Capacity * float64(len(rated)); float64(len(kept)) > carries+1e-9 {
		capacity.Problemf("generator %s carries %s of %d nodes, and when all of shed are gone %d are left (%s): it would trip; name more nodes in shed, or raise capacity",
			g.Name, share(g.Capacity), len(rated), len(kept), list(kept))
	}
}

func (d *design) shed(p *Power, v yamlfile.Value) {
	for _, at := range v.List() {
		name := at.String()
		if name == "" {
			continue
		}
		if slices.Contains(p.Shed, name) {
			at.Problemf("node %q is shed twice", name)
			continue
		}
		p.Shed = append(p.Shed, name)
		d.later(func() { d.checkShed(at, name) })
	}
}

// checkShed holds that what is shed is a node that a generator may have to carry.
func (d *design) checkShed(at yamlfile.Value, name string) {
	var carried []string
	for _, g := range d.t.Power.Generators {
		for _, n := range d.t.Rated(g.Name) {
			if !slices.Contains(carried, n) {
				carried = append(carried, n)
			}
		}
	}
	_, is := d.t.Node(name)
	switch {
	case !is:
		d.unknown(at, "node", name, carried)
	case !slices.Contains(carried, name):
		at.Problemf("node %s is on no feed with a generator, so that none sheds it; valid: %s", name, list(carried))
	}
}

// checkFed holds that in a design with power a node draws it from somewhere: one that did not would outlive the mains.
func (d *design) checkFed(key yamlfile.Value, n *Node) {
	if d.t.Power != nil && (n.Chassis == nil || len(n.Chassis.PSUs) == 0) {
		key.Problemf("node %s has no PSU, and this design has power; add chassis: {psus: {psu-1: %s}}", n.Name, d.anyFeed())
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
	if psus.IsMapping() {
		between(psus, "PSU on node "+node, len(entries), 1, maxPSUs)
	}
	for _, e := range entries {
		p := PSU{Name: e.Name, Feed: e.Value.String()}
		list = append(list, p)
		d.later(func() { d.checkPSU(e.Value, p) })
	}
	if len(list) == 0 {
		if needed.Present() && !psus.Present() {
			needed.Problemf("node %s has no PSUs; add psus: {psu-1: FEED}, or leave needed out", node)
		}
		return nil, 0
	}
	n = needed.Int(1, 1, maxPSUs)
	if n > len(list) {
		needed.Problemf("node %s needs %d PSUs and has %d installed; want a whole number from 1 to %d", node, n, len(list), len(list))
		n = len(list)
	}
	return list, n
}

func (d *design) checkPSU(at yamlfile.Value, p PSU) {
	if p.Feed == "" {
		return // said already
	}
	if d.t.Power == nil {
		at.Problemf("PSU %s is on the feed %q, and this design has no power; add power: {feeds: {%s: {}}}", p.Name, p.Feed, p.Feed)
	} else if feeds := namesOf(d.t.Power.Feeds); !slices.Contains(feeds, p.Feed) {
		d.unknown(at, "power feed", p.Feed, feeds)
	}
}

// share prints a share as files have it.
func share(f float64) string { return fmt.Sprintf("%g%%", float64(int(f*1e6+0.5))/1e4) }
