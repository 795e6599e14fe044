package main

import (
	"fmt"
	"io"
	"os"
	"strings"
	"sync"
	"time"

	"golang.org/x/term"

	"github.com/seed-ab8b6914/spof/proxy"
	"github.com/seed-ab8b6914/spof/proxy/load"
	"github.com/seed-ab8b6914/spof/scenarios"
	"github.com/seed-ab8b6914/spof/sim/trace"
)

// isTerminal reports whether w is a terminal that wants colour and redrawing.
func isTerminal(w io.Writer) bool {
	f, ok := w.(*os.File)
	return ok && term.IsTerminal(int(f.Fd())) && os.Getenv("NO_COLOR") == "" && os.Getenv("TERM") != "dumb"
}

// progress shows a run while it goes on: on a terminal one strip per running trial, redrawn; else a line per phase.
type progress struct {
	w    io.Writer
	live bool
	stop chan struct{}
	done sync.WaitGroup

	mu    sync.Mutex
	cells []*cellProgress
	drawn int // lines on the screen
}

// redraw is how often strips are drawn anew.
const redraw = 200 * time.Millisecond

func newProgress(w io.Writer, live bool) *progress {
	p := &progress{w: w, live: live, stop: make(chan struct{})}
	if live {
		p.done.Go(p.loop)
	}
	return p
}

func (p *progress) loop() {
	tick := time.NewTicker(redraw)
	defer tick.Stop()
	for {
		select {
		case <-tick.C:
			p.mu.Lock()
			p.erase()
			p.draw()
			p.mu.Unlock()
		case <-p.stop:
			return
		}
	}
}

// close ends the display; finished strips stay on the screen as lines.
func (p *progress) close() {
	close(p.stop)
	p.done.Wait()
	p.mu.Lock()
	defer p.mu.Unlock()
	p.erase()
}

func (p *progress) erase() {
	if p.drawn > 0 {
		fmt.Fprintf(p.w, "\x1b[%dA\x1b[J", p.drawn)
		p.drawn = 0
	}
}

func (p *progress) draw() {
	for _, c := range p.cells {
		if line := c.line(); line != "" {
			fmt.Fprintln(p.w, line)
			p.drawn++
		}
	}
}

// say prints a line above the strips.
func (p *progress) say(format string, args ...any) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.erase()
	fmt.Fprintf(p.w, format+"\n", args...)
	if p.live {
		p.draw()
	}
}

// cell makes the observer of one cell.
func (p *progress) cell(plan scenarios.Plan) *cellProgress {
	c := &cellProgress{p: p, name: plan.Topology.Name + " " + plan.Scenario.Name, trials: len(plan.Trials), patience: plan.Scenario.Load.Patience}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.cells = append(p.cells, c)
	return c
}

// cellProgress is the sim.Observer of one cell.
type cellProgress struct {
	p        *progress
	name     string
	trials   int
	patience time.Duration

	mu     sync.Mutex
	active bool
	trial  int
	phase  string
	epoch  int64
	length time.Duration
	bins   [stripWidth]struct{ offered, good int }
	since  phaseCount
	failed int
}

type phaseCount struct {
	at              int64
	offered, failed int
}

const stripWidth = 40

// Note prints what goes on.
func (c *cellProgress) Note(text string) { c.p.say("%-28s %s", c.name, text) }

// Trial begins a strip.
func (c *cellProgress) Trial(h trace.Header, length time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.active, c.trial, c.phase, c.epoch, c.length, c.failed = true, h.Trial, "", h.Epoch, length, 0
	c.bins = [stripWidth]struct{ offered, good int }{}
	c.since = phaseCount{at: h.Epoch}
}

// Event follows the phases and says what the mechanisms did.
func (c *cellProgress) Event(e trace.Event) {
	c.mu.Lock()
	since := float64(e.At-c.epoch) / 1e9
	trial := c.trial + 1
	var line string
	switch e.Kind {
	case proxy.EventPhase:
		if c.phase != "" {
			line = fmt.Sprintf("%-9s %s", c.phase, c.count(e.At))
		}
		c.phase, c.since = e.State, phaseCount{at: e.At}
		if e.State == "drain" {
			c.active = false
		}
	case proxy.EventFaultEffect:
		line = fmt.Sprintf("%s at %.2f s: %s", e.Node, since, e.Text)
	case proxy.EventVRRP:
		line = fmt.Sprintf("%s %s on %s at %.2f s", e.Subject, e.State, e.Node, since)
	case proxy.EventServerDown, proxy.EventServerUp:
		line = fmt.Sprintf("%s: %s %s at %.2f s", e.Node, e.Subject, strings.TrimPrefix(e.Kind, "server-"), since)
	case proxy.EventRecoverEffect:
		line = fmt.Sprintf("%s back at %.2f s: %s", e.Node, since, e.Text)
	}
	c.mu.Unlock()
	if line != "" {
		c.p.say("%-28s trial %d/%d  %s", c.name, trial, c.trials, line)
	}
}

// count sums a phase up.
func (c *cellProgress) count(now int64) string {
	rate := 0.0
	if s := float64(now-c.since.at) / 1e9; s > 0 {
		rate = float64(c.since.offered) / s
	}
	return fmt.Sprintf("%5.0f/s answered or failed, %d failed", rate, c.since.failed)
}

// Samples fills the strip.
func (c *cellProgress) Samples(samples []trace.Sample) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, s := range samples {
		c.since.offered++
		if s.Outcome != load.OK {
			c.failed++
			c.since.failed++
		}
		if c.length <= 0 || s.Scheduled < 0 {
			continue
		}
		bin := &c.bins[min(stripWidth-1, int(s.Scheduled*stripWidth/c.length.Nanoseconds()))]
		bin.offered++
		if s.Outcome == load.OK && time.Duration(s.Done)*time.Microsecond <= c.patience {
			bin.good++
		}
	}
}

// line draws the strip: a block per stretch of time, full where all was well.
func (c *cellProgress) line() string {
	c.mu.Lock()
	defer c.mu.Unlock()
	if !c.active {
		return ""
	}
	var strip strings.Builder
	for _, b := range c.bins {
		switch {
		case b.offered == 0:
			strip.WriteRune('·')
		case b.good == b.offered:
			strip.WriteRune('█')
		case b.good == 0:
			strip.WriteString("\x1b[31m_\x1b[0m")
		default:
			strip.WriteString("\x1b[33m" + string([]rune("▁▂▃▄▅▆▇")[b.good*7/b.offered]) + "\x1b[0m")
		}
	}
	return fmt.Sprintf("%-28s trial %d/%d %s %-9s failed %d", c.name, c.trial+1, c.trials, strip.String(), c.phase, c.failed)
}
