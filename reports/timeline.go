package reports

import (
	"fmt"
	"html/template"
	"math"

	"github.com/seed-ab8b6914/spof/reports/analyze"
)

// Heights in px of the parts of a timeline, from the top.
const (
	outageTop     = 26.0 // below the faults
	eventsTop     = 58.0 // below the outage
	laneHeight    = 18.0
	titleHeight   = 26.0
	goodputHeight = 110.0
	latencyHeight = 170.0
	axisHeight    = 24.0
)

// timelineChart draws one trial: faults and mechanism events in lanes, requests per second by result, and the latency of each request as
// points on a log axis.
type timelineChart struct {
	svg
	tl     *analyze.Timeline
	trial  *analyze.Trial // nil: unknown
	x      axis           // ms from the start of the load
	zero   float64        // the instant that the axis counts from: the first fault's effect, or the start of the load
	y      float64        // bottom of the parts drawn so far, px
	events []placedEvent
}

// drawTimeline draws the part of one trial that the axis x spans, in ms from the start of the load.
func drawTimeline(tl *analyze.Timeline, trial *analyze.Trial, x axis) template.HTML {
	c := &timelineChart{tl: tl, trial: trial, x: x, zero: zeroOf(tl), events: place(tl.Events, x)}
	c.y = eventsTop + laneHeight*float64(laneCount(c.events))
	height := c.y + 2*titleHeight + goodputHeight + latencyHeight + axisHeight
	if len(tl.Machine) > 0 {
		height += titleHeight + stripHeight
	}
	c.begin(height, "timeline", c.label())
	c.faults(height - axisHeight)
	c.goodput()
	c.latency()
	if len(tl.Machine) > 0 {
		c.machine()
	}
	c.timeAxis()
	c.instants(height - axisHeight)
	c.lanes() // texts come last, so that no line crosses them
	c.titles()
	return c.done()
}

// whole spans a timeline from its start to its end.
func whole(tl *analyze.Timeline) axis { return axis{hi: max(tl.EndMS, 1)} }

// closeUp spans the failover with a margin. ok is false if there is no failover, or if the close-up would be a third of the timeline or more.
func closeUp(tl *analyze.Timeline) (x axis, ok bool) {
	if len(tl.Bands) == 0 || tl.FailoverAtMS == nil {
		return axis{}, false
	}
	from, took := zeroOf(tl), max(*tl.FailoverAtMS-zeroOf(tl), 10*tl.BinMS)
	x = axis{lo: max(from-0.2*took, 0), hi: min(from+1.4*took, tl.EndMS)}
	return x, x.hi-x.lo < tl.EndMS/3
}

// zeroOf is the zero of a timeline's axis in ms from the start of the load: the first fault's effect, or 0.
func zeroOf(tl *analyze.Timeline) float64 {
	if len(tl.Bands) == 0 {
		return 0
	}
	return tl.Bands[0].FromMS
}

func (c *timelineChart) label() string {
	what := "no fault"
	if len(c.tl.Bands) > 0 {
		what = c.tl.Bands[0].Label + " for " + duration(c.tl.Bands[0].ToMS-c.zero)
		if at := c.tl.FailoverAtMS; at != nil {
			what += ", service back after " + duration(*at-c.zero)
		} else {
			what += ", service not back when the trial ended"
		}
	}
	panels := "Requests per second by result, and latency of each request"
	if len(c.tl.Machine) > 0 {
		panels = "Requests per second by result, latency of each request, and how busy the lab's machine was"
	}
	return fmt.Sprintf("Timeline of %s under %s, trial %d: %s. %s, from %s to %s of the load.",
		c.tl.Topology, c.tl.Scenario, c.tl.Trial, what, panels, duration(c.x.lo), duration(c.x.hi))
}

// faults shades the interval of every fault over all panels.
func (c *timelineChart) faults(bottom float64) {
	for _, b := range c.tl.Bands {
		c.bar(c.x.at(b.FromMS), c.x.at(b.ToMS), 0, bottom, "faultband")
	}
}

// lanes draws the faults, the outage with its prediction, and the events, each with its name.
func (c *timelineChart) lanes() {
	for _, b := range c.tl.Bands {
		x0, x1 := c.x.at(b.FromMS), c.x.at(b.ToMS)
		c.bar(x0, x1, 0, 4, "faultbar")
		c.below(x0, x1, 17, "bold", b.Label, "")
	}
	if len(c.tl.Bands) > 0 {
		c.outage(outageTop)
	}
	for _, m := range c.events {
		c.event(m, eventsTop+float64(m.lane)*laneHeight+laneHeight/2)
	}
}

// outage draws the time without service in its lane at y, and below it the predicted interval.
func (c *timelineChart) outage(y float64) {
	from, to := c.zero, c.tl.EndMS
	text, more := "never", ": service was not back when the trial ended"
	if at := c.tl.FailoverAtMS; at != nil {
		to = *at
		text, more = c.recovered()
	} else if c.trial != nil && absent(*c.trial) == unknown {
		return
	}
	x0, x1 := c.x.at(from), c.x.at(to)
	c.bar(x0, x1, y+2, 8, "outage")
	c.slowLatency(y)
	if p := c.prediction(); p != nil {
		c.bar(c.x.at(from+p.Lo), c.x.at(from+p.Hi), y, 12, "predicted")
		more += ", predicted " + bounded(*p) + span(p.Lo, p.Hi)
	}
	c.below(x0, x1, y+25, "bold", text, more)
}

// recovered says when service was back, how the outage ended, and when latencies were low again.
func (c *timelineChart) recovered() (text, more string) {
	at := *c.tl.FailoverAtMS
	text = "service back after " + duration(at-c.zero)
	if c.trial == nil {
		return text, ""
	}
	switch {
	case at == c.zero:
		text = "no outage"
	default:
		text = "service back after " + failover.of(*c.trial)
		if ended := endings[c.trial.EndedBy]; ended != "" {
			more = " by " + ended
		}
	}
	if fast, ok := c.fastAt(); ok && fast > at {
		more += ", latency recovery after " + fastAgain.of(*c.trial)
	} else if !ok {
		more += ", latencies high until the trial ended"
	}
	return text, more
}

// fastAt is the instant of latency recovery in ms from the start of the load; ok is false if there was none.
func (c *timelineChart) fastAt() (at float64, ok bool) {
	if c.trial == nil || c.trial.LatencyRecoveryMS == nil || c.tl.FailoverAtMS == nil {
		return 0, false
	}
	return c.zero + *c.trial.LatencyRecoveryMS, true
}

// visibleShare is the smallest range that is drawn, as a share of the width.
const visibleShare = 0.01

// slowLatency draws the time from failover to latency recovery in the lane of the outage. It also draws the range of failover if the range
// is wide enough to be visible.
func (c *timelineChart) slowLatency(y float64) {
	if c.trial == nil || c.tl.FailoverAtMS == nil {
		return
	}
	to, ok := c.fastAt()
	if !ok {
		to = c.tl.EndMS
	}
	if back := *c.tl.FailoverAtMS; to > back {
		c.bar(c.x.at(back), c.x.at(to), y+2, 8, "slow")
	}
	if g := c.trial.Ranges["failover"]; g.Hi-g.Lo >= visibleShare*(c.x.hi-c.x.lo) && !math.IsInf(g.Hi, 0) {
		c.bar(c.x.at(c.zero+g.Lo), c.x.at(c.zero+g.Hi), y+2, 8, "unsharp")
	}
}

// prediction is the trial's predicted interval; nil if there is none.
func (c *timelineChart) prediction() *analyze.Predicted {
	if c.trial == nil || c.trial.Predicted == nil || c.trial.Predicted.Hi <= 0 {
		return nil
	}
	return c.trial.Predicted
}

// below writes a text below an interval. The text begins at the start of the interval; in the right part of the drawing it ends at the end
// of the interval. A narrow drawing leaves out more.
func (c *timelineChart) below(x0, x1, y float64, class, text, more string) {
	x, anchor := x0, "start"
	if x0 > 0.6 {
		x, anchor = x1, "end"
	}
	c.text(pct(x), y, anchor, class, text, more)
}

// titles names the panels.
func (c *timelineChart) titles() {
	y := eventsTop + laneHeight*float64(laneCount(c.events)) + 18
	c.text("0", y, "start", "paneltitle", "Requests per second", ", by due time")
	y += titleHeight + goodputHeight
	c.text("0", y, "start", "paneltitle", "Latency, log scale", ", of each request from its due time")
	if len(c.tl.Machine) > 0 {
		y += titleHeight + latencyHeight
		c.text("0", y, "start", "paneltitle", "This machine: processors busy", ", below it the longest wait of a client or relay to run")
	}
}

func (c *timelineChart) timeAxis() {
	c.hline(c.y, "axis")
	rel := axis{lo: c.x.lo - c.zero, hi: c.x.hi - c.zero}
	for _, v := range rel.ticks(10) {
		at := c.x.at(v + c.zero)
		anchor := "middle"
		if at > 0.97 {
			anchor = "end"
		} else if at < 0.02 {
			anchor = "start"
		}
		c.vline(pct(at), c.y, c.y+4, "axis")
		c.text(pct(at), c.y+17, anchor, "tick", tickOffset(v))
	}
}

// instants draws the lines of the events and of the failover over all panels.
func (c *timelineChart) instants(bottom float64) {
	for _, m := range c.events {
		c.vline(pct(m.x), eventsTop+float64(m.lane+1)*laneHeight, bottom, "markline")
	}
	if at := c.tl.FailoverAtMS; at != nil && len(c.tl.Bands) > 0 && *at <= c.x.hi {
		c.vline(pct(c.x.at(*at)), outageTop, bottom, "backline")
		if fast, ok := c.fastAt(); ok && fast > *at && fast <= c.x.hi {
			c.vline(pct(c.x.at(fast)), outageTop, bottom, "fastline")
		}
	}
}
