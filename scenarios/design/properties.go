package design

import (
	"slices"

	"github.com/seed-ab8b6914/spof/topology"
)

// Property is something that a scenario may ask of a design.
type Property struct {
	Has  func(View) bool
	Code string // of a design without it, see package reason
	Lack string // why the scenario skips such a design
}

// Properties are the values of a scenario's key needs.
var Properties = map[string]Property{
	"balancer": {func(d View) bool { return d.Balance != nil }, "no-balancer",
		"this design has no balancer, so the loss of a proxy is the same as in node-death and service-hang"},
	"cache": {func(d View) bool { return d.Topology.Caches() }, "no-cache", "no proxy of this design has a cache"},
	"capacity": {func(d View) bool {
		return slices.ContainsFunc(d.Topology.WAN, func(l topology.Link) bool { return l.Bandwidth > 0 })
	}, "no-bandwidth", "no WAN link of this design has a bandwidth, so only the machine under the lab limits the load"},
	"election": {func(d View) bool { return d.Address != nil && len(d.Members) > 1 }, "no-election", "no address of this design moves between nodes"},
	"exits":    {func(d View) bool { return d.Pool || len(d.Topology.Nodes) == 1 }, "no-exit-pool", "this design has no exit pool (users.pool)"},
	"shared-cooling": {func(d View) bool { return len(d.Topology.Cooling) > 0 }, "no-shared-cooling",
		"no nodes of this design share a cooling zone, so the result is the same as for overheat"},
	"hardware": {func(d View) bool {
		return d.Topology.ReactsToSignals() || slices.ContainsFunc(d.Topology.Nodes, func(n topology.Node) bool { return n.Chassis != nil })
	}, "no-hardware", "this design has no chassis and ignores signals, so the loss of a node is the same as in node-death"},
	"nested-checks": {View.nests, "no-nested-checks", "no check of this design goes through a balancer with its own checks"},
	"second-dns": {func(d View) bool { return d.Asked != nil && len(d.Asked.Servers) > 1 }, "no-second-dns",
		"users of this design ask at most one DNS server, so its loss is the same as in dns-failure"},
	"spare-supply": {func(d View) bool {
		return slices.ContainsFunc(d.Topology.Nodes, func(n topology.Node) bool { return len(n.Hardware().PSUs) > 1 })
	}, "no-spare-supply", "no node of this design has more than one PSU, so the loss of a node is the same as in node-death"},
	"redundancy": {func(d View) bool { return len(d.Topology.Nodes) > 1 }, "no-redundancy", "this design has one node"},
}

// nests reports whether the check of an address goes through a balancer, which has its own checks.
func (d View) nests() bool {
	return slices.ContainsFunc(d.Topology.Addresses, func(a topology.Address) bool {
		return a.Track != nil && a.Track.Kind == topology.CheckOrigin && d.Balance != nil
	})
}
