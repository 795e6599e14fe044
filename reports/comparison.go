package reports

import (
	"fmt"
	"html/template"
	"math"
	"strings"

	"github.com/seed-ab8b6914/spof/reports/analyze"
)

// Heights in px of a comparison's parts.
const (
	rowHeight  = 58.0 // of one design: its name and figures, and the dots below them
	dotsTop    = 24.0 // from the top of a row
	dotsHeight = 26.0 // of the strip of dots
)

// neverFrom is the share of the width at which the column "no failover" begins, if a trial needs the column.
const neverFrom = 0.86

// drawComparison draws the failover of every trial of the cells on one axis: each trial as a dot, the median as a bar, the predicted interval
// as a band. Trials whose outage no mechanism ended are in a separate column at the right.
func drawComparison(cells []analyze.Cell) template.HTML {
	var s svg
	height := rowHeight*float64(len(cells)) + 22
	s.begin(height, "comparison", comparisonLabel(cells))
	x, end := comparisonAxis(cells)
	bottom := height - 22
	for _, v := range x.ticks(5) {
		at := pct(end * x.at(v))
		s.vline(at, dotsTop, bottom, "grid")
		anchor := "middle"
		if v == 0 {
			anchor = "start"
		}
		s.text(at, bottom+16, anchor, "tick", tickTime(v))
	}
	if end < 1 {
		s.bar(neverFrom, 1, 0, bottom, "nevercolumn")
		s.text(pct((1+neverFrom)/2), bottom+16, "middle", "tick", "no failover")
	}
	for i, c := range cells {
		drawRow(&s, c, rowHeight*float64(i), x, end)
	}
	return s.done()
}

// comparisonAxis spans all failovers and predictions. end is the share of the width that the axis takes.
func comparisonAxis(cells []analyze.Cell) (x axis, end float64) {
	most, end := 0.0, 1.0
	for _, c := range cells {
		for _, t := range c.Trials {
			if absent(t) == present {
				most = max(most, *t.FailoverMS)
			}
		}
		if _, hi, ok := predictedRange(c); ok {
			most = max(most, hi)
		}
		if count(c, never)+count(c, byRepair) > 0 {
			end = neverFrom - 0.03
		}
	}
	if most <= 0 {
		most = 1000
	}
	return upTo(most * 1.02), end
}

func drawRow(s *svg, c analyze.Cell, y float64, x axis, end float64) {
	s.hline(y+rowHeight-2, "rowline")
	s.open("text", "x", "0", "y", num(y+16), "class", "rowtext")
	s.open("tspan", "class", "rowname")
	s.escape(c.Topology)
	s.close("tspan")
	s.escape(" " + failoverText(c))
	s.close("text")
	if lo, hi, ok := predictedRange(c); ok {
		s.bar(end*x.at(lo), max(end*x.at(hi), end*x.at(lo)+0.004), y+dotsTop, dotsHeight, "predicted")
	}
	middle := y + dotsTop + dotsHeight/2
	if m, ok := failedOver(c); ok {
		from, to := pct(end*x.at(m.Min)), pct(end*x.at(m.Max))
		s.el("line", "x1", from, "x2", to, "y1", num(middle), "y2", num(middle), "class", "range")
		s.vline(pct(end*x.at(m.Median)), y+dotsTop, y+dotsTop+dotsHeight, "median")
	}
	s.panel(y+dotsTop, dotsHeight, dotsOf(c, x, end)...)
}

// failedOver summarizes the failovers of the trials that are not void and whose outage a mechanism ended, or that had no outage.
func failedOver(c analyze.Cell) (analyze.Summary, bool) {
	kept := analyze.Cell{}
	for _, t := range c.Trials {
		if absent(t) == present && !t.Void {
			kept.Trials = append(kept.Trials, t)
		}
	}
	kept.Summary = analyze.Summaries(kept.Trials)
	return failover.over(kept)
}

// dotsOf returns the dots of a cell's trials as three paths: trials with a failover, inconclusive trials with a failover, and trials whose
// outage no mechanism ended.
func dotsOf(c analyze.Cell, x axis, end float64) []path {
	dots, doubtful, nevers := path{class: "trial"}, path{class: "trial doubtful"}, path{class: "trial nevertrial"}
	column := 0
	for i, t := range c.Trials {
		dy := int(dotsHeight/2) + 6*((i+1)%3-1) // three heights, so that equal trials do not overlap
		switch {
		case absent(t) == present:
			p := &dots
			if t.Verdict == analyze.Inconclusive {
				p = &doubtful
			}
			p.dot(int(math.Round(panelWidth*end*x.at(*t.FailoverMS))), dy)
		case absent(t) == never, absent(t) == byRepair:
			at := neverFrom + 0.02 + (1-neverFrom-0.04)*(float64(column)+0.5)/float64(count(c, never)+count(c, byRepair))
			nevers.dot(int(math.Round(panelWidth*at)), dy)
			column++
		}
	}
	return []path{dots, doubtful, nevers}
}

// predictedRange is the predicted interval of the failover over a cell's trials; ok is false if there is none.
func predictedRange(c analyze.Cell) (lo, hi float64, ok bool) {
	lo = math.Inf(1)
	for _, t := range c.Trials {
		if t.Predicted != nil && t.Predicted.Hi > 0 && !t.Predicted.EventOnly {
			lo, hi, ok = min(lo, t.Predicted.Lo), max(hi, t.Predicted.Hi), true
		}
	}
	return lo, hi, ok
}

func comparisonLabel(cells []analyze.Cell) string {
	parts := make([]string, len(cells))
	for i, c := range cells {
		parts[i] = c.Topology + " " + failoverText(c)
	}
	return fmt.Sprintf("Failover of every trial on one axis of time. %s.", strings.Join(parts, "; "))
}
