package yamlfile

import (
	"fmt"
	"math"
	"regexp"
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
	s := v.String()
	if s == "" && v.n != nil && v.n.Kind == yaml.ScalarNode && v.n.Value == "" && !isNull(v.n) {
		v.want("a name")
	}
	return s
}

// Bool reads true or false.
func (v Value) Bool(def bool) bool {
	const want = "true or false"
	s, ok := v.scalar(want)
	switch {
	case !ok:
		return def
	case s == "true" && v.n.Tag == "!!bool":
		return true
	case s == "false" && v.n.Tag == "!!bool":
		return false
	}
	v.want(want)
	return def
}

var decimal = regexp.MustCompile(`^-?(0|[1-9][0-9]*)$`)

// Int reads a whole number from min to max.
func (v Value) Int(def, min, max int) int {
	want := fmt.Sprintf("a whole number from %d to %d", min, max)
	s, ok := v.scalar(want)
	if !ok {
		return def
	}
	n, err := strconv.Atoi(s)
	if err != nil || !decimal.MatchString(s) || v.n.Tag != "!!int" || n < min || n > max {
		v.want(want)
		return def
	}
	return n
}

// BoolOrInt reads true, false, or a whole number, which means true with a number. Without a number it gives 0.
func (v Value) BoolOrInt(def bool, min, max int) (bool, int) {
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

var number = regexp.MustCompile(`^-?[0-9]+(\.[0-9]+)?$`)

// Number reads a number without a unit, from min to max. It may have a fraction.
func (v Value) Number(def, min, max float64) float64 {
	want := fmt.Sprintf("a number from %v to %v", min, max)
	s, ok := v.scalar(want)
	if !ok {
		return def
	}
	f, err := strconv.ParseFloat(s, 64)
	if !number.MatchString(strings.TrimPrefix(s, "-")) || err != nil || f < min || f > max {
		v.want(want)
		return def
	}
	return f
}

// Duration reads a time with its unit (ms, s, m or h, such as 500ms), from min to max.
func (v Value) Duration(def, min, max time.Duration) time.Duration {
	want := fmt.Sprintf("a time from %s to %s", Span(min), Span(max))
	s, ok := v.scalar(want)
	if !ok {
		return def
	}
	if number.MatchString(s) {
		v.Refuse("unit-missing", "unit missing, write 5s or 500ms")
		return def
	}
	d, err := time.ParseDuration(s)
	if err != nil || d < min || d > max {
		v.want(want)
		return def
	}
	return d
}

// Ratio reads a share from 0% to 100%, as 0 to 1. Only 0 needs no percent sign.
func (v Value) Ratio(def float64) float64 {
	const want = "a share from 0% to 100%"
	s, ok := v.scalar(want)
	if !ok {
		return def
	}
	if s == "0" {
		return 0
	}
	digits, percent := strings.CutSuffix(s, "%")
	if !number.MatchString(digits) {
		v.want(want)
		return def
	}
	if !percent {
		v.Refuse("unit-missing", "unit missing, write 20%%")
		return def
	}
	f, err := strconv.ParseFloat(digits, 64)
	if err != nil || f < 0 || f > 100 {
		v.want(want)
		return def
	}
	return f / 100
}

// Rate reads a number per second such as 200/s, from min to max.
func (v Value) Rate(def, min, max float64) float64 {
	want := fmt.Sprintf("a rate from %v/s to %v/s", min, max)
	s, ok := v.scalar(want)
	if !ok {
		return def
	}
	digits, perSecond := strings.CutSuffix(s, "/s")
	if !number.MatchString(digits) {
		v.want(want)
		return def
	}
	if !perSecond {
		v.Refuse("unit-missing", "unit missing, write 200/s")
		return def
	}
	f, err := strconv.ParseFloat(digits, 64)
	if err != nil || f < min || f > max {
		v.want(want)
		return def
	}
	return f
}

var size = regexp.MustCompile(`^([0-9]+)(B|KiB|MiB)$`)

// Size reads a number of bytes with its unit (B, KiB or MiB, such as 4KiB), from min to max bytes.
func (v Value) Size(def, min, max int) int {
	want := fmt.Sprintf("a size from %s to %s", bytesText(min), bytesText(max))
	s, ok := v.scalar(want)
	if !ok {
		return def
	}
	if number.MatchString(s) {
		v.Refuse("unit-missing", "unit missing, write 4KiB or 512B")
		return def
	}
	m := size.FindStringSubmatch(s)
	if m == nil {
		v.want(want + " in B, KiB or MiB")
		return def
	}
	unit := map[string]int{"B": 1, "KiB": 1 << 10, "MiB": 1 << 20}[m[2]]
	n, err := strconv.Atoi(m[1])
	if err != nil || n > math.MaxInt/unit || n*unit < min || n*unit > max {
		v.want(want)
		return def
	}
	return n * unit
}

var bitRate = regexp.MustCompile(`^([0-9]+(?:\.[0-9]+)?)(kbit|Mbit|Gbit)/s$`)

// bitUnits lists the units of a bit rate, the greatest first.
var bitUnits = []struct {
	name string
	bits int64
}{{"Gbit/s", 1e9}, {"Mbit/s", 1e6}, {"kbit/s", 1e3}}

// BitRate reads a number of bits per second with its unit (kbit/s, Mbit/s or Gbit/s, such as 50Mbit/s), from min to max
// bit/s.
func (v Value) BitRate(def, min, max int64) int64 {
	want := fmt.Sprintf("a bit rate from %s to %s", BitRateText(min), BitRateText(max))
	s, ok := v.scalar(want)
	if !ok {
		return def
	}
	if number.MatchString(s) {
		v.Refuse("unit-missing", "unit missing, write 50Mbit/s")
		return def
	}
	m := bitRate.FindStringSubmatch(s)
	if m == nil {
		v.want(want)
		return def
	}
	f, err := strconv.ParseFloat(m[1], 64)
	for _, u := range bitUnits {
		if u.name == m[2]+"/s" {
			f *= float64(u.bits)
		}
	}
	if err != nil || f < float64(min) || f > float64(max) {
		v.want(want)
		return def
	}
	return int64(math.Round(f))
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
	want := "one of " + strings.Join(values, ", ")
	s, ok := v.scalar(want)
	if !ok {
		return def
	}
	if !known(values, s) {
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
