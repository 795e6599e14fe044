package plan

import (
	"fmt"
	"strings"
	"time"

	"github.com/seed-ab8b6914/spof/scenarios"
	"github.com/seed-ab8b6914/spof/scenarios/target"
	"github.com/seed-ab8b6914/spof/topology/yamlfile"
)

// Text prints a plan: the time line, each fault with its candidates and prediction, the expectations, and the phase of each trial.
func Text(p *Plan) string {
	b := new(strings.Builder)
	fmt.Fprintf(b, "plan %.12s: %s on %s, %d trials, seed %d\n", p.Hash(), p.Scenario.Name, p.Topology.Name, len(p.Trials), p.Seed)
	writeLoad(b, p)
	writeTimeLine(b, p)
	for _, w := range p.Warnings() {
		if !w.Note { // the fault's own lines say what a note says
			fmt.Fprintf(b, "warning: %s: %s\n", w.Key(), w.What)
		}
	}
	for _, f := range p.Faults {
		writeFault(b, f)
	}
	b.WriteString("\nexpected of every trial\n")
	for _, e := range p.Scenario.Expect {
		fmt.Fprintf(b, "  %s %s\n", e.Measure, e.Text)
	}
	writePhases(b, p)
	return b.String()
}

func writeLoad(b *strings.Builder, p *Plan) {
	users := 0
	for _, g := range p.Topology.Users {
		users += g.Count
	}
	l := p.Scenario.Load
	fmt.Fprintf(b, "\nload: %g requests/s from %d users, %g%% HTTPS, %g%% on new connections, %d byte bodies, timeout %s, patience %s\n",
		l.Rate, users, scenarios.Percent(l.TLSShare), scenarios.Percent(l.NewShare), l.Body, yamlfile.Span(l.Timeout), yamlfile.Span(l.Patience))
	if o := l.Objects; o != nil {
		fmt.Fprintf(b, "objects: %g%% of the requests ask for %d cacheable ones, Zipf %g\n", scenarios.Percent(o.Cacheable), o.Count, o.Zipf)
	}
	if s := l.Streams; s != nil {
		fmt.Fprintf(b, "streams: %g%% of the users hold one, a message every %s, closed after %s without an answer\n", scenarios.Percent(s.Share), yamlfile.Span(s.Every), yamlfile.Span(s.Silence))
	}
}

func writeTimeLine(b *strings.Builder, p *Plan) {
	b.WriteString("\ntime line, from the start of the load")
	if len(p.Faults) > 0 {
		b.WriteString(" (+ the trial's phase from the fault phase on)")
	}
	b.WriteByte('\n')
	fault := p.FaultAt + p.Scenario.Phases.Fault
	for _, s := range []struct {
		name     string
		from, to time.Duration
	}{
		{"warm-up", 0, p.BaselineAt}, {"baseline", p.BaselineAt, p.FaultAt}, {"fault", p.FaultAt, fault}, {"recovery", fault, p.End},
	} {
		if s.from < s.to {
			fmt.Fprintf(b, "  %-9s %7s to %s\n", s.name, yamlfile.Span(s.from), yamlfile.Span(s.to))
		}
	}
}

func writeFault(b *strings.Builder, f Fault) {
	fmt.Fprintf(b, "\n%s %s", f.ID, f.Kind)
	if f.Mode != "" {
		fmt.Fprintf(b, " (%s)", f.Mode)
	}
	fmt.Fprintf(b, ", %s to %s, strikes %s\n", yamlfile.Span(f.At), yamlfile.Span(f.Undo), f.whom())
	if len(f.Candidates) > 1 {
		for _, c := range f.Candidates {
			fmt.Fprintf(b, "  %s\n", c)
		}
	}
	for _, c := range f.Power {
		fmt.Fprintf(b, "  + %-6s %s/%s: %s (%s)\n", yamlfile.Span(c.At), c.Node, c.PSU, c.Supply, c.Why)
	}
	if f.Promised > 0 {
		fmt.Fprintf(b, "  %s\n", f.PromiseText())
	}
	predicted, by := f.prediction()
	fmt.Fprintf(b, "  predicted: %s\n    %s\n", predicted, by)
}

// prediction gives the prediction and its formula, or "nothing" and the reason.
func (f Fault) prediction() (what, by string) {
	if f.Predicted == nil {
		return "nothing", f.Unpredicted
	}
	return f.Predicted.Line(), f.Predicted.Text
}

// Outlook sums up what a plan predicts, promises and expects.
func Outlook(p *Plan) string {
	b := new(strings.Builder)
	fmt.Fprintf(b, "%s on %s\n", p.Scenario.Name, p.Topology.Name)
	for _, f := range p.Faults {
		whom := f.whom()
		if len(f.Candidates) > 1 {
			var names []string
			for _, c := range f.Candidates {
				names = append(names, c.String())
			}
			whom += " " + strings.Join(names, ", ")
		}
		predicted, _ := f.prediction()
		fmt.Fprintf(b, "  %s strikes %s: predicted: %s\n", f.Kind, whom, predicted)
		if f.Promised > 0 {
			fmt.Fprintf(b, "    %s\n", f.PromiseText())
		}
	}
	if len(p.Scenario.Expect) > 0 {
		var all []string
		for _, e := range p.Scenario.Expect {
			all = append(all, e.Measure+" "+e.Text)
		}
		fmt.Fprintf(b, "  expected: %s\n", strings.Join(all, ", "))
	}
	return b.String()
}

// PromiseText says which share of the load the design promises during the fault, and what limits it; empty: all of it.
func (f Fault) PromiseText() string {
	if f.Promised == 0 {
		return ""
	}
	return fmt.Sprintf("promised during the fault: %.3g %% of the load (%s)", 100*f.Promised, f.PromisedBy)
}

// whom names the only candidate, or says how Pick chooses among the candidates that follow.
func (f Fault) whom() string {
	switch {
	case len(f.Candidates) == 1:
		return f.Candidates[0].String()
	case f.Pick == target.PickHolder:
		return "the holder of " + f.Address + ", one of"
	case f.Pick == target.PickNotHolder:
		return "the first that does not hold " + f.Address + ", of"
	case f.Pick == target.PickFirst:
		return "the first of"
	}
	return "all of"
}

func writePhases(b *strings.Builder, p *Plan) {
	if len(p.Faults) == 0 {
		return
	}
	fmt.Fprintf(b, "\nphases, one in each of %d strata of %s\n", len(p.Trials), yamlfile.Span(p.PhasePeriod))
	for _, t := range p.Trials {
		fmt.Fprintf(b, "  trial %-3d %s\n", t.Index, t.Phase.Round(100*time.Microsecond))
	}
}
