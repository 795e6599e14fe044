package topology

import (
	"fmt"
	"strings"

	"github.com/seed-ab8b6914/spof/topology/yamlfile"
)

// Outline draws the design as text: a tree of paths from each user group to the origins, the single points of failure, and the
// settings of the engines. The tree repeats no part.
func (t *Topology) Outline() string { return t.OutlineOf(t.SinglePoints()) }

// OutlineOf is Outline with the single points of failure in the caller's order, and what they cost.
func (t *Topology) OutlineOf(points []SinglePoint) string {
	var b strings.Builder
	b.WriteString(t.Name)
	if t.About != "" {
		b.WriteString(": " + t.About)
	}
	b.WriteString("\n\n")
	d := drawing{t: t, drawn: make(map[string]bool), single: make(map[Component]bool)}
	for _, p := range points {
		d.single[p.Component] = true
	}
	for _, g := range t.Users {
		d.group(g).write(&b, "", "")
	}
	if t.Power != nil {
		b.WriteByte('\n')
		d.power(*t.Power).write(&b, "", "")
	}
	b.WriteString("\nSingle points of failure:")
	if len(points) == 0 {
		b.WriteString(" none")
	}
	b.WriteByte('\n')
	for _, p := range points {
		fmt.Fprintf(&b, "  %s\n", p.Text())
	}
	t.writeSettings(&b)
	return b.String()
}

// Text names the single point and the effect of its loss, in one line.
func (p SinglePoint) Text() string {
	s := fmt.Sprintf("%s: its loss cuts off %s", p.Component, list(p.Groups))
	if p.Detour {
		s += "; another path exists, but no mechanism switches to it"
	}
	if p.Cost != nil {
		s += "; " + p.Cost.String()
	}
	return s
}

// branch is a part of the tree.
type branch struct {
	label string
	below []branch
}

func (r branch) write(b *strings.Builder, first, rest string) {
	b.WriteString(first + r.label + "\n")
	for i, c := range r.below {
		if i < len(r.below)-1 {
			c.write(b, rest+"├─ ", rest+"│  ")
		} else {
			c.write(b, rest+"└─ ", rest+"   ")
		}
	}
}

type drawing struct {
	t      *Topology
	drawn  map[string]bool
	single map[Component]bool
}

func (d drawing) group(g Group) branch {
	r := branch{label: fmt.Sprintf("%s (%d users)", g.Name, g.Count)}
	switch a, ok := d.t.Address(g.Proxy.Host); {
	case g.PAC != nil:
		return d.pac(r, g)
	case g.DNS != nil:
		return d.dns(r, g)
	case ok:
		r.below = []branch{d.address(a, g.Proxy.Port)}
		return r
	case g.Pool != nil:
		r.label += ", another exit for each " + string(g.Pool.Rotate)
	}
	for _, node := range d.t.Holders(g.Name) {
		r.below = append(r.below, d.at(node, g.Proxy.Port, ""))
	}
	return r
}

// at draws the service at a port of a node.
func (d drawing) at(node string, port int, note string) branch {
	n, _ := d.t.Node(node)
	s, _ := n.Serving(port)
	return d.service(n, s, note)
}

// forward draws the forward proxy of a node.
func (d drawing) forward(node, note string) branch {
	n, _ := d.t.Node(node)
	s, _ := n.ForwardProxy()
	return d.service(n, s, note)
}

// pac draws the list that the script returns.
func (d drawing) pac(r branch, g Group) branch {
	r.label += ", PAC, " + g.PAC.Browser
	for i, h := range g.PAC.Hops {
		switch {
		case h.Host != "":
			r.below = append(r.below, d.at(h.Host, h.Port, fmt.Sprintf(", choice %d", i+1)))
		case g.PAC.Direct == "":
			r.below = append(r.below, branch{label: "DIRECT  fails: the network allows no way past the proxies"})
		default:
			r.below = append(r.below, branch{label: "DIRECT  past the proxies", below: []branch{d.link(g.PAC.Direct)}})
		}
	}
	return r
}

// dns draws the DNS servers of the users, and below the first one the services of its records.
func (d drawing) dns(r branch, g Group) branch {
	for i, server := range g.DNS.Servers {
		n, _ := d.t.Node(server)
		s, _ := n.Responder()
		b := branch{label: fmt.Sprintf("%s/%s  %s on port %d, DNS for %s:%d, TTL %s", n.Name, s.Name, s.Engine, s.Port, s.DNS.Host(), s.DNS.Port, yamlfile.Span(s.DNS.TTL))}
		b.label += d.mark(Component{Kind: KindNode, Name: n.Name}, Component{Kind: KindService, Name: s.Name, Node: n.Name})
		if i == 0 {
			for _, record := range s.DNS.Records {
				b.below = append(b.below, d.at(record, s.DNS.Port, ", record"))
			}
		}
		r.below = append(r.below, b)
	}
	return r
}

func (d drawing) address(a Address, port int) branch {
	r := branch{label: fmt.Sprintf("%s:%d  VRRP version %d, advert %s", a.Name, port, a.Version, yamlfile.Span(a.Advert))}
	if !a.Preempt {
		r.label += ", no preemption"
	}
	for _, m := range a.Members {
		r.below = append(r.below, d.at(m.Node, port, fmt.Sprintf(", priority %d", m.Priority)))
	}
	return r
}

func (d drawing) service(n Node, s Service, note string) branch {
	r := branch{label: fmt.Sprintf("%s/%s  %s on port %d%s", n.Name, s.Name, s.Engine, s.Port, note)}
	r.label += d.mark(Component{Kind: KindNode, Name: n.Name}, Component{Kind: KindService, Name: s.Name, Node: n.Name})
	key := n.Name + "/" + s.Name
	switch {
	case d.drawn[key]:
		r.label += "  (as above)"
	case s.Balances():
		for i, server := range s.Balance.All() {
			note := ""
			if i >= len(s.Balance.Servers) {
				note = ", backup"
			}
			r.below = append(r.below, d.forward(server, note))
		}
	case s.Parents != nil:
		for _, parent := range s.Parents.Nodes {
			r.below = append(r.below, d.forward(parent, ", parent"))
		}
	default:
		r.below = []branch{d.link(n.WAN)}
	}
	d.drawn[key] = true
	return r
}

func (d drawing) link(name string) branch {
	l, _ := d.t.Link(name)
	r := branch{label: fmt.Sprintf("%s  WAN link, latency %s", l.Name, yamlfile.Span(l.Latency))}
	if l.Bandwidth > 0 {
		r.label += ", " + yamlfile.BitRateText(l.Bandwidth)
	}
	r.label += d.mark(Component{Kind: KindWAN, Name: name})
	if d.drawn[name] {
		r.label += "  (as above)"
		return r
	}
	for _, o := range d.t.Origins {
		r.below = append(r.below, branch{label: o.Name + "  origin"})
	}
	d.drawn[name] = true
	return r
}

// mark names the components of a line that are single points of failure.
func (d drawing) mark(parts ...Component) string {
	var kinds []string
	for _, c := range parts {
		if d.single[c] {
			kinds = append(kinds, c.Kind)
		}
	}
	if len(kinds) == 0 {
		return ""
	}
	return "  ! single point of failure: " + strings.Join(kinds, ", ")
}
