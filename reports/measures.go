package reports

import (
	"slices"
	"strconv"
	"strings"

	"github.com/seed-ab8b6914/spof/reports/analyze"
)

// measure is a figure of a trial that is shown over all trials of a cell.
type measure struct {
	key   string // its name in report.json
	value func(analyze.Trial) *float64
}

// The measures that tables show over the trials of a cell.
var (
	failover  = measure{"failover_ms", func(t analyze.Trial) *float64 { return t.FailoverMS }}
	failback  = measure{"failback_ms", func(t analyze.Trial) *float64 { return t.FailbackMS }}
	lostRatio = measure{"lost_ratio", func(t analyze.Trial) *float64 { return &t.LostRatio }}
	bypassed  = measure{"bypassed", func(t analyze.Trial) *float64 { n := float64(t.Bypassed); return &n }}
	noticed   = measure{"users_noticed", func(t analyze.Trial) *float64 { n := float64(t.UsersNoticed); return &n }}
	qMin      = measure{"q_min", func(t analyze.Trial) *float64 { return &t.QMin }}
	qSteady   = measure{"q_steady", func(t analyze.Trial) *float64 { return &t.QSteady }}
	loss      = measure{"resilience_loss_s", func(t analyze.Trial) *float64 { return &t.ResilienceLossS }}
)

// over gives a measure's spread over a cell: the analysis' own summary, or where it made none, one of the trials'
// values. ok is false where no trial has a value.
func (m measure) over(c analyze.Cell) (s analyze.Summary, ok bool) {
	if s, found := c.Summary[m.key]; found {
		return s, s.N > 0
	}
	var vs []float64
	for _, t := range c.Trials {
		if v := m.value(t); v != nil {
			vs = append(vs, *v)
		}
	}
	if len(vs) == 0 {
		return analyze.Summary{Missing: len(c.Trials)}, false
	}
	slices.Sort(vs)
	mid := len(vs) / 2
	median := vs[mid]
	if len(vs)%2 == 0 {
		median = (vs[mid-1] + vs[mid]) / 2
	}
	return analyze.Summary{N: len(vs), Missing: len(c.Trials) - len(vs), Min: vs[0], Median: median, Max: vs[len(vs)-1]}, true
}

// text writes a measure's median and, where the trials differ, its range.
func (m measure) text(c analyze.Cell, one func(float64) string, both func(lo, hi float64) string) string {
	s, ok := m.over(c)
	switch {
	case !ok:
		return none
	case one(s.Min) == one(s.Max):
		return one(s.Median)
	}
	return one(s.Median) + " (" + both(s.Min, s.Max) + ")"
}

// ratioSpan and figureSpan write ranges of ratios and of plain figures.
func ratioSpan(lo, hi float64) string  { return figure(100*lo) + "–" + percent(hi) }
func figureSpan(lo, hi float64) string { return figure(lo) + "–" + figure(hi) }

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
	return short(s.Median) + " of " + strconv.Itoa(users)
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
