package keepalived

import (
	"fmt"
	"math"
	"net/netip"
	"strconv"
	"strings"
	"time"

	"github.com/seed-ab8b6914/spof/proxy/engine/configtext"
)

// set is a value with the position of its word.
func set[T any](value T, at configtext.Pos) configtext.Setting[T] {
	return configtext.Setting[T]{Value: value, At: at}
}

// byDefault is a value without a position.
func byDefault[T any](value T) configtext.Setting[T] { return configtext.Setting[T]{Value: value} }

// inherit gives the value of global_defs to an instance that does not set its own.
func inherit[T any](own *configtext.Setting[T], from configtext.Setting[T]) {
	if !own.Set() {
		*own = from
	}
}

// integer reads a number as keepalived does: exact values must be whole numbers, of others the leading digits count (read_unsigned_func
// of lib/parser.c). ok is false if keepalived ignores the word.
func integer(text string, lo, hi int, exact bool) (n int, ok bool) {
	text = strings.TrimLeft(text, " \t")
	end := 0
	for end < len(text) && (text[end] >= '0' && text[end] <= '9' || end == 0 && (text[0] == '-' || text[0] == '+')) {
		end++
	}
	n, err := strconv.Atoi(text[:end])
	if text == "" || !exact && text[:end] == "" {
		n, err = 0, nil
	}
	if err != nil || exact && end != len(text) || n < lo || n > hi {
		return 0, false
	}
	return n, true
}

// number reads a number into a setting. What keepalived ignores leaves the setting as it is.
func (r *reader) number(s configtext.Statement, into *configtext.Setting[int], lo, hi int, exact bool) {
	w := s.Arg(0)
	n, ok := integer(w.Text, lo, hi, exact)
	if !ok {
		r.ignored(s, fmt.Sprintf("a whole number from %d to %d", lo, hi), fmt.Sprint(into.Value))
		return
	}
	if _, whole := integer(w.Text, lo, hi, true); !whole {
		r.find("ignored-part", w.At, "keepalived reads the leading digits of a number", "write a whole number", "%s %s is read as %d", s.Name(), w.Text, n)
	}
	*into = set(n, w.At)
}

// ignored records that keepalived does not take a value.
func (r *reader) ignored(s configtext.Statement, want, instead string) {
	w := s.Arg(0)
	r.find("ignored-value", w.At, "keepalived logs a wrong value and starts without it", "write "+want, "%s %s is ignored, and %s holds", s.Name(), w.Text, instead)
}

// wholeSeconds reads seconds without a fraction. least replaces 0.
func (r *reader) wholeSeconds(s configtext.Statement, into *configtext.Setting[time.Duration], least int) {
	n := configtext.Setting[int]{Value: int(into.Value / time.Second)}
	r.number(s, &n, 0, math.MaxUint32/1_000_000, false)
	if n.Set() {
		*into = set(time.Duration(max(n.Value, least))*time.Second, n.At)
	}
}

// fraction reads seconds with up to six decimal places.
func (r *reader) fraction(s configtext.Statement, into *configtext.Setting[time.Duration], lo, hi time.Duration) {
	w := s.Arg(0)
	f, err := strconv.ParseFloat(w.Text, 64)
	d := time.Duration(math.Round(f*1e6)) * time.Microsecond
	if err != nil || math.IsNaN(f) || f > 1e9 || d < lo || d > hi || strings.ContainsAny(w.Text, "eExXpPiIn_+") {
		r.ignored(s, fmt.Sprintf("seconds from %g to %g", lo.Seconds(), hi.Seconds()), into.Value.String())
		return
	}
	*into = set(d, w.At)
}

// flag reads a directive that is true without an argument.
func (r *reader) flag(s configtext.Statement, into *configtext.Setting[bool]) {
	switch s.Arg(0).Text {
	case "", "true", "on", "yes":
		*into = set(true, s.At())
	case "false", "off", "no":
		*into = set(false, s.At())
	default:
		r.ignored(s, "true or false", fmt.Sprint(into.Value))
	}
}

// text reads one word.
func text(s configtext.Statement, into *configtext.Setting[string]) {
	if len(s.Words) > 1 {
		*into = set(s.Arg(0).Text, s.Arg(0).At)
	}
}

// words are the arguments of a statement, with single blanks between.
func words(s configtext.Statement) configtext.Setting[string] {
	var all []string
	for _, w := range s.Args() {
		all = append(all, w.Text)
	}
	return set(strings.Join(all, " "), s.Arg(0).At)
}

// weight reads a weight and its reverse.
func (r *reader) weight(s configtext.Statement, into *Weight, limit int) {
	r.number(s, &into.Setting, -limit, limit, false)
	switch s.Arg(1).Text {
	case "reverse":
		into.Reverse = true
	case "noreverse":
		into.Reverse = false
	}
}

// prefix reads an address with or without the length of its prefix.
func prefix(text string) (netip.Prefix, bool) {
	if a, err := netip.ParseAddr(text); err == nil && a.Zone() == "" {
		return netip.PrefixFrom(a, a.BitLen()), true
	}
	p, err := netip.ParsePrefix(text)
	return p, err == nil
}

// program is the first word of a command.
func program(command string) string {
	fields := strings.Fields(command)
	if len(fields) == 0 {
		return ""
	}
	return strings.Trim(fields[0], `"'`)
}

// command reads a command, and refers to its program.
func (r *reader) command(s configtext.Statement, into *configtext.Setting[string], what string) {
	if len(s.Words) > 1 {
		*into = words(s)
		r.refer(program(into.Value), what, into.At)
	}
}
