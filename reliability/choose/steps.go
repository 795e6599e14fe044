package choose

import (
	"context"
	"math"
)

// Step is a purchase on the way of Steps.
type Step struct {
	Adds   Set     // mostly one option; more if it requires others, or if only a pair saves
	Cost   float64 // of the step
	Saves  float64 // loss, after the steps before it
	Alone  float64 // loss that it saves as the only purchase (with what it requires)
	Last   float64 // loss that the final design would have more without it (and without what requires it)
	Design         // after the step; its Cost is that of all steps
}

// PerMoney is what the step saves for each unit of money; infinite if it costs nothing.
func (s Step) PerMoney() float64 {
	if s.Cost == 0 {
		return math.Inf(1)
	}
	return s.Saves / s.Cost
}

// Steps buys one option after the other for a budget: always the one that saves the most loss for its money, what costs nothing first. It
// takes two options at once if the pair saves more for its money than any single option, such as a second feed and a second supply. It
// ends when nothing that can be paid saves anything. The way explains a design; the end of it may be worse than Best.
//
// Errors are those of Best; if the context ends, the steps so far come with its error.
func (c *Choices) Steps(ctx context.Context, budget float64) (steps []Step, err error) {
	if err := c.useful(budget); err != nil {
		return nil, err
	}
	steps, err = c.way(ctx, budget)
	if err != nil {
		return steps, err
	}
	return steps, c.explain(ctx, steps)
}

// way is Steps without what explains a step.
func (c *Choices) way(ctx context.Context, budget float64) (steps []Step, err error) {
	base, err := c.design(ctx, 0)
	for at := base; err == nil; {
		var step Step
		if step, err = c.next(ctx, at, budget); err != nil || step.Adds == 0 {
			break
		}
		steps, at = append(steps, step), step.Design
	}
	return steps, err
}

// next is the best step from a design; without Adds: none saves anything.
func (c *Choices) next(ctx context.Context, at Design, budget float64) (best Step, err error) {
	open := c.possible(at.Set, all(len(c.options)), budget) &^ at.Set
	for _, adds := range c.purchases(at.Set, open) {
		if !within(at.Cost+c.Cost(adds), budget) {
			continue
		}
		after, err := c.design(ctx, at.Set|adds)
		if err != nil {
			return best, err
		}
		step := Step{Adds: adds, Cost: c.Cost(adds), Saves: at.Loss - after.Loss, Design: after}
		if compare(after.Loss, at.Loss) < 0 && step.over(best) {
			best = step
		}
	}
	return best, nil
}

// over reports whether a step is better than another.
func (s Step) over(other Step) bool {
	if other.Adds == 0 {
		return true
	}
	if s.Cost == 0 && other.Cost == 0 {
		return compare(s.Saves, other.Saves) > 0
	}
	return compare(s.PerMoney(), other.PerMoney()) > 0
}

// purchases are the options of open with what they require, then the pairs of them that go together.
func (c *Choices) purchases(in, open Set) (list []Set) {
	for i := range open.All() {
		list = append(list, c.closures[i]&^in)
	}
	for i := range open.All() {
		for j := range (open & all(i)).All() {
			if pair := c.closures[i] | c.closures[j]; c.rivals[i]&pair == 0 {
				list = append(list, pair&^in)
			}
		}
	}
	return list
}

// explain says what each step is worth without the others, and with all of them.
func (c *Choices) explain(ctx context.Context, steps []Step) error {
	base, err := c.design(ctx, 0)
	if err != nil {
		return err
	}
	for i := range steps {
		s, final := &steps[i], steps[len(steps)-1]
		alone, without := s.Adds, final.Set
		for o := range s.Adds.All() {
			alone, without = alone|c.closures[o], without&^c.dependents[o]
		}
		first, err := c.design(ctx, alone)
		if err != nil {
			return err
		}
		rest, err := c.design(ctx, without)
		if err != nil {
			return err
		}
		s.Alone, s.Last = base.Loss-first.Loss, rest.Loss-final.Loss
	}
	return nil
}
