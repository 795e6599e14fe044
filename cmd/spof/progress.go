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
	"github.com/seed-ab8b6914/spof/reason"
	"github.com/seed-ab8b6914/spof/reports/terminal"
	"github.com/seed-ab8b6914/spof/scenarios"
	"github.com/seed-ab8b6914/spof/scenarios/plan"
	"github.com/seed-ab8b6914/spof/sim/trace"
)

// isTerminal reports whether w is a terminal with colour and redrawing.
func isTerminal(w io.Writer) bool {
	f, ok := terminal.Raw(w).(*os.File)
	return ok && term.IsTerminal(int(f.Fd())) && os.Getenv("NO_COLOR") == "" && os.Getenv("TERM") != "dumb"
}

// progress shows a current run: a line at the end of each trial, and on a terminal a redrawn strip for each current trial.
type progress struct {
	w       io.Writer // makes its input safe; redrawing writes directly to the terminal
	live    bool      // w is a terminal
	verbose bool      // print every event
	stop    chan struct{}
	done    sync.WaitGroup

	mu    sync.Mutex
	cells []*cellProgress
	drawn int // lines on the screen
}

// redraw is the interval between two drawings of the strips.
const redraw = 200 * time.Millisecond

func newProgress(w io.Writer, live, verbose bool) *progress {
	p := &progress{w: w, live: live, verbose: verbose, stop: make(chan struct{})}
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

// close ends the display and erases the strips.
func (p *progress) close() {
	close(p.stop)
	p.done.Wait()
	p.mu.Lock()
	defer p.mu.Unlock()
	p.erase()
}

func (p *progress) erase() {
	if p.drawn > 0 {
		fmt.Fprintf(terminal.Raw(p.w), "\x1b[%dA\x1b[J", p.drawn)
		p.drawn = 0
	}
}

// draw draws the strips. It cuts each at the edge of the terminal, because no line may wrap: erase counts lines.
func (p *progress) draw() {
	width := columns(p.w)
	for _, c := range p.cells {
		if line := c.line(width); line != "" {
			fmt.Fprintf(terminal.Raw(p.w), "\x1b[?7l%s\x1b[?7h\n", line)
			p.drawn++
		}
	}
}

// columns is the width of the terminal w; 80 if it is unknown.
func columns(w io.Writer) int {
	if f, ok := terminal.Raw(w).(*os.File); ok {
		if width, _, err := term.GetSize(int(f.Fd())); err == nil && width > 0 {
			return width
		}
	}
	return 80
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

// warn prints warnings from the first trial.
func (p *progress) warn(warnings []scenarios.Warning) {
	for _, w := range warnings {
		p.say("%s", reason.Line("warning: the first trial shows: "+w.What, w.Code))
	}
}

// lab makes the observer of one lab. It calls done at the end of each trial.
func (p *progress) lab(plans []plan.Plan, done func(plan.Plan, plan.Trial)) *cellProgress {
	c := &cellProgress{p: p, name: plans[0].Topology.Name, done: done}
	if len(plans) == 1 {
		c.name += " " + plans[0].Scenario.Name
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.cells = append(p.cells, c)
	return c
}

// cellProgress is the sim.Observer of one lab; it shows the current cell.
type cellProgress struct {
	p        *progress
	done     func(plan.Plan, plan.Trial)
	name     string
	plan     plan.Plan // of the current trial
	trials   int
	patience time.Duration

	mu     sync.Mutex
	active bool
	trial  plan.Trial
	phase  string
	epoch  int64
	length time.Duration
	bins   [stripWidth]struct{ offered, good int }
	ended  int
	failed int
	late   int // successful, but later than the patience
	story  []string
}

// The blocks of a strip: one for each bin, fewer on a narrow terminal.
const (
	stripWidth = 40
	stripLeast = 10
)

// Note prints a line about the lab.
func (c *cellProgress) Note(text string) {
	c.mu.Lock()
	name := c.name
	c.mu.Unlock()
	c.p.say("%-28s %s", name, text)
}

// Trial begins a strip.
func (c *cellProgress) Trial(h trace.Header, length time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if plan := h.Plan; plan.Scenario.Name != "" {
		c.name, c.trials, c.patience = plan.Topology.Name+" "+plan.Scenario.Name, len(plan.Trials), plan.Scenario.Load.Patience
	}
	c.plan = h.Plan
	c.active, c.trial, c.phase, c.epoch, c.length = true, h.Drawn(), "", h.Epoch, length
	c.bins = [stripWidth]struct{ offered, good int }{}
	c.ended, c.failed, c.late, c.story = 0, 0, 0, nil
}

// Event follows the phases, and keeps the events of faults and mechanisms for the line of the trial.
func (c *cellProgress) Event(e trace.Event) {
	c.mu.Lock()
	if e.Kind == proxy.EventPhase {
		c.phase = string(e.State)
	}
	text := told(e)
	if text != "" {
		text += fmt.Sprintf(" at %.2f s", float64(e.At-c.epoch)/1e9)
		c.story = append(c.story, text)
	}
	number, name := c.number(), c.name
	c.mu.Unlock()
	if text != "" && c.p.verbose {
		c.p.say("%-28s %s  %s %s", name, number, text, e.Text)
	}
}

// Ended prints the line of the trial.
func (c *cellProgress) Ended(broken string) {
	c.mu.Lock()
	c.active = false
	plan, trial := c.plan, c.trial
	name, number, story, losses, ended := c.name, c.number(), c.story, c.losses(), c.ended
	c.mu.Unlock()
	if len(story) == 0 || c.p.verbose {
		story = []string{"done"}
	}
	if broken != "" {
		story = []string{"broken off: " + broken}
	}
	c.done(plan, trial)
	c.p.say("%-28s %s  of %d requests %s; %s", name, number, ended, losses, strings.Join(story, ", "))
}

// number names the trial, and marks a repeated one. The caller holds the lock.
func (c *cellProgress) number() string {
	text := fmt.Sprintf("trial %d/%d", c.trial.Index+1, c.trials)
	if c.trial.Attempt > 0 {
		text += " again"
	}
	return text
}

// told returns the text of an event for the line of its trial; empty: the event is not shown.
func told(e trace.Event) string {
	switch e.Kind {
	case proxy.EventFaultEffect:
		return e.Node + " hit"
	case proxy.EventRecoverEffect:
		return e.Node + " repaired"
	case proxy.EventVRRP:
		if e.State == proxy.VRRPMaster {
			return e.Subject + " on " + e.Node
		}
	case proxy.EventServerDown:
		return e.Node + " drops " + e.Subject
	case proxy.EventServerUp:
		return e.Node + " takes " + e.Subject + " back"
	case proxy.EventRecord:
		return e.Node + ": record " + e.Subject + " " + string(e.State)
	case proxy.EventWANFlip:
		return e.Node + " " + string(e.State)
	case proxy.EventFailed:
		return "chassis of " + e.Node + " failed"
	case proxy.EventServiceExit:
		return e.Service + " on " + e.Node + " ended by itself"
	}
	return ""
}

// Samples fills the strip.
func (c *cellProgress) Samples(samples []trace.Sample) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, s := range samples {
		c.ended++
		late := time.Duration(s.Done)*time.Microsecond > c.patience
		switch {
		case s.Outcome != load.OK:
			c.failed++
		case late:
			c.late++
		}
		if c.length <= 0 || s.Scheduled < 0 {
			continue
		}
		bin := &c.bins[min(stripWidth-1, int(s.Scheduled*stripWidth/c.length.Nanoseconds()))]
		bin.offered++
		if s.Outcome == load.OK && !late {
			bin.good++
		}
	}
}

// losses counts the failed requests, and the late ones if there are any. The caller holds the lock.
func (c *cellProgress) losses() string {
	if c.late == 0 {
		return fmt.Sprintf("%d failed", c.failed)
	}
	return fmt.Sprintf("%d failed, %d late", c.failed, c.late)
}

// line formats the strip with its texts, in at most width columns if the narrowest strip fits.
func (c *cellProgress) line(width int) string {
	c.mu.Lock()
	defer c.mu.Unlock()
	if !c.active {
		return ""
	}
	rate := float64(c.ended) / max(0.1, float64(proxy.Monotonic()-c.epoch)/1e9)
	trial := " " + c.number() + " "
	after := fmt.Sprintf(" %-8s %4.0f/s, %s", terminal.Line(c.phase), rate, c.losses())
	rest := width - len(trial) - len(after)
	name := fmt.Sprintf("%-*s", max(0, min(28, rest-stripWidth)), terminal.Line(c.name)) // aligns the strips if there is room
	return name + trial + c.strip(max(stripLeast, min(stripWidth, rest-len(name)))) + after
}

// strip formats one block for each interval. A full block means that all requests succeeded.
func (c *cellProgress) strip(blocks int) string {
	var strip strings.Builder
	for block := range blocks {
		var offered, good int
		for _, b := range c.bins[block*stripWidth/blocks : (block+1)*stripWidth/blocks] {
			offered, good = offered+b.offered, good+b.good
		}
		switch {
		case offered == 0:
			strip.WriteRune('·')
		case good == offered:
			strip.WriteRune('█')
		case good == 0:
			strip.WriteString("\x1b[31m_\x1b[0m")
		default:
			strip.WriteString("\x1b[33m" + string([]rune("▁▂▃▄▅▆▇")[good*7/offered]) + "\x1b[0m")
		}
	}
	return strip.String()
}
