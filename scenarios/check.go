package scenarios

import (
	"time"

	"github.com/seed-ab8b6914/spof/scenarios/fault"
	"github.com/seed-ab8b6914/spof/topology/yamlfile"
)

// checkTimes refuses phases that are too short for the faults or for the measure's window.
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
			at("baseline").Refuse("no-baseline", "no phase measures anything; want a baseline longer than 0s")
		}
		return
	}
	if s.Phases.Baseline == 0 {
		at("baseline").Refuse("no-baseline", "a fault is compared with the baseline; want a baseline longer than 0s")
	}
	window := s.Measure.Window
	if s.Phases.Fault < window {
		at("fault").Refuse("phase-below-window", "the fault phase, %s, is shorter than the measure's window, %s; a failover cannot be measured",
			span(s.Phases.Fault), span(window))
	}
	if s.Phases.Recovery < window {
		at("recovery").Refuse("phase-below-window", "the recovery phase, %s, is shorter than the measure's window, %s; a recovery cannot be measured",
			span(s.Phases.Recovery), span(window))
	}
	for i, v := range o.Get("faults").List() {
		checkEnd(v, s.Faults[i], s.Phases.Fault)
	}
}

// checkEnd refuses a fault that begins or ends after the fault phase.
func checkEnd(v yamlfile.Value, f fault.Fault, phase time.Duration) {
	o := v.Object(fault.Keys()...)
	switch {
	case f.At >= phase:
		if at := o.Get("at"); at.Present() {
			v = at
		}
		v.Refuse("fault-outside-phase", "the fault begins at %s, but the fault phase ends at %s", span(f.At), span(phase))
	case f.At+f.For > phase:
		o.Get("for").Refuse("fault-outside-phase", "the fault lasts from %s to %s, but the fault phase ends at %s", span(f.At), span(f.At+f.For), span(phase))
	}
}

// checkOverlaps refuses two faults on the same target at the same time. The symbols serving and standby are resolved when each
// fault is due, so they name the same target only at the same instant.
func checkOverlaps(list []yamlfile.Value, s *Scenario) {
	for i, f := range s.Faults {
		for j, g := range s.Faults[:i] {
			if f.Target.Same(g.Target) && (f.At == g.At || !f.Target.Moves()) && f.At < g.End(s.Phases.Fault) && g.At < f.End(s.Phases.Fault) {
				list[i].Refuse("overlapping-faults", "fault %d has the same target, %s (role %s), and lasts from %s to %s; the two faults overlap",
					j+1, g.Target.Pick, g.Target.Role, span(g.At), span(g.End(s.Phases.Fault)))
				break
			}
		}
	}
}
