package network_test

import (
	"math/rand/v2"
	"testing"

	"github.com/seed-ab8b6914/spof/reason"
	"github.com/seed-ab8b6914/spof/reliability/network"
)

// band is a mesh of nodes in a row, each linked with the next ones, up to reach further on, until there are as many links.
func band(nodes, reach, links int) network.Network {
	n := network.Network{Nodes: nodes}
	for d := 1; d <= reach; d++ {
		for a := 0; a+d < nodes && len(n.Links) < links; a++ {
			n.Links = append(n.Links, [2]int{a, a + d})
		}
	}
	return n
}

// random is a mesh of links between random nodes.
func random(nodes, links int) network.Network {
	n, rng := network.Network{Nodes: nodes}, rand.New(rand.NewPCG(1, 2))
	for range links {
		a := rng.IntN(nodes)
		n.Links = append(n.Links, [2]int{a, (a + 1 + rng.IntN(nodes-1)) % nodes})
	}
	return n
}

// BenchmarkMesh computes how likely the ends of a mesh of 60 nodes in a row, each linked with the next six, 345 links, with the derivative of each
// link. Target: 0.5 s.
func BenchmarkMesh(b *testing.B) {
	n := band(60, 7, 345)
	p := make([]float64, len(n.Links))
	for i := range p {
		p[i] = 0.9
	}
	for b.Loop() {
		c, err := n.Connected(0, n.Nodes-1)
		if err != nil {
			b.Fatal(err)
		}
		c.Probability(p)
		b.ReportMetric(float64(c.States), "states")
	}
}

// BenchmarkRandomMesh is how long it takes to refuse a random network of the same size: its frontier is too wide.
func BenchmarkRandomMesh(b *testing.B) {
	n := random(60, 345)
	for b.Loop() {
		if _, err := n.Connected(0, 59); len(reason.Codes(err)) != 1 || reason.Codes(err)[0] != "network-too-wide" {
			b.Fatal(err)
		}
	}
}
