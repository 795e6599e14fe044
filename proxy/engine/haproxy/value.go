package haproxy

import (
	"math"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/seed-ab8b6914/spof/proxy/engine/configtext"
)

// given is a value that the file sets.
func given[T any](value T, at Pos) Setting[T] { return Setting[T]{Value: value, At: at} }

// variable matches a variable of the environment.
var variable = regexp.MustCompile(`\$(?:\{(\.?[A-Za-z_][A-Za-z0-9_]*)(?:\[\*\])?(?:-[^}]*)?\}|(\.?[A-Za-z_][A-Za-z0-9_]*))`)

// expanded replaces the variables that the file itself sets.
func (r *reader) expanded(s configtext.Statement) configtext.Statement {
	if len(r.env) == 0 {
		return s
	}
	words := make([]configtext.Word, len(s.Words))
	for i, w := range s.Words {
		if words[i] = w; r.varies(w) {
			words[i].Text = variable.ReplaceAllStringFunc(w.Text, r.value)
		}
	}
	s.Words = words
	return s
}

// value gives the value of a variable; itself if the file does not set it.
func (r *reader) value(text string) string {
	m := variable.FindStringSubmatch(text)
	if v, ok := r.env[m[1]+m[2]]; ok {
		return v
	}
	return text
}

// varies tells whether a word has a variable of the environment that the file does not set. HAProxy expands them in double quotes alone.
func (r *reader) varies(w configtext.Word) bool {
	return w.Quoted && strings.Contains(w.Text, "$") && variable.MatchString(w.Text) && r.doubleQuoted(w)
}

// doubleQuoted tells whether a dollar sign of a word stands in double quotes.
func (r *reader) doubleQuoted(w configtext.Word) bool {
	quote := byte(0)
	for raw := r.data[w.At.Offset:w.End]; len(raw) > 0; raw = raw[1:] {
		switch c := raw[0]; {
		case c == '\\' && quote != '\'' && len(raw) > 1:
			raw = raw[1:]
		case quote == 0 && (c == '"' || c == '\''):
			quote = c
		case c == quote:
			quote = 0
		case c == '$' && quote == '"':
			return true
		}
	}
	return false
}

// notKnown notes that a value depends on the environment.
func (r *reader) notKnown(name string, w configtext.Word) {
	r.cfg.Unknown = append(r.cfg.Unknown, configtext.Unknown{Text: name + " " + w.Text, At: w.At, MayChange: true,
		Why: "its value is a variable of the environment, which spof does not know"})
}

// number reads the argument of a directive as a whole number. HAProxy takes the digits at its begin.
func (r *reader) number(into *Setting[int], name string, w configtext.Word) {
	text := w.Text
	if r.varies(w) {
		r.notKnown(name, w)
		return
	}
	end := strings.IndexFunc(strings.TrimLeft(text, "+-"), func(c rune) bool { return c < '0' || c > '9' })
	if end >= 0 {
		text = text[:end+len(text)-len(strings.TrimLeft(text, "+-"))]
	}
	n, err := strconv.Atoi(text)
	if err != nil || n > math.MaxInt32 || n < math.MinInt32 {
		r.refuse(w, "%s %q: want a whole number", name, w.Text)
		return
	}
	*into = Setting[int]{Value: n, At: w.At}
}

// maxSpan is the longest time that HAProxy takes, about 24 days.
const maxSpan = math.MaxInt32 * time.Millisecond

var units = map[string]time.Duration{"": time.Millisecond, "us": time.Microsecond, "ms": time.Millisecond, "s": time.Second,
	"m": time.Minute, "h": time.Hour, "d": 24 * time.Hour}

// span reads a time: a number with a unit, without one in milliseconds. HAProxy rounds microseconds up to milliseconds.
func (r *reader) span(into *Setting[time.Duration], name string, w configtext.Word) {
	if r.varies(w) {
		r.notKnown(name, w)
		return
	}
	digits := strings.TrimRight(w.Text, "adhmsu")
	n, err := strconv.ParseInt(digits, 10, 64)
	unit, known := units[w.Text[len(digits):]]
	switch {
	case err != nil || n < 0 || !known:
		r.refuse(w, "%s %q: want a time, such as 500ms, 5s or 2m; a number without a unit is in milliseconds", name, w.Text)
	case n > int64(maxSpan/unit):
		r.refuse(w, "%s %s: want at most %d days", name, w.Text, maxSpan/units["d"])
	default:
		span := time.Duration(n) * unit
		*into = Setting[time.Duration]{Value: (span + time.Millisecond - 1).Truncate(time.Millisecond), At: w.At}
	}
}

// text reads a word as it is.
func (r *reader) text(into *Setting[string], name string, w configtext.Word) {
	if r.varies(w) {
		r.notKnown(name, w)
	}
	*into = Setting[string]{Value: w.Text, At: w.At}
}

// place is an address in its parts.
type place struct {
	host      string
	low, high int // ports; 0: none, or not known
	path      string
	udp       bool
	shift     int  // +N or -N: added to the port of the connection that came in
	bad       bool // the port is no number
}

// address divides an address. The last colon separates the port.
func address(text string) (a place) {
	if kind, rest, ok := strings.Cut(text, "@"); ok && !strings.Contains(kind, "/") {
		text = rest
		a.udp = strings.HasPrefix(kind, "udp") || strings.HasPrefix(kind, "quic")
		switch kind {
		case "unix", "uxst", "uxdg", "abns", "abnsz", "fd", "sockpair", "rhttp", "rev":
			a.path = rest
			return a
		}
	}
	if strings.HasPrefix(text, "/") {
		a.path = text
		return a
	}
	colon := strings.LastIndexByte(text, ':')
	if colon < 0 || strings.HasSuffix(text, "]") {
		a.host = strings.Trim(text, "[]")
		return a
	}
	a.host = strings.Trim(text[:colon], "[]")
	a.ports(text[colon+1:])
	return a
}

// ports reads a port, a range of ports, or a shift.
func (a *place) ports(text string) {
	if text == "" {
		return
	}
	low, high, ranged := strings.Cut(text, "-")
	if text[0] == '+' || text[0] == '-' {
		n, err := strconv.Atoi(text)
		a.shift, a.bad = n, err != nil
		return
	}
	a.low, a.bad = port(low)
	if a.high = a.low; ranged && !a.bad {
		a.high, a.bad = port(high)
	}
}

func port(text string) (n int, bad bool) {
	n, err := strconv.Atoi(text)
	return n, err != nil || n < 0 || n > 65535
}

// place reads an address.
func (r *reader) place(name string, w configtext.Word) place {
	a := address(w.Text)
	switch {
	case r.varies(w):
		r.notKnown(name, w)
		a.low, a.high, a.shift = 0, 0, 0
	case a.bad || a.high < a.low:
		r.refuse(w, "%s %s: want an address with a port from 0 to 65535", name, w.Text)
	}
	return a
}
