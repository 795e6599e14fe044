package reports

import (
	"strconv"
	"strings"

	"github.com/seed-ab8b6914/spof/reports/analyze"
)

// measure is a figure of a trial that is shown over all trials of a cell, by its name in the cell's summary.
type measure string

// The measures that tables have a column of.
const (
	failover  measure = "failover_ms"
	failback  measure = "failback_ms"
	lostRatio measure = "lost_ratio"
	bypassed  measure = "bypassed"
	noticed   measure = "users_noticed"
	qMin      measure = "q_min"
	qSteady   measure = "q_steady"
	loss      measure = "resilience_loss_s"
)

// over gives a measure's spread over a cell. ok is false where no trial has a value.
func (m measure) over(c analyze.Cell) (s analyze.Summary, ok bool) {
	s = c.Summary[string(m)]
	return s, s.N > 0
}

// median writes a measure's median over a cell.
func (m measure) median(c analyze.Cell) string {
	if s, ok := m.over(c); ok {
		return inUnit(s.Median, analyze.UnitOf(string(m)))
	}
	return none
}

// text writes a measure's median and, where the trials differ, its range.
func (m measure) text(c analyze.Cell) string {
	s, ok := m.over(c)
	if !ok {
		return none
	}
	unit := analyze.UnitOf(string(m))
	text := inUnit(s.Median, unit)
	if inUnit(s.Min, unit) != inUnit(s.Max, unit) {
		text += " (" + spanIn(s.Min, s.Max, unit) + ")"
	}
	return text
}

// of writes a measure of one trial.
func (m measure) of(t analyze.Trial) string {
	if v, ok := t.Figure(string(m)); ok {
		return inUnit(v, analyze.UnitOf(string(m)))
	}
	return none
}

// absence says why a trial has no failover.
type absence int

const (
	present   absence = iota
	never             // service returned only with the repair
	unknown           // the trial is inconclusive
	unfaulted         // the scenario injects no fault
)

// absent says whether, and why, a trial has no failover.
func absent(t analyze.Trial) absence {
	switch {
	case t.FailoverMS != nil:
		return present
	case t.Target == "":
		return unfaulted
	case t.Verdict == analyze.Inconclusive:
		return unknown
	default:
		return never
	}
}

// count counts the trials whose failover is absent in one way.
func count(c analyze.Cell, why absence) (n int) {
	for _, t := range c.Trials {
		if absent(t) == why {
			n++
		}
	}
	return n
}

// headline is a cell's failover in few characters: its median, or why there is none.
func headline(c analyze.Cell) string {
	s, ok := failover.over(c)
	switch {
	case ok && 2*count(c, never) > len(c.Trials): // the median over all trials is a failover that never came
		return "never"
	case ok:
		return duration(s.Median)
	case count(c, never) > 0:
		return "never"
	case count(c, unknown) > 0:
		return "unknown"
	default:
		return none
	}
}

// failoverText is a cell's failover over its trials: 3.20 s (2.72–3.48 s), 2 never.
func failoverText(c analyze.Cell) string {
	s, ok := failover.over(c)
	if !ok {
		return headline(c)
	}
	text := duration(s.Median)
	if s.N > 1 {
		text += " (" + span(s.Min, s.Max) + ")"
	}
	if n := count(c, never); n > 0 {
		text += ", " + strconv.Itoa(n) + " never"
	}
	return text
}

// noticedText says how many users noticed: the median over the trials, of how many.
func noticedText(c analyze.Cell) string {
	s, ok := noticed.over(c)
	if !ok || len(c.Trials) == 0 {
		return none
	}
	users := 0 // a trial that broke off may not know them
	for _, t := range c.Trials {
		users = max(users, t.Users)
	}
	return inUnit(s.Median, "count") + " of " + strconv.Itoa(users)
}

// unsaid are the reasons of a cell's verdict that its sentence does not give already.
func unsaid(c analyze.Cell) (reasons []string) {
	for _, r := range c.Reasons {
		if !strings.Contains(c.Sentence, r) {
			reasons = append(reasons, r)
		}
	}
	return reasons
}
