package topology

import (
	"slices"
	"time"
)

// Power is the supply of the nodes: feeds from the mains, some of them with a UPS or a generator. WAN links, origins and users have
// power of their own, outside the design.
type Power struct {
	Feeds      []Feed      `json:"feeds"`
	Generators []Generator `json:"generators,omitempty"`
	// Shed lists the nodes that an overloaded generator turns off, in this order.
	Shed []string `json:"shed,omitempty"`
}

// Feed supplies PSUs.
type Feed struct {
	Name string `json:"name"`
	// UPS is how long a battery carries the feed without mains, at any load; 0: no UPS.
	UPS time.Duration `json:"ups_ns,omitempty"`
	// Generator carries the feed after its start; empty: no generator.
	Generator string `json:"generator,omitempty"`
}

// Generator carries feeds without mains.
type Generator struct {
	Name  string        `json:"name"`
	Start time.Duration `json:"start_ns"` // from the loss of the mains until it carries load
	// Capacity is the share of the load of its nodes (see Rated) that it carries, 0.01 to 1.
	Capacity float64 `json:"capacity"`
}

// OnFeed reports whether one of the node's PSUs is on a feed.
func (n Node) OnFeed(feed string) bool {
	return n.Chassis != nil && slices.ContainsFunc(n.Chassis.PSUs, func(p PSU) bool { return p.Feed == feed })
}

// Rated lists the nodes that a generator may have to carry: all nodes with a PSU on one of its feeds. Its capacity is a share of
// their load. Every node counts as 1, also a node with a second feed: that feed may be lost.
func (t *Topology) Rated(generator string) []string {
	if t.Power == nil {
		return nil
	}
	return t.nodesWith(func(n Node) bool {
		return slices.ContainsFunc(t.Power.Feeds, func(f Feed) bool { return f.Generator == generator && n.OnFeed(f.Name) })
	})
}

// Fed gives the names of the nodes with a PSU on a feed, in the order of the file.
func (t *Topology) Fed(feed string) []string {
	return t.nodesWith(func(n Node) bool { return n.OnFeed(feed) })
}

// dark finds the nodes without power after the permanent loss of feeds: UPSs are empty, and generators carry load up to their
// capacity. The PSUs of a node that have power share its load equally. While a generator is overloaded, it turns the next node of
// Shed off. If no node is left to shed, it trips and carries nothing. (Package policy has the same model with its times.)
func (t *Topology) dark(gone []string) map[string]bool {
	dark := map[string]bool{}
	if t.Power == nil || len(gone) == 0 {
		return dark
	}
	shed := map[string]bool{}    // node@generator
	tripped := map[string]bool{} // by generator
	for {
		load := map[string]float64{}
		clear(dark)
		for _, n := range t.Nodes {
			t.draw(n, gone, shed, tripped, load, dark)
		}
		if !t.relieve(load, shed, tripped) {
			return dark
		}
	}
}

// draw adds a node's load to the generators that carry it, or marks the node as dark.
func (t *Topology) draw(n Node, gone []string, shed, tripped map[string]bool, load map[string]float64, dark map[string]bool) {
	if n.Chassis == nil || len(n.Chassis.PSUs) == 0 {
		return
	}
	var live []string // the generator of each PSU that has power; empty: the mains
	for _, p := range n.Chassis.PSUs {
		f, _ := find(t.Power.Feeds, func(f Feed) bool { return f.Name == p.Feed })
		switch {
		case !slices.Contains(gone, p.Feed):
			live = append(live, "")
		case f.Generator != "" && !tripped[f.Generator] && !shed[n.Name+"@"+f.Generator]:
			live = append(live, f.Generator)
		}
	}
	if len(live) < n.Chassis.Needed {
		dark[n.Name] = true
		return
	}
	for _, g := range live {
		load[g] += 1 / float64(len(live))
	}
}

// relieve takes load off the first overloaded generator; false if none is.
func (t *Topology) relieve(load map[string]float64, shed, tripped map[string]bool) bool {
	for _, g := range t.Power.Generators {
		rated := t.Rated(g.Name)
		if tripped[g.Name] || load[g.Name] <= g.Capacity*float64(len(rated))+1e-9 {
			continue
		}
		next := slices.IndexFunc(t.Power.Shed, func(n string) bool { return slices.Contains(rated, n) && !shed[n+"@"+g.Name] })
		if next < 0 {
			tripped[g.Name] = true
		} else {
			shed[t.Power.Shed[next]+"@"+g.Name] = true
		}
		return true
	}
	return false
}
