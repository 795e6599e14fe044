package analyze

import (
	"fmt"

	"github.com/seed-ab8b6914/spof/reports/units"
	"github.com/seed-ab8b6914/spof/scenarios"
)

// Measure gives a measure of a trial by its name in expectations, in the unit of its row. ok is false for an unknown name, and for a
// measure that this trial has no value of.
func (t *Trial) Measure(name string) (value float64, ok bool) { return byName[name].Of(t) }

// Range gives the interval that a measure of the trial lies in, by the measure's name, as Measure.RangeOf does.
func (t *Trial) Range(name string) (g Range, ok bool) { return byName[name].RangeOf(t) }

// notMeasured is the code of an expectation of something that was not measured.
const notMeasured = "not-measured"

// judgeBounds gives the expectations that a trial does not meet, and those that it can neither meet nor miss: the trial has no value, or
// the bound lies inside the range. never says that service did not return: that failure is reported by judgeService.
func judgeBounds(t *Trial, expect []scenarios.Expectation, never bool) (failures, unknown []reason) {
	for _, e := range expect {
		v, ok := t.Measure(e.Measure)
		g, bounded := t.Range(e.Measure)
		key := e.Measure + " " + e.Op + " " + fmt.Sprint(e.Value)
		switch {
		case !ok && e.Measure == "failover" && never: // reported by judgeService
		case !ok && !bounded:
			unknown = append(unknown, because(notMeasured, key, "%s was not measured (expected %s)", words(e.Measure), e.Text))
		case holds(g, e.Op, e.Value):
		case excludes(g, e.Op, e.Value):
			failures = append(failures, because("bound-missed", key, "%s", missText(e, v, ok, g)))
		default:
			unknown = append(unknown, because("bound-unsure", key, "%s", unsureText(e, v, ok, g)))
		}
	}
	return failures, unknown
}

// holds reports whether every value of a range meets a bound; none meets one with an unknown operator.
func holds(g Range, op string, bound float64) bool {
	switch op {
	case "<=":
		return g.Hi <= bound
	case "<":
		return g.Hi < bound
	case ">=":
		return g.Lo >= bound
	case ">":
		return g.Lo > bound
	case "==":
		return g.Lo == bound && g.Hi == bound
	}
	return false
}

// excludes reports whether no value of a range meets a bound.
func excludes(g Range, op string, bound float64) bool {
	switch op {
	case "<=":
		return g.Lo > bound
	case "<":
		return g.Lo >= bound
	case ">=":
		return g.Hi < bound
	case ">":
		return g.Hi <= bound
	case "==":
		return bound < g.Lo || bound > g.Hi
	}
	return true
}

// opposite is what holds where an operator does not.
var opposite = map[string]string{"<=": ">", "<": ">=", ">=": "<", ">": "<=", "==": "!="}

// missText words a missed expectation: failover 4.20 s > 2 s.
func missText(e scenarios.Expectation, v float64, ok bool, g Range) string {
	if !ok {
		return fmt.Sprintf("%s was not reached within %s, expected %s", words(e.Measure), units.Write(g.Lo, unitOf(e.Measure)), e.Text)
	}
	is, bound := apart(e, v)
	return fmt.Sprintf("%s %s %s %s", words(e.Measure), is, opposite[e.Op], bound)
}

// unsureText words an expectation whose bound lies inside the uncertainty of the measure.
func unsureText(e scenarios.Expectation, v float64, ok bool, g Range) string {
	why := ""
	if g.Why != "" {
		why = " (" + g.Why + ")"
	}
	unit := unitOf(e.Measure)
	if !ok {
		return fmt.Sprintf("%s was not reached within %s, and the trial ended too early to tell whether it is %s%s", words(e.Measure), units.Write(g.Lo, unit), e.Text, why)
	}
	return fmt.Sprintf("%s: the bound %s lies inside the uncertainty%s", quantity(e.Measure, v, g), e.Text, why)
}

// apart writes a value and the bound that it misses with as many digits as tell them apart: 2.001 s > 2 s must not read 2 s > 2 s.
func apart(e scenarios.Expectation, v float64) (is, bound string) {
	unit := unitOf(e.Measure)
	for digits := 3; ; digits++ {
		is, bound = units.WriteTo(v, unit, digits), units.WriteTo(e.Value, unit, digits)
		if is != bound || v == e.Value || digits == 15 {
			return is, trimZeros(bound)
		}
	}
}

// quantity writes a measure with its name and its uncertainty: failover 4.995 s ± 12 ms.
func quantity(measure string, v float64, g Range) string {
	return words(measure) + " " + g.Text(v, unitOf(measure))
}

// Meets judges a trial by an expectation that its scenario need not have: pass, fail, or inconclusive, with a code and the reason. A trial
// that shows nothing, and a measure that was not taken (code not-measured), are inconclusive.
func (t *Trial) Meets(e scenarios.Expectation) (v Verdict, code, why string) {
	if t.void {
		return Inconclusive, t.reasons[0].code, t.reasons[0].text
	}
	failures, unknown := judgeBounds(t, []scenarios.Expectation{e}, false)
	switch {
	case len(failures) > 0:
		return Fail, failures[0].code, failures[0].text
	case len(unknown) > 0:
		return Inconclusive, unknown[0].code, unknown[0].text
	}
	return Pass, "", ""
}
