package reports

import (
	"math"
	"strconv"
	"strings"
	"unicode"

	"github.com/seed-ab8b6914/spof/reports/analyze"
)

// none stands where a measure does not apply.
const none = "–"

// figure writes v with three significant digits and no exponent: 0.0123, 3.20, 45.6, 1230.
func figure(v float64) string {
	switch {
	case math.IsNaN(v) || math.IsInf(v, 0):
		return none
	case math.Abs(v) < 1e-9:
		return "0"
	}
	rounded, _ := strconv.ParseFloat(strconv.FormatFloat(v, 'e', 2, 64), 64) // rounds 999.6 to 1000 first
	decimals := 2 - int(math.Floor(math.Log10(math.Abs(rounded))+1e-12))
	return strconv.FormatFloat(rounded, 'f', max(decimals, 0), 64)
}

// volume writes bytes per second: 512 B/s, 1.50 MiB/s.
func volume(v float64) string {
	switch {
	case v >= 1<<20:
		return figure(v/(1<<20)) + " MiB/s"
	case v >= 1<<10:
		return figure(v/(1<<10)) + " KiB/s"
	}
	return figure(v) + " B/s"
}

// scaled gives a time in the unit that suits its size.
func scaled(ms float64) (number, unit string) {
	switch a := math.Abs(ms); {
	case a >= 999.5:
		return figure(ms / 1000), "s"
	case a >= 0.9995 || a < 1e-9:
		return figure(ms), "ms"
	default:
		return figure(ms * 1000), "µs"
	}
}

// duration writes a time given in ms: 3.20 s, 214 ms, 85.0 µs.
func duration(ms float64) string {
	n, u := scaled(ms)
	return n + " " + u
}

// durationOr writes a time, or the text where there is none.
func durationOr(ms *float64, text string) string {
	if ms == nil {
		return text
	}
	return duration(*ms)
}

// span writes a range of times, naming a unit once where both ends share it: 2.72–3.48 s, 214 ms–3.20 s.
func span(lo, hi float64) string {
	a, ua := scaled(lo)
	b, ub := scaled(hi)
	if ua == ub || lo == 0 {
		return a + "–" + b + " " + ub
	}
	return a + " " + ua + "–" + b + " " + ub
}

// percent writes a ratio: 6.93 %.
func percent(ratio float64) string { return figure(100*ratio) + " %" }

// inUnit writes a value of a measure.
func inUnit(v float64, unit string) string {
	switch unit {
	case "ms":
		return duration(v)
	case "s":
		return duration(1000 * v)
	case "us":
		return duration(v / 1000)
	case "ratio":
		return percent(v)
	case "B/s":
		return volume(v)
	case "factor":
		return figure(v) + "×"
	}
	if unit == "count" && v == math.Trunc(v) {
		return strconv.FormatFloat(v, 'f', 0, 64)
	}
	return figure(v)
}

// spanIn writes a range of values of a measure.
func spanIn(lo, hi float64, unit string) string {
	switch unit {
	case "ms":
		return span(lo, hi)
	case "s":
		return span(1000*lo, 1000*hi)
	case "ratio":
		return figure(100*lo) + "–" + percent(hi)
	case "factor":
		return figure(lo) + "–" + inUnit(hi, unit)
	}
	return inUnit(lo, unit) + "–" + inUnit(hi, unit)
}

// share writes a part of a whole with both counts: 12 of 50.
func share(part, whole int) string { return strconv.Itoa(part) + " of " + strconv.Itoa(whole) }

// plural gives "1 trial", "3 trials".
func plural(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return strconv.Itoa(n) + " " + what + "s"
}

// oneLine makes a text from a user's file harmless on a terminal: no control characters, no line breaks, no change of
// the writing direction.
func oneLine(s string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case unicode.IsSpace(r):
			return ' '
		case !unicode.IsPrint(r):
			return -1
		}
		return r
	}, s)
}

// shorten cuts s to at most n characters, the last of which is then an ellipsis.
func shorten(s string, n int) string {
	r := []rune(s)
	if len(r) <= n {
		return s
	}
	return string(r[:n-1]) + "…"
}

// symbol is a verdict's sign, so that it is never told by colour alone.
func symbol(v analyze.Verdict) string {
	switch v {
	case analyze.Pass:
		return "✓"
	case analyze.Fail:
		return "✗"
	default:
		return "?"
	}
}
