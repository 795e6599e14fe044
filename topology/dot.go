package topology

import (
	"fmt"
	"strings"
)

// DOT draws the design as a graph for Graphviz, with single points of failure in red.
func (t *Topology) DOT() string { return t.DOTOf(t.SinglePoints()) }

// DOTOf is DOT with what the single points of failure cost.
func (t *Topology) DOTOf(points []SinglePoint) string {
	d := dot{t: t, single: make(map[Component]SinglePoint)}
	for _, p := range points {
		d.single[p.Component] = p
	}
	d.line("digraph %s {", quote(t.Name))
	d.line("  label=%s", quote(t.About))
	d.line("  rankdir=LR")
	d.line("  node [shape=box]")
	for _, g := range t.Users {
		d.group(g)
	}
	for _, a := range t.Addresses {
		d.address(a)
	}
	for _, n := range t.Nodes {
		d.node(n)
	}
	for _, l := range t.WAN {
		c := Component{Kind: KindWAN, Name: l.Name}
		d.line("  %s [shape=hexagon, label=%s%s]", quote(l.Name), d.label(l.Name, c), d.red(c))
		for _, o := range t.Origins {
			d.line("  %s -> %s", quote(l.Name), quote(o.Name))
		}
	}
	for _, o := range t.Origins {
		d.line("  %s [shape=oval]", quote(o.Name))
	}
	if t.Power != nil {
		d.power(*t.Power)
	}
	d.line("}")
	return d.b.String()
}

type dot struct {
	t      *Topology
	single map[Component]SinglePoint
	b      strings.Builder
}

func (d *dot) line(format string, args ...any) { fmt.Fprintf(&d.b, format+"\n", args...) }

func (d *dot) red(c Component) string {
	if _, ok := d.single[c]; ok {
		return ", color=red, fontcolor=red, penwidth=2"
	}
	return ""
}

// label is a text with what the loss of a component costs.
func (d *dot) label(text string, c Component) string {
	if cost := d.single[c].Cost; cost != nil {
		text += "\n" + cost.String()
	}
	return quote(text)
}

// group draws users, with edges to the DNS servers that they ask and to the places where they may enter.
func (d *dot) group(g Group) {
	d.line("  %s [shape=oval, label=%s]", quote(g.Name), quote(fmt.Sprintf("%s\n%d users", g.Name, g.Count)))
	if g.PAC != nil {
		d.pac(g)
		return
	}
	entries := []string{g.Proxy.Host}
	if g.Pool != nil || g.DNS != nil {
		entries = d.t.Holders(g.Name)
	}
	if g.DNS != nil {
		for _, server := range g.DNS.Servers {
			n, _ := d.t.Node(server)
			s, _ := n.Responder()
			d.line("  %s -> %s [label=%s, style=dotted]", quote(g.Name), vertex(n, s), quote(s.DNS.Host()))
		}
	}
	for _, host := range entries {
		d.line("  %s -> %s", quote(g.Name), d.entry(Entry{Host: host, Port: g.Proxy.Port}))
	}
}

// pac draws an edge to each hop of a script; the edge to the first one is solid.
func (d *dot) pac(g Group) {
	for i, h := range g.PAC.Hops {
		style, to := "solid", d.entry(h)
		if i > 0 {
			style = "dashed"
		}
		if h.Host == "" {
			if to = quote(g.PAC.Direct); g.PAC.Direct == "" {
				continue
			}
		}
		d.line("  %s -> %s [label=%d, style=%s]", quote(g.Name), to, i+1, style)
	}
}

// entry names the vertex at which users enter: the address, or the service of a node.
func (d *dot) entry(e Entry) string {
	n, ok := d.t.Node(e.Host)
	if !ok {
		return quote(e.Host)
	}
	s, _ := n.Serving(e.Port)
	return vertex(n, s)
}

// address draws an edge to the services at each port at which users enter; the edge to the first holder is solid.
func (d *dot) address(a Address) {
	d.line("  %s [shape=diamond]", quote(a.Name))
	drawn := make(map[int]bool)
	for _, g := range d.t.Users {
		if g.Proxy.Host != a.Name || drawn[g.Proxy.Port] {
			continue
		}
		drawn[g.Proxy.Port] = true
		for i, m := range a.Members {
			style := "solid"
			if i > 0 {
				style = "dashed"
			}
			n, _ := d.t.Node(m.Node)
			s, _ := n.Serving(g.Proxy.Port)
			d.line("  %s -> %s [label=%d, style=%s]", quote(a.Name), vertex(n, s), m.Priority, style)
		}
	}
}

// node draws a node as a frame around its services.
func (d *dot) node(n Node) {
	d.line("  subgraph %s {", quote("cluster_"+n.Name))
	c := Component{Kind: KindNode, Name: n.Name}
	d.line("    graph [label=%s%s]", d.label(n.Name, c), d.red(c))
	for _, s := range n.Services {
		c := Component{Kind: KindService, Name: s.Name, Node: n.Name}
		d.line("    %s [label=%s%s]", vertex(n, s), d.label(fmt.Sprintf("%s\n%s :%d", s.Name, s.Engine, s.Port), c), d.red(c))
	}
	d.line("  }")
	for _, s := range n.Services {
		if s.Forwards() {
			d.out(n, s)
		}
		if !s.Balances() {
			continue
		}
		for i, server := range s.Balance.All() {
			to, _ := d.t.Node(server)
			p, _ := to.ForwardProxy()
			style := ""
			if i >= len(s.Balance.Servers) {
				style = " [style=dashed]"
			}
			d.line("  %s -> %s%s", vertex(n, s), vertex(to, p), style)
		}
	}
}

// out draws the way of a forward proxy to the WAN: the link of its node, or its parents.
func (d *dot) out(n Node, s Service) {
	if s.Parents == nil {
		d.line("  %s -> %s", vertex(n, s), quote(n.WAN))
		return
	}
	for i, name := range s.Parents.Nodes {
		parent, _ := d.t.Node(name)
		p, _ := parent.ForwardProxy()
		d.line("  %s -> %s [label=%d]", vertex(n, s), vertex(parent, p), i+1)
	}
}

func vertex(n Node, s Service) string { return quote(n.Name + "/" + s.Name) }

// quote writes a DOT string, with escapes for text from a user's file.
func quote(s string) string {
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`, "\n", `\n`).Replace(s) + `"`
}
