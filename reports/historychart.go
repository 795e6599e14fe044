package reports

import (
	"fmt"
	"html/template"
	"math"
	"strconv"

	"github.com/seed-ab8b6914/spof/reports/history"
	"github.com/seed-ab8b6914/spof/reports/units"
)

// Heights in px of the chart of a series, from the top.
const (
	seriesTop    = 20.0 // numbers of the change points
	seriesNever  = 18.0 // the strip of runs without failover, if there is one
	seriesHeight = 150.0
)

// seriesChart draws one measure over the runs of a series: a dot and an interval for each run, a line for the median between change points,
// and a vertical line for each change point.
type seriesChart struct {
	svg
	series  *history.Series
	measure *history.Measure
	y       axis
	top     float64 // of the values
}

func drawSeries(h *history.History, s *history.Series, m *history.Measure) template.HTML {
	c := &seriesChart{series: s, measure: m, y: seriesAxis(m), top: seriesTop}
	never := hasNever(m)
	if never {
		c.top += seriesNever
	}
	bottom := c.top + seriesHeight
	c.begin(bottom+axisHeight, "timeline", seriesLabel(s, m))
	for _, v := range c.y.ticks(4) {
		c.hline(c.at(v), "grid")
		c.shifted("0", -6, c.at(v)+4, "end", "tick", tickOf(v, m.Unit))
	}
	if never {
		c.shifted("0", -6, seriesTop+seriesNever/2+4, "end", "tick", "never")
	}
	for _, mark := range s.Marks {
		c.vline(pct(c.x(placeOf(s, mark.Run))-0.5/float64(len(s.Runs))), seriesTop, bottom, "markline")
	}
	c.changes(bottom)
	c.intervals()
	c.panel(0, bottom, c.line(), c.medians(), c.dots(), c.nevers())
	c.text(pct(c.x(0)), bottom+16, "start", "tick", dayOnly(h, s.Runs[0]))
	if last := len(s.Runs) - 1; last > 0 {
		c.text(pct(c.x(last)), bottom+16, "end", "tick", dayOnly(h, s.Runs[last]))
	}
	return c.done()
}

func dayOnly(h *history.History, run int) string {
	return h.Runs[run].Started.UTC().Format("2006-01-02")
}

// x is the share of the width for the i-th run of the series.
func (c *seriesChart) x(i int) float64 { return (float64(i) + 0.5) / float64(len(c.series.Runs)) }

// at is the height of a value, px.
func (c *seriesChart) at(v float64) float64 { return c.top + seriesHeight*(1-c.y.at(v)) }

// changes draws the change points with their numbers, each in the middle between two runs.
func (c *seriesChart) changes(bottom float64) {
	for i, p := range c.measure.Changes {
		at := pct((c.x(placeOf(c.series, p.Before)) + c.x(placeOf(c.series, p.After))) / 2)
		c.vline(at, seriesTop-4, bottom, "change "+string(p.Change))
		c.text(at, 12, "middle", "bold", strconv.Itoa(i+1))
	}
}

// intervals draws the interval of each run.
func (c *seriesChart) intervals() {
	for _, p := range c.measure.Points {
		if p.CI != nil {
			c.vline(pct(c.x(placeOf(c.series, p.Run))), c.at(p.CI[1]), c.at(p.CI[0]), "range")
		}
	}
}

// line joins the values of neighbouring runs. A run without a value, or without failover, breaks it.
func (c *seriesChart) line() path {
	p := path{class: "runline"}
	last := -2
	for _, one := range c.measure.Points {
		i := placeOf(c.series, one.Run)
		if one.Value == nil {
			continue
		}
		if i == last+1 {
			p.line(c.px(i), c.py(*one.Value))
		} else {
			p.move(c.px(i), c.py(*one.Value))
		}
		last = i
	}
	return p
}

// medians draws the median of the runs between change points.
func (c *seriesChart) medians() path {
	p := path{class: "segment"}
	changes := c.measure.Changes
	for i := range changes {
		from := 0
		if i > 0 {
			from = placeOf(c.series, changes[i-1].After)
		}
		c.level(&p, from, placeOf(c.series, changes[i].Before), changes[i].From)
	}
	if n := len(changes); n > 0 {
		c.level(&p, placeOf(c.series, changes[n-1].After), len(c.series.Runs)-1, changes[n-1].To)
	}
	return p
}

func (c *seriesChart) level(p *path, from, to int, v *float64) {
	if v != nil {
		half := 0.4 / float64(len(c.series.Runs))
		p.move(int(panelWidth*(c.x(from)-half)), c.py(*v))
		p.line(int(panelWidth*(c.x(to)+half)), c.py(*v))
	}
}

func (c *seriesChart) dots() path {
	p := path{class: "trial run"}
	for _, one := range c.measure.Points {
		if one.Value != nil {
			p.dot(c.px(placeOf(c.series, one.Run)), c.py(*one.Value))
		}
	}
	return p
}

// nevers draws the runs without failover in their strip.
func (c *seriesChart) nevers() path {
	p := path{class: "trial nevertrial"}
	for _, one := range c.measure.Points {
		if one.Value == nil {
			p.dot(c.px(placeOf(c.series, one.Run)), int(seriesTop+seriesNever/2))
		}
	}
	return p
}

func (c *seriesChart) px(i int) int { return int(math.Round(panelWidth * c.x(i))) }

func (c *seriesChart) py(v float64) int { return int(math.Round(c.at(v))) }

func hasNever(m *history.Measure) bool {
	for _, p := range m.Points {
		if p.Value == nil {
			return true
		}
	}
	return false
}

// seriesAxis spans the values and their intervals, from 0.
func seriesAxis(m *history.Measure) axis {
	most := 0.0
	for _, p := range m.Points {
		if p.Value != nil {
			most = max(most, *p.Value)
		}
		if p.CI != nil {
			most = max(most, p.CI[1])
		}
	}
	if most <= 0 {
		most = 1
	}
	return upTo(most)
}

// tickOf formats a value on the axis of a unit.
func tickOf(v float64, unit string) string {
	switch unit {
	case "ms":
		return tickTime(v)
	case "s":
		return tickTime(1000 * v)
	case "us":
		return tickTime(v / 1000)
	case "ratio":
		return short(100*v) + " %"
	case "B/s":
		return units.Write(v, unit)
	}
	return short(v)
}

func seriesLabel(s *history.Series, m *history.Measure) string {
	text := fmt.Sprintf("%s of %s under %s over %s", m.Measure, s.Topology, s.Scenario, plural(len(m.Points), "run"))
	for i := range m.Changes {
		text += fmt.Sprintf("; change %d: %s", i+1, changeValues(m, &m.Changes[i]))
	}
	return text + "."
}
