package scenarios

import (
	"fmt"
	"math"
	"strings"
	"time"
)

// What a trial needs to prove anything. The analysis holds its traces against the same.
const (
	LeastBaseline = 100 // requests that have ended before the fault; without faults, that were due after the warm-up
	LeastJudged   = 20  // requests from which service is judged
)

// Shortly is how long a request takes to be answered, and a fault to take effect, where nothing is wrong: requests in flight at
// the fault are no part of the baseline, and the fault's first moments, before it takes effect, show no failover.
const Shortly = 100 * time.Millisecond

// Warning is what can be known of a scenario or a plan before it is run.
type Warning struct {
	// At is the path of keys in the scenario's file to what causes it. Fault is the fault's number from 1; 0: it is about none.
	At    []string
	Fault int
	What  string // what is wrong, by which figures, and what would cure it
	// Hopeless says that no trial can be conclusive. Note says that nothing is wrong: the answer says less.
	Hopeless, Note bool
}

// Key names what causes it, for a text without places: phases.baseline, or fault 1.
func (w Warning) Key() string {
	if w.Fault > 0 {
		return fmt.Sprintf("fault %d", w.Fault)
	}
	return strings.Join(w.At, ".")
}

// Warnings lists what can be known of the scenario before it is run, on whatever design.
func (s *Scenario) Warnings() []Warning { return s.Feasible(Shortly) }

// Feasible lists what keeps trials from proving anything, or asks for more than a machine can do, where requests are in flight
// for so long.
func (s *Scenario) Feasible(flight time.Duration) []Warning {
	var all []Warning
	for _, w := range []*Warning{s.tooLittle(flight), s.tooShort(), s.tooMany(), s.tooMuch()} {
		if w != nil {
			all = append(all, *w)
		}
	}
	return all
}

// tooLittle says that there are too few requests to compare with; nil: there are enough. A trial's phase makes the baseline
// longer, by nothing at worst.
func (s *Scenario) tooLittle(flight time.Duration) *Warning {
	rate, lasts := s.Load.Rate, s.Phases.Baseline
	if len(s.Faults) == 0 {
		lasts += s.Phases.Fault + s.Phases.Recovery
		if need := lengthOf(LeastBaseline, rate); lasts < need {
			return &Warning{At: []string{"phases", "baseline"}, Hopeless: true, What: fmt.Sprintf("%g/s x %s gives %d requests; at least %d are needed to judge by: make it %s",
				rate, span(lasts), requests(rate, lasts), LeastBaseline, span(s.Phases.Baseline+roundUp(need-lasts)))}
		}
		return nil
	}
	if need := s.NeededBaseline(flight); lasts < need {
		return &Warning{At: []string{"phases", "baseline"}, Hopeless: true, What: fmt.Sprintf("%g/s x %s gives %d requests, and some of them are in flight at the fault; at least %d must have ended: make it %s",
			rate, span(lasts), requests(rate, lasts), LeastBaseline, span(roundUp(need)))}
	}
	return nil
}

// NeededBaseline is the shortest baseline in which enough requests end.
func (s *Scenario) NeededBaseline(flight time.Duration) time.Duration {
	return lengthOf(LeastBaseline, s.Load.Rate) + min(flight, s.Load.Patience)
}

// tooShort says that the faults are over before a failover can be seen; nil: they last long enough. The measures' window
// reaches from the first fault to the last undoing.
func (s *Scenario) tooShort() *Warning {
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
	return &Warning{At: []string{"faults"}, Fault: first + 1, Hopeless: true, What: fmt.Sprintf(
		"the fault lasts %s at %g/s; sustained service takes %s and %d requests to see, and the fault up to %s to take effect: make it %s",
		span(to-from), s.Load.Rate, span(s.Measure.Window), LeastJudged, span(Shortly), span(roundUp(need)))}
}

// NeededFault is the shortest fault in which a failover can be seen.
func (s *Scenario) NeededFault() time.Duration {
	return max(s.Measure.Window, lengthOf(LeastJudged, s.Load.Rate)) + Shortly
}

// lengthOf is how long it takes until so many requests are due.
func lengthOf(n int, rate float64) time.Duration {
	return time.Duration(math.Ceil(float64(n) / rate * 1e9))
}

func requests(rate float64, d time.Duration) int { return int(rate * d.Seconds()) }

// roundUp gives a length that a person would write: whole seconds.
func roundUp(d time.Duration) time.Duration {
	return (d + time.Second - 1).Truncate(time.Second)
}
