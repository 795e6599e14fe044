package nginx

import (
	"math"
	"path"
	"strconv"
	"strings"
	"time"

	"github.com/seed-ab8b6914/spof/proxy/engine/configtext"
	"github.com/seed-ab8b6914/spof/reason"
)

// given is a value that the file sets.
func given[T any](value T, at Pos) Setting[T] { return Setting[T]{Value: value, At: at} }

func joined(words []word) string {
	var out []string
	for _, w := range words {
		out = append(out, w.Text)
	}
	return strings.Join(out, " ")
}

// fail notes an error.
func (r *reader) fail(err error) {
	const most = 100 // errors in one message
	if len(r.errs) < most {
		r.errs = append(r.errs, err)
	}
}

// refuse notes an error at a word.
func (r *reader) refuse(w word, format string, args ...any) {
	r.fail(reason.Errorf("config-value", "%s: "+format, append([]any{w.At}, args...)...))
}

// has tells whether a directive has a value, and refuses it otherwise.
func (r *reader) has(s statement) bool {
	if len(s.Args()) > 0 {
		return true
	}
	r.refuse(s.Words[0], "%s has no value", s.Name())
	return false
}

func (r *reader) text(into *Setting[string], s statement) {
	if r.has(s) {
		*into = given(s.Arg(0).Text, s.Arg(0).At)
	}
}

// valueAt is where the value of a directive stands, or the word that holds it.
func valueAt(s statement) word {
	if len(s.Args()) > 0 {
		return s.Arg(0)
	}
	return s.Words[0]
}

func (r *reader) number(into *Setting[int], s statement, text string) {
	n, err := strconv.ParseUint(text, 10, 31)
	if err != nil {
		r.refuse(valueAt(s), "%s: want a whole number", s.Line())
		return
	}
	*into = given(int(n), valueAt(s).At)
}

// units of a time, from long to short (nginx.org, "Configuration file measurement units").
var units = map[string]time.Duration{"y": 365 * 24 * time.Hour, "M": 30 * 24 * time.Hour, "w": 7 * 24 * time.Hour, "d": 24 * time.Hour,
	"h": time.Hour, "m": time.Minute, "s": time.Second, "ms": time.Millisecond, "": time.Second}

// duration reads a time: numbers with units, such as 1h30m; a number without one is in seconds.
func duration(text string) (total time.Duration, ok bool) {
	for text = strings.TrimSpace(text); text != ""; text = strings.TrimLeft(text, " ") {
		digits := len(text) - len(strings.TrimLeft(text, "0123456789"))
		n, err := strconv.ParseInt(text[:digits], 10, 64)
		letters := text[digits:]
		end := strings.IndexFunc(letters, func(c rune) bool { return c >= '0' && c <= '9' || c == ' ' })
		if end < 0 {
			end = len(letters)
		}
		unit, known := units[letters[:end]]
		if err != nil || !known || n > int64((math.MaxInt64-total)/unit) {
			return 0, false
		}
		total, ok, text = total+time.Duration(n)*unit, true, letters[end:]
	}
	return total, ok
}

func (r *reader) span(into *Setting[time.Duration], s statement, text string) {
	d, ok := duration(text)
	if !ok {
		r.refuse(valueAt(s), "%s: want a time, such as 500ms, 5s or 1m30s; a number without a unit is in seconds", s.Line())
		return
	}
	*into = given(d, valueAt(s).At)
}

// seconds reads a time in whole seconds: nginx refuses milliseconds here.
func (r *reader) seconds(into *Setting[time.Duration], s statement, text string) {
	if strings.HasSuffix(text, "ms") {
		r.refuse(valueAt(s), "%s: want whole seconds, such as 5s or 1m30s", s.Line())
		return
	}
	r.span(into, s, text)
}

// place is an address in its parts.
type place struct {
	host, path string
	low, high  int // ports; 0: none
	bad        bool
}

// address divides an address: host, host:port, [v6]:port, port alone is a host here, unix:PATH.
func address(text string) (a place) {
	if rest, ok := strings.CutPrefix(text, "unix:"); ok {
		a.path, a.bad = rest, rest == ""
		return a
	}
	bracket := strings.LastIndexByte(text, ']')
	colon := strings.LastIndexByte(text, ':')
	if colon <= bracket {
		a.host = strings.Trim(text, "[]")
		return a
	}
	a.host = strings.Trim(text[:colon], "[]")
	a.ports(text[colon+1:])
	return a
}

// ports reads a port or a range of ports.
func (a *place) ports(text string) {
	low, high, ranged := strings.Cut(text, "-")
	a.low, a.bad = port(low)
	if a.high = a.low; ranged && !a.bad {
		a.high, a.bad = port(high)
	}
	a.bad = a.bad || a.high < a.low
}

func port(text string) (n int, bad bool) {
	n, err := strconv.Atoi(text)
	return n, err != nil || n < 1 || n > 65535
}

// listen reads an address on which a server listens.
func (r *reader) listen(s *Server, of statement) {
	if !r.has(of) {
		return
	}
	w := of.Arg(0)
	a := address(w.Text)
	if strings.Trim(w.Text, "0123456789-") == "" { // a port alone
		a = place{}
		a.ports(w.Text)
	} else if a.low == 0 && a.path == "" {
		a.low, a.high = 80, 80
	}
	if a.bad {
		r.refuse(w, "listen %s: want an address, a port from 1 to 65535, or both", w.Text)
		return
	}
	l := Listen{Host: a.host, Low: a.low, High: a.high, Path: a.path, At: w.At}
	for _, w := range of.Args()[1:] {
		switch w.Text {
		case "udp":
			l.UDP = true
		case "ssl":
			l.SSL = given(true, w.At)
		case "proxy_protocol":
			l.ProxyProtocol = given(true, w.At)
		case "default_server", "default":
			l.Default = given(true, w.At)
		}
	}
	s.Listens = append(s.Listens, l)
}

// reference notes a file; a relative path begins at base. One that depends on a variable, or holds no path, is none.
func (r *reader) reference(what, base string, w word) {
	file := w.Text
	if file == "" || file == "off" || strings.ContainsAny(file, "$") || strings.HasPrefix(file, "data:") || strings.HasPrefix(file, "engine:") {
		return
	}
	if !path.IsAbs(file) {
		file = path.Join(base, file)
	}
	r.cfg.References = append(r.cfg.References, configtext.Reference{Path: file, For: what, At: w.At})
}
