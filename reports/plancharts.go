package reports

import (
	"fmt"
	"html/template"
	"math"
	"slices"
	"strings"

	"github.com/seed-ab8b6914/spof/planner"
)

// causes are those of outages in the order of their bars, with their classes in the style sheet.
var causes = []key{
	{"cause-wan", "WAN"}, {"cause-power", "power"}, {"cause-hardware", "hardware"}, {"cause-software", "software"}, {"cause-cooling", "cooling"},
	{"cause-stuck", "failovers that do not work"}, {"cause-failover", "time of failovers"}, {"cause-change", "changes and mistakes"},
	{"cause-maintenance", "maintenance"}, {"cause-site", "site"},
}

// planCauses lists the causes that any design has.
func planCauses(r *planner.Result) []key {
	return slices.DeleteFunc(slices.Clone(causes), func(c key) bool {
		return !slices.ContainsFunc(r.Designs, func(d planner.Design) bool { return hoursBy(&d, c.Name) > 0 })
	})
}

func hoursBy(d *planner.Design, cause string) float64 {
	for _, c := range d.Causes {
		if c.Name == cause {
			return c.Hours
		}
	}
	return 0
}

// barRow is a row of a chart of bars: its words, and parts from one value to another.
type barRow struct {
	name, text string
	parts      []barPart
}

type barPart struct {
	from, to    float64
	class, says string
}

// Heights in px of a row of bars.
const (
	barsRow = 46.0
	barTop  = 22.0
	barHigh = 16.0
)

// drawBars draws rows of bars on one axis. mark is a value with a line through all rows; NaN: none.
func drawBars(rows []barRow, x axis, mark float64, tick func(float64) string, label string) template.HTML {
	var s svg
	height := barsRow*float64(len(rows)) + 22
	s.begin(height, "bars", label)
	for _, v := range x.ticks(4) {
		at := pct(x.at(v))
		s.vline(at, barTop, height-22, "grid")
		anchor := "middle"
		if x.at(v) < 0.02 {
			anchor = "start"
		} else if x.at(v) > 0.98 {
			anchor = "end"
		}
		s.text(at, height-6, anchor, "tick", tick(v))
	}
	for i, row := range rows {
		drawBarRow(&s, row, barsRow*float64(i), x)
	}
	if !math.IsNaN(mark) {
		s.vline(pct(x.at(mark)), barTop-4, height-22, "markline")
	}
	return s.done()
}

func drawBarRow(s *svg, row barRow, y float64, x axis) {
	s.open("text", "x", "0", "y", num(y+16), "class", "rowtext")
	s.open("tspan", "class", "rowname")
	s.escape(row.name)
	s.close("tspan")
	s.escape(" " + row.text)
	s.close("text")
	for _, p := range row.parts {
		from, to := x.at(min(p.from, p.to)), x.at(max(p.from, p.to))
		s.open("rect", "x", pct(from), "width", pct(max(to-from, 0.002)), "y", num(y+barTop), "height", num(barHigh), "class", p.class)
		s.open("title")
		s.escape(p.says)
		s.close("title")
		s.close("rect")
	}
}

// drawCauses draws the outage of every design, divided by cause.
func drawCauses(r *planner.Result) template.HTML {
	var rows []barRow
	most := 0.0
	for i := range r.Designs {
		d := &r.Designs[i]
		row := barRow{name: d.Name, text: planner.Span(d.Hours) + " a year"}
		at := 0.0
		for _, c := range causes {
			if hours := hoursBy(d, c.Name); hours > 0 {
				row.parts = append(row.parts, barPart{at, at + hours, c.Class, c.Name + " " + planner.Span(hours)})
				at += hours
			}
		}
		most = max(most, at)
		rows = append(rows, row)
	}
	return drawBars(rows, upTo(most), math.NaN(), hoursTick, "Hours without service a year, by cause. "+rowWords(rows))
}

func hoursTick(v float64) string { return short(v) + " h" }

// rowWords sums up rows for screen readers.
func rowWords(rows []barRow) string {
	words := make([]string, len(rows))
	for i, row := range rows {
		words[i] = row.name + " " + row.text
	}
	return strings.Join(words, "; ") + "."
}

// drawImportance draws what the loss of each component costs a design.
func drawImportance(d *planner.Design) template.HTML {
	var rows []barRow
	for _, one := range d.Importance {
		text := planner.Span(one.Hours) + " a year"
		rows = append(rows, barRow{one.Name, text, []barPart{{0, one.Hours, "outage", one.Name + " " + text}}})
	}
	if len(rows) == 0 {
		return ""
	}
	return drawBars(rows, upTo(d.Importance[0].Hours), math.NaN(), hoursTick, "What each component costs. "+rowWords(rows))
}

// drawTornado draws what each uncertain figure does to the loss of the first design.
func drawTornado(r *planner.Result) template.HTML {
	var rows []barRow
	lo, hi := math.Inf(1), 0.0
	for _, b := range r.Doubt.Bars {
		lo, hi = min(lo, b.AtLow, b.AtHigh), max(hi, b.AtLow, b.AtHigh)
		text := fmt.Sprintf("%s to %s (%s)", b.Low, b.High, b.From)
		if b.First != "" {
			text += ": then " + b.First + " is first"
		}
		rows = append(rows, barRow{b.Name, text, []barPart{{b.AtLow, b.AtHigh, "tornado", text}}})
	}
	if len(rows) == 0 {
		return ""
	}
	best := r.Designs[0].Loss
	for _, d := range r.Designs {
		best = min(best, d.Loss)
	}
	return drawBars(rows, axis{lo: lo - (hi-lo)*0.02, hi: hi + (hi-lo)*0.02}, best, planner.Money, "What each uncertain figure does to "+r.Doubt.Unit+". "+rowWords(rows))
}

const frontHeight = 260.0

// drawFront draws cost and outage of the combinations that no other beats.
func drawFront(r *planner.Result) template.HTML {
	var s svg
	c := r.Choice
	cost, hours := 0.0, 0.0
	for _, p := range c.Front {
		cost, hours = max(cost, p.Cost), max(hours, p.Hours)
	}
	x, y := upTo(max(cost, 1)), upTo(hours)
	s.begin(frontHeight+36, "timeline", fmt.Sprintf("Cost and hours without service a year of %d combinations that no other beats.", len(c.Front)))
	at := func(h float64) float64 { return 8 + (frontHeight-8)*(1-y.at(h)) }
	for _, v := range y.ticks(4) {
		s.hline(at(v), "grid")
		s.shifted("0", -6, at(v)+4, "end", "tick", hoursTick(v))
	}
	for _, v := range x.ticks(3) {
		anchor := map[bool]string{true: "end", false: "middle"}[x.at(v) > 0.98]
		s.text(pct(x.at(v)), frontHeight+16, anchor, "tick", planner.Money(v))
	}
	for _, p := range c.Front {
		class := "frontpoint"
		if p.Base == c.Best.Base && slices.Equal(p.Buys, c.Best.Buys) {
			class += " best"
		}
		if p.Users > c.Best.Users {
			class += " more"
		}
		s.open("circle", "cx", pct(x.at(p.Cost)), "cy", num(at(p.Hours)), "r", "6", "class", class)
		s.open("title")
		s.escape(pointText(r, p))
		s.close("title")
		s.close("circle")
	}
	s.text("100%", frontHeight+32, "end", "tick", strings.TrimSpace("cost over "+short(r.Years)+" years, "+r.Currency))
	return s.done()
}

// pointText is a combination in words.
func pointText(r *planner.Result, p planner.Point) string {
	return fmt.Sprintf("%s: %s %s, %s a year", combination(r, p), planner.Money(p.Cost), r.Currency, planner.Span(p.Hours))
}

// combination names a design with what is bought for it; a plan with one design need not say which.
func combination(r *planner.Result, p planner.Point) string {
	switch {
	case len(r.Designs) <= 2: // the choice is the last
		return buys(p.Buys)
	case len(p.Buys) == 0:
		return p.Base
	}
	return p.Base + " with " + buys(p.Buys)
}

func buys(names []string) string {
	if len(names) == 0 {
		return "nothing"
	}
	return strings.Join(names, ", ")
}
