package choose_test

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"

	. "github.com/onsi/gomega"

	"github.com/seed-ab8b6914/spof/reliability/choose"
)

// threat costs loss and capacity unless enough of some options are chosen.
type threat struct {
	against        choose.Set
	enough         int
	loss, capacity float64
}

// market is a random list of options with a worth for every set: a sum over threats, which no option makes worse, multiplied by a factor
// that depends on the options that may hurt.
type market struct {
	options []choose.Option
	threats []threat
	hurting choose.Set
	factor  []float64 // by the set of the first options, those that may hurt
}

func randomMarket(rng *rand.Rand, n, hurting int, linked bool) *market {
	m := &market{hurting: 1<<hurting - 1}
	for i := range n {
		o := choose.Option{Name: fmt.Sprint("o", i), Buy: float64(rng.IntN(8)), Yearly: float64(rng.IntN(3)), MayHurt: i < hurting}
		if linked && i > 0 && rng.IntN(4) == 0 {
			o.Requires = []string{fmt.Sprint("o", rng.IntN(i))}
		}
		if linked && rng.IntN(5) == 0 {
			if rival := fmt.Sprint("o", rng.IntN(n)); rival != o.Name && !slices.Contains(o.Requires, rival) {
				o.Excludes = []string{rival}
			}
		}
		m.options = append(m.options, o)
	}
	for range n {
		m.threats = append(m.threats, threat{choose.Set(rng.Uint64()&rng.Uint64()) & (1<<n - 1), 1 + rng.IntN(3), float64(1 + rng.IntN(9)), float64(rng.IntN(4))})
	}
	for range 1 << hurting {
		m.factor = append(m.factor, 0.5+rng.Float64())
	}
	return m
}

func (m *market) worth(_ context.Context, s choose.Set) (choose.Worth, error) {
	loss, capacity := 0.5, 100.0
	for _, t := range m.threats {
		if (s & t.against).Len() < t.enough {
			loss, capacity = loss+t.loss, capacity-t.capacity
		}
	}
	f := m.factor[s&m.hurting]
	return choose.Worth{Loss: f * loss, Capacity: math.Floor(f * capacity)}, nil
}

// valid reports whether a set has what it requires and nothing that excludes.
func (m *market) valid(s choose.Set) bool {
	has := func(name string) bool {
		return s.Has(slices.IndexFunc(m.options, func(o choose.Option) bool { return o.Name == name }))
	}
	for i := range s.All() {
		for _, name := range m.options[i].Requires {
			if !has(name) {
				return false
			}
		}
		if slices.ContainsFunc(m.options[i].Excludes, has) {
			return false
		}
	}
	return true
}

// designs are all valid designs over a number of years.
func (m *market) designs(years float64) (list []choose.Design) {
	for s := range choose.Set(1) << len(m.options) {
		if !m.valid(s) {
			continue
		}
		d := choose.Design{Set: s}
		d.Worth, _ = m.worth(context.Background(), s)
		for i := range s.All() {
			d.Cost += m.options[i].Buy + years*m.options[i].Yearly
		}
		list = append(list, d)
	}
	return list
}

// choices makes Choices of a market; nil if its random links contradict each other.
func (m *market) choices(years float64, evaluate choose.Evaluate) *choose.Choices {
	c, err := choose.New(m.options, years, evaluate)
	if err != nil {
		Expect(err).To(haveCode("never-possible"))
		return nil
	}
	return c
}

// first is the design of a list that an order puts first, of those that a condition admits.
func first(list []choose.Design, admits func(choose.Design) bool, order func(a, b choose.Design) int) (choose.Design, bool) {
	list = slices.DeleteFunc(slices.Clone(list), func(d choose.Design) bool { return !admits(d) })
	if len(list) == 0 {
		return choose.Design{}, false
	}
	return slices.MinFunc(list, order), true
}

func byLoss(a, b choose.Design) int {
	return cmp.Or(compare(a.Loss, b.Loss), cmp.Compare(a.Cost, b.Cost), cmp.Compare(b.Capacity, a.Capacity))
}

func byCost(a, b choose.Design) int {
	return cmp.Or(cmp.Compare(a.Cost, b.Cost), compare(a.Loss, b.Loss), cmp.Compare(b.Capacity, a.Capacity))
}

func compare(a, b float64) int {
	if math.Abs(a-b) < 1e-9 {
		return 0
	}
	return cmp.Compare(a, b)
}

// alike compares what designs cost and are worth, not their options: several sets may be the best.
func alike(got, want choose.Design) {
	Expect(got.Cost).To(Equal(want.Cost))
	Expect(got.Loss).To(BeNumerically("~", want.Loss, 1e-9))
	Expect(got.Capacity).To(Equal(want.Capacity))
}
