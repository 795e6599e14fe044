// Package units formats figures for people: three significant digits, a unit that suits the size, and the uncertainty. All forms of a report
// and the sentences of the analysis use it. Begin at Write and Uncertain. It knows units, but no measures.
package units

import (
	"math"
	"strconv"
)

// None is written if there is no value.
const None = "–"

// digits is the number of significant digits of a figure.
const digits = 3

// Number formats v with a number of significant digits and without exponent: 0.0123, 3.20, 1230.
func Number(v float64, digits int) string {
	switch {
	case math.IsNaN(v) || math.IsInf(v, 0):
		return None
	case math.Abs(v) < 1e-9:
		return "0"
	}
	rounded, err := strconv.ParseFloat(strconv.FormatFloat(v, 'e', digits-1, 64), 64) // rounds 999.6 to 1000 first
	if err != nil {
		rounded = v
	}
	magnitude := int(math.Floor(math.Log10(math.Abs(rounded)) + 1e-12))
	return strconv.FormatFloat(rounded, 'f', max(digits-1-magnitude, 0), 64)
}

// Scale returns a value in a unit that suits its size, and the text of that unit: 3204 ms is 3.204 and " s". Units are ms, s, us, ratio,
// factor and B/s; other units have no text.
func Scale(v float64, unit string) (value float64, sign string) {
	a := math.Abs(v)
	switch {
	case unit == "s":
		return Scale(1000*v, "ms")
	case unit == "us":
		return Scale(v/1000, "ms")
	case unit == "ratio":
		return 100 * v, " %"
	case unit == "factor":
		return v, "×"
	case unit == "ms" && a >= 999.5:
		return v / 1000, " s"
	case unit == "ms" && (a >= 0.9995 || a < 1e-9):
		return v, " ms"
	case unit == "ms":
		return v * 1000, " µs"
	case unit == "B/s" && a >= 1<<20:
		return v / (1 << 20), " MiB/s"
	case unit == "B/s" && a >= 1<<10:
		return v / (1 << 10), " KiB/s"
	case unit == "B/s":
		return v, " B/s"
	}
	return v, ""
}

// Write formats a value: 3.20 s, 214 ms, 85.0 µs, 6.93 %, 1.50 MiB/s, 3.50×, 12.
func Write(v float64, unit string) string { return WriteTo(v, unit, digits) }

// WriteTo is Write with a given number of significant digits. Whole counts are written in full.
func WriteTo(v float64, unit string, digits int) string {
	if unit == "count" && v == math.Trunc(v) && math.Abs(v) < 1e15 {
		return strconv.FormatFloat(v, 'f', 0, 64)
	}
	value, sign := Scale(v, unit)
	return Number(value, digits) + sign
}

// Span formats a range. The unit is written once if both ends share it: 2.72–3.48 s, 214 ms–3.20 s.
func Span(lo, hi float64, unit string) string {
	_, a := Scale(lo, unit)
	_, b := Scale(hi, unit)
	from := Write(lo, unit)
	if a == b || lo == 0 {
		from = from[:len(from)-len(a)]
	}
	return from + "–" + Write(hi, unit)
}

// Uncertain formats a value with its uncertainty: 3.394 s ± 8.0 ms. The true value lies in [lo, hi]; the uncertainty is the larger distance.
// An uncertainty that does not change the written value is left out. If hi is infinite, the text is a lower bound.
func Uncertain(v, lo, hi float64, unit string) string {
	off := max(v-lo, hi-v)
	switch {
	case math.IsInf(hi, 1):
		return "at least " + Write(lo, unit)
	case !Shows(v, off, unit):
		return Write(v, unit)
	}
	return sharp(v, off, unit) + " ± " + Margin(off, unit)
}

// Margin formats an uncertainty with two significant digits. More digits would claim too much precision.
func Margin(off float64, unit string) string { return WriteTo(off, unit, 2) }

// Shows reports whether an uncertainty changes the written value.
func Shows(v, off float64, unit string) bool {
	return off > 0 && (Write(v+off, unit) != Write(v, unit) || Write(v-off, unit) != Write(v, unit))
}

// sharp formats a time of one second or more to the second digit of its uncertainty, at most to the ms. It formats other values as Write does.
func sharp(v, off float64, unit string) string {
	value, sign := Scale(v, unit)
	if sign != " s" {
		return Write(v, unit)
	}
	if off *= value / v; off <= 0 {
		return Write(v, unit)
	}
	decimals := min(3, max(1, int(math.Ceil(-math.Log10(off)))+1))
	return strconv.FormatFloat(value, 'f', decimals, 64) + sign
}
