package reports

import (
	"fmt"
	"math"

	"github.com/seed-ab8b6914/spof/reports/analyze"
)

// Heights in px of the machine strip.
const (
	busyHeight  = 44.0
	waitsGap    = 12.0
	waitsHeight = 18.0
	stripHeight = busyHeight + waitsGap + waitsHeight
)

// leastWait is the smallest maximum of the axis of waits, in ms. Shorter waits are normal scheduling.
const leastWait = 20.0

// machine draws the load of the lab's machine: the processors' time from 0 to 100 %, busy with stolen on top, and below it, as bars, the
// longest wait of a thread of the clients and relays.
func (c *timelineChart) machine() {
	c.y += titleHeight
	bins, width := joined(c.tl.Machine, c.tl.MachineBinMS)
	for _, v := range []float64{0, 1} {
		at := c.y + busyHeight*(1-v)
		c.hline(at, "grid")
		c.shifted("0", -6, at+4, "end", "tick", short(100*v)+" %")
	}
	var busy, stolen, waits []step
	y := upTo(c.longestWait())
	for _, b := range bins {
		from, to := b.AtMS, b.AtMS+width
		low := max(b.Busy, 0)
		busy = append(busy, step{from, to, 0, low})
		stolen = append(stolen, step{from, to, low, min(low+max(b.Stolen, 0), 1)})
		waits = append(waits, step{from, to, 0, y.at(max(b.WaitedMS, 0))})
	}
	c.panel(c.y, busyHeight, c.steps("busy", busyHeight, busy), c.steps("stolen", busyHeight, stolen))
	c.y += busyHeight + waitsGap
	c.hline(c.y, "grid")
	c.shifted("0", -6, c.y+6, "end", "tick", tickTime(y.hi))
	c.panel(c.y, waitsHeight, c.steps("waits", waitsHeight, waits))
	c.y += waitsHeight
}

// machineText says in how many trials the machine was the limit, and gives the longest such time; empty: in none.
func machineText(c analyze.Cell) string {
	var longest *analyze.Trial
	n := 0
	for i := range c.Trials {
		t := &c.Trials[i]
		if t.Limit == nil {
			continue
		}
		n++
		if longest == nil || t.Limit.ToMS-t.Limit.FromMS > longest.Limit.ToMS-longest.Limit.FromMS {
			longest = t
		}
	}
	if n == 0 {
		return ""
	}
	l := longest.Limit
	when := fmt.Sprintf("from %s to %s", duration(l.FromMS), duration(l.ToMS))
	switch {
	case longest.FailoverMS == nil && longest.EndedBy == "": // there is no fault
		when += " of the load"
	case l.FromMS < 0 && l.ToMS < 0:
		when = fmt.Sprintf("from %s to %s before the fault", duration(-l.FromMS), duration(-l.ToMS))
	case l.FromMS < 0:
		when = fmt.Sprintf("from %s before the fault to %s after it", duration(-l.FromMS), duration(l.ToMS))
	default:
		when += " after the fault"
	}
	if len(c.Trials) > 1 {
		when = fmt.Sprintf("in %d of %d trials, longest in trial %d %s", n, len(c.Trials), longest.Trial, when)
	}
	return fmt.Sprintf("the machine was the limit %s: %s", when, l.Why)
}

// longestWait is the longest wait of the whole trial in ms, so that the trial and its close-up have one axis.
func (c *timelineChart) longestWait() float64 {
	most := leastWait
	for _, b := range c.tl.Machine {
		most = max(most, b.WaitedMS)
	}
	return most
}

// joined merges neighbouring bins until at most maxBars remain, and returns their width in ms. A merged bin has the largest value of each
// field. Bins may be missing: neighbours are bins that start in the same interval of the new width.
func joined(bins []analyze.MachineBin, width float64) ([]analyze.MachineBin, float64) {
	if len(bins) <= maxBars {
		return bins, width
	}
	wide := width * math.Ceil(float64(len(bins))/maxBars)
	var out []analyze.MachineBin
	for _, b := range bins {
		at := math.Floor(b.AtMS/wide+1e-9) * wide
		if n := len(out); n > 0 && out[n-1].AtMS == at {
			o := &out[n-1]
			o.Busy, o.Stolen, o.Pressure, o.WaitedMS = max(o.Busy, b.Busy), max(o.Stolen, b.Stolen), max(o.Pressure, b.Pressure), max(o.WaitedMS, b.WaitedMS)
			continue
		}
		b.AtMS = at
		out = append(out, b)
	}
	return out, wide
}
