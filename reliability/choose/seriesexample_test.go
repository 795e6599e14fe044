package choose_test

import (
	"fmt"

	"github.com/seed-ab8b6914/spof/reliability/choose"
)

func ExampleSeries_Allocate() {
	s := choose.Series{
		{Name: "balancer", Most: 3, Parts: []choose.Part{{Name: "small", Reliability: 0.95, Cost: 3}, {Name: "large", Reliability: 0.99, Cost: 7}}},
		{Name: "proxy", Most: 3, Parts: []choose.Part{{Name: "squid", Reliability: 0.9, Cost: 2}}},
	}
	all, err := s.Allocate(15, 0)
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, budget := range []int{5, 10, 15} {
		a, err := all.At(budget, 0)
		fmt.Printf("%d: %v parts, unreliability %.6f %v\n", budget, a.Counts, a.Unreliable, err)
	}
	// Output:
	// 5: [[1 0] [1]] parts, unreliability 0.145000 <nil>
	// 10: [[2 0] [2]] parts, unreliability 0.012475 <nil>
	// 15: [[3 0] [3]] parts, unreliability 0.001125 <nil>
}
