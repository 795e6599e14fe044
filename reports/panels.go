package reports

import (
	"math"

	"github.com/seed-ab8b6914/spof/reports/analyze"
)

// maxBars is the largest number of bins that are drawn. More bins would be narrower than a pixel.
const maxBars = 500

// goodput draws the requests per second by result, stacked: good, late (answered after the patience), failed.
func (c *timelineChart) goodput() {
	c.y += titleHeight
	bins, width := merge(c.binsInside(), c.tl.BinMS)
	perSecond := 1000 / max(width, 1e-9)
	most := 0.0
	for _, b := range bins {
		most = max(most, float64(b.Offered)*perSecond)
	}
	y := upTo(most)
	for _, v := range y.ticks(3) {
		at := c.y + goodputHeight*(1-y.at(v))
		c.hline(at, "grid")
		c.shifted("0", -6, at+4, "end", "tick", short(v))
	}
	stack := func(class string, lo, hi func(analyze.Bin) int) path {
		all := make([]step, len(bins))
		for i, b := range bins {
			all[i] = step{b.AtMS, b.AtMS + width, y.at(float64(lo(b)) * perSecond), y.at(float64(hi(b)) * perSecond)}
		}
		return c.steps(class, goodputHeight, all)
	}
	good := func(b analyze.Bin) int { return b.Good }
	notFailed := func(b analyze.Bin) int { return b.Offered - b.Failed }
	c.panel(c.y, goodputHeight,
		stack("good", func(analyze.Bin) int { return 0 }, good),
		stack("late", good, notFailed),
		stack("failed", notFailed, func(b analyze.Bin) int { return b.Offered }),
	)
	c.y += goodputHeight
}

// step is a rectangle in a panel: from and to are ms from the start of the load, lo and hi are shares of the panel's height.
type step struct{ from, to, lo, hi float64 }

// steps draws rectangles as one path. They must be in the order of time. Empty rectangles are left out.
func (c *timelineChart) steps(class string, height float64, all []step) path {
	p := path{class: class}
	py := func(share float64) int { return int(math.Round(height * (1 - share))) }
	for i := 0; i < len(all); {
		s := all[i]
		for i++; i < len(all); i++ { // neighbours of the same height make one rectangle
			if n := all[i]; n.lo != s.lo || n.hi != s.hi || n.from > s.to+1e-6 {
				break
			}
			s.to = all[i].to
		}
		x0, x1 := c.px(s.from), c.px(s.to)
		if s.hi > s.lo && x1 > x0 {
			p.move(x0, py(s.lo))
			p.line(x0, py(s.hi))
			p.line(x1, py(s.hi))
			p.line(x1, py(s.lo))
			p.shut()
		}
	}
	return p
}

// binsInside returns the bins that are at least partly in the drawing.
func (c *timelineChart) binsInside() (bins []analyze.Bin) {
	for _, b := range c.tl.Bins {
		if b.AtMS < c.x.hi && b.AtMS+c.tl.BinMS > c.x.lo {
			bins = append(bins, b)
		}
	}
	return bins
}

// px is the x coordinate of an instant (ms) in a panel.
func (c *timelineChart) px(ms float64) int { return int(math.Round(panelWidth * c.x.at(ms))) }

// merge joins neighbouring bins until at most maxBars remain, and returns their width in ms.
func merge(bins []analyze.Bin, width float64) ([]analyze.Bin, float64) {
	k := (len(bins) + maxBars - 1) / maxBars
	if k <= 1 {
		return bins, width
	}
	var merged []analyze.Bin
	for i := 0; i < len(bins); i += k {
		m := analyze.Bin{AtMS: bins[i].AtMS}
		for _, b := range bins[i:min(i+k, len(bins))] {
			m.Offered, m.Good, m.Failed = m.Offered+b.Offered, m.Good+b.Good, m.Failed+b.Failed
		}
		if rest := len(bins) - i; rest < k { // the last one is shorter: scale it to the others' width
			m.Offered, m.Good, m.Failed = m.Offered*k/rest, m.Good*k/rest, m.Failed*k/rest
		}
		merged = append(merged, m)
	}
	return merged, width * float64(k)
}

// latency draws every request as a point: colour by outcome, round for plain HTTP, square for a CONNECT tunnel.
func (c *timelineChart) latency() {
	c.y += titleHeight
	y := c.latencyAxis()
	for _, v := range y.ticks(0) {
		at := c.y + latencyHeight*(1-y.at(v))
		c.hline(at, "grid")
		c.shifted("0", -6, at+4, "end", "tick", tickTime(v))
	}
	c.limit(y, c.tl.PatienceMS, "patience", 12)
	c.limit(y, c.tl.TimeoutMS, "timeout", -4)
	c.panel(c.y, latencyHeight, c.clouds(y)...)
	c.y += latencyHeight
}

// latencyAxis spans the points, the patience and the timeout, with a small margin above.
func (c *timelineChart) latencyAxis() axis {
	lo, hi := math.Inf(1), max(c.tl.PatienceMS, c.tl.TimeoutMS)
	for _, p := range c.tl.Points {
		if p.LatencyMS > 0 {
			lo = min(lo, p.LatencyMS)
		}
		hi = max(hi, p.LatencyMS)
	}
	if hi <= 0 {
		hi = 1000
	}
	return axis{lo: max(0.7*min(lo, hi/20), 0.01), hi: 1.6 * hi, log: true}
}

// limit draws the line of a latency limit, with its name at the right end, dy px from the line. The name of the patience is below its line and
// the name of the timeout above, so that they do not overlap.
func (c *timelineChart) limit(y axis, ms float64, name string, dy float64) {
	if ms <= 0 {
		return
	}
	at := c.y + latencyHeight*(1-y.at(ms))
	c.hline(at, "limit "+name)
	c.text("100%", at+dy, "end", "limittext", name+" "+duration(ms))
}

// clouds returns one path for every class of outcome and every shape. Points on the same pixel are drawn once.
func (c *timelineChart) clouds(y axis) []path {
	type spot struct {
		cloud string
		x, y  int
	}
	seen := map[spot]bool{}
	clouds := map[string]*path{}
	for _, p := range c.tl.Points {
		if p.AtMS < c.x.lo || p.AtMS > c.x.hi {
			continue
		}
		class := "pt " + outcomeClass(p.Outcome)
		if p.Tunnel {
			class += " tunnel"
		}
		s := spot{class, c.px(p.AtMS), int(math.Round(latencyHeight * (1 - y.at(p.LatencyMS))))}
		if seen[s] {
			continue
		}
		seen[s] = true
		if clouds[class] == nil {
			clouds[class] = &path{class: class}
		}
		clouds[class].dot(s.x, s.y)
	}
	var ordered []path // ok first, so that failures lie on top
	for _, o := range outcomeClasses {
		for _, shape := range []string{"", " tunnel"} {
			if p := clouds["pt "+o.class+shape]; p != nil {
				ordered = append(ordered, *p)
			}
		}
	}
	return ordered
}
