package reports

import (
	"strconv"

	"github.com/seed-ab8b6914/spof/reports/analyze"
	"github.com/seed-ab8b6914/spof/reports/terminal"
	"github.com/seed-ab8b6914/spof/reports/units"
)

// none stands where a measure does not apply.
const none = units.None

// duration writes a time given in ms: 3.20 s, 214 ms, 85.0 µs.
func duration(ms float64) string { return units.Write(ms, "ms") }

// durationOr writes a time, or the text where there is none.
func durationOr(ms *float64, text string) string {
	if ms == nil {
		return text
	}
	return duration(*ms)
}

// span writes a range of times in ms.
func span(lo, hi float64) string { return units.Span(lo, hi, "ms") }

// percent writes a ratio: 6.93 %.
func percent(ratio float64) string { return units.Write(ratio, "ratio") }

// volume writes bytes per second: 1.50 MiB/s.
func volume(v float64) string { return units.Write(v, "B/s") }

// share writes a part of a whole with both counts: 12 of 50.
func share(part, whole int) string { return strconv.Itoa(part) + " of " + strconv.Itoa(whole) }

// plural gives "1 trial", "3 trials".
func plural(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return strconv.Itoa(n) + " " + what + "s"
}

// oneLine makes a text from a user's file harmless, wherever it is shown.
func oneLine(s string) string { return terminal.Line(s) }

// shorten cuts s to at most n characters, the last of which is then an ellipsis.
func shorten(s string, n int) string {
	r := []rune(s)
	if len(r) <= n {
		return s
	}
	return string(r[:n-1]) + "…"
}

// symbol is a verdict's sign: a verdict must be readable without colour.
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
