package yamlfile

import (
	"cmp"
	"fmt"
	"math"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// The patterns of values with a unit. Those of sizes and bit rates are the ones that read them.
const (
	durationForm = `^[-+]?(([0-9]+(\.[0-9]*)?|\.[0-9]+)(ns|us|µs|μs|ms|s|m|h))+$`
	ratioForm    = `^[0-9]+(\.[0-9]+)?%$`
	rateForm     = `^[0-9]+(\.[0-9]+)?/s$`
)

// unit is the form of a value with a unit.
func unit(what, pattern, min, max, def string) Form {
	return Form{Type: "string", Pattern: pattern, Words: fmt.Sprintf("%s from %s to %s", what, min, max), Default: def}
}

// defaultsIf drops the default unless it is a valid value: the decoder then has another meaning for a missing one.
func (f Form) defaultsIf(valid bool) Form {
	if !valid {
		f.Default = nil
	}
	return f
}

// ranged gives a form the bounds of a number, and its default if it is inside them.
func ranged[T int | float64](f Form, def, min, max T, value any) Form {
	lo, hi := float64(min), float64(max)
	f.Min, f.Max, f.Default = &lo, &hi, value
	return f.defaultsIf(def >= min && def <= max)
}

// inside gives the nearest value from min to max.
func inside[T cmp.Ordered](v, min, max T) T {
	if v < min {
		return min
	}
	if v > max {
		return max
	}
	return v
}

// oneOf decides which of the values the file has in this run: first the default, else the first value.
func (s *site) oneOf(def string, values []string) string {
	if s.gone || len(values) == 0 {
		return def
	}
	first := max(0, slices.Index(values, def))
	return values[(first+s.run.decide(s.place()+"=", len(values)))%len(values)]
}

func percent(share float64) string {
	return strconv.FormatFloat(math.Round(share*1e6)/1e4, 'f', -1, 64) + "%"
}

// RatioText prints a share from 0 to 1 as Ratio reads it, such as 33.3%. Of a number that Ratio gave, Ratio gives the same again.
func RatioText(share float64) string {
	const most = 17 // digits that a float64 can need
	for digits := range most + 1 {
		s := strconv.FormatFloat(share*100, 'f', digits, 64)
		if f, err := strconv.ParseFloat(s, 64); err == nil && f/100 == share {
			return s + "%"
		}
	}
	return strconv.FormatFloat(share*100, 'f', -1, 64) + "%"
}

func rateText(perSecond float64) string { return strconv.FormatFloat(perSecond, 'f', -1, 64) + "/s" }

var choice = regexp.MustCompile(`\{[^}]*\}`)

// AboutOf gives the entry whose key is the longest end of a place of Description.Schema, without the choices in it: at users.NAME.dns.name it
// prefers dns.name to name. Empty: there is none.
func AboutOf(about map[string]string, place string) string {
	place = choice.ReplaceAllString(place, "")
	for {
		if text, ok := about[place]; ok {
			return text
		}
		_, rest, found := strings.Cut(place, ".")
		if !found {
			return ""
		}
		place = rest
	}
}
