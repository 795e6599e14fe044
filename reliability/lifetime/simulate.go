package lifetime

import (
	"math"
	"math/rand/v2"
	"sync"

	"github.com/seed-ab8b6914/spof/reason"
	"github.com/seed-ab8b6914/spof/reliability/dist"
)

// blocks is the number of parts of a simulation, each with random numbers of its own. It is fixed: the result does not depend on who
// plays which block.
const blocks = 64

// Options are the size of a simulation.
type Options struct {
	Years   float64 // at least; whole lives are simulated
	Seed    uint64
	Workers int // goroutines; 0: 1. The result does not depend on it
	// Splitting makes copies of lives that come near to an outage; nil: none.
	Splitting *Splitting
}

// Result is what a system loses. It is a function of the model, the seed and the years alone.
type Result struct {
	Years  float64 // simulated
	Lives  int
	Total  Loss
	Causes []Loss // in the order of the model: "design", components, shocks, windows, switches
	// Down, Unserved and Lost are the distributions of these hours of a year: the median, 90 %, 95 %, 99 % and 99.9 %. With splitting there
	// are none.
	Down, Unserved, Lost []Quantile
}

// Loss is what a cause takes from the users in a year. The causes sum up to the total.
type Loss struct {
	Cause   string
	Hours   Estimate // of outage: less than Model.Enough of the users are served
	Outages Estimate
	// Unserved is the hours without service of a user on average, by day and by night alike: the sum over partial outages too.
	Unserved Estimate
	// Lost is the hours of service that a user of the mean demand loses: the sum over partial outages too, weighted by demand, and the
	// demand above the Ceiling. Times the number of users it is the user-hours lost.
	Lost Estimate
	// Busy is the part of Lost in the hours of the week in which the demand is at least half of the greatest.
	Busy Estimate
}

// Unavailability is the share of the time in which the service is down.
func (l Loss) Unavailability() Estimate { return l.Hours.times(1 / dist.Year) }

// Simulate plays lives of a model.
func Simulate(m *Model, o Options) (*Result, error) {
	s, err := compile(m, o.Splitting)
	if err != nil {
		return nil, err
	}
	lives := math.Ceil(o.Years * dist.Year / s.length)
	if !(lives >= 1 && lives <= 1e9) {
		return nil, reason.Errorf("lifetime-value", "%v years of lives of %v hours; want 1 to 1,000,000,000 lives", o.Years, s.length)
	}
	return s.result(s.simulate(int(lives), o)), nil
}

// simulate shares the blocks out and merges their books in their order.
func (s *system) simulate(lives int, o Options) *books {
	todo := make(chan int, blocks)
	for block := range blocks {
		todo <- block
	}
	close(todo)
	done := make([]*books, blocks)
	var workers sync.WaitGroup
	for range max(o.Workers, 1) {
		workers.Go(func() {
			l := newLife(s)
			for block := range todo {
				done[block] = l.block(o.Seed, block, lives*(block+1)/blocks-lives*block/blocks)
			}
		})
	}
	workers.Wait()
	all := done[0]
	for _, b := range done[1:] {
		all.sums.merge(&b.sums)
		for m := range all.years {
			all.years[m].merge(&b.years[m])
		}
	}
	return all
}

func newLife(s *system) *life {
	l := &life{system: s, state: newState(s), views: newViews(s), without: make(State, s.stateWords())}
	if s.splits != nil {
		for range s.splits.Copies {
			l.saved = append(l.saved, newState(s))
		}
	}
	return l
}

// block plays the lives of a block.
func (l *life) block(seed uint64, block, lives int) *books {
	l.books = newBooks(len(l.causes), l.splits == nil)
	l.random = rand.NewPCG(scramble(seed), scramble(seed+uint64(block+1)*0x9e3779b97f4a7c15))
	for range lives {
		l.openLife()
		l.begin()
		l.trial(0)
		l.closeLife()
	}
	return l.books
}

// scramble spreads seeds that lie side by side (splitmix64: Steele, Lea and Flood, Fast splittable pseudorandom number generators, 2014).
func scramble(z uint64) uint64 {
	z = (z ^ z>>30) * 0xbf58476d1ce4e5b9
	z = (z ^ z>>27) * 0x94d049bb133111eb
	return z ^ z>>31
}

func (s *system) result(b *books) *Result {
	r := &Result{Years: float64(b.sums.lives) * s.length / dist.Year, Lives: b.sums.lives, Total: s.loss("", b.sums.lives, b.sums.all)}
	for cause, name := range s.causes {
		var of [measures]moments
		for m := range of {
			of[m] = b.sums.by[m][cause]
		}
		r.Causes = append(r.Causes, s.loss(name, b.sums.lives, of))
	}
	for _, p := range []float64{0.5, 0.9, 0.95, 0.99, 0.999} {
		if b.yearly && b.years[hoursDown].n > 0 {
			r.Down, r.Lost = append(r.Down, b.years[hoursDown].quantile(p)), append(r.Lost, b.years[hoursLost].quantile(p))
			r.Unserved = append(r.Unserved, b.years[hoursUnserved].quantile(p))
		}
	}
	return r
}

// loss turns sums over lives into means of a year.
func (s *system) loss(name string, lives int, of [measures]moments) Loss {
	yearly := dist.Year / s.length
	hours := func(measure int) Estimate { return of[measure].mean(lives, s.length).times(yearly) }
	return Loss{name, hours(hoursDown), of[outages].mean(lives, 1).times(yearly), hours(hoursUnserved), hours(hoursLost), hours(hoursBusy)}
}
