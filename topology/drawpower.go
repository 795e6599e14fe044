package topology

import (
	"fmt"
	"strings"

	"github.com/seed-ab8b6914/spof/topology/yamlfile"
)

// power draws the feeds with their nodes.
func (d drawing) power(p Power) branch {
	r := branch{label: "power" + d.mark(Component{Kind: KindMains, Name: Mains})}
	for _, f := range p.Feeds {
		feed := branch{label: f.Name + "  " + p.backing(f) + d.mark(Component{Kind: KindFeed, Name: f.Name})}
		for _, n := range d.t.Nodes {
			if n.OnFeed(f.Name) {
				feed.below = append(feed.below, branch{label: n.supply(f.Name)})
			}
		}
		r.below = append(r.below, feed)
	}
	if len(p.Shed) > 0 {
		r.below = append(r.below, branch{label: "shed in this order: " + list(p.Shed)})
	}
	return r
}

// backing lists the sources of a feed, in the order in which they carry it.
func (p Power) backing(f Feed) string {
	s := "mains"
	if f.UPS > 0 {
		s += ", then UPS for " + yamlfile.Span(f.UPS)
	}
	if g, ok := find(p.Generators, func(g Generator) bool { return g.Name == f.Generator }); ok {
		s += fmt.Sprintf(", then generator %s after %s for %s of its nodes", g.Name, yamlfile.Span(g.Start), share(g.Capacity))
	}
	return s
}

// supply lists the node's PSUs on a feed, and how many PSUs the node needs.
func (n Node) supply(feed string) string {
	var on []string
	for _, p := range n.Chassis.PSUs {
		if p.Feed == feed {
			on = append(on, p.Name)
		}
	}
	return fmt.Sprintf("%s  %s; needs %d of %d", n.Name, strings.Join(on, ", "), n.Chassis.Needed, len(n.Chassis.PSUs))
}

// power draws the mains, the generators and the feeds, with dotted edges for the supply of nodes.
func (d *dot) power(p Power) {
	c := Component{Kind: KindMains, Name: Mains}
	d.line("  %s [shape=house, label=%s%s]", quote(Mains), d.label(Mains, c), d.red(c))
	for _, g := range p.Generators {
		d.line("  %s [shape=house, label=%s]", quote("power/"+g.Name),
			quote(fmt.Sprintf("%s\n%s after %s", g.Name, share(g.Capacity), yamlfile.Span(g.Start))))
	}
	for _, f := range p.Feeds {
		label := f.Name
		if f.UPS > 0 {
			label += "\nUPS " + yamlfile.Span(f.UPS)
		}
		from, c := quote("power/"+f.Name), Component{Kind: KindFeed, Name: f.Name}
		d.line("  %s [shape=cds, label=%s%s]", from, d.label(label, c), d.red(c))
		d.line("  %s -> %s [style=dotted]", quote(Mains), from)
		if f.Generator != "" {
			d.line("  %s -> %s [style=dotted]", quote("power/"+f.Generator), from)
		}
		for _, n := range d.t.Nodes {
			if n.OnFeed(f.Name) && len(n.Services) > 0 {
				d.line("  %s -> %s [style=dotted, arrowhead=none]", from, vertex(n, n.Services[0]))
			}
		}
	}
}
