package reports

import (
	"strconv"
	"unicode/utf8"

	"github.com/seed-ab8b6914/spof/reports/analyze"
)

const (
	maxEvents   = 40     // most events of a timeline that are drawn; the trace has all
	maxLanes    = 7      // most lanes of events above the panels
	labelChars  = 44     // length of the longest label in the drawing; the list below the drawing has the full text
	charWidth   = 0.0072 // width of a character, as a share of the narrowest drawing that has labels
	numberWidth = 0.055  // width of an event's number without label, as a share of a narrow drawing
)

// placedEvent is an event with its number and its place in the drawing. Numbers and labels do not overlap.
type placedEvent struct {
	analyze.TimelineEvent
	N        int
	x        float64 // share of the width
	lane     int
	label    string
	leftward bool // the label is left of the number
}

// Offset formats the time of the event from the timeline's zero (ms): +2.95 s.
func (m placedEvent) Offset(zero float64) string {
	switch d := m.AtMS - zero; {
	case d < -0.05:
		return "−" + duration(-d)
	case d > 0.05:
		return "+" + duration(d)
	default:
		return "0"
	}
}

// place puts the events within the axis into lanes. Each event gets the first lane in which it and its label are free of overlaps. If there is
// no such lane, the event is drawn with its number only; the list below the drawing has its label.
func place(all []analyze.TimelineEvent, x axis) (events []placedEvent) {
	taken := make([][][2]float64, maxLanes)
	for i, m := range all[:min(len(all), maxEvents)] {
		if m.AtMS < x.lo || m.AtMS > x.hi {
			continue
		}
		p := placedEvent{TimelineEvent: m, N: i + 1, x: x.at(m.AtMS), label: shorten(oneLine(m.Label), labelChars)}
		width := charWidth*float64(utf8.RuneCountInString(p.label)) + numberWidth/2
		extent := [2]float64{p.x - numberWidth/2, p.x + width}
		if p.leftward = extent[1] > 1; p.leftward {
			extent = [2]float64{p.x - width, p.x + numberWidth/2}
		}
		p.lane = freeLane(taken, extent)
		if p.lane < 0 {
			extent = [2]float64{p.x - numberWidth/2, p.x + numberWidth/2}
			p.label = ""
			p.lane = max(freeLane(taken, extent), 0)
		}
		taken[p.lane] = append(taken[p.lane], extent)
		events = append(events, p)
	}
	return events
}

// freeLane is the first lane in which nothing overlaps the extent; -1: none.
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

func laneCount(events []placedEvent) (n int) {
	for _, m := range events {
		n = max(n, m.lane+1)
	}
	return n
}

// event draws the number and the label of an event, centred at y.
func (c *timelineChart) event(m placedEvent, y float64) {
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
