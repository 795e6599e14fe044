package reports

import (
	"cmp"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/seed-ab8b6914/spof/reports/analyze"
	"github.com/seed-ab8b6914/spof/reports/units"
)

// measure is a figure of a trial that is shown over all trials of a cell, by its name in the cell's summary.
type measure string

// The measures that tables have a column of.
const (
	failover  measure = "failover_ms"
	fastAgain measure = "latency_recovery_ms"
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

// median writes a measure's median over a cell; of one trial with its uncertainty.
func (m measure) median(c analyze.Cell) string {
	s, ok := m.over(c)
	switch {
	case len(c.Trials) == 1 && !c.Trials[0].Void():
		return m.of(c.Trials[0])
	case !ok:
		return none
	}
	return units.Write(s.Median, analyze.UnitOf(string(m)))
}

// text writes a measure's median and, where the trials differ, its range, with the largest uncertainty of a time in a trial. Where
// something made a trial's figure wide, the range is that of all that it may be.
func (m measure) text(c analyze.Cell) string {
	s, ok := m.over(c)
	switch {
	case len(c.Trials) == 1 && !c.Trials[0].Void():
		return m.of(c.Trials[0])
	case !ok:
		return none
	}
	unit := analyze.UnitOf(string(m))
	text, more := units.Write(s.Median, unit), ""
	lo, hi, off := m.sharpness(c)
	lo, hi = min(lo, s.Min), max(hi, s.Max)
	switch {
	case math.IsInf(hi, 1):
		more = units.Write(lo, unit) + " or more"
	case units.Write(lo, unit) != units.Write(hi, unit):
		more = units.Span(lo, hi, unit)
	}
	if (unit == "ms" || unit == "s") && units.Shows(s.Median, off, unit) {
		if more != "" {
			more += "; "
		}
		more += "each ± " + units.Margin(off, unit)
	}
	if more != "" {
		text += " (" + more + ")"
	}
	return text
}

// sharpness is the largest uncertainty of a measure in a trial of a cell, and what it may be in trials where something made it wide.
func (m measure) sharpness(c analyze.Cell) (lo, hi, off float64) {
	lo, hi = math.Inf(1), math.Inf(-1)
	for _, t := range c.Trials {
		v, ok := t.Figure(string(m))
		g, _ := t.FigureRange(string(m))
		switch {
		case !ok || t.Void():
		case g.Why != "":
			lo, hi = min(lo, g.Lo), max(hi, g.Hi)
		default:
			off = max(off, v-g.Lo, g.Hi-v)
		}
	}
	return lo, hi, off
}

// of writes a measure of one trial with its uncertainty.
func (m measure) of(t analyze.Trial) string {
	unit := analyze.UnitOf(string(m))
	v, ok := t.Figure(string(m))
	g, bounded := t.FigureRange(string(m))
	switch {
	case ok:
		return g.Text(v, unit)
	case bounded && g.Lo > 0:
		return "not within " + units.Write(g.Lo, unit)
	}
	return none
}

// absence says why a trial has no failover.
type absence int

const (
	present   absence = iota // users never lost service, or a mechanism ended the outage
	byRepair                 // only the repair ended the outage
	never                    // service was not back when the trial ended
	unknown                  // the trial shows nothing
	unfaulted                // the scenario injects no fault
)

// absent says whether, and why, a trial has no failover.
func absent(t analyze.Trial) absence {
	switch {
	case t.Void() && (t.FailoverMS == nil || t.EndedBy == analyze.EndedByRepair):
		if t.Target == "" {
			return unfaulted
		}
		return unknown
	case t.EndedBy == analyze.EndedByRepair:
		return byRepair
	case t.EndedBy == analyze.EndedByNobody:
		return never
	case t.FailoverMS != nil:
		return present
	case t.Target == "":
		return unfaulted
	default:
		return unknown
	}
}

// endings words who ended an outage.
var endings = map[string]string{
	analyze.EndedByMechanism: "a mechanism", analyze.EndedByRepair: "the repair", analyze.EndedByNobody: "nobody before the trial ended",
}

// endedBy words who ended a trial's outage.
func endedBy(t analyze.Trial) string {
	switch {
	case endings[t.EndedBy] != "":
		return endings[t.EndedBy]
	case absent(t) == present:
		return "no outage"
	}
	return none
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
	_, ok := failover.over(c)
	switch {
	case 2*count(c, never) > len(c.Trials): // the median over all trials is a failover that never came
		return "never"
	case ok && 2*count(c, byRepair) > len(c.Trials):
		return failover.median(c) + " by repair"
	case ok:
		return failover.median(c)
	case count(c, never) > 0:
		return "never"
	case count(c, unknown) > 0:
		return "unknown"
	default:
		return none
	}
}

// failoverText is a cell's failover over its trials: 3.20 s (2.72–3.48 s), 2 by repair, 1 never.
func failoverText(c analyze.Cell) string {
	s, ok := failover.over(c)
	if !ok {
		return headline(c)
	}
	text, repaired := failover.median(c), count(c, byRepair)
	if repaired == len(c.Trials) {
		return text + " by repair"
	}
	if s.N > 1 {
		text += " (" + span(s.Min, s.Max) + ")"
	}
	if repaired > 0 {
		text += ", " + strconv.Itoa(repaired) + " by repair"
	}
	if n := count(c, never); n > 0 {
		text += ", " + strconv.Itoa(n) + " never"
	}
	return text
}

// notes say why figures of a cell are ranges, once for each measure: the first trial's reason stands for all. What the cell's
// sentence and reasons say already is left out.
func notes(c analyze.Cell) (all []string) {
	said := c.Sentence + "\n" + strings.Join(c.Reasons, "\n")
	for _, m := range noted(c) {
		why, n := "", 0
		for _, t := range c.Trials {
			g, _ := t.FigureRange(string(m))
			if _, ok := t.Figure(string(m)); ok && g.Why != "" && !t.Void() {
				why = cmp.Or(why, g.Why)
				n++
			}
		}
		if n == 0 || strings.Contains(said, why) {
			continue
		}
		note := strings.ReplaceAll(analyze.MeasureOf(string(m)), "_", " ") + " is a range"
		if len(c.Trials) > 1 {
			note += " in " + share(n, len(c.Trials)) + " trials"
		}
		all = append(all, note+": "+why)
	}
	return all
}

// noted are the measures whose ranges are explained: the headlines, and what a scenario bounds.
func noted(c analyze.Cell) []measure {
	ms := []measure{failover, fastAgain, failback}
	for _, b := range c.Bounds {
		if !slices.Contains(ms, measure(b.Key)) {
			ms = append(ms, measure(b.Key))
		}
	}
	return ms
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
	return units.Write(s.Median, "count") + " of " + strconv.Itoa(users)
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
