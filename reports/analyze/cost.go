package analyze

import (
	"time"

	"github.com/seed-ab8b6914/spof/scenarios/plan"
	"github.com/seed-ab8b6914/spof/sim/trace"
)

// leastCosted is the shortest time of machine readings from which the cost of a request is computed: ten readings.
const leastCosted = time.Second

// CostOf returns the processor time of one request: busy processor time of the machine in the baseline / requests due in the baseline. It
// includes everything that ran on the machine, so it is an upper bound; no other lab may run beside it. ok is false if the trial is void, or
// has too few machine readings.
func CostOf(t *trace.Trace) (c plan.Cost, ok bool) {
	r := newRun(t)
	if len(r.void()) > 0 || len(t.Machine) == 0 {
		return c, false
	}
	from, to := clamp(int64(r.plan.BaselineAt)), r.effect
	if len(r.faults) == 0 {
		to = clamp(int64(r.plan.End))
	}
	node := t.Machine[0].Node // every node reads the whole machine
	var busy float64
	var over time.Duration
	for _, m := range t.Machine {
		end := clamp(clamp(m.At) - clamp(t.Header.Epoch))
		if m.Node != node || m.Over <= 0 || m.CPUs < 1 || end > to || end-int64(m.Over) < from {
			continue
		}
		busy += m.Busy * float64(m.CPUs) * m.Over.Seconds()
		over += m.Over
		c.CPUs = m.CPUs
	}
	if over < leastCosted || !(busy > 0) {
		return c, false
	}
	c.PerRequest = time.Duration(busy / (r.rate * over.Seconds()) * 1e9)
	c.Rate, c.Day = r.rate, t.Header.Started.Format(time.DateOnly)
	return c, c.PerRequest > 0
}
