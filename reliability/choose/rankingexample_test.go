package choose_test

import (
	"context"
	"fmt"

	"github.com/seed-ab8b6914/spof/reliability/choose"
)

func ExampleRank() {
	places, err := choose.Rank([][]float64{
		{3, 4, 5, 9}, // a design loses 3 h a year in the first draw of the inputs
		{6, 6, 6, 6}, // another in the same draws
	})
	first := places[0]
	fmt.Printf("design %d stays first with %.0f %% (%.0f to %.0f %%); the choice costs %.2f h a year for want of knowledge %v\n",
		first.Design, 100*first.First, 100*first.Low, 100*first.High, first.Regret, err)
	// Output: design 0 stays first with 75 % (30 to 95 %); the choice costs 0.75 h a year for want of knowledge <nil>
}

func ExampleTornado() {
	inputs := []choose.Input{
		{Name: "repair of a node, h", Low: 2, Best: 4, High: 24},
		{Name: "share of failovers that work", Low: 0.7, Best: 0.9, High: 0.99},
	}
	t, err := choose.Tornado(context.Background(), inputs, func(_ context.Context, v []float64) ([]float64, error) {
		repair, covered := v[0], v[1]
		return []float64{2 * repair * (1 - covered), 1 + 0.02*repair}, nil // a pair that fails over, and one strong node
	})
	for _, s := range t.Swings {
		fmt.Printf("%s: %.2f to %.2f h a year, turns the ranking: %v\n", s.Name, s.AtLow, s.AtHigh, s.Turns)
	}
	fmt.Println(err)
	// Output:
	// repair of a node, h: 0.40 to 4.80 h a year, turns the ranking: true
	// share of failovers that work: 2.40 to 0.08 h a year, turns the ranking: true
	// <nil>
}
