package compare

import (
	"slices"
	"strconv"
	"strings"

	"github.com/seed-ab8b6914/spof/reason"
	"github.com/seed-ab8b6914/spof/reports/analyze"
)

// Effects are minimum effects, by the name of a measure or by its unit, in the unit of the measure. A measure comes before its unit.
type Effects map[string]float64

// DefaultEffects are the minimum effects by unit. A change below them is none, whatever the test says: it is below what users notice, or
// below what a lab on a shared machine repeats.
func DefaultEffects() Effects {
	return Effects{"ms": 100, "s": 0.1, "us": 1000, "ratio": 0.01, "count": 1, "number": 0.1, "factor": 0.25, "B/s": 10 << 10}
}

// Of gives the minimum effect of a measure.
func (e Effects) Of(measure, unit string) float64 {
	if v, ok := e[measure]; ok {
		return v
	}
	return e[unit]
}

// ParseEffects reads NAME=VALUE for each minimum effect, on top of the defaults. NAME is a measure or a unit; VALUE is a number in its
// unit, or a percentage of a ratio.
func ParseEffects(words []string) (Effects, error) {
	e := DefaultEffects()
	for _, word := range words {
		name, text, _ := strings.Cut(word, "=")
		unit := name
		if m := named(name); m != nil {
			unit = m.Unit
		}
		if _, ok := DefaultEffects()[unit]; !ok {
			return nil, reason.Errorf("unknown-measure", "minimum effect %q: %q is neither a unit (%s) nor a measure that a comparison tests (%s)",
				word, name, strings.Join(units(), ", "), strings.Join(Testable(), ", "))
		}
		number, percent := strings.CutSuffix(text, "%")
		v, err := strconv.ParseFloat(number, 64)
		if err != nil || !(v >= 0 && v <= 1e12) || percent && unit != "ratio" {
			return nil, reason.Errorf("flag-value", "minimum effect %q: want %s=NUMBER, in %s", word, name, unit)
		}
		if percent {
			v /= 100
		}
		e[name] = v
	}
	return e, nil
}

func units() (all []string) {
	for unit := range DefaultEffects() {
		all = append(all, unit)
	}
	slices.Sort(all)
	return all
}

// named finds a measure that a comparison can test; nil: there is none.
func named(name string) *analyze.Measure {
	for i := range analyze.Measures {
		if m := &analyze.Measures[i]; m.Name == name && m.Better != "" {
			return m
		}
	}
	return nil
}

// Testable gives the names of the measures that a comparison can test, sorted: those of which one direction is better.
func Testable() (names []string) {
	for i := range analyze.Measures {
		if m := &analyze.Measures[i]; m.Better != "" {
			names = append(names, m.Name)
		}
	}
	slices.Sort(names)
	return names
}

// Check refuses measures that no comparison can test, and codes that nobody can accept.
func Check(o Options) error {
	for _, name := range o.Measures {
		if named(name) == nil {
			return reason.Errorf("unknown-measure", "measure %q cannot be compared; valid: %s", name, strings.Join(Testable(), ", "))
		}
	}
	for _, code := range o.Accept {
		if !slices.Contains(Acceptable, code) {
			return reason.Errorf("unknown-code", "%q is no difference that can be accepted; valid: %s", code, strings.Join(Acceptable, ", "))
		}
	}
	return nil
}
