package reports

import (
	"fmt"
	"html/template"
	"slices"
	"strings"

	"github.com/seed-ab8b6914/spof/reports/analyze"
)

// Heights in px of the drawing of parts, and the share of the width from which a part has its time written into it.
const (
	partsRow    = 34.0 // of one trial: its line of text and its bar
	partsText   = 12.0 // from the top of a row to the base of its text
	partsTop    = 16.0 // from the top of a row to its bar
	partsBar    = 14.0
	partsAxis   = 22.0
	partsLabel  = 0.09
	mostDivided = 20 // trials that are drawn
)

// splitKeys are the parts with their colours.
var splitKeys = []key{
	{Class: "detect", Name: "detect: until a mechanism notices the failure"},
	{Class: "decide", Name: "decide: until it decides to move users"},
	{Class: "switch", Name: "switch: until the network or the balancer sends users elsewhere"},
	{Class: "client", Name: "client: until users are served again"},
}

// divided lists the trials of a cell whose failover is divided into parts.
func divided(c analyze.Cell) (all []*analyze.Trial) {
	for i := range c.Trials {
		if t := &c.Trials[i]; t.Split != nil && t.FailoverMS != nil && *t.FailoverMS > 0 {
			all = append(all, t)
		}
	}
	return all
}

// drawSplit draws the failover of each trial as a bar of its parts, on one axis of time; empty: no failover is divided.
func drawSplit(c analyze.Cell) template.HTML {
	all := divided(c)
	if len(all) == 0 {
		return ""
	}
	all = all[:min(len(all), mostDivided)]
	most := 0.0
	for _, t := range all {
		most = max(most, *t.FailoverMS)
	}
	x := upTo(most)
	var s svg
	bottom := partsRow * float64(len(all))
	s.begin(bottom+partsAxis, "parts", splitLabel(c, all))
	for _, v := range x.ticks(5) {
		s.vline(pct(x.at(v)), partsTop, bottom, "grid")
		s.text(pct(x.at(v)), bottom+16, anchorOf(x.at(v)), "tick", tickTime(v))
	}
	for i, t := range all {
		drawParts(&s, t, partsRow*float64(i), x)
	}
	return s.done()
}

// anchorOf keeps the text of a tick inside the drawing.
func anchorOf(share float64) string {
	switch {
	case share <= 0:
		return "start"
	case share >= 1:
		return "end"
	}
	return "middle"
}

// drawParts draws one trial.
func drawParts(s *svg, t *analyze.Trial, y float64, x axis) {
	s.open("text", "x", "0", "y", num(y+partsText), "class", "rowtext")
	s.escape(fmt.Sprintf("trial %d: failover %s", t.Trial, failover.of(*t)))
	s.open("tspan", "class", "wide")
	s.escape(" = " + sumText(t.Split))
	s.close("tspan")
	s.close("text")
	from := 0.0
	for _, p := range t.Split.Parts() {
		if p.MS == nil || *p.MS <= 0 {
			continue
		}
		a, b := x.at(from), x.at(from+*p.MS)
		s.bar(a, b, y+partsTop, partsBar, "part-"+p.Name)
		if b-a >= partsLabel {
			s.text(pct((a+b)/2), y+partsTop+partsBar-3.5, "middle", "parttext", p.Name+" "+duration(*p.MS))
		}
		from += *p.MS
	}
}

// sumText lists the known parts: detect 2.93 s + decide 0 ms + switch 1.20 ms + client 22.0 ms.
func sumText(s *analyze.Split) string {
	var all []string
	for _, p := range s.Parts() {
		if p.MS != nil {
			all = append(all, p.Name+" "+duration(*p.MS))
		}
	}
	return strings.Join(all, " + ")
}

func splitLabel(c analyze.Cell, all []*analyze.Trial) string {
	label := "Parts of the failover of every trial on one axis of time."
	for _, t := range all {
		label += fmt.Sprintf(" Trial %d: %s.", t.Trial, sumText(t.Split))
	}
	if c.Waits != "" {
		label += " " + c.Waits + "."
	}
	return label
}

// unsplit says what is not known of the parts of a cell's failovers, and why; each reason once.
func unsplit(c analyze.Cell) (lines []string) {
	add := func(line string) {
		if !slices.Contains(lines, line) {
			lines = append(lines, line)
		}
	}
	for _, t := range c.Trials {
		if t.Unsplit != "" && absent(t) == present {
			add("The failover is not divided: " + t.Unsplit + ".")
		}
		if t.Split == nil {
			continue
		}
		for _, p := range t.Split.Parts() {
			if p.Unknown != "" {
				add(fmt.Sprintf("%s is not told apart: %s. Its time is in %s.", p.Name, p.Unknown, p.In))
			}
		}
	}
	if n := len(divided(c)); n > mostDivided {
		lines = append(lines, fmt.Sprintf("%d of %d trials are drawn.", mostDivided, n))
	}
	return lines
}
