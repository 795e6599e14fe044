package state

import (
	"fmt"
	"slices"

	"github.com/seed-ab8b6914/spof/topology"
)

// parts are the parts of a design that may be lost.
type parts struct {
	*topology.Topology
	serving map[string]bool // nodes and links that users' requests may pass while nothing fails
}

func serving(t *topology.Topology) map[string]bool {
	names := map[string]bool{}
	for _, g := range t.Users {
		for _, c := range t.Carriers(g.Name) {
			if c.Kind == topology.KindNode || c.Kind == topology.KindWAN {
				names[c.Name] = true
			}
		}
	}
	return names
}

// kindOf describes what matters about a node: its engines, its link, and whether it serves.
func (d parts) kindOf(n topology.Node) string {
	var engines []topology.Engine
	for _, s := range n.Services {
		engines = append(engines, s.Engine)
	}
	return fmt.Sprint(engines, d.linkKind(n.WAN), d.serving[n.Name])
}

// linkKind describes what matters about a link; empty: there is none.
func (d parts) linkKind(name string) string {
	l, ok := d.Link(name)
	if !ok {
		return ""
	}
	return fmt.Sprint(l.Bandwidth, l.Latency, d.serving[name])
}

// nodes lists the nodes that serve, one of each kind.
func (d parts) nodes() (lost [][]string) {
	var seen []string
	for _, n := range d.Nodes {
		if kind := d.kindOf(n); d.serving[n.Name] && !slices.Contains(seen, kind) {
			seen, lost = append(seen, kind), append(lost, []string{n.Name})
		}
	}
	return lost
}

// pairs lists the pairs of nodes of which at least one serves, one pair of each two kinds.
func (d parts) pairs() (lost [][]string) {
	var seen []string
	for i, a := range d.Nodes {
		for _, b := range d.Nodes[i+1:] {
			kinds := []string{d.kindOf(a), d.kindOf(b)}
			slices.Sort(kinds)
			if kind := fmt.Sprint(kinds); (d.serving[a.Name] || d.serving[b.Name]) && !slices.Contains(seen, kind) {
				seen, lost = append(seen, kind), append(lost, []string{a.Name, b.Name})
			}
		}
	}
	return lost
}

// links lists the links that serve, one of each kind, if there is more than one link.
func (d parts) links() (lost [][]string) {
	if len(d.WAN) < 2 {
		return nil
	}
	var seen []string
	for _, l := range d.WAN {
		if kind := d.linkKind(l.Name); d.serving[l.Name] && !slices.Contains(seen, kind) {
			seen, lost = append(seen, kind), append(lost, []string{l.Name})
		}
	}
	return lost
}

// Alike lists the nodes, or the links, for which one stands in a state: those of its kind. Of any other component it is the component alone.
func Alike(t *topology.Topology, one topology.Component) (all []topology.Component) {
	d := parts{t, serving(t)}
	switch one.Kind {
	case topology.KindNode:
		n, _ := t.Node(one.Name)
		for _, other := range t.Nodes {
			if d.kindOf(other) == d.kindOf(n) {
				all = append(all, topology.Component{Kind: one.Kind, Name: other.Name})
			}
		}
	case topology.KindWAN:
		for _, other := range t.WAN {
			if d.linkKind(other.Name) == d.linkKind(one.Name) {
				all = append(all, topology.Component{Kind: one.Kind, Name: other.Name})
			}
		}
	default:
		all = append(all, one)
	}
	return all
}
