package squid

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"

	"github.com/seed-ab8b6914/spof/proxy/engine/configtext"
)

func set[T any](value T, at configtext.Pos) configtext.Setting[T] {
	return configtext.Setting[T]{Value: value, At: at}
}

// unit is a unit of time or of size; a longer word that begins with its name counts too.
type unit struct {
	name string
	size float64
}

// times are the units of time in nanoseconds (parseTimeUnit of cache_cf.cc).
var times = []unit{
	{"nanosecond", 1}, {"microsecond", 1e3}, {"millisecond", 1e6}, {"second", 1e9}, {"minute", 60e9}, {"hour", 3600e9}, {"day", 86400e9},
	{"week", 7 * 86400e9}, {"fortnight", 14 * 86400e9}, {"month", 30 * 86400e9}, {"year", 31557600e9}, {"decade", 315576000e9},
}

// sizes are the units of size in bytes (parseBytesUnits).
var sizes = []unit{{"byte", 1}, {"KB", 1 << 10}, {"MB", 1 << 20}, {"GB", 1 << 30}}

// measure reads a number and its unit. Without a unit it is in the last argument.
func measure(s configtext.Statement, units []unit, without float64) (value float64, ok bool) {
	n, err := strconv.ParseFloat(s.Arg(0).Text, 64)
	if err != nil || math.IsNaN(n) || math.IsInf(n, 0) || n < 0 {
		return 0, false
	}
	word := strings.ToLower(s.Arg(1).Text)
	if word == "" {
		return n * without, true
	}
	for _, u := range units {
		if strings.HasPrefix(word, strings.ToLower(u.name)) {
			return n * u.size, true
		}
	}
	return 0, false
}

// duration reads a time. Squid 5.7 refuses to start where the unit is missing; older versions take it for seconds.
func (r *reader) duration(s configtext.Statement, into *configtext.Setting[time.Duration]) {
	value, ok := measure(s, times, 1e9)
	if !ok || value > math.MaxInt64/2 {
		r.refused(s, "a number and a unit, such as 30 seconds")
		return
	}
	if s.Arg(1).Text == "" && value > 0 {
		r.find("no-unit", s.Arg(0).At, "Squid 5.7 does not start: missing time unit", fmt.Sprintf("write %s %s seconds", s.Name(), s.Arg(0).Text),
			"%s %s has no unit", s.Name(), s.Arg(0).Text)
	}
	*into = set(time.Duration(value), s.Arg(0).At)
}

// seconds reads a time of which Squid keeps whole seconds.
func (r *reader) seconds(s configtext.Statement, into *configtext.Setting[time.Duration]) {
	r.duration(s, into)
	into.Value = into.Value.Truncate(time.Second)
}

// bytes reads a size.
func (r *reader) bytes(s configtext.Statement, into *configtext.Setting[int64]) {
	value, ok := measure(s, sizes, 1)
	if !ok || value > math.MaxInt64/2 {
		r.refused(s, "a number and a unit, such as 256 MB")
		return
	}
	*into = set(int64(value), s.Arg(0).At)
}

// number reads a whole number.
func (r *reader) number(s configtext.Statement, into *configtext.Setting[int]) {
	n, err := strconv.Atoi(s.Arg(0).Text)
	if err != nil {
		r.refused(s, "a whole number")
		return
	}
	*into = set(n, s.Arg(0).At)
}

// onOff reads a switch.
func (r *reader) onOff(s configtext.Statement, into *configtext.Setting[bool]) {
	switch s.Arg(0).Text {
	case "on", "enable":
		*into = set(true, s.Arg(0).At)
	case "off", "disable":
		*into = set(false, s.Arg(0).At)
	default:
		r.refused(s, "on or off")
	}
}

// refused records a value with which Squid does not start.
func (r *reader) refused(s configtext.Statement, want string) {
	r.find("refused-value", s.Arg(0).At, "Squid 5.7 does not start with it", "write "+want, "%s cannot be %q", s.Name(), strings.TrimPrefix(s.Line(), s.Name()+" "))
}

// rule reads allow or deny and ACLs from a word on.
func (r *reader) rule(s configtext.Statement, from int) (Rule, bool) {
	what := s.Arg(from).Text
	if what != "allow" && what != "deny" {
		r.refused(s, "allow or deny, and ACLs")
		return Rule{}, false
	}
	rule := Rule{Allow: what == "allow", At: s.At()}
	for _, w := range s.Args()[min(len(s.Args()), from+1):] {
		rule.ACLs = append(rule.ACLs, set(w.Text, w.At))
	}
	return rule, true
}

// line are the arguments of a statement from one on, with single blanks between.
func line(s configtext.Statement, from int) configtext.Setting[string] {
	var all []string
	for _, w := range s.Args()[min(len(s.Args()), from):] {
		all = append(all, w.Text)
	}
	return set(strings.Join(all, " "), s.Arg(from).At)
}
