package scenarios

import (
	"time"

	"github.com/seed-ab8b6914/spof/scenarios/fault"
	"github.com/seed-ab8b6914/spof/topology/yamlfile"
)

// checkTimes holds the phases, the faults and the measure against each other.
func checkTimes(o yamlfile.Object, s *Scenario) {
	phases := o.Get("phases")
	at := func(key string) yamlfile.Value {
		if v := phases.Object(phaseKeys...).Get(key); v.Present() {
			return v
		}
		return phases
	}
	if len(s.Faults) == 0 {
		if s.Phases.Baseline == 0 && s.Phases.Fault == 0 {
			at("baseline").Problemf("there is nothing to measure; want a baseline longer than 0s")
		}
		return
	}
	if s.Phases.Baseline == 0 {
		at("baseline").Problemf("a scenario with faults needs a baseline to compare with; want more than 0s")
	}
	window := s.Measure.Window
	if s.Phases.Fault < window {
		at("fault").Problemf("the fault phase, %s, is shorter than the measure's window, %s; no failover can be seen in it",
			span(s.Phases.Fault), span(window))
	}
	if s.Phases.Recovery < window {
		at("recovery").Problemf("the recovery phase, %s, is shorter than the measure's window, %s; no recovery can be seen in it",
			span(s.Phases.Recovery), span(window))
	}
	for i, v := range o.Get("faults").List() {
		checkEnd(v, s.Faults[i], s.Phases.Fault)
	}
}

// checkEnd refuses a fault that is not over by the end of the fault phase.
func checkEnd(v yamlfile.Value, f fault.Fault, phase time.Duration) {
	o := v.Object(fault.Keys()...)
	switch {
	case f.At >= phase:
		if at := o.Get("at"); at.Present() {
			v = at
		}
		v.Problemf("the fault begins at %s, but the fault phase ends at %s", span(f.At), span(phase))
	case f.At+f.For > phase:
		o.Get("for").Problemf("the fault lasts from %s to %s, but the fault phase ends at %s", span(f.At), span(f.At+f.For), span(phase))
	}
}

// checkOverlaps refuses two faults on the same target at the same time. What a symbol such as serving means is found out
// when each fault is due, so that it is the same only at the same instant.
func checkOverlaps(list []yamlfile.Value, s *Scenario) {
	for i, f := range s.Faults {
		for j, g := range s.Faults[:i] {
			if f.Target.Same(g.Target) && (f.At == g.At || !f.Target.Moves()) && f.At < g.End(s.Phases.Fault) && g.At < f.End(s.Phases.Fault) {
				list[i].Problemf("overlaps fault %d on the same target, %s (role %s): that one lasts from %s to %s",
					j+1, g.Target.Pick, g.Target.Role, span(g.At), span(g.End(s.Phases.Fault)))
				break
			}
		}
	}
}
