package analyze

import (
	"fmt"

	"github.com/seed-ab8b6914/spof/reports/units"
	"github.com/seed-ab8b6914/spof/scenarios"
)

// Measure returns the value of a measure by its name in expectations, in the unit of its row. ok is false if the name is unknown or the
// trial has no value.
func (t *Trial) Measure(name string) (value float64, ok bool) { return byName[name].Of(t) }

// Range returns the interval of a measure by its name, as Measure.RangeOf does.
func (t *Trial) Range(name string) (g Range, ok bool) { return byName[name].RangeOf(t) }

// notMeasured is the code of an expectation whose measure has no value.
const notMeasured = "not-measured"

// judgeBounds returns the expectations that a trial misses, and the unknown ones: the trial has no value, or the bound lies inside the range.
// never says that service did not return, and that judgeService told all about it.
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
			failures = append(failures, missed(key, e, v, ok, g))
		default:
			unknown = append(unknown, unsure(key, e, v, ok, g).of(g))
		}
	}
	return failures, unknown
}

// holds reports whether every value of a range meets a bound; false for an unknown operator.
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

// excludes reports whether no value of a range meets a bound; false for an unknown operator.
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
	return false
}

// opposite has the operator that is true if the given one is false.
var opposite = map[string]string{"<=": ">", "<": ">=", ">=": "<", ">": "<=", "==": "!="}

// missed is a missed expectation: failover 4.20 s > 2 s.
func missed(key string, e scenarios.Expectation, v float64, ok bool, g Range) reason {
	if !ok {
		return because("bound-missed", key, "%s was not reached within %s, expected %s", words(e.Measure), units.Write(g.Lo, unitOf(e.Measure)), e.Text)
	}
	is, bound := apart(e, v)
	return because("bound-missed", key, "%s %s %s %s", words(e.Measure), is, opposite[e.Op], bound) // says: failover 4.20 s > 4 s
}

// unsure is an expectation whose bound lies inside the uncertainty of the measure.
func unsure(key string, e scenarios.Expectation, v float64, ok bool, g Range) reason {
	why := ""
	if g.Why != "" {
		why = " (" + g.Why + ")"
	}
	unit := unitOf(e.Measure)
	if !ok {
		return because("bound-unsure", key, "%s was not reached within %s, and the trial ended too early to tell whether it is %s%s", words(e.Measure), units.Write(g.Lo, unit), e.Text, why)
	}
	return because("bound-unsure", key, "%s: the bound %s lies inside the uncertainty%s", quantity(e.Measure, v, g), e.Text, why)
}

// apart formats a value and the bound that it misses with enough digits to differ: 2.001 s > 2 s, not 2 s > 2 s.
func apart(e scenarios.Expectation, v float64) (is, bound string) {
	unit := unitOf(e.Measure)
	for digits := 3; ; digits++ {
		is, bound = units.WriteTo(v, unit, digits), units.WriteTo(e.Value, unit, digits)
		if is != bound || v == e.Value || digits == 15 {
			return is, trimZeros(bound)
		}
	}
}

// quantity formats a measure with its name and its uncertainty: failover 4.995 s ± 12 ms.
func quantity(measure string, v float64, g Range) string {
	return words(measure) + " " + g.Text(v, unitOf(measure))
}

// Figure words a measure by its name, with its uncertainty: failover 4.995 s ± 12 ms. It is empty if the trial has no value.
func (t *Trial) Figure(measure string) string {
	v, ok := t.Measure(measure)
	if !ok {
		return ""
	}
	g, _ := t.Range(measure)
	return quantity(measure, v, g)
}

// Meets judges a trial by an expectation that its scenario need not have: pass, fail, or inconclusive, with a code and the reason. A trial
// that shows nothing, a measure that was not taken (code not-measured), and an unknown operator are inconclusive.
func (t *Trial) Meets(e scenarios.Expectation) (v Verdict, code, why string) {
	if t.Void {
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
