package spoftest

import (
	"cmp"
	"fmt"
	"strings"
	"time"

	"github.com/seed-ab8b6914/spof/reason"
	"github.com/seed-ab8b6914/spof/reports/analyze"
	"github.com/seed-ab8b6914/spof/reports/units"
	"github.com/seed-ab8b6914/spof/scenarios"
)

// notMeasured is the code of analyze for a condition on a measure that was not taken.
const notMeasured = "not-measured"

// Condition is what a test wants of every trial of a Result. It has three values: a trial meets it, misses it, or is inconclusive. A condition
// with a wrong value decides nothing: Run refuses it, and Check, To and NotTo fail with its code.
type Condition struct {
	name  string
	of    func(*analyze.Trial) finding
	wrong error // its operator, measure or value is wrong
}

// finding is a condition applied to a trial.
type finding struct {
	verdict   analyze.Verdict
	code, why string // of a trial that passes: no code, and its figure
}

// String is the condition as the source writes it.
func (c Condition) String() string { return cmp.Or(c.name, "Condition{}") }

// check says what is wrong with the condition itself.
func (c Condition) check() error {
	if c.of == nil {
		return reason.Errorf("no-condition", "an empty Condition wants nothing; make one by RecoverWithin, Keep or another function that returns a Condition")
	}
	return c.wrong
}

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
// <=, <, >=, > and ==. The value is 0 or more, and at most 1 if the measure is a share.
func Keep(measure, op string, value float64) Condition {
	return bound(fmt.Sprintf("Keep(%q, %q, %v)", measure, op, value), measure, op, value, fmt.Sprint(value))
}

// MeetExpectations wants that the trial passes what its scenario expects.
func MeetExpectations() Condition {
	return Condition{name: "MeetExpectations()", of: func(t *analyze.Trial) finding {
		if t.Verdict == analyze.Pass {
			return finding{verdict: analyze.Pass, why: t.Figure("failover")}
		}
		return finding{t.Verdict, t.Codes[0], strings.Join(t.Reasons, "; ")}
	}}
}

// FallInsidePrediction wants that the failover lies in the interval that the design's timers predict.
func FallInsidePrediction() Condition {
	return Condition{name: "FallInsidePrediction()", of: func(t *analyze.Trial) finding {
		p := t.Predicted
		switch {
		case t.Void:
			return finding{analyze.Inconclusive, t.Codes[0], t.Reasons[0]}
		case p == nil:
			return finding{analyze.Inconclusive, notMeasured, "the trial has no prediction: " + t.Unpredicted}
		case p.Inside:
			return finding{verdict: analyze.Pass, why: compared(t, p)}
		}
		return finding{analyze.Fail, "outside-prediction", compared(t, p)}
	}}
}

// compared words a trial beside its prediction.
func compared(t *analyze.Trial, p *analyze.Predicted) string {
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
		return was + "; the prediction is that no mechanism ends the outage (" + p.Text + ")"
	}
	return fmt.Sprintf("%s, predicted were %s to %s (%s)", was, units.Write(p.Lo, "ms"), units.Write(p.Hi, "ms"), p.Text)
}

func percent(share float64) string { return units.Write(share, "ratio") }

// bound is a condition on a measure.
func bound(name, measure, op string, value float64, text string) Condition {
	e := scenarios.Expectation{Measure: measure, Op: op, Value: value, Text: op + " " + text}
	return Condition{name, func(t *analyze.Trial) finding {
		v, code, why := t.Meets(e)
		if v == analyze.Pass {
			why = t.Figure(measure)
		}
		return finding{v, code, why}
	}, analyze.Expectable().Check(e)}
}

// Judge applies the condition to every trial: fail if one misses it, else inconclusive if one cannot decide it, else pass. text tells of
// each trial that decides the verdict what happened, the range, how the outage ended, and where its trace is kept. A condition with a wrong
// value is inconclusive on every result.
func (c Condition) Judge(r *Result) (v analyze.Verdict, text string) {
	if err := c.check(); err != nil {
		return analyze.Inconclusive, fmt.Sprintf("%s: %s", c, reason.Text(err))
	}
	if r == nil {
		return analyze.Inconclusive, fmt.Sprintf("%s: the result is nil; want that of Lab.Run [no-result]", c)
	}
	var verdicts []analyze.Verdict
	var met, lines []string
	for i := range r.Cell.Trials {
		t := &r.Cell.Trials[i]
		f := c.of(t)
		verdicts = append(verdicts, f.verdict)
		if f.verdict == analyze.Pass {
			met = append(met, r.trial(t)+cmp.Or(f.why, "met"))
			continue
		}
		lines = append(lines, r.tell(t, f))
	}
	switch v = analyze.Merge(verdicts...); {
	case len(verdicts) == 0:
		lines = append(lines, "  no trial was recorded [no-trial]")
	case v == analyze.Pass:
		lines = met
	case r.untraced != "":
		lines = append(lines, "  "+r.untraced)
	}
	head := map[analyze.Verdict]string{analyze.Fail: "does not", analyze.Inconclusive: "was not shown to", analyze.Pass: "does"}[v]
	return v, fmt.Sprintf("%s on %s (%s) %s %s\n%s", r.Cell.Scenario, r.Cell.Topology, r.Cell.Runtime, head, c, strings.Join(lines, "\n"))
}

// trial begins the line of a trial.
func (r *Result) trial(t *analyze.Trial) string {
	return fmt.Sprintf("  trial %d of %d: ", t.Trial+1, len(r.Cell.Trials))
}

// tell is the story of a trial that does not meet a condition.
func (r *Result) tell(t *analyze.Trial, f finding) string {
	b := new(strings.Builder)
	b.WriteString(r.trial(t))
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
