package choose

import (
	"cmp"
	"math"
	"slices"

	"github.com/seed-ab8b6914/spof/reason"
)

// Part is a component of which a subsystem can have several.
type Part struct {
	Name        string
	Reliability float64 // the probability that it works, 0 to 1, independent of all others
	Cost        int     // in whole units, at least 0
	Weight      int     // against the second budget, such as kilograms, watts or rack units: in whole units, at least 0
}

// Subsystem works while at least one of its parts works. It has one part or more, of one kind or mixed.
type Subsystem struct {
	Name  string
	Parts []Part
	Most  int // the most parts, of all kinds together; at least 1
}

// Series is a system that works while all its subsystems work.
type Series []Subsystem

// Allocation is a number of parts for each subsystem.
type Allocation struct {
	Counts       [][]int // by subsystem and kind of part
	Cost, Weight int
	Unreliable   float64 // the probability that the system does not work
}

// Allocations are the best allocations of a series for every pair of budgets up to those of Allocate.
type Allocations struct {
	stacks       [][]stack  // by subsystem
	chosen       [][]uint16 // by subsystem, and by the budgets of it and those before it: the index of a stack
	loss         []float64  // by the budgets of the whole
	cost, weight int        // the largest budgets
}

// maxCells bounds the memory of Allocate to 128 MB: a pair of budgets takes 2 bytes for each subsystem, and 16.
const maxCells = 1 << 26

// Allocate finds the most reliable allocation for every cost up to a budget and every weight up to another, exactly: dynamic programming
// over the subsystems, whose stacks of parts are those that no other stack beats. What is minimised is the sum of -ln R of the
// subsystems, which keeps its precision where R is close to 1. For one budget alone, leave the weights 0. Without weights and with costs
// of thousands, count in hundreds: the time grows with the budgets.
//
// Sources: Bellman & Dreyfus, Dynamic programming and the reliability of multicomponent devices, Operations Research 6 (1958); Fyffe,
// Hines & Lee, System reliability allocation and a computational algorithm, IEEE Transactions on Reliability R-17 (1968).
//
// Errors: wrong-value, negative-cost, no-option, wrong-budget, buys-nothing, too-many-states. It reports every wrong part.
func (s Series) Allocate(cost, weight int) (*Allocations, error) {
	if err := s.check(); err != nil {
		return nil, err
	}
	if cost < 0 || weight < 0 {
		return nil, reason.Errorf("wrong-budget", "budgets of %d and %d: want at least 0", cost, weight)
	}
	if cost >= maxCells || weight >= maxCells || (len(s)+8)*(cost+1) > maxCells/(weight+1) {
		return nil, reason.Errorf("too-many-states", "budgets of %d and %d are too many pairs for %d subsystems; count cost and weight in larger units", cost, weight, len(s))
	}
	a := &Allocations{cost: cost, weight: weight}
	for _, sub := range s {
		stacks, err := sub.stacks(cost, weight)
		if err != nil {
			return nil, err
		}
		a.stacks = append(a.stacks, stacks)
	}
	a.fill()
	if _, err := a.At(cost, weight); err != nil {
		return nil, err
	}
	return a, nil
}

// fill goes over the subsystems. Budgets that leave too little for the subsystems before or after are left out.
func (a *Allocations) fill() {
	costs := needs(a.stacks, func(s stack) int { return s.cost })
	weights := needs(a.stacks, func(s stack) int { return s.weight })
	before := make([]float64, (a.cost+1)*(a.weight+1))
	for i, stacks := range a.stacks {
		after, chosen := make([]float64, len(before)), make([]uint16, len(before))
		for at := range after {
			after[at] = math.Inf(1)
		}
		for n, st := range stacks {
			from, light := costs.before(i), weights.before(i)
			wide := a.weight - weights.after(i) - st.weight - light + 1 // budgets of weight
			for c := from; c <= a.cost-costs.after(i)-st.cost && wide > 0; c++ {
				was, to := a.index(c, light), a.index(c+st.cost, light+st.weight)
				improve(after[to:to+wide], before[was:was+wide], chosen[to:to+wide], st.loss, uint16(n))
			}
		}
		before = after
		a.chosen = append(a.chosen, chosen)
	}
	a.loss = before
}

// improve sets the losses that a stack makes less.
func improve(after, before []float64, chosen []uint16, loss float64, n uint16) {
	before, chosen = before[:len(after)], chosen[:len(after)]
	for k, old := range after {
		if v := before[k] + loss; v < old {
			after[k], chosen[k] = v, n
		}
	}
}

// needed has the least that the first subsystems need together, by their number.
type needed []int

func needs(stacks [][]stack, of func(stack) int) needed {
	sums := needed{0}
	for i, list := range stacks {
		own := of(slices.MinFunc(list, func(a, b stack) int { return cmp.Compare(of(a), of(b)) }))
		sums = append(sums, sums[i]+own)
	}
	return sums
}

func (n needed) before(i int) int { return n[i] }
func (n needed) after(i int) int  { return n[len(n)-1] - n[i+1] }

func (a *Allocations) index(cost, weight int) int { return cost*(a.weight+1) + weight }

// At gives the most reliable allocation within two budgets. Budgets above those of Allocate count as those.
// Errors: wrong-budget, buys-nothing.
func (a *Allocations) At(cost, weight int) (Allocation, error) {
	if cost < 0 || weight < 0 {
		return Allocation{}, reason.Errorf("wrong-budget", "budgets of %d and %d: want at least 0", cost, weight)
	}
	c, w := min(cost, a.cost), min(weight, a.weight)
	loss := a.loss[a.index(c, w)]
	if math.IsInf(loss, 1) {
		return Allocation{}, reason.Errorf("buys-nothing", "a cost of %d and a weight of %d buy no system that can work", cost, weight)
	}
	found := Allocation{Counts: make([][]int, len(a.stacks)), Unreliable: -math.Expm1(-loss)}
	for i := len(a.stacks) - 1; i >= 0; i-- {
		st := a.stacks[i][a.chosen[i][a.index(c, w)]]
		found.Counts[i] = slices.Clone(st.counts)
		found.Cost, found.Weight = found.Cost+st.cost, found.Weight+st.weight
		c, w = c-st.cost, w-st.weight
	}
	return found, nil
}
