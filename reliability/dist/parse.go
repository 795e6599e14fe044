package dist

import (
	"maps"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/seed-ab8b6914/spof/reason"
)

// forms are the texts that Parse reads.
var forms = []string{
	"exponential mean=4000h", "weibull shape=0.7 mean=5y", "lognormal mean=10h sigma=1.2", "lognormal median=10h p90=71h", "fixed 30s",
	"uniform from=2s to=4s", "empirical 2.1s 2.4s 40s", "never",
}

// Parse reads a distribution: a name, then its parameters, separated by spaces.
//
//	exponential mean=4000h
//	weibull shape=0.7 mean=5y
//	lognormal mean=10h sigma=1.2
//	lognormal median=10h p90=71h
//	fixed 30s
//	uniform from=2s to=4s
//	empirical 2.1s 2.4s 40s
//	never
//
// Times have a unit, see Hours.
func Parse(text string) (Distribution, error) {
	words := strings.Fields(text)
	if len(words) == 0 {
		return nil, reason.Errorf("distribution-unknown", "an empty distribution; write one such as %s", strings.Join(forms, ", "))
	}
	switch name, rest := words[0], words[1:]; name {
	case "fixed", "empirical":
		return values(name, rest)
	case "exponential", "weibull", "lognormal", "uniform", "never":
		return parametric(name, rest)
	default:
		return nil, reason.Errorf("distribution-unknown", "no distribution %q; write one such as %s", name, strings.Join(forms, ", "))
	}
}

// values reads a distribution of times without names.
func values(name string, words []string) (Distribution, error) {
	times := make([]float64, len(words))
	for i, word := range words {
		t, err := Hours(word)
		if err != nil {
			return nil, err
		}
		times[i] = t
	}
	if name == "empirical" {
		return Empirical(times...)
	}
	if len(times) != 1 {
		return nil, reason.Errorf("distribution-parameter", "%d times for a fixed distribution; want one, such as fixed 30s", len(times))
	}
	return Fixed(times[0])
}

// parametric reads a distribution with named parameters.
func parametric(name string, words []string) (Distribution, error) {
	given, err := parameters(words)
	if err != nil {
		return nil, err
	}
	switch form := name + " " + strings.Join(slices.Sorted(maps.Keys(given)), " "); form {
	case "exponential mean":
		return Exponential(given["mean"])
	case "weibull mean shape":
		return Weibull(given["shape"], given["mean"])
	case "lognormal mean sigma":
		return Lognormal(given["mean"], given["sigma"])
	case "lognormal median p90":
		return LognormalOf(given["median"], given["p90"])
	case "uniform from to":
		return Uniform(given["from"], given["to"])
	case "never ":
		return Never(), nil
	default:
		return nil, reason.Errorf("distribution-parameter", "%s does not have the parameters %q; write one such as %s", name,
			strings.Join(words, " "), strings.Join(forms, ", "))
	}
}

// parameters reads NAME=VALUE words. shape and sigma are numbers, all others are times.
func parameters(words []string) (map[string]float64, error) {
	given := map[string]float64{}
	for _, word := range words {
		name, text, _ := strings.Cut(word, "=")
		if _, twice := given[name]; twice || text == "" {
			return nil, reason.Errorf("distribution-parameter", "%q: want NAME=VALUE, each name once", word)
		}
		read := Hours
		if name == "shape" || name == "sigma" {
			read = number
		}
		value, err := read(text)
		if err != nil {
			return nil, err
		}
		given[name] = value
	}
	return given, nil
}

func number(text string) (float64, error) {
	v, err := strconv.ParseFloat(text, 64)
	if err != nil {
		return 0, reason.Errorf("distribution-value", "%q is no number", text)
	}
	return v, nil
}

// units are the hours of the units that Go's durations lack or bound: those end at 292 years.
var units = []struct {
	suffix string
	hours  float64
}{{"y", Year}, {"d", 24}, {"h", 1}}

// Hours reads a time: a number of years (y, of 365 days), days (d) or hours (h), or a duration of Go (2.5s, 1h30m). It is finite and not
// negative.
func Hours(text string) (float64, error) {
	for _, unit := range units {
		if digits, has := strings.CutSuffix(text, unit.suffix); has {
			if v, err := strconv.ParseFloat(digits, 64); err == nil {
				return v * unit.hours, notNegative(text, v*unit.hours)
			}
		}
	}
	d, err := time.ParseDuration(text)
	if err != nil || text == "0" {
		return 0, reason.Errorf("distribution-value", "%q is no time; want a number with a unit, such as 30s, 1h30m, 4000h, 12d or 5y", text)
	}
	return d.Hours(), notNegative(text, d.Hours())
}

func notNegative(text string, v float64) error {
	if !(v >= 0) || math.IsInf(v, 1) {
		return reason.Errorf("distribution-value", "%q is no time; want a finite one that is not negative", text)
	}
	return nil
}

// hours writes a time in the unit that makes the shortest text, among those that Hours reads back exactly.
func hours(t float64) string {
	best := ""
	for _, unit := range units {
		text := strconv.FormatFloat(t/unit.hours, 'g', -1, 64) + unit.suffix
		if back, err := Hours(text); (best == "" || len(text) < len(best)) && (unit.hours == 1 || err == nil && back == t) {
			best = text
		}
	}
	return best
}
