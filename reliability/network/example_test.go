package network_test

import (
	"fmt"

	"github.com/seed-ab8b6914/spof/reliability/network"
)

// The bridge: two ways from 0 to 3, and a link between them.
func ExampleNetwork_Connected() {
	bridge := network.Network{Nodes: 4, Links: [][2]int{{0, 1}, {0, 2}, {1, 2}, {1, 3}, {2, 3}}}
	c, err := bridge.Connected(0, 3)
	if err != nil {
		fmt.Println(err)
		return
	}
	p, by := c.Probability([]float64{0.9, 0.9, 0.9, 0.9, 0.9})
	fmt.Printf("%.5f, the link between: %.4f\n", p, by[2])
	// Output: 0.97848, the link between: 0.0162
}
