package scenarios

import (
	"fmt"
	"math"
	"strings"
	"time"
)

// The least requests of a trial with a verdict. The analysis applies the same limits to traces.
const (
	LeastBaseline = 100 // answered before the fault; without faults, due after the warm-up
	LeastJudged   = 20  // in the window that shows sustained service
)

// Shortly bounds the time of a request, and of a fault to take effect, if nothing is wrong. Requests in flight at the fault do not
// count for the baseline. A failover cannot be seen before the fault takes effect.
const Shortly = 100 * time.Millisecond

// Warning is a problem of a scenario or a plan that is known before a run.
type Warning struct {
	Code string // names the kind of problem, see package reason
	// At is the path of keys in the scenario's file to the cause. Fault is the fault's number from 1; 0: it is not about a fault.
	At    []string
	Fault int
	What  string // the problem, its figures, and what to change
	// Inconclusive: every trial would be inconclusive. Note: nothing is wrong, but the result says less.
	Inconclusive, Note bool
}

// Key names the cause in a text without positions: phases.baseline, or fault 1.
func (w Warning) Key() string {
	if w.Fault > 0 {
		return fmt.Sprintf("fault %d", w.Fault)
	}
	return strings.Join(w.At, ".")
}

// Warnings lists the problems that the scenario has on every design.
func (s *Scenario) Warnings() []Warning { return s.Feasible(Shortly) }

// Feasible lists why trials cannot have a verdict, or ask for more than a machine can do. Flight is how long a request is in flight.
func (s *Scenario) Feasible(flight time.Duration) []Warning {
	var all []Warning
	for _, w := range []*Warning{s.shortBaseline(flight), s.shortFault(), s.excessRequests(), s.excessTraffic()} {
		if w != nil {
			all = append(all, *w)
		}
	}
	return all
}

// shortBaseline warns of too few requests to compare with; nil: there are enough. A trial's random phase may lengthen the baseline
// but never shortens it.
func (s *Scenario) shortBaseline(flight time.Duration) *Warning {
	rate, lasts := s.Load.Rate, s.Phases.Baseline
	warning := func(code, format string, args ...any) *Warning {
		return &Warning{Code: code, At: []string{"phases", "baseline"}, Inconclusive: true, What: fmt.Sprintf(format, args...)}
	}
	if len(s.Faults) == 0 {
		lasts += s.Phases.Fault + s.Phases.Recovery
		if need := lengthOf(LeastBaseline, rate); lasts < need {
			return warning("baseline-too-short", "%g/s x %s gives %d requests; a verdict needs at least %d: make it %s",
				rate, span(lasts), requests(rate, lasts), LeastBaseline, span(s.Phases.Baseline+roundUp(need-lasts)))
		}
		return nil
	}
	if need := s.NeededBaseline(flight); lasts < need {
		return warning("baseline-too-short", "%g/s x %s gives %d requests, and some of them are in flight at the fault; at least %d must have ended: make it %s",
			rate, span(lasts), requests(rate, lasts), LeastBaseline, span(roundUp(need)))
	}
	return nil
}

// NeededBaseline is the shortest baseline in which enough requests end.
func (s *Scenario) NeededBaseline(flight time.Duration) time.Duration {
	return lengthOf(LeastBaseline, s.Load.Rate) + min(flight, s.Load.Patience)
}

// shortFault warns of faults that end before a failover can be seen; nil: they last long enough. The measured time reaches from the
// first fault to the last undoing.
func (s *Scenario) shortFault() *Warning {
	if len(s.Faults) == 0 {
		return nil
	}
	from, to, first := s.Faults[0].At, time.Duration(0), 0
	for i, f := range s.Faults {
		if f.At < from {
			from, first = f.At, i
		}
		to = max(to, f.End(s.Phases.Fault))
	}
	need := s.NeededFault()
	if to-from >= need {
		return nil
	}
	return &Warning{Code: "fault-too-short", At: []string{"faults"}, Fault: first + 1, Inconclusive: true, What: fmt.Sprintf(
		"the fault lasts %s at %g/s; it takes up to %s to take effect, and sustained service shows after %s and %d requests: make it %s",
		span(to-from), s.Load.Rate, span(Shortly), span(s.Measure.Window), LeastJudged, span(roundUp(need)))}
}

// NeededFault is the shortest fault in which a failover can be seen.
func (s *Scenario) NeededFault() time.Duration {
	return max(s.Measure.Window, lengthOf(LeastJudged, s.Load.Rate)) + Shortly
}

// lengthOf is the time in which n requests are due.
func lengthOf(n int, rate float64) time.Duration {
	return time.Duration(math.Ceil(float64(n) / rate * 1e9))
}

func requests(rate float64, d time.Duration) int { return int(rate * d.Seconds()) }

// roundUp rounds up to whole seconds.
func roundUp(d time.Duration) time.Duration {
	return (d + time.Second - 1).Truncate(time.Second)
}
