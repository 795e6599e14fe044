package topology

import (
	"cmp"
	"slices"
	"time"

	"github.com/seed-ab8b6914/spof/topology/yamlfile"
)

func (d *design) address(e yamlfile.Entry) Address {
	o := e.Value.Object("vrrp").Require("vrrp").Object("version", "router_id", "advert", "preempt", "members", "track")
	version, router := o.Require("version"), o.Require("router_id")
	a := Address{
		Name:     e.Name,
		Version:  version.Int(0, 2, 3),
		RouterID: router.Int(0, 1, 255),
		Preempt:  o.Get("preempt").Bool(true),
	}
	a.Advert = advert(o.Require("advert"), a.Version)
	for _, other := range d.t.Addresses {
		if other.RouterID == a.RouterID && a.RouterID != 0 {
			router.Problemf("router_id %d is used by address %s; routers of one network need different ids", a.RouterID, other.Name)
		}
	}
	a.Members = d.members(e.Name, o.Require("members"))
	if v := o.Get("track"); v.Present() {
		a.Track = d.track(v, a.Members)
	}
	return a
}

// advert reads the advertisement interval in the units that the version can put on the wire: whole seconds in one octet
// (RFC 3768, 5.3.7), centiseconds in 12 bits (RFC 5798, 5.2.7).
func advert(v yamlfile.Value, version int) time.Duration {
	if version == 3 {
		a := v.Duration(0, 10*time.Millisecond, 4095*10*time.Millisecond)
		if a%(10*time.Millisecond) != 0 {
			v.Problemf("VRRP version 3 sends adverts in steps of 10ms, got %s", yamlfile.Span(a))
		}
		return a
	}
	a := v.Duration(0, 10*time.Millisecond, 255*time.Second)
	if version == 2 && a > 0 && (a < time.Second || a%time.Second != 0) {
		v.Problemf("VRRP version 2 sends adverts in whole seconds from 1s to 4m15s, got %s; version 3 takes 10ms to 40.95s", yamlfile.Span(a))
	}
	return a
}

func (d *design) members(address string, v yamlfile.Value) []Member {
	var members []Member
	entries := v.Entries()
	if v.IsMapping() && len(entries) < 2 {
		v.Problemf("an address that moves needs two members or more; with just one node, let the users enter at the node's name")
	}
	for _, e := range entries {
		m := Member{Node: e.Name, Priority: e.Value.Int(0, 1, 254)}
		for _, other := range members {
			if other.Priority == m.Priority && m.Priority != 0 {
				e.Value.Problemf("priority %d is taken by %s; members of address %s need different priorities", m.Priority, other.Node, address)
			}
		}
		members = append(members, m)
		d.later(func() {
			if _, ok := d.t.Node(m.Node); !ok {
				d.unknown(e.Key, "node", m.Node, namesOf(d.t.Nodes))
			}
		})
	}
	slices.SortStableFunc(members, func(a, b Member) int { return cmp.Compare(b.Priority, a.Priority) })
	return members
}

func (d *design) track(v yamlfile.Value, members []Member) *Track {
	o := v.Object(append([]string{"service", "weight"}, checkKeys...)...)
	at := o.Require("service")
	t := &Track{Service: at.String(), Weight: o.Get("weight").Int(0, -253, 0), Check: checkOf(o, CheckTCP, CheckHTTP, CheckOrigin)}
	if t.Interval%time.Second != 0 {
		o.Get("interval").Problemf("keepalived runs its track scripts every whole number of seconds, got %s", yamlfile.Span(t.Interval))
	}
	d.later(func() {
		for _, m := range members {
			n, ok := d.t.Node(m.Node)
			if _, runs := n.Service(t.Service); ok && !runs && t.Service != "" && len(n.Services) > 0 {
				at.Problemf("node %s has no service %q to track; its services: %s", m.Node, t.Service, n.listeners())
			}
			if s, _ := n.Service(t.Service); s.Responds() && t.Kind != CheckTCP {
				o.Get("kind").Problemf("%s of node %s answers DNS and no HTTP; say kind: tcp", s.Name, m.Node)
			}
		}
	})
	return t
}
