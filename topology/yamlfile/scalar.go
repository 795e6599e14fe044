package yamlfile

import (
	"fmt"
	"math"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"

	"go.yaml.in/yaml/v3"
)

// scalar gives the text of a single value; false for other values, with a problem unless the value is missing.
func (v Value) scalar(want string) (string, bool) {
	if v.n == nil {
		return "", false
	}
	if v.n.Kind != yaml.ScalarNode || isNull(v.n) {
		v.want(want)
		return "", false
	}
	return v.n.Value, true
}

// String reads text; "" if it is missing. It refuses control characters except line breaks and tabs, and characters that change the
// direction of text, so that the text is safe for a terminal. (It does not print a Value.)
func (v Value) String() string {
	if v.records(Form{Type: "string"}) {
		return ""
	}
	s, ok := v.scalar("text")
	if ok && v.n.Tag != "!!str" {
		v.Refuse("not-text", "want text, got %s; put it in quotes", short(s))
		return ""
	}
	for _, c := range s {
		if unicode.IsControl(c) && c != '\n' && c != '\t' || unicode.Is(unicode.Bidi_Control, c) {
			v.Refuse("control-character", "control character %U is not allowed", c)
			return ""
		}
	}
	return s
}

// Reference reads the name of something else in the file: text that is not empty.
func (v Value) Reference() string {
	if v.records(Form{Type: "string", Pattern: ".", Words: "a name"}) {
		return "name"
	}
	s := v.String()
	if s == "" && v.n != nil && v.n.Kind == yaml.ScalarNode && v.n.Value == "" && !isNull(v.n) {
		v.want("a name")
	}
	return s
}

// parsed reads a single value by parse, which reports whether it accepts the text. example shows the unit of the value; empty: it has
// none.
func parsed[T any](v Value, def T, want, example string, parse func(string) (T, bool)) T {
	s, ok := v.scalar(want)
	if !ok {
		return def
	}
	if example != "" && number.MatchString(s) {
		v.Refuse("unit-missing", "unit missing, write %s", example)
		return def
	}
	value, ok := parse(s)
	if !ok {
		v.want(want)
		return def
	}
	return value
}

var (
	decimal = regexp.MustCompile(`^-?(0|[1-9][0-9]*)$`)
	number  = regexp.MustCompile(`^-?[0-9]+(\.[0-9]+)?$`)
)

// numberFrom reads a decimal number from min to max.
func numberFrom(s string, min, max float64) (float64, bool) {
	f, err := strconv.ParseFloat(s, 64)
	return f, number.MatchString(s) && err == nil && f >= min && f <= max
}

// Bool reads true or false.
func (v Value) Bool(def bool) bool {
	if v.records(Form{Type: "boolean", Default: def}) {
		return def
	}
	return parsed(v, def, "true or false", "", func(s string) (bool, bool) {
		return s == "true", v.n.Tag == "!!bool" && (s == "true" || s == "false")
	})
}

// Int reads a whole number from min to max.
func (v Value) Int(def, min, max int) int {
	if f := ranged(Form{Type: "integer", Words: fmt.Sprintf("a whole number from %d to %d", min, max)}, def, min, max, def); v.records(f) {
		return inside(def, min, max)
	}
	return parsed(v, def, fmt.Sprintf("a whole number from %d to %d", min, max), "", func(s string) (int, bool) {
		n, err := strconv.Atoi(s)
		return n, err == nil && decimal.MatchString(s) && v.n.Tag == "!!int" && n >= min && n <= max
	})
}

// BoolOrInt reads true, false, or a whole number, which means true with a number. Without a number it gives 0.
func (v Value) BoolOrInt(def bool, min, max int) (bool, int) {
	if v.records(Form{Type: "boolean", Default: def}) {
		v.Int(0, min, max)
		return def, 0
	}
	switch {
	case !v.Present():
		return def, 0
	case v.n.Kind == yaml.ScalarNode && v.n.Tag == "!!int":
		n := v.Int(0, min, max)
		return true, n
	case v.n.Kind == yaml.ScalarNode && v.n.Tag == "!!bool":
		return v.Bool(def), 0
	}
	v.want(fmt.Sprintf("true, false or a whole number from %d to %d", min, max))
	return def, 0
}

// Number reads a number without a unit, from min to max. It may have a fraction.
func (v Value) Number(def, min, max float64) float64 {
	if f := ranged(Form{Type: "number", Words: fmt.Sprintf("a number from %v to %v", min, max)}, def, min, max, def); v.records(f) {
		return inside(def, min, max)
	}
	return parsed(v, def, fmt.Sprintf("a number from %v to %v, without quotes", min, max), "", func(s string) (float64, bool) {
		f, ok := numberFrom(s, min, max)
		return f, ok && v.n.Tag != "!!str"
	})
}

// Duration reads a time with its unit (ms, s, m or h, such as 500ms), from min to max.
func (v Value) Duration(def, min, max time.Duration) time.Duration {
	if f := unit("a time", durationForm, Span(min), Span(max), Span(def)); v.records(f.defaultsIf(def >= min && def <= max)) {
		return inside(def, min, max)
	}
	return parsed(v, def, fmt.Sprintf("a time from %s to %s", Span(min), Span(max)), "5s or 500ms", func(s string) (time.Duration, bool) {
		d, err := time.ParseDuration(s)
		return d, err == nil && d >= min && d <= max
	})
}

// Ratio reads a share from 0% to 100%, as 0 to 1. Only 0 needs no percent sign.
func (v Value) Ratio(def float64) float64 {
	if f := unit("a share", ratioForm, "0%", "100%", percent(def)); v.records(f) {
		v.records(Form{Type: "integer", Enum: []string{"0"}})
		return def
	}
	if v.n != nil && v.n.Kind == yaml.ScalarNode && v.n.Tag == "!!int" && v.n.Value == "0" {
		return 0
	}
	return parsed(v, def, "a share from 0% to 100%", v.asShare(), func(s string) (float64, bool) {
		digits, percent := strings.CutSuffix(s, "%")
		f, ok := numberFrom(digits, 0, 100)
		return f / 100, ok && percent
	})
}

// asShare writes a number without a percent sign as the share that it may mean: 0.9999 is 99.99%, 70 is 70%. Of others it gives an
// example.
func (v Value) asShare() string {
	if v.n != nil {
		if f, ok := numberFrom(v.n.Value, 0, 100); ok && f > 1 {
			return v.n.Value + "%"
		} else if ok && f > 0 {
			return strconv.FormatFloat(math.Round(f*1e12)/1e10, 'f', -1, 64) + "%"
		}
	}
	return "20%"
}

// Rate reads a number per second such as 200/s, from min to max.
func (v Value) Rate(def, min, max float64) float64 {
	if f := unit("a rate", rateForm, rateText(min), rateText(max), rateText(def)); v.records(f.defaultsIf(def >= min && def <= max)) {
		return inside(def, min, max)
	}
	return parsed(v, def, fmt.Sprintf("a rate from %v/s to %v/s", min, max), "200/s", func(s string) (float64, bool) {
		digits, perSecond := strings.CutSuffix(s, "/s")
		f, ok := numberFrom(digits, min, max)
		return f, ok && perSecond
	})
}

var size = regexp.MustCompile(`^([0-9]+)(B|KiB|MiB)$`)

// Size reads a number of bytes with its unit (B, KiB or MiB, such as 4KiB), from min to max bytes.
func (v Value) Size(def, min, max int) int {
	if f := unit("a size", size.String(), bytesText(min), bytesText(max), bytesText(def)); v.records(f.defaultsIf(def >= min && def <= max)) {
		return inside(def, min, max)
	}
	want := fmt.Sprintf("a size from %s to %s in B, KiB or MiB", bytesText(min), bytesText(max))
	return parsed(v, def, want, "4KiB or 512B", func(s string) (int, bool) {
		m := size.FindStringSubmatch(s)
		if m == nil {
			return 0, false
		}
		unit := map[string]int{"B": 1, "KiB": 1 << 10, "MiB": 1 << 20}[m[2]]
		n, err := strconv.Atoi(m[1])
		return n * unit, err == nil && n <= math.MaxInt/unit && n*unit >= min && n*unit <= max
	})
}

var bitRate = regexp.MustCompile(`^([0-9]+(?:\.[0-9]+)?)([kMG]bit/s)$`)

// bitUnits lists the units of a bit rate, the greatest first.
var bitUnits = []struct {
	name string
	bits int64
}{{"Gbit/s", 1e9}, {"Mbit/s", 1e6}, {"kbit/s", 1e3}}

// BitRate reads a number of bits per second with its unit (kbit/s, Mbit/s or Gbit/s, such as 50Mbit/s), from min to max
// bit/s.
func (v Value) BitRate(def, min, max int64) int64 {
	if f := unit("a bit rate", bitRate.String(), BitRateText(min), BitRateText(max), BitRateText(def)); v.records(f.defaultsIf(def >= min && def <= max)) {
		return inside(def, min, max)
	}
	want := fmt.Sprintf("a bit rate from %s to %s", BitRateText(min), BitRateText(max))
	return parsed(v, def, want, "50Mbit/s", func(s string) (int64, bool) {
		m := bitRate.FindStringSubmatch(s)
		if m == nil {
			return 0, false
		}
		f, err := strconv.ParseFloat(m[1], 64)
		for _, u := range bitUnits {
			if u.name == m[2] {
				f *= float64(u.bits)
			}
		}
		return int64(math.Round(f)), err == nil && f >= float64(min) && f <= float64(max)
	})
}

// BitRateText prints a bit rate in the greatest unit that leaves at least 1: 50Mbit/s, 1.5Gbit/s.
func BitRateText(bits int64) string {
	for _, u := range bitUnits {
		if bits >= u.bits {
			return strconv.FormatFloat(float64(bits)/float64(u.bits), 'f', -1, 64) + u.name
		}
	}
	return fmt.Sprintf("%dbit/s", bits)
}

// OneOf reads one of the values.
func (v Value) OneOf(def string, values ...string) string {
	if f := (Form{Type: "string", Enum: values}); v.s != nil {
		if slices.Contains(values, def) {
			f.Default = def
		}
		v.records(f)
		return v.s.oneOf(def, values)
	}
	s, ok := v.scalar("one of " + strings.Join(values, ", "))
	if !ok {
		return def
	}
	if !slices.Contains(values, s) {
		v.Refuse("unknown-value", "unknown value %s%s; valid: %s", short(s), Suggest(s, values), strings.Join(values, ", "))
		return def
	}
	return s
}

// Span prints a time as time.Duration does, without zero parts: 1h, 10m, 1.5s.
func Span(d time.Duration) string {
	s := d.String()
	if strings.HasSuffix(s, "m0s") {
		s = strings.TrimSuffix(s, "0s")
	}
	if strings.HasSuffix(s, "h0m") {
		s = strings.TrimSuffix(s, "0m")
	}
	return s
}

func bytesText(n int) string {
	switch {
	case n >= 1<<20 && n%(1<<20) == 0:
		return fmt.Sprintf("%dMiB", n>>20)
	case n >= 1<<10 && n%(1<<10) == 0:
		return fmt.Sprintf("%dKiB", n>>10)
	}
	return fmt.Sprintf("%dB", n)
}
