package scenarios

import (
	"errors"
	"fmt"
	"math"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/seed-ab8b6914/spof/topology/yamlfile"
)

// MaxExpectations bounds those of a scenario file.
const MaxExpectations = 100

// readExpectations reads bounds by measure, sorted by name.
func readExpectations(v yamlfile.Value, known Measures) []Expectation {
	names := known.names()
	o := v.Object(names...)
	expect := make([]Expectation, 0, len(names))
	for _, name := range names {
		value := o.Get(name)
		if !value.Present() {
			continue
		}
		text := value.String()
		value.Must(known.boundForm(name))
		e, err := known.parseExpectation(name, text)
		switch {
		case err == nil:
			expect = append(expect, e)
		case text != "": // else String has said what is wrong
			value.Refuse("wrong-bound", "bound of %s: %v", name, err)
		}
	}
	return expect
}

// checkExpected refuses a scenario without any bound, and bounds on measures of faults in a scenario without a fault.
func checkExpected(v yamlfile.Value, s *Scenario, known Measures) {
	if len(s.Expect) == 0 {
		v.Refuse("nothing-expected", "nothing is expected, so nothing could fail; name at least one of: %s", strings.Join(known.names(), ", "))
	}
	if len(s.Faults) > 0 {
		return
	}
	o := v.Object(known.names()...)
	for _, e := range s.Expect {
		if known[e.Measure].Fault {
			o.Get(e.Measure).Refuse("no-fault-to-measure", "%s is counted from a fault, and this scenario has none", e.Measure)
		}
	}
}

var expectation = regexp.MustCompile(`^(<=|<|>=|>|==) *([^ ]+)$`)

// parseExpectation reads a bound such as "<= 5s" on a measure, in the measure's own unit.
func (m Measures) parseExpectation(measure, text string) (Expectation, error) {
	parts := expectation.FindStringSubmatch(text)
	if parts == nil {
		return Expectation{}, fmt.Errorf("want a bound such as %q (one of <=, <, >=, >, == and a value), got %q",
			"<= "+exampleBound(m[measure].Unit), shorten(text))
	}
	value, err := parseBound(m[measure].Unit, parts[2])
	if err != nil {
		return Expectation{}, fmt.Errorf("%w, got %q%s", err, shorten(parts[2]), m.sibling(measure, parts[1], parts[2]))
	}
	return Expectation{Measure: measure, Op: parts[1], Value: value, Text: parts[1] + " " + parts[2]}, nil
}

// sibling advises another measure that takes such a value: for a count its ratio, for a ratio its count.
func (m Measures) sibling(measure, op, value string) string {
	other, isRatio := strings.CutSuffix(measure, "_ratio")
	if !isRatio {
		other = measure + "_ratio"
	}
	info, known := m[other]
	if !known {
		return ""
	}
	if _, err := parseBound(info.Unit, value); err != nil {
		return ""
	}
	return fmt.Sprintf("; write %s: %q", other, op+" "+value)
}

// boundForm gives the pattern of a bound on a measure, with words for people.
func (m Measures) boundForm(measure string) (pattern, words string) {
	form, about := `[0-9]+(\.[0-9]+)?%`, "a share from 0% to 100%"
	switch unit := m[measure].Unit; unit {
	case "ms", "s":
		form, about = `[-+0-9.a-zµμ]*[a-z]`, "a time with its unit"
	case "count":
		form, about = `[0-9]+`, "a whole number"
	case "B/s":
		form, about = volume.String()[1:len(volume.String())-1], "bytes per second"
	case "factor", "number":
		form, about = `[0-9]+(\.[0-9]+)?`, "a number"
	}
	return `^(<=|<|>=|>|==) *` + form + `$`, fmt.Sprintf("a bound: one of <=, <, >=, >, == and %s, such as %q", about, "<= "+exampleBound(m[measure].Unit))
}

func exampleBound(unit string) string {
	switch unit {
	case "ms", "s":
		return "5s"
	case "count":
		return "0"
	case "B/s":
		return "500KiB/s"
	case "factor", "number":
		return "3"
	}
	return "1%"
}

var (
	errTime   = errors.New("want a time with its unit, such as 5s or 500ms")
	errCount  = errors.New("want a whole number, 0 or more")
	errFactor = errors.New("want a plain number, 0 or more")
	errVolume = errors.New("want bytes per second with their unit, such as 500KiB/s or 2MiB/s")
	errShare  = errors.New("want a share from 0% to 100%")
)

func parseBound(unit, text string) (float64, error) {
	switch unit {
	case "ms":
		return parseTime(text, time.Millisecond)
	case "s":
		return parseTime(text, time.Second)
	case "count":
		n, err := strconv.ParseUint(text, 10, 53)
		if err != nil {
			return 0, errCount
		}
		return float64(n), nil
	case "B/s":
		return parseVolume(text)
	case "factor", "number":
		return parseNumber(text, math.MaxInt32, errFactor)
	}
	digits, percent := strings.CutSuffix(text, "%")
	if !percent {
		return 0, errShare
	}
	f, err := parseNumber(digits, 100, errShare)
	return f / 100, err
}

func parseTime(text string, unit time.Duration) (float64, error) {
	d, err := time.ParseDuration(text)
	if err != nil || d < 0 || strings.Trim(text, "+-0.") == "" {
		return 0, errTime
	}
	return float64(d) / float64(unit), nil
}

var volume = regexp.MustCompile(`^([0-9]+(?:\.[0-9]+)?)(B|KiB|MiB)/s$`)

func parseVolume(text string) (float64, error) {
	m := volume.FindStringSubmatch(text)
	if m == nil {
		return 0, errVolume
	}
	f, err := parseNumber(m[1], math.MaxInt32, errVolume)
	return f * float64(map[string]int{"B": 1, "KiB": 1 << 10, "MiB": 1 << 20}[m[2]]), err
}

var plainNumber = regexp.MustCompile(`^[0-9]+(\.[0-9]+)?$`)

func parseNumber(text string, most float64, bad error) (float64, error) {
	f, err := strconv.ParseFloat(text, 64)
	if err != nil || f > most || !plainNumber.MatchString(text) {
		return 0, bad
	}
	return f, nil
}

func shorten(s string) string {
	const most = 40
	if r := []rune(s); len(r) > most {
		return string(r[:most]) + "..."
	}
	return s
}
