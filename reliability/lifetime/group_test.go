package lifetime_test

import (
	"fmt"

	"github.com/seed-ab8b6914/spof/reliability/dist"
	"github.com/seed-ab8b6914/spof/reliability/lifetime"
)

// group is k-of-n: n equal components with exponential times, of which k must work, and crews that repair them.
type group struct {
	k, n, crews int
	mtbf, mttr  float64
}

// chain gives the probabilities of 0 to n failed components in the long run: the balance of a birth-death chain.
func (g group) chain() []float64 {
	p, sum := []float64{1}, 1.0
	for failed := range g.n {
		up := float64(g.n-failed) / g.mtbf
		down := float64(min(failed+1, g.crews)) / g.mttr
		p = append(p, p[failed]*up/down)
		sum += p[failed+1]
	}
	for i := range p {
		p[i] /= sum
	}
	return p
}

// exact gives the unavailability, and the outages of a year.
func (g group) exact() (unavailability, outages float64) {
	p := g.chain()
	for failed := g.n - g.k + 1; failed <= g.n; failed++ {
		unavailability += p[failed]
	}
	return unavailability, p[g.n-g.k] * float64(g.k) / g.mtbf * dist.Year
}

func (g group) failed(up lifetime.State) (failed int) {
	for i := range g.n {
		if !up.Up(i) {
			failed++
		}
	}
	return failed
}

func (g group) model() *lifetime.Model {
	m := &lifetime.Model{Crews: []lifetime.Crew{{Name: "crew", Members: g.crews}}}
	for i := range g.n {
		m.Components = append(m.Components, lifetime.Component{
			Name: fmt.Sprint(i), Fails: law(fmt.Sprintf("exponential mean=%vh", g.mtbf)), Repair: law(fmt.Sprintf("exponential mean=%vh", g.mttr)), Crew: "crew",
		})
	}
	m.Capacity = func(up lifetime.State) float64 {
		if g.failed(up) > g.n-g.k {
			return 0
		}
		return 1
	}
	return m
}
