package system

import (
	"math"
	"slices"

	"github.com/seed-ab8b6914/spof/reason"
	"github.com/seed-ab8b6914/spof/reliability/dist"
)

// Waits gives the mean hours for which the repair of an event waits.
type Waits func(Event) float64

// Waits works out how long repairs of the system wait for a spare part, then for a crew. Both are approximations for long runs: failures
// come at random and independently of each other. An event that the system does not have waits as a further one of its kind.
//
// Spare parts: the parts on order are Poisson with the mean rate x lead, whatever the distribution of the lead (Palm 1938); the repairs that
// wait are the orders beyond the stock (Feeney & Sherbrooke, Management Science 12, 1966), and their mean wait follows from Little's law.
//
// Crews: the mean wait of M/G/c is that of M/M/c (Erlang 1917) times (1 + C^2)/2 (Lee & Longton, Operational Research Quarterly 10, 1959;
// exact for one member and for exponential repairs). A failure meets the repairs of the others only, not its own (the arrival theorem:
// Reiser & Lavenberg, Journal of the ACM 27, 1980).
//
// It fails with crew-overloaded if a crew has more to do than its members can.
func (s *System) Waits(care Care) (Waits, error) {
	parts := s.partWaits(care)
	crews := make([]*queue, len(care.Crews))
	for i, c := range care.Crews {
		crews[i] = &queue{members: c.Members}
		for _, e := range s.Events {
			if slices.Contains(c.Kinds, e.Kind) && e.Frequency > 0 {
				crews[i].jobs = append(crews[i].jobs, newJob(e, parts(e)))
			}
		}
		if busy := crews[i].settle(); busy >= float64(c.Members) {
			return nil, reason.Errorf("crew-overloaded", "%s: crew %s has %.3g repairs at once on average, and %d can be done; want more members, or fewer kinds", s.Topology.Name, c.Name, busy, c.Members)
		}
	}
	return func(e Event) float64 {
		for i, c := range care.Crews {
			if slices.Contains(c.Kinds, e.Kind) {
				return parts(e) + crews[i].wait(e.Name)
			}
		}
		return parts(e)
	}, nil
}

// partWaits gives the mean hours for which the repair of an event waits for a part.
func (s *System) partWaits(care Care) Waits {
	by := map[string]float64{}
	for _, stock := range care.Stocks {
		rate := 0.0
		for _, e := range s.Events {
			if e.Kind == stock.Kind {
				rate += e.Frequency
			}
		}
		by[stock.Kind] = partWait(rate, stock.Parts, stock.Lead.Mean())
	}
	return func(e Event) float64 { return by[e.Kind] }
}

// partWait is the mean wait for a part that is needed at a rate, of which so many are in stock.
func partWait(rate float64, parts int, lead float64) float64 {
	onOrder := rate * lead
	if onOrder == 0 {
		if parts == 0 {
			return lead
		}
		return 0
	}
	waiting := 0.0
	for n := parts + 1; ; n++ {
		log, _ := math.Lgamma(float64(n + 1))
		more := float64(n-parts) * math.Exp(float64(n)*math.Log(onOrder)-onOrder-log)
		waiting += more
		if float64(n) > onOrder && more <= 1e-15*waiting {
			return waiting / rate
		}
	}
}

// queue is a crew with the repairs that it does.
type queue struct {
	members int
	jobs    []job
}

// job is the repair of an event: how long it runs without failure and crew, how long the crew works, and how long it waits.
type job struct {
	name                        string
	runs, works, squared, waits float64 // hours; squared: the mean square of works
	share                       float64 // of the part's failures
}

func newJob(e Event, part float64) job {
	d := e.Row.Repair.Value
	works := 0.0
	if e.Row.Repair.Known() {
		works = d.Mean()
	}
	j := job{name: e.Name, runs: e.Row.Failure.Value.Mean() + part, works: works, share: e.Frequency / e.Row.Frequency()}
	if works > 0 {
		j.squared = meanSquare(d)
	}
	return j
}

// rate is how often the job comes, per hour.
func (j job) rate() float64 { return j.share / (j.runs + j.waits + j.works) }

// settle finds the waits, which lower the rates, on which they depend. It gives the members that the jobs would keep busy without waits.
func (q *queue) settle() (busy float64) {
	const rounds = 60
	busy = q.work().load
	for range rounds {
		all := q.work()
		for i := range q.jobs {
			q.jobs[i].waits = (q.jobs[i].waits + all.without(q.jobs[i]).wait(q.members)) / 2
		}
	}
	return busy
}

// wait is the mean wait of a job behind all others.
func (q *queue) wait(name string) float64 {
	all := q.work()
	for _, j := range q.jobs {
		if j.name == name {
			all = all.without(j)
		}
	}
	return all.wait(q.members)
}

// work is what a crew has to do: hours of work in an hour, and the sum of rate x mean square.
type work struct{ load, squared float64 }

func (q *queue) work() (all work) {
	for _, j := range q.jobs {
		all.load, all.squared = all.load+j.rate()*j.works, all.squared+j.rate()*j.squared
	}
	return all
}

func (w work) without(j job) work {
	return work{max(0, w.load-j.rate()*j.works), max(0, w.squared-j.rate()*j.squared)}
}

// wait is the mean wait behind the work; 0 if there is none.
func (w work) wait(members int) float64 {
	free := float64(members) - w.load
	if w.load <= 1e-12 || free <= 0 {
		return 0
	}
	return erlangC(members, w.load) / free * w.squared / (2 * w.load) // squared/load is (1 + C^2) x the mean
}

// erlangC is the probability that all members are busy with a load, less than their number.
func erlangC(members int, load float64) float64 {
	blocked := 1.0 // Erlang's B, by the recursion over the members
	for n := 1; n <= members; n++ {
		blocked = load * blocked / (float64(n) + load*blocked)
	}
	return blocked / (1 - load/float64(members)*(1-blocked))
}

// meanSquare is the mean square of a time: the integral of 2 t Survival(t), over the logarithm of t, by Simpson's rule.
func meanSquare(d dist.Distribution) float64 {
	const steps = 2000 // even
	lo, hi := d.Quantile(1e-9), d.Draw(1e-15)
	if lo <= 0 || hi <= lo {
		return hi * hi
	}
	h, sum := math.Log(hi/lo)/steps, 0.0
	for i := range steps + 1 {
		weight := 2.0 + 2*float64(i%2)
		if i == 0 || i == steps {
			weight = 1
		}
		t := lo * math.Exp(float64(i)*h)
		sum += weight * 2 * t * t * d.Survival(t)
	}
	return lo*lo + sum*h/3
}

// Waiting is the system with repairs that also wait. It shares the diagrams.
func (s *System) Waiting(waits Waits) *System {
	w := *s
	w.Events = slices.Clone(s.Events)
	for i, e := range w.Events {
		if wait := waits(e); wait > 0 && e.Frequency > 0 {
			share, down := e.Frequency/e.Row.Frequency(), e.Unavailability/e.Frequency+wait
			w.Events[i].Frequency = share / (e.Row.Failure.Value.Mean() + down)
			w.Events[i].Unavailability = w.Events[i].Frequency * down
		}
	}
	return &w
}
