package design

import (
	"github.com/seed-ab8b6914/spof/proxy/policy"
)

// FeedNames are the power feeds of the design, in its order.
func (d View) FeedNames() []string {
	var names []string
	if d.Topology.Power != nil {
		for _, f := range d.Topology.Power.Feeds {
			names = append(names, f.Name)
		}
	}
	return names
}

// Plant is the model of the design's power.
func (d View) Plant() policy.Plant {
	p := policy.Plant{Shed: d.Topology.Power.Shed}
	for _, f := range d.Topology.Power.Feeds {
		p.Feeds = append(p.Feeds, policy.Feed{Name: f.Name, Hold: f.UPS, Generator: f.Generator})
	}
	for _, g := range d.Topology.Power.Generators {
		p.Generators = append(p.Generators, policy.Generator{Name: g.Name, Start: g.Start, Capacity: g.Capacity})
	}
	for _, n := range d.Topology.Nodes {
		hw := n.Hardware()
		c := policy.Consumer{Name: n.Name, Needed: hw.Needed}
		for _, s := range hw.PSUs {
			c.PSUs = append(c.PSUs, policy.Inlet{PSU: s.Name, Feed: s.Feed})
		}
		p.Nodes = append(p.Nodes, c)
	}
	return p
}
