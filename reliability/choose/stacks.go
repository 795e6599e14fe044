package choose

import (
	"cmp"
	"errors"
	"math"
	"slices"

	"github.com/seed-ab8b6914/spof/reason"
)

// stack is a choice of parts for a subsystem.
type stack struct {
	counts       []int // by kind of part
	parts        int
	cost, weight int
	fails        float64 // the probability that all parts fail
	loss         float64 // -ln(1 - fails)
}

// with gives the stack with n parts of the kind i added.
func (s stack) with(i, n int, p Part) stack {
	s.counts = slices.Clone(s.counts)
	s.counts[i] = n
	s.parts += n
	s.cost += n * p.Cost
	s.weight += n * p.Weight
	s.fails *= math.Pow(1-p.Reliability, float64(n))
	s.loss = -math.Log1p(-s.fails)
	return s
}

// stacks gives the stacks within two budgets that no other stack beats: cheaper stacks first.
func (s Subsystem) stacks(cost, weight int) ([]stack, error) {
	all := []stack{{counts: make([]int, len(s.Parts)), fails: 1}}
	for i, p := range s.Parts {
		for _, st := range all { // as they were before this part
			for n := 1; st.parts+n <= s.Most && st.cost+n*p.Cost <= cost && st.weight+n*p.Weight <= weight; n++ {
				all = append(all, st.with(i, n, p))
			}
		}
		if len(all) > math.MaxUint16 {
			return nil, reason.Errorf("too-many-states", "subsystem %s: its %d kinds of parts, at most %d in all, make more than %d stacks", s.Name, len(s.Parts), s.Most, math.MaxUint16)
		}
	}
	all = unbeaten(all[1:])
	if len(all) == 0 {
		return nil, reason.Errorf("buys-nothing", "a cost of %d and a weight of %d buy no part of subsystem %s", cost, weight, s.Name)
	}
	return all, nil
}

// unbeaten gives the stacks of which no other is as cheap, as light and as reliable.
func unbeaten(all []stack) (kept []stack) {
	slices.SortStableFunc(all, func(a, b stack) int {
		return cmp.Or(cmp.Compare(a.cost, b.cost), cmp.Compare(a.weight, b.weight), cmp.Compare(a.fails, b.fails))
	})
	for _, s := range all {
		if !slices.ContainsFunc(kept, func(k stack) bool { return k.weight <= s.weight && k.fails <= s.fails }) {
			kept = append(kept, s)
		}
	}
	return kept
}

// check reports every mistake.
func (s Series) check() error {
	if len(s) == 0 {
		return reason.Errorf("no-option", "a series without subsystems")
	}
	var errs []error
	for _, sub := range s {
		if len(sub.Parts) == 0 {
			errs = append(errs, reason.Errorf("no-option", "subsystem %s has no parts to choose from", sub.Name))
		}
		if sub.Most < 1 {
			errs = append(errs, reason.Errorf("wrong-value", "subsystem %s: at most %d parts; want at least 1", sub.Name, sub.Most))
		}
		for _, p := range sub.Parts {
			errs = append(errs, p.check(sub.Name))
		}
	}
	return errors.Join(errs...)
}

func (p Part) check(sub string) error {
	switch {
	case !(p.Reliability >= 0 && p.Reliability <= 1): // also not a number
		return reason.Errorf("wrong-value", "part %s of subsystem %s: reliability %g; want 0 to 1", p.Name, sub, p.Reliability)
	case p.Cost < 0 || p.Weight < 0:
		return reason.Errorf("negative-cost", "part %s of subsystem %s: cost %d, weight %d; want at least 0", p.Name, sub, p.Cost, p.Weight)
	}
	return nil
}
