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
			router.Refuse("router-id-taken", "router_id %d is taken by address %s; the addresses of a network need different ids", a.RouterID, other.Name)
		}
	}
	a.Members = d.members(e.Name, o.Require("members"))
	if v := o.Get("track"); v.Present() {
		a.Track = d.track(v, a)
	}
	return a
}

// advert reads the advertisement interval in the unit of the version's packets: seconds in one octet (RFC 3768, 5.3.7),
// centiseconds in 12 bits (RFC 5798, 5.2.7).
func advert(v yamlfile.Value, version int) time.Duration {
	if version == 3 {
		a := v.Duration(0, 10*time.Millisecond, 4095*10*time.Millisecond)
		inSteps(v, a, 10*time.Millisecond, "the advert of VRRP version 3")
		return a
	}
	a := v.Duration(0, 10*time.Millisecond, 255*time.Second)
	if version == 2 && a > 0 && (a < time.Second || a%time.Second != 0) {
		v.Refuse("time-step", "the advert of VRRP version 2 is a whole number of seconds from 1s to 4m15s, got %s; version 3 takes 10ms to 40.95s", yamlfile.Span(a))
	}
	return a
}

func (d *design) members(address string, v yamlfile.Value) []Member {
	var members []Member
	entries := v.Entries()
	if v.IsMapping() && len(entries) < 2 {
		v.Refuse("too-few", "want at least 2 members, got %d; for a single node use no address, and let the users enter at the node", len(entries))
	}
	for _, e := range entries {
		m := Member{Node: e.Name, Priority: e.Value.Int(0, 1, 254)}
		for _, other := range members {
			if other.Priority == m.Priority && m.Priority != 0 {
				e.Value.Refuse("priority-taken", "priority %d is taken by %s; members of address %s need different priorities", m.Priority, other.Node, address)
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

func (d *design) track(v yamlfile.Value, a Address) *Track {
	o := v.Object(append([]string{"service", "weight"}, checkKeys...)...)
	at := o.Require("service")
	t := &Track{Service: at.Reference(), Weight: o.Get("weight").Int(0, -253, 0), Check: checkOf(o)}
	inSteps(o.Get("interval"), t.Interval, time.Second, "the interval of keepalived's track scripts")
	d.later(func() {
		for _, node := range a.nodes() {
			n, ok := d.t.Node(node)
			if _, runs := n.Service(t.Service); ok && !runs && t.Service != "" && len(n.Services) > 0 {
				at.Refuse("unknown-name", "node %s has no service %q to track; its services: %s", node, t.Service, n.listeners())
			}
			if s, _ := n.Service(t.Service); s.Responds() && t.Kind != CheckTCP {
				o.Get("kind").Refuse("wrong-check-kind", "service %s of node %s is a DNS server and answers no HTTP; use kind: tcp", s.Name, node)
			}
		}
	})
	return t
}

// nodes lists the members by falling priority.
func (a Address) nodes() []string {
	nodes := make([]string, len(a.Members))
	for i, m := range a.Members {
		nodes[i] = m.Node
	}
	return nodes
}
