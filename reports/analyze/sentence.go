package analyze

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/seed-ab8b6914/spof/reports/units"
)

// sentence describes the result of a cell in one line. Failed: the first reason with its code, and the story of the first failed trial.
// Inconclusive: the first reason with its code. Passed: see outcome.
func (c *Cell) sentence() string {
	switch c.Verdict {
	case Pass:
		return c.outcome() + c.splitBrain()
	case Inconclusive:
		return "inconclusive: " + c.Reasons[0] + " [" + c.Codes[0] + "]"
	}
	text := c.Reasons[0]
	i := slices.IndexFunc(c.Trials, func(t Trial) bool { return t.Verdict == Fail })
	if i >= 0 && c.Trials[i].Story != "" {
		text += " (" + c.Trials[i].Story + ")"
	}
	return text + " [" + c.Codes[0] + "]"
}

// outcome describes the measures of a cell that passed.
func (c *Cell) outcome() string {
	s, ok := c.Summary["failover_ms"]
	if !ok {
		return c.withoutFault()
	}
	if s.Max == 0 && s.N > 0 {
		return c.unbroken() + c.trialCount() + c.latencies() + c.prediction()
	}
	return c.recovered(s) + c.lostMeanwhile() + c.lostAgain() + c.wholeAgain() + c.latencies() + c.prediction()
}

// lostAgain gives the number and the longest of the outages after the one that counts; empty: none.
func (c *Cell) lostAgain() string {
	worst, n := 0.0, 0
	for _, t := range c.Trials {
		for _, lasted := range t.laterOutages {
			worst, n = max(worst, lasted), n+1
		}
	}
	switch n {
	case 0:
		return ""
	case 1:
		return ", and lost again for " + duration(worst)
	}
	return fmt.Sprintf(", and lost again %d times, for %s at worst", n, duration(worst))
}

// unbroken says that there was no outage. If the design promises only a share of the load, it also gives the share served.
func (c *Cell) unbroken() string {
	p, ok := c.Summary["promised_ratio"]
	if !ok {
		return "users never lost service"
	}
	return fmt.Sprintf("no outage: served %s of the load (promised %s)%s", percent(c.Summary["q_steady"].Median), percent(p.Median), c.wholeAgain())
}

// recovered gives the failover with its uncertainty. If the design promises only a share of the load, it also gives the share served.
func (c *Cell) recovered(s Summary) string {
	text := "failover "
	if p, ok := c.Summary["promised_ratio"]; ok {
		text = fmt.Sprintf("served %s of the load (promised %s) after ", percent(c.Summary["q_steady"].Median), percent(p.Median))
	}
	if s.N == 1 {
		one := &c.Trials[slices.IndexFunc(c.Trials, func(t Trial) bool { return t.FailoverMS != nil && !t.Void })]
		return text + one.Ranges["failover"].Text(*one.FailoverMS, "ms")
	}
	text += duration(s.Median)
	if s.MedianCI != nil {
		return text + fmt.Sprintf(" (median of %d, %s at 95 %%; each ± %s)", s.N, span(s.MedianCI[0], s.MedianCI[1]), c.uncertainty())
	}
	return text + fmt.Sprintf(" (median of %d, %s to %s; each ± %s)", s.N, duration(s.Min), duration(s.Max), c.uncertainty())
}

// wholeAgain says when all of the load was served again, if the design promises only a share; empty: no such measure.
func (c *Cell) wholeAgain() string {
	s, ok := c.Summary["promised_whole_ms"]
	if !ok {
		return ""
	}
	return ", full load served again " + duration(s.Median) + " after the repair began"
}

// uncertainty is the largest uncertainty of a failover.
func (c *Cell) uncertainty() string {
	return units.Margin(c.Summary["failover_uncertainty_ms"].Max, "ms")
}

// noticeable is the smallest time from failover to latency recovery that the sentence mentions, ms.
const noticeable = 100

// latencies says until when latencies were high after failover, and whether the machine may have caused that; empty: not noticeable.
func (c *Cell) latencies() string {
	var worst *Trial
	for i := range c.Trials {
		t := &c.Trials[i]
		if t.Void || t.FailoverMS == nil || t.latencyRecovery() < *t.FailoverMS+noticeable {
			continue
		}
		if worst == nil || t.latencyRecovery() > worst.latencyRecovery() {
			worst = t
		}
	}
	if worst == nil {
		return ""
	}
	end := "the trial ended"
	if worst.LatencyRecoveryMS != nil {
		end = duration(*worst.LatencyRecoveryMS)
	}
	text := "; latencies were high until " + end
	if len(c.Trials) > 1 {
		text += " at worst"
	}
	switch why := worst.Ranges["latency_recovery"].Why; {
	case why == "" || why == toTheEnd:
		return text
	case worst.LatencyRecoveryMS == nil:
		return text + " (" + why + ")"
	default:
		return text + " (an upper bound: " + why + ")"
	}
}

// latencyRecovery is the trial's latency recovery, ms; +Inf if latencies were high until the trial ended.
func (t *Trial) latencyRecovery() float64 {
	if t.LatencyRecoveryMS == nil {
		return math.Inf(1)
	}
	return *t.LatencyRecoveryMS
}

// splitBrain gives the longest time for which two nodes held an address at once; empty: less than Handover.
func (c *Cell) splitBrain() string {
	s, ok := c.Summary["dual_active_ms"]
	if !ok || s.Max < Handover {
		return ""
	}
	text := "; two nodes held the address at once for " + duration(s.Max)
	if s.N > 1 {
		text += " at worst"
	}
	return text
}

// withoutFault describes a cell whose scenario has no fault.
func (c *Cell) withoutFault() string {
	var requests, errors int
	p99 := 0.0
	for _, t := range c.Trials {
		for outcome, n := range t.Outcomes {
			requests += n
			if outcome != "ok" {
				errors += n
			}
		}
		p99 = max(p99, t.Latency.During.P99)
	}
	return fmt.Sprintf("%d of %d requests failed, p99 latency %s%s", errors, requests, duration(p99), c.trialCount())
}

func (c *Cell) trialCount() string {
	if len(c.Trials) == 1 {
		return ""
	}
	return fmt.Sprintf(" in %d trials", len(c.Trials))
}

// lostMeanwhile gives the share of the requests between effect and failover that failed or were answered after the patience: the median
// over the trials. Empty: no request was due in between.
func (c *Cell) lostMeanwhile() string {
	var shares []float64
	for _, t := range c.Trials {
		if t.lostUntilBack != nil && !t.Void {
			shares = append(shares, *t.lostUntilBack)
		}
	}
	if len(shares) == 0 {
		return ""
	}
	return ", " + percent(median(slices.Sorted(slices.Values(shares)))) + " of requests lost or late meanwhile"
}

// prediction gives the prediction and the number of trials inside it, or the reason why there is none.
func (c *Cell) prediction() string {
	var p *Predicted
	why := ""
	inside, of := 0, 0
	for _, t := range c.Trials {
		why = cmp.Or(why, t.Unpredicted)
		if t.Predicted != nil && !t.Void {
			p = t.Predicted
			of++
			if p.Inside {
				inside++
			}
		}
	}
	switch {
	case p == nil && why != "":
		return "; no prediction: " + why
	case p == nil:
		return ""
	}
	return fmt.Sprintf("; predicted%s: %d/%d inside", p.what(), inside, of)
}

// what describes the prediction: " no outage", ": not before the repair", " 2.61–3.61 s", or the event of a mechanism and its interval.
func (p *Predicted) what() string {
	switch {
	case p.Never:
		return ": not before the repair"
	case p.Hi <= 0:
		return " no outage"
	case p.EventOnly:
		return " " + strings.ReplaceAll(p.Event, "-", " ") + " " + span(p.Lo, p.Hi)
	}
	return " " + span(p.Lo, p.Hi)
}
