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

// measure is a measure over all trials of a cell.
type measure struct{ *analyze.Measure }

// The measures that have a fixed column in tables.
var (
	failover  = at("failover_ms")
	fastAgain = at("latency_recovery_ms")
	failback  = at("failback_ms")
	lostRatio = at("lost_ratio")
	bypassed  = at("bypassed")
	noticed   = at("users_noticed")
	qMin      = at("q_min")
	qSteady   = at("q_steady")
	loss      = at("resilience_loss_s")
)

// at returns a measure by its key in a cell's summary. The measure of an unknown key has no values.
func at(key string) measure {
	if m := analyze.MeasureAt(key); m != nil {
		return measure{m}
	}
	return measure{&analyze.Measure{Name: key, Value: func(*analyze.Trial) *float64 { return nil }}}
}

// over returns the summary of a measure over a cell. ok is false if no trial has a value.
func (m measure) over(c analyze.Cell) (s analyze.Summary, ok bool) {
	s = c.Summary[m.Key()]
	return s, s.N > 0
}

// median formats the median of a measure over a cell. A single trial has its uncertainty.
func (m measure) median(c analyze.Cell) string {
	s, ok := m.over(c)
	switch {
	case len(c.Trials) == 1 && !c.Trials[0].Void:
		return m.of(c.Trials[0])
	case !ok:
		return none
	}
	return units.Write(s.Median, m.Unit)
}

// text formats the median of a measure. If the trials differ, it adds their range, and for a time the largest uncertainty in a trial. If a
// trial's figure is a range, the range includes it.
func (m measure) text(c analyze.Cell) string {
	s, ok := m.over(c)
	switch {
	case len(c.Trials) == 1 && !c.Trials[0].Void:
		return m.of(c.Trials[0])
	case !ok:
		return none
	}
	unit := m.Unit
	text, more := units.Write(s.Median, unit), ""
	lo, hi, off := m.uncertainty(c)
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

// uncertainty is the largest uncertainty of a measure in a trial of a cell. lo and hi are the ends of the ranges that have a reason, such as a
// busy machine.
func (m measure) uncertainty(c analyze.Cell) (lo, hi, off float64) {
	lo, hi = math.Inf(1), math.Inf(-1)
	for _, t := range c.Trials {
		v, ok := m.Of(&t)
		g, _ := m.RangeOf(&t)
		switch {
		case !ok || t.Void:
		case g.Why != "":
			lo, hi = min(lo, g.Lo), max(hi, g.Hi)
		default:
			off = max(off, v-g.Lo, g.Hi-v)
		}
	}
	return lo, hi, off
}

// of formats a measure of one trial with its uncertainty.
func (m measure) of(t analyze.Trial) string {
	unit := m.Unit
	v, ok := m.Of(&t)
	g, bounded := m.RangeOf(&t)
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
	present  absence = iota // users never lost service, or a mechanism ended the outage
	byRepair                // only the repair ended the outage
	never                   // service was not back when the trial ended
	unknown                 // the trial is void
	noFault                 // the scenario injects no fault
)

// absent returns whether a trial has no failover, and why.
func absent(t analyze.Trial) absence {
	switch {
	case t.Void && (t.FailoverMS == nil || t.EndedBy == analyze.EndedByRepair):
		if t.Target == "" {
			return noFault
		}
		return unknown
	case t.EndedBy == analyze.EndedByRepair:
		return byRepair
	case t.EndedBy == analyze.EndedByNobody:
		return never
	case t.FailoverMS != nil:
		return present
	case t.Target == "":
		return noFault
	default:
		return unknown
	}
}

// endings has the words for what ended an outage.
var endings = map[string]string{
	analyze.EndedByMechanism: "a mechanism", analyze.EndedByRepair: "the repair", analyze.EndedByNobody: "nothing before the trial ended",
}

// endedBy says what ended a trial's outage.
func endedBy(t analyze.Trial) string {
	switch {
	case endings[t.EndedBy] != "":
		return endings[t.EndedBy]
	case absent(t) == present:
		return "no outage"
	}
	return none
}

// count counts the trials whose failover is absent for one reason.
func count(c analyze.Cell, why absence) (n int) {
	for _, t := range c.Trials {
		if absent(t) == why {
			n++
		}
	}
	return n
}

// headline is a short text of a cell's failover: its median, or why there is none.
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

// notes returns why figures of a cell are ranges: one note for each measure, with the cause of the first trial. It leaves out a cause that is
// in the sentence or the reasons of the cell.
func notes(c analyze.Cell) (all []string) {
	said := c.Sentence + "\n" + strings.Join(c.Reasons, "\n")
	for _, m := range noted(c) {
		why, n := "", 0
		for _, t := range c.Trials {
			g, _ := m.RangeOf(&t)
			if _, ok := m.Of(&t); ok && g.Why != "" && !t.Void {
				why = cmp.Or(why, g.Why)
				n++
			}
		}
		if n == 0 || strings.Contains(said, why) {
			continue
		}
		note := strings.ReplaceAll(m.Name, "_", " ") + " is a range"
		if len(c.Trials) > 1 {
			note += " in " + share(n, len(c.Trials)) + " trials"
		}
		all = append(all, note+": "+why)
	}
	return all
}

// noted returns the measures whose ranges are explained: those with a fixed column, and those that the scenario bounds.
func noted(c analyze.Cell) []measure {
	ms := []measure{failover, fastAgain, failback}
	for _, b := range c.Bounds {
		if !slices.Contains(ms, at(b.Key)) {
			ms = append(ms, at(b.Key))
		}
	}
	return ms
}

// noticedText gives the number of users who noticed, median over the trials, and the number of all users: 12 of 50.
func noticedText(c analyze.Cell) string {
	s, ok := noticed.over(c)
	if !ok || len(c.Trials) == 0 {
		return none
	}
	users := 0 // a trial that was broken off may have no number of users
	for _, t := range c.Trials {
		users = max(users, t.Users)
	}
	return units.Write(s.Median, "count") + " of " + strconv.Itoa(users)
}

// otherReasons returns the reasons of a cell's verdict that are not in its sentence, with their codes.
func otherReasons(c analyze.Cell) (reasons []string) {
	for i, r := range c.Reasons {
		if !strings.Contains(c.Sentence, r) {
			reasons = append(reasons, coded(r, c.Codes, i))
		}
	}
	return reasons
}

// coded adds code i of a list of codes to a text.
func coded(text string, codes []string, i int) string {
	if i < len(codes) {
		return text + " [" + codes[i] + "]"
	}
	return text
}
