package analyze

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/seed-ab8b6914/spof/proxy"
	"github.com/seed-ab8b6914/spof/reports/units"
	"github.com/seed-ab8b6914/spof/scenarios/fault"
	"github.com/seed-ab8b6914/spof/sim/trace"
)

// duration formats a time given in ms: 3.20 s, 214 ms, 85.0 µs.
func duration(ms float64) string { return units.Write(ms, "ms") }

// percent formats a ratio: 62.0 %.
func percent(ratio float64) string { return units.Write(ratio, "ratio") }

// span formats a range of times given in ms: 2.61–3.61 s.
func span(lo, hi float64) string { return units.Span(lo, hi, "ms") }

// Text formats a value with its uncertainty: 3.394 s ± 8.0 ms. If the range has a cause (Why), it formats the range instead: 3.59–4.83 s.
func (g Range) Text(v float64, unit string) string {
	if g.Why != "" && !math.IsInf(g.Hi, 1) && units.Shows(v, g.off(v), unit) {
		return units.Span(g.Lo, g.Hi, unit)
	}
	return units.Uncertain(v, g.Lo, g.Hi, unit)
}

// trimZeros removes trailing zeros from the bound of a scenario: 2 s, not 2.00 s.
func trimZeros(s string) string {
	number, unit, spaced := strings.Cut(s, " ")
	if strings.Contains(number, ".") {
		number = strings.TrimRight(strings.TrimRight(number, "0"), ".")
	}
	if spaced {
		return number + " " + unit
	}
	return number
}

// words returns the name of a measure in words: time to first.
func words(measure string) string { return strings.ReplaceAll(measure, "_", " ") }

// story lists the events of a trial with their times, in s from the start of the load: faults, events of mechanisms, return of service.
func (r *run) story() string {
	if r.first() == nil {
		return ""
	}
	type step struct {
		at   int64
		text string
	}
	var steps []step
	for _, s := range r.jointEffects() {
		kind, _ := fault.Of(s.Kind)
		became := cmp.Or(kind.Became, "hit by "+string(s.Kind))
		steps = append(steps, step{s.effect.At, strings.Join(s.places, ", ") + " " + became})
	}
	m := r.mechanisms()
	for _, e := range slices.Concat([]*trace.Event{m.left, m.master}, m.downs, m.others) {
		switch {
		case e == nil:
		case e.Kind == proxy.EventVRRP:
			steps = append(steps, step{e.At, "VRRP " + strings.ToLower(string(e.State)) + " " + e.Node})
		case e.Kind == proxy.EventRecord:
			steps = append(steps, step{e.At, "record " + e.Subject + " withdrawn by " + e.Node})
		case e.Kind == proxy.EventPACBad:
			steps = append(steps, step{e.At, labelOf(*e)})
		default:
			steps = append(steps, step{e.At, cmp.Or(e.Subject, r.target()) + " down at " + e.Node})
		}
	}
	for i, e := range r.events {
		if e.Kind == proxy.EventVRRP && e.State != proxy.VRRPMaster && e.At >= r.effect && e.At < r.until {
			if _, unprovoked := r.unprovoked(i); unprovoked {
				steps = append(steps, step{e.At, r.deed(e) + " without a fault"})
			}
		}
		if e.Kind == proxy.EventServiceExit && r.explained(e) {
			steps = append(steps, step{e.At, e.Service + " on " + e.Node + " died of the fault (" + e.Text + ")"})
		}
	}
	for _, o := range r.outages {
		if o.ended {
			steps = append(steps, step{o.back, "users back"})
		} else {
			steps = append(steps, step{r.end, "trial ended, users not back"})
		}
	}
	if r.ender == EndedByRepair || r.ender == EndedByNobody {
		steps = append(steps, step{r.repairOf(*r.outage), "repair begins"})
	}
	slices.SortStableFunc(steps, func(a, b step) int { return int(min(max(a.at-b.at, -1), 1)) })
	var out []string
	for _, s := range steps {
		out = append(out, fmt.Sprintf("%s at %.2f s", s.text, float64(s.at)/1e9))
	}
	return strings.Join(out, "; ")
}
