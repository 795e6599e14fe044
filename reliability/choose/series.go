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
	stacks [][]stack // by subsystem
	labels [][]label // by subsystem; the last are those of the whole
}

// label is an allocation of the first subsystems that no other of them beats.
type label struct {
	cost, weight int
	choice
}

// choice is the stack of a subsystem, and the label of those before it.
type choice struct {
	loss        float64 // the sum of -ln R
	from, stack int32
}

// maxCells bounds the pairs of budgets, and so the memory: 16 bytes for each, and 32 in each subsystem for those that no other beats.
const maxCells = 1 << 20

// Allocate finds the most reliable allocation for every cost up to a budget and every weight up to another, exactly: dynamic programming
// over the subsystems, whose stacks of parts are those that no other stack beats. What is minimised is the sum of -ln R of the
// subsystems, which keeps its precision where R is close to 1. For one budget alone, leave the weights 0. The time grows with the
// budgets: count in hundreds what costs thousands.
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
	if cost >= maxCells || weight >= maxCells || cost+1 > maxCells/(weight+1) {
		return nil, reason.Errorf("too-many-states", "budgets of %d and %d are more than %d pairs; count cost and weight in larger units", cost, weight, maxCells)
	}
	a := &Allocations{}
	for _, sub := range s {
		stacks, err := sub.stacks(cost, weight)
		if err != nil {
			return nil, err
		}
		a.stacks = append(a.stacks, stacks)
	}
	a.fill(cost, weight)
	if _, err := a.At(cost, weight); err != nil {
		return nil, err
	}
	return a, nil
}

// fill goes over the subsystems. What leaves too little for the later ones is left out.
func (a *Allocations) fill(cost, weight int) {
	costs := needs(a.stacks, func(s stack) int { return s.cost })
	weights := needs(a.stacks, func(s stack) int { return s.weight })
	best := grid{make([]choice, (cost+1)*(weight+1)), weight + 1}
	for at := range best.cells {
		best.cells[at].loss = math.Inf(1)
	}
	labels := []label{{}}
	for i, stacks := range a.stacks {
		for n, st := range stacks {
			best.add(labels, int32(n), st, cost-costs.after(i), weight-weights.after(i))
		}
		labels = best.labels()
		a.labels = append(a.labels, labels)
	}
}

// grid has the best choice by cost and weight.
type grid struct {
	cells []choice
	width int // of a cost
}

// add joins a stack to labels, which are in the order of their cost.
func (g grid) add(labels []label, n int32, st stack, cost, weight int) {
	for from, l := range labels {
		if l.cost+st.cost > cost {
			return
		}
		if l.weight+st.weight > weight {
			continue
		}
		c := &g.cells[(l.cost+st.cost)*g.width+l.weight+st.weight]
		if loss := l.loss + st.loss; loss < c.loss {
			*c = choice{loss, int32(from), n}
		}
	}
}

// labels takes the choices out that no other beats, by their cost.
func (g grid) labels() (found []label) {
	least := slices.Repeat([]float64{math.Inf(1)}, g.width) // by weight, for all costs so far
	for cost := range len(g.cells) / g.width {
		loss := math.Inf(1) // for the weights so far
		for weight := range g.width {
			c := &g.cells[cost*g.width+weight]
			loss = min(loss, least[weight])
			if c.loss < loss {
				loss = c.loss
				found = append(found, label{cost, weight, *c})
			}
			least[weight], c.loss = loss, math.Inf(1)
		}
	}
	return found
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

// after is the least that the subsystems after number i need.
func (n needed) after(i int) int { return n[len(n)-1] - n[i+1] }

// At gives the most reliable allocation within two budgets. Budgets above those of Allocate count as those. Errors: buys-nothing.
func (a *Allocations) At(cost, weight int) (Allocation, error) {
	best := label{choice: choice{loss: math.Inf(1)}}
	for _, l := range a.labels[len(a.labels)-1] {
		if l.cost <= cost && l.weight <= weight && l.loss < best.loss {
			best = l
		}
	}
	if math.IsInf(best.loss, 1) {
		return Allocation{}, reason.Errorf("buys-nothing", "a cost of %d and a weight of %d buy no system that can work", cost, weight)
	}
	found := Allocation{Counts: make([][]int, len(a.stacks)), Cost: best.cost, Weight: best.weight, Unreliable: -math.Expm1(-best.loss)}
	for i := len(a.stacks) - 1; i >= 0; i-- {
		found.Counts[i] = slices.Clone(a.stacks[i][best.stack].counts)
		if i > 0 {
			best = a.labels[i-1][best.from]
		}
	}
	return found, nil
}
