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
	// UPS is the time for which a battery carries the feed without mains, at any load; 0: no UPS.
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

// Feed finds a feed.
func (p *Power) Feed(name string) (Feed, bool) {
	return find(p.Feeds, func(f Feed) bool { return f.Name == name })
}

// Generator finds a generator.
func (p *Power) Generator(name string) (Generator, bool) {
	return find(p.Generators, func(g Generator) bool { return g.Name == name })
}

// SourceOf gives the source of a PSU's power: the name of a generator; empty: another source. on is false if the PSU has no
// power.
type SourceOf func(n Node, p PSU) (generator string, on bool)

// sources gives the source of each PSU with power. dark: they are fewer than the node needs.
func (n Node) sources(of SourceOf) (on []string, dark bool) {
	hw := n.Hardware()
	for _, p := range hw.PSUs {
		if generator, ok := of(n, p); ok {
			on = append(on, generator)
		}
	}
	return on, len(on) < hw.Needed
}

// Overload records which nodes the generators have shed and which generators have tripped, because they had more load than
// their capacity. The zero Overload is ready.
type Overload struct {
	shed    map[[2]string]bool // node and generator
	tripped map[string]bool
}

// Shed reports whether a generator has shed a node.
func (o *Overload) Shed(node, generator string) bool { return o.shed[[2]string{node, generator}] }

// Tripped reports whether a generator has tripped: it carries nothing.
func (o *Overload) Tripped(generator string) bool { return o.tripped[generator] }

// Shed removes load until no generator has more than its capacity. A node's load of 1 is shared alike by its PSUs that have
// power; a dark node draws nothing. An overloaded generator sheds the next node of Power.Shed. With no node left to shed it
// trips. The source must depend on o: a shed node and a tripped generator change it.
func (t *Topology) Shed(o *Overload, source SourceOf) {
	for o.relieve(t, source) {
	}
}

// relieve removes load from the first generator that has too much; false if none has.
func (o *Overload) relieve(t *Topology, source SourceOf) bool {
	const epsilon = 1e-9
	load := map[string]float64{}
	for _, n := range t.Nodes {
		on, dark := n.sources(source)
		for _, generator := range on {
			if !dark {
				load[generator] += 1 / float64(len(on))
			}
		}
	}
	for _, g := range t.Power.Generators {
		if rated := t.Rated(g.Name); !o.tripped[g.Name] && load[g.Name] > g.Capacity*float64(len(rated))+epsilon {
			o.shedNext(t.Power.Shed, g.Name, rated)
			return true
		}
	}
	return false
}

// shedNext sheds the next node that the generator may have to carry, or trips the generator.
func (o *Overload) shedNext(order []string, generator string, rated []string) {
	if o.shed == nil {
		o.shed, o.tripped = map[[2]string]bool{}, map[string]bool{}
	}
	next := slices.IndexFunc(order, func(n string) bool { return slices.Contains(rated, n) && !o.Shed(n, generator) })
	if next < 0 {
		o.tripped[generator] = true
	} else {
		o.shed[[2]string{order[next], generator}] = true
	}
}
