package reports

import (
	"strconv"

	"github.com/seed-ab8b6914/spof/reports/analyze"
	"github.com/seed-ab8b6914/spof/reports/terminal"
	"github.com/seed-ab8b6914/spof/reports/units"
)

// none is the text of a measure without a value.
const none = units.None

// duration formats a time given in ms: 3.20 s, 214 ms, 85.0 µs.
func duration(ms float64) string { return units.Write(ms, "ms") }

// relayCost formats what a relay adds, in ms. It is the difference of two measurements: one that is not above 0 is their error.
func relayCost(ms float64) string {
	if ms <= 0 {
		return "nothing measurable"
	}
	return duration(ms)
}

// durationOr formats a time given in ms; it returns the text if there is no time.
func durationOr(ms *float64, text string) string {
	if ms == nil {
		return text
	}
	return duration(*ms)
}

// span formats a range of times given in ms.
func span(lo, hi float64) string { return units.Span(lo, hi, "ms") }

// percent formats a ratio: 6.93 %.
func percent(ratio float64) string { return units.Write(ratio, "ratio") }

// volume formats bytes per second: 1.50 MiB/s.
func volume(v float64) string { return units.Write(v, "B/s") }

// share formats a part of a whole: 12 of 50.
func share(part, whole int) string { return strconv.Itoa(part) + " of " + strconv.Itoa(whole) }

// plural formats a count with its noun: "1 trial", "3 trials".
func plural(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return strconv.Itoa(n) + " " + what + "s"
}

// oneLine makes a text from a user's file safe to show: one line without control characters.
func oneLine(s string) string { return terminal.Line(s) }

// shorten cuts s to at most n characters. A text that was cut ends with an ellipsis.
func shorten(s string, n int) string {
	r := []rune(s)
	if len(r) <= n {
		return s
	}
	return string(r[:n-1]) + "…"
}

// symbol is the symbol of a verdict, so that a verdict is readable without colour.
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
