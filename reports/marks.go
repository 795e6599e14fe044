package reports

import (
	"strconv"
	"unicode/utf8"

	"github.com/seed-ab8b6914/spof/reports/analyze"
)

const (
	maxMarks   = 40     // drawn in a timeline; the trace holds all
	maxLanes   = 7      // of marks above the panels
	labelChars = 44     // the longest label in the drawing; the list below the drawing has the full text
	charWidth  = 0.0072 // of the drawing's width, at the width from which labels are shown
	markWidth  = 0.055  // of a number alone, in a narrow drawing
)

// placedMark is an event with its number and a place where neither number nor label meets another's.
type placedMark struct {
	analyze.Mark
	N        int
	x        float64 // share of the width
	lane     int
	label    string
	leftward bool // the label stands left of the mark
}

// Offset is the mark's time from the timeline's zero, for people.
func (m placedMark) Offset(zero float64) string {
	switch d := m.AtMS - zero; {
	case d < -0.05:
		return "−" + duration(-d)
	case d > 0.05:
		return "+" + duration(d)
	default:
		return "0"
	}
}

// place puts the marks within the axis into lanes: each takes the first lane where it and its label have room. A mark that finds no
// room for its label gets the last lane and its number only; the list beneath the drawing still names it.
func place(all []analyze.Mark, x axis) (marks []placedMark) {
	taken := make([][][2]float64, maxLanes)
	for i, m := range all[:min(len(all), maxMarks)] {
		if m.AtMS < x.lo || m.AtMS > x.hi {
			continue
		}
		p := placedMark{Mark: m, N: i + 1, x: x.at(m.AtMS), label: shorten(oneLine(m.Label), labelChars)}
		width := charWidth*float64(utf8.RuneCountInString(p.label)) + markWidth/2
		extent := [2]float64{p.x - markWidth/2, p.x + width}
		if p.leftward = extent[1] > 1; p.leftward {
			extent = [2]float64{p.x - width, p.x + markWidth/2}
		}
		p.lane = freeLane(taken, extent)
		if p.lane < 0 {
			extent = [2]float64{p.x - markWidth/2, p.x + markWidth/2}
			p.label = ""
			p.lane = max(freeLane(taken, extent), 0)
		}
		taken[p.lane] = append(taken[p.lane], extent)
		marks = append(marks, p)
	}
	return marks
}

// freeLane is the first lane in which nothing meets the extent; -1: none.
func freeLane(taken [][][2]float64, extent [2]float64) int {
lanes:
	for lane, others := range taken {
		for _, o := range others {
			if extent[0] < o[1] && o[0] < extent[1] {
				continue lanes
			}
		}
		return lane
	}
	return -1
}

func laneCount(marks []placedMark) (n int) {
	for _, m := range marks {
		n = max(n, m.lane+1)
	}
	return n
}

// mark draws a mark's number and label with its middle at y.
func (c *timelineChart) mark(m placedMark, y float64) {
	c.el("circle", "cx", pct(m.x), "cy", num(y), "r", "7.5", "class", "mark")
	c.text(pct(m.x), y+3.5, "middle", "marknumber", strconv.Itoa(m.N))
	if m.label == "" {
		return
	}
	if m.leftward {
		c.shifted(pct(m.x), -11, y+4, "end", "marklabel", m.label)
		return
	}
	c.shifted(pct(m.x), 11, y+4, "start", "marklabel", m.label)
}
