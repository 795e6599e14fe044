package choose_test

import (
	"context"
	"fmt"
	"strings"

	"github.com/seed-ab8b6914/spof/reliability/choose"
)

// A node with one supply on one feed. A second supply helps only with a second feed, and the other way round.
func ExampleChoices() {
	options := []choose.Option{
		{Name: "faster checks", MayHurt: true},
		{Name: "second supply", Buy: 200},
		{Name: "second feed", Buy: 500, Yearly: 100},
		{Name: "second node", Buy: 3000, Yearly: 400},
		{Name: "larger second node", Buy: 5000, Yearly: 500, Excludes: []string{"second node"}},
	}
	// In practice a fault tree says how many hours a design loses a year.
	evaluate := func(_ context.Context, s choose.Set) (choose.Worth, error) {
		w := choose.Worth{Loss: 9, Capacity: 500}
		if s.Has(1) && s.Has(2) {
			w.Loss -= 4
		}
		if s.Has(3) || s.Has(4) {
			w.Loss *= 0.2
		}
		if s.Has(4) {
			w.Capacity = 900
		}
		if s.Has(0) {
			w.Loss -= 0.2
		}
		return w, nil
	}
	ctx := context.Background()
	c, err := choose.New(options, 5, evaluate)
	if err != nil {
		fmt.Println(err)
		return
	}
	show := func(d choose.Design) {
		fmt.Printf("%s: %g, %.2f h a year, %g users\n", strings.Join(c.Names(d.Set), ", "), d.Cost, d.Loss, d.Capacity)
	}
	best, err := c.Best(ctx, 6000)
	show(best.Design)
	fmt.Println("proven:", best.Proven, err)
	cheapest, err := c.Cheapest(ctx, choose.Target{Loss: 2, Capacity: 800})
	show(cheapest.Design)
	fmt.Println("proven:", cheapest.Proven, err)

	steps, err := c.Steps(ctx, 6500)
	for _, s := range steps {
		fmt.Printf("next best: %s, %g, saves %.1f h a year\n", strings.Join(c.Names(s.Adds), " and "), s.Cost, s.Saves)
	}
	fmt.Println(err)
	// Output:
	// faster checks, second node: 5000, 1.60 h a year, 500 users
	// proven: true <nil>
	// faster checks, larger second node: 7500, 1.60 h a year, 900 users
	// proven: true <nil>
	// next best: faster checks, 0, saves 0.2 h a year
	// next best: second supply and second feed, 1200, saves 4.0 h a year
	// next best: second node, 5000, saves 4.0 h a year
	// <nil>
}
