package topology

import (
	"fmt"
	"slices"
)

// Component is a part of the service that can fail: a node, a service, a WAN link, and in a design with power a feed or the mains
// of all feeds. An address is no component: the node that holds it fails. Origins and users are outside the service.
type Component struct {
	Kind string `json:"kind"` // node, service, wan, feed or mains; in a Structure also a part of these
	Name string `json:"name"`
	Node string `json:"node,omitempty"` // of a service, and of the parts of a node
}

// The kinds of component. Components lists the first five.
const (
	KindNode    = "node"
	KindService = "service"
	KindWAN     = "wan"
	KindFeed    = "feed"
	KindMains   = "mains"

	KindGenerator    = "generator"
	KindTransfer     = "transfer"     // of a feed from the mains to its generator
	KindDistribution = "distribution" // of a feed, after its UPS and generator
	KindZone         = "zone"         // the cooling of a zone
	KindPSU          = "psu"
	KindVRRP         = "vrrp" // the part of a member in the election of an address, which is its Name
	// KindFailover is a mechanism that switches: of the address, the user group or the service of its Name. While it is lost,
	// everything stays as in the healthy design.
	KindFailover = "failover"
)

// Mains is the name of the mains, which supply all feeds.
const Mains = "mains"

// String names the component: node proxy-a, service proxy-a/squid, wan isp, feed feed-a, mains.
func (c Component) String() string {
	switch {
	case c.Node != "":
		return c.Kind + " " + c.Node + "/" + c.Name
	case c.Kind == KindMains:
		return c.Kind
	}
	return c.Kind + " " + c.Name
}

// Components gives all components in the order of the file: each node before its services, then links, then feeds and the
// mains.
func (t *Topology) Components() []Component {
	var all []Component
	for _, n := range t.Nodes {
		all = append(all, Component{Kind: KindNode, Name: n.Name})
		for _, s := range n.Services {
			all = append(all, Component{Kind: KindService, Name: s.Name, Node: n.Name})
		}
	}
	for _, l := range t.WAN {
		all = append(all, Component{Kind: KindWAN, Name: l.Name})
	}
	if t.Power != nil {
		for _, f := range t.Power.Feeds {
			all = append(all, Component{Kind: KindFeed, Name: f.Name})
		}
		all = append(all, Component{Kind: KindMains, Name: Mains})
	}
	return all
}

// SinglePoint is a component whose loss alone cuts users off while the loss lasts.
type SinglePoint struct {
	Component
	Groups []string `json:"groups"` // the user groups that are hit
	// Detour: another path exists, but no mechanism of the design detects this loss, or reacts to it.
	Detour bool `json:"detour"`
	// Cost is what the loss costs; nil: nobody has worked it out. SinglePoints does not: a design does not say how often its parts fail.
	Cost *Cost `json:"cost,omitempty"`
}

// Cost is what a single point of failure costs its users.
type Cost struct {
	Share float64 `json:"share"` // of all users, or of their requests, that are cut off while the component is lost: 0 to 1
	// Hours is the outage of an average user by this component alone: its unavailability times Share.
	Hours float64 `json:"hours_per_year"`
}

// String gives the hours in words: 48.7 h a year.
func (c Cost) String() string {
	switch minutes := c.Hours * 60; {
	case minutes < 1:
		return "less than 1 min a year"
	case c.Hours < 1:
		return fmt.Sprintf("%.0f min a year", minutes)
	case c.Hours < 100:
		return fmt.Sprintf("%.1f h a year", c.Hours)
	}
	return fmt.Sprintf("%.0f h a year", c.Hours)
}

// SinglePoints gives the components whose loss alone cuts a group off from the origins, for all or some of its requests, after
// every mechanism of the design has reacted: a VRRP address has moved to the member with the highest priority after its track
// check, and each balancer has left out the servers that fail its check. A lost component is gone, as after a crash or a power
// loss.
//
// A check of kind origin detects the loss of everything behind a service, so two forward proxies with a link each make the links
// redundant. Other checks detect only the loss of the service itself. An address stays on a balancer without servers, and without
// a track check on a node with a dead service: such points have a Detour. The loss of a feed or the mains is permanent: UPSs are
// empty, and generators carry load up to their capacity. The TTL of DNS answers has passed. Every link reaches every origin.
func (t *Topology) SinglePoints() []SinglePoint {
	var points []SinglePoint
	for _, c := range t.Components() {
		p, now := SinglePoint{Component: c, Detour: true}, lose(t, c)
		for _, g := range t.Users {
			if !now.Settled(g) {
				p.Groups = append(p.Groups, g.Name)
				p.Detour = p.Detour && now.Possible(g)
			}
		}
		if len(p.Groups) > 0 {
			points = append(points, p)
		}
	}
	return points
}

// gone is the logic of truth values after the loss of components.
type gone []Component

// lose gives the structure of a design after the loss of components, in truth values.
func lose(t *Topology, lost ...Component) *Structure[bool] { return NewStructure(t, gone(lost)) }

func (g gone) Lost(c Component) bool { return slices.Contains(g, c) }
func (gone) And(all ...bool) bool    { return !slices.Contains(all, false) }
func (gone) Or(all ...bool) bool     { return slices.Contains(all, true) }
func (gone) Not(a bool) bool         { return !a }
func (gone) AtLeast(k int, all ...bool) bool {
	for _, a := range all {
		if a {
			k--
		}
	}
	return k <= 0
}

func (gone) If(condition bool, then, otherwise func() bool) bool {
	if condition {
		return then()
	}
	return otherwise()
}
