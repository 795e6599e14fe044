package topology_test

import (
	"fmt"
	"time"

	"github.com/seed-ab8b6914/spof/topology"
)

// A design made in Go: two Squids that share an address. What is not said has the defaults of the engines.
func ExampleBuild() {
	squid := func(node string) topology.Node {
		return topology.Node{Name: node, Services: []topology.Service{{Name: "squid", Engine: topology.Squid, Port: 3128}}}
	}
	design, err := topology.Build(topology.Topology{
		Name:  "our-pair",
		Nodes: []topology.Node{squid("left"), squid("right")},
		Addresses: []topology.Address{{
			Name: "proxy", Version: 3, RouterID: 7, Advert: time.Second, Preempt: true,
			Members: []topology.Member{{Node: "left", Priority: 150}, {Node: "right", Priority: 100}},
		}},
		WAN:     []topology.Link{{Name: "isp"}},
		Origins: []topology.Origin{{Name: "web"}},
		Users:   []topology.Group{{Name: "office", Count: 20, Proxy: topology.Entry{Host: "proxy", Port: 3128}}},
	})
	if err != nil {
		panic(err)
	}
	for _, p := range design.SinglePoints() {
		fmt.Println(p.Text())
	}

	design.Addresses[0].Members[1].Node = "rihgt"
	_, err = topology.Build(*design)
	fmt.Println(err)
	// Output:
	// service left/squid: its loss cuts off office; another path exists, but no mechanism switches to it
	// wan isp: its loss cuts off office
	// design "our-pair": addresses.proxy.vrrp.members.rihgt: unknown node "rihgt" (did you mean "right"?); valid: left, right
}
