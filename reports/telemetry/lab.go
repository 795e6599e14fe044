package telemetry

import (
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/seed-ab8b6914/spof/proxy"
	"github.com/seed-ab8b6914/spof/proxy/load"
	"github.com/seed-ab8b6914/spof/reports/analyze"
	"github.com/seed-ab8b6914/spof/sim/trace"
)

// Lab follows the trials of one lab, which run one after another. Several goroutines may call its methods, which do not block.
type Lab struct {
	metrics *Metrics // nil: no metrics
	traces  *Traces  // nil: no traces

	mu    sync.Mutex
	live  live
	clock wallClock
}

// NewLab makes the follower of a lab. Each of metrics and traces may be nil.
func NewLab(metrics *Metrics, traces *Traces) *Lab { return &Lab{metrics: metrics, traces: traces} }

// Trial begins a trial.
func (l *Lab) Trial(h *trace.Header) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.clock = wallClock{}
	if l.metrics != nil {
		l.live = newLive(l.metrics, cellOf(&h.Plan), h)
	}
}

// Event follows the clock of the lab.
func (l *Lab) Event(e *trace.Event) {
	if e.Kind == proxy.EventPhase { // recorded when it happens, as other events are not
		at := time.Now()
		l.mu.Lock()
		defer l.mu.Unlock()
		l.clock.seen(e.At, at)
	}
}

// Samples counts requests that ended. It allocates nothing.
func (l *Lab) Samples(samples []trace.Sample) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.live.add(samples)
}

// Ended takes an attempt that ended, as it was judged. again says that its trial is run again.
func (l *Lab) Ended(t *trace.Trace, judged *analyze.Trial, again bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.metrics != nil {
		l.live.end()
		l.metrics.ended(cellOf(&t.Header.Plan), judged, again)
	}
	if l.traces != nil {
		picture := analyze.TimelineOf(t)
		begin := l.clock.wall(t.Header.Epoch, time.Now().Add(-milliseconds(picture.EndMS)))
		l.traces.send(&attempt{&t.Header, judged, &picture, begin, again})
	}
}

// wallClock compares the lab's clock, which may be that of another machine, with the wall clock.
type wallClock struct {
	known  bool
	offset int64 // ns of the wall clock at 0 of the lab's clock
}

// seen takes the wall clock at which something of the lab's instant at was seen. The comparison with the least delay counts.
func (c *wallClock) seen(at int64, wall time.Time) {
	if offset := wall.UnixNano() - at; !c.known || offset < c.offset {
		c.known, c.offset = true, offset
	}
}

// wall is the wall clock at an instant of the lab; otherwise if nothing was seen.
func (c *wallClock) wall(at int64, otherwise time.Time) time.Time {
	if !c.known {
		return otherwise
	}
	return time.Unix(0, c.offset+at)
}

// live has the figures of the trial that runs now.
type live struct {
	metrics  *Metrics
	cell     cell
	patience uint32 // us
	outcomes [load.NumOutcomes]prometheus.Counter
	late     prometheus.Counter
	served   prometheus.Gauge
	latest   []latest // by user
	count    int      // of users that are served
}

// latest is the latest request of a user, by the instant at which it was due.
type latest struct {
	due    int64
	served bool
}

func newLive(m *Metrics, c cell, h *trace.Header) live {
	n := 0
	for _, group := range h.Plan.Topology.Users {
		n += group.Count
	}
	l := live{
		metrics: m, cell: c, patience: uint32(min(h.Plan.Scenario.Load.Patience.Microseconds(), 1<<32-1)),
		outcomes: m.outcomes(c), late: m.counter(requestsLate, c), served: m.gauge(usersServed, c), latest: make([]latest, n),
	}
	m.gauge(users, c).Set(float64(n))
	l.served.Set(0)
	return l
}

// add counts samples. Before the first trial it does nothing.
func (l *live) add(samples []trace.Sample) {
	if l.metrics == nil {
		return
	}
	var by [load.NumOutcomes]int
	late := 0
	for i := range samples {
		s := &samples[i]
		ok, slow := s.Outcome == load.OK, s.Done > l.patience
		if int(s.Outcome) < len(by) {
			by[s.Outcome]++
		}
		if ok && slow {
			late++
		}
		l.user(s, ok && !slow)
	}
	for o, n := range by {
		if n > 0 {
			l.outcomes[o].Add(float64(n))
		}
	}
	if late > 0 {
		l.late.Add(float64(late))
	}
	l.served.Set(float64(l.count))
}

// user keeps the latest request of a user.
func (l *live) user(s *trace.Sample, served bool) {
	if int(s.User) >= len(l.latest) {
		return
	}
	u := &l.latest[s.User]
	if s.Scheduled < u.due {
		return
	}
	if served != u.served {
		if served {
			l.count++
		} else {
			l.count--
		}
	}
	u.due, u.served = s.Scheduled, served
}

// end removes the users: no trial runs now.
func (l *live) end() {
	if l.metrics == nil {
		return
	}
	l.metrics.gauges[users.Name].DeleteLabelValues(l.cell.design, l.cell.scenario)
	l.metrics.gauges[usersServed.Name].DeleteLabelValues(l.cell.design, l.cell.scenario)
}
