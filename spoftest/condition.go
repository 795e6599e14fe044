package spoftest

import (
	"fmt"
	"strings"
	"time"

	"github.com/seed-ab8b6914/spof/reports/analyze"
	"github.com/seed-ab8b6914/spof/reports/units"
	"github.com/seed-ab8b6914/spof/scenarios"
)

// notMeasured is the code of analyze for a condition on a measure that was not taken.
const notMeasured = "not-measured"

// Condition is what a test wants of every trial of a Result. It has three values: a trial meets it, misses it, or is inconclusive.
type Condition struct {
	name string
	of   func(*analyze.Trial) finding
}

// finding is a condition applied to a trial.
type finding struct {
	verdict   analyze.Verdict
	code, why string // unless it passes
}

// String is the condition as the source writes it.
func (c Condition) String() string { return c.name }

// RecoverWithin bounds the failover: from the effect of the fault until service holds again.
func RecoverWithin(d time.Duration) Condition {
	return bound(fmt.Sprintf("RecoverWithin(%s)", d), "failover", "<=", float64(d)/1e6, d.String())
}

// LoseAtMost bounds the share of requests that are lost, 0 to 1: those that failed while the fault lasts, above the failure rate before it.
func LoseAtMost(share float64) Condition {
	return bound(fmt.Sprintf("LoseAtMost(%v)", share), "lost_ratio", "<=", share, percent(share))
}

// KeepAtLeast bounds the share of requests that are answered in time in the steady state under the fault, after the failover, 0 to 1.
func KeepAtLeast(share float64) Condition {
	return bound(fmt.Sprintf("KeepAtLeast(%v)", share), "q_steady", ">=", share, percent(share))
}

// BypassNothing wants that no request reached the origin without a proxy.
func BypassNothing() Condition { return bound("BypassNothing()", "bypassed", "==", 0, "0") }

// BeNoticedByAtMost bounds the share of users who noticed, 0 to 1: a failed request, or an answer later than the scenario's patience.
func BeNoticedByAtMost(share float64) Condition {
	return bound(fmt.Sprintf("BeNoticedByAtMost(%v)", share), "users_noticed_ratio", "<=", share, percent(share))
}

// BreakNoStream wants that no stream (WebSocket) broke. The scenario must hold streams open, as the bundled one named streams does.
func BreakNoStream() Condition { return bound("BreakNoStream()", "streams_broken", "==", 0, "0") }

// Keep bounds any measure of docs/measures.md by its name, in the measure's own unit: Keep("failback", "<=", 1000) is in ms. The operators are
// <=, <, >=, > and ==.
func Keep(measure, op string, value float64) Condition {
	return bound(fmt.Sprintf("Keep(%q, %q, %v)", measure, op, value), measure, op, value, fmt.Sprint(value))
}

// MeetExpectations wants that the trial passes what its scenario expects.
func MeetExpectations() Condition {
	return Condition{"MeetExpectations()", func(t *analyze.Trial) finding {
		if t.Verdict == analyze.Pass {
			return finding{verdict: analyze.Pass}
		}
		return finding{t.Verdict, t.Codes[0], strings.Join(t.Reasons, "; ")}
	}}
}

// FallInsidePrediction wants that the failover lies in the interval that the design's timers predict.
func FallInsidePrediction() Condition {
	return Condition{"FallInsidePrediction()", func(t *analyze.Trial) finding {
		p := t.Predicted
		switch {
		case t.Void:
			return finding{analyze.Inconclusive, t.Codes[0], t.Reasons[0]}
		case p == nil:
			return finding{analyze.Inconclusive, notMeasured, "the trial has no prediction: " + t.Unpredicted}
		case p.Inside:
			return finding{verdict: analyze.Pass}
		}
		return finding{analyze.Fail, "outside-prediction", outside(t, p)}
	}}
}

// outside words a trial that the prediction misses.
func outside(t *analyze.Trial, p *analyze.Predicted) string {
	was := "service did not return"
	switch {
	case p.EventOnly && p.EventMS != nil:
		was = p.Event + " came after " + units.Write(*p.EventMS, "ms")
	case p.EventOnly:
		was = p.Event + " did not come"
	case t.FailoverMS != nil:
		was = "failover took " + units.Write(*t.FailoverMS, "ms")
	}
	if p.Never {
		return was + ", but the prediction is that no mechanism ends the outage (" + p.Text + ")"
	}
	return fmt.Sprintf("%s, predicted were %s to %s (%s)", was, units.Write(p.Lo, "ms"), units.Write(p.Hi, "ms"), p.Text)
}

func percent(share float64) string { return units.Write(share, "ratio") }

// bound is a condition on a measure.
func bound(name, measure, op string, value float64, text string) Condition {
	e := scenarios.Expectation{Measure: measure, Op: op, Value: value, Text: op + " " + text}
	return Condition{name, func(t *analyze.Trial) finding {
		v, code, why := t.Meets(e)
		return finding{v, code, why}
	}}
}

// Judge applies the condition to every trial: fail if one misses it, else inconclusive if one cannot decide it, else pass. text tells of
// each trial what happened, the range, how the outage ended, and where its trace is.
func (c Condition) Judge(r *Result) (v analyze.Verdict, text string) {
	var verdicts []analyze.Verdict
	var lines []string
	for i := range r.Cell.Trials {
		t := &r.Cell.Trials[i]
		f := c.of(t)
		verdicts = append(verdicts, f.verdict)
		if f.verdict != analyze.Pass {
			lines = append(lines, r.tell(t, f))
		}
	}
	v = analyze.Merge(verdicts...)
	if len(verdicts) == 0 {
		lines = append(lines, "  no trial was recorded [no-trial]")
	}
	head := map[analyze.Verdict]string{analyze.Fail: "does not", analyze.Inconclusive: "was not shown to", analyze.Pass: "does"}[v]
	return v, fmt.Sprintf("%s on %s (%s) %s %s\n%s", r.Cell.Scenario, r.Cell.Topology, r.Cell.Runtime, head, c, strings.Join(lines, "\n"))
}

// tell is the story of a trial that does not meet a condition.
func (r *Result) tell(t *analyze.Trial, f finding) string {
	b := new(strings.Builder)
	fmt.Fprintf(b, "  trial %d of %d: ", t.Trial+1, len(r.Cell.Trials))
	if f.verdict == analyze.Inconclusive {
		b.WriteString("inconclusive: ")
	}
	b.WriteString(f.why + " [" + f.code + "]")
	if f.code == notMeasured {
		b.WriteString("\n    no trial of this scenario on this design can tell; choose a scenario that has it, or another condition")
	}
	if n := r.attempts(t.Trial); n > 1 && f.verdict == analyze.Inconclusive {
		fmt.Fprintf(b, "\n    it was run %d times", n)
	}
	if g, ok := t.Range("failover"); ok && t.FailoverMS != nil {
		fmt.Fprintf(b, "\n    failover %s", g.Text(*t.FailoverMS, "ms"))
		if t.EndedBy != "" {
			b.WriteString(", ended by " + t.EndedBy)
		}
	}
	if t.Story != "" {
		b.WriteString("\n    " + t.Story)
	}
	if file := r.files[[2]int{t.Trial, t.Attempt}]; file != "" {
		b.WriteString("\n    trace " + file)
	}
	return b.String()
}

// attempts counts the attempts of a trial.
func (r *Result) attempts(trial int) int {
	n := 1
	for _, t := range r.Cell.Repeated {
		if t.Trial == trial {
			n++
		}
	}
	return n
}
