package choose

import (
	"cmp"
	"context"
	"errors"
	"math"
	"slices"

	"github.com/seed-ab8b6914/spof/reason"
)

// Input is a figure that is not known exactly.
type Input struct {
	Name            string
	Low, Best, High float64 // the best guess lies between the others
}

// Losses gives the loss of every design for values of the inputs, in their order. It must not keep the slice.
type Losses func(ctx context.Context, values []float64) ([]float64, error)

// Swing is what an input alone does: all others keep their best guesses.
type Swing struct {
	Input
	AtLow, AtHigh       float64 // the loss of the design that is first by the best guesses
	OrderLow, OrderHigh []int   // the designs, those of least loss first
	Turns               bool    // at Low or High another design is first
}

// Size is the length of the bar.
func (s Swing) Size() float64 { return math.Abs(s.AtHigh - s.AtLow) }

// Sensitivity is a tornado diagram as data.
type Sensitivity struct {
	Losses []float64 // by design, by the best guesses
	Order  []int     // the designs, those of least loss first; of equals the one with the lower index
	Swings []Swing   // the longest bar first
}

// Tornado moves each input from its low to its high value, and keeps the others at their best guesses. It evaluates 2n+1 times. It does not
// see what two inputs do together, nor a loss that is extreme inside an interval; Rank does.
//
// Source: Howard, Decision analysis: practice and promise, Management Science 34 (1988).
//
// Errors: no-option without inputs or designs, wrong-value for an input whose values are not in order or not finite and for losses that are
// not finite, those of evaluate.
func Tornado(ctx context.Context, inputs []Input, evaluate Losses) (Sensitivity, error) {
	values, err := guesses(inputs)
	if err != nil {
		return Sensitivity{}, err
	}
	at := func(i int, v float64) ([]float64, error) {
		moved := slices.Clone(values)
		moved[i] = v
		return finite(evaluate(ctx, moved))
	}
	base, err := at(0, values[0])
	if err != nil {
		return Sensitivity{}, err
	}
	t := Sensitivity{Losses: base, Order: order(base)}
	for i, in := range inputs {
		low, errLow := at(i, in.Low)
		high, errHigh := at(i, in.High)
		if err := errors.Join(errLow, errHigh); err != nil {
			return Sensitivity{}, err
		}
		if len(low) != len(base) || len(high) != len(base) {
			return Sensitivity{}, reason.Errorf("wrong-value", "%d, %d and %d losses for the best, low and high value of %s; want one for each design", len(base), len(low), len(high), in.Name)
		}
		first := t.Order[0]
		s := Swing{Input: in, AtLow: low[first], AtHigh: high[first], OrderLow: order(low), OrderHigh: order(high)}
		s.Turns = slices.Min(low) < low[first] || slices.Min(high) < high[first]
		t.Swings = append(t.Swings, s)
	}
	slices.SortStableFunc(t.Swings, func(a, b Swing) int { return cmp.Compare(b.Size(), a.Size()) })
	return t, nil
}

// guesses are the best guesses of inputs.
func guesses(inputs []Input) (values []float64, err error) {
	if len(inputs) == 0 {
		return nil, reason.Errorf("no-option", "no inputs to vary")
	}
	for _, in := range inputs {
		if !(in.Low <= in.Best && in.Best <= in.High) || math.IsInf(in.Low, 0) || math.IsInf(in.High, 0) {
			err = errors.Join(err, reason.Errorf("wrong-value", "input %s: low %g, best %g, high %g; want finite values in this order", in.Name, in.Low, in.Best, in.High))
		}
		values = append(values, in.Best)
	}
	return values, err
}

// finite refuses losses that cannot be ranked.
func finite(losses []float64, err error) ([]float64, error) {
	if err != nil {
		return nil, err
	}
	if len(losses) == 0 {
		return nil, reason.Errorf("no-option", "no designs to rank")
	}
	for i, x := range losses {
		if math.IsNaN(x) || math.IsInf(x, 0) {
			return nil, reason.Errorf("wrong-value", "design %d loses %g; want a finite figure", i+1, x)
		}
	}
	return losses, nil
}

// order gives the indices of losses, the least first.
func order(losses []float64) []int {
	by := make([]int, len(losses))
	for i := range by {
		by[i] = i
	}
	slices.SortStableFunc(by, func(a, b int) int { return cmp.Compare(losses[a], losses[b]) })
	return by
}
