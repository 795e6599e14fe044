package design

import (
	"slices"

	"github.com/seed-ab8b6914/spof/topology"
)

// Property is something that a scenario may ask of a design.
type Property struct {
	Has  func(View) bool
	Lack string // what a design without it is to a scenario that needs it
}

// Properties are those that a scenario may ask of a design, by the words of its key needs.
var Properties = map[string]Property{
	"balancer": {func(d View) bool { return d.Balance != nil },
		"users enter at the forward proxies themselves, so that a proxy is lost as in node-death and service-hang"},
	"cache": {func(d View) bool { return d.Topology.Caches() }, "no proxy of this design stores anything"},
	"capacity": {func(d View) bool {
		return slices.ContainsFunc(d.Topology.WAN, func(l topology.Link) bool { return l.Bandwidth > 0 })
	},
		"no link of this design has a bandwidth, so that what gives way would be the machine under the lab"},
	"election": {func(d View) bool { return d.Address != nil && len(d.Members) > 1 }, "no address of this design moves between nodes"},
	"exits": {func(d View) bool { return d.Pool || len(d.Topology.Nodes) == 1 },
		"its users take no turns with exits, nor have they a single one"},
	"shared-cooling": {func(d View) bool { return len(d.Topology.Cooling) > 0 },
		"no nodes of this design share their cooling, so that it is the overheat of one"},
	"hardware": {func(d View) bool {
		return d.Topology.Heeds() || slices.ContainsFunc(d.Topology.Nodes, func(n topology.Node) bool { return n.Chassis != nil })
	},
		"this design describes no hardware and heeds none, so that it loses a node to it as in node-death"},
	"nested-checks": {View.nests, "no check of this design goes through another that it could race"},
	"second-dns": {func(d View) bool { return d.Asked != nil && len(d.Asked.Servers) > 1 },
		"its users have no second DNS server to ask, so that what they lose of a first they lose as in dns-failure"},
	"spare-supply": {func(d View) bool {
		return slices.ContainsFunc(d.Topology.Nodes, func(n topology.Node) bool { return len(n.Hardware().PSUs) > 1 })
	}, "no node of this design has more than one supply, so that it loses a node to it as in node-death"},
	"redundancy": {func(d View) bool { return len(d.Topology.Nodes) > 1 }, "this design has one node"},
}

// nests reports whether the check of an address goes through a balancer, which checks its servers itself.
func (d View) nests() bool {
	return slices.ContainsFunc(d.Topology.Addresses, func(a topology.Address) bool {
		return a.Track != nil && a.Track.Kind == topology.CheckOrigin && d.Balance != nil
	})
}
