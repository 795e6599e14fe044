// Package codes has messages with codes, for the spec of what finds them.
package codes

import (
	"cmp"
	"fmt"
)

type value struct{}

func (v value) Refuse(code, format string, args ...any) {}

type refused struct{ code string }

// ReasonCode gives a code or a default.
func (r refused) ReasonCode() string {
	if r.code == "" {
		return "by-return" // says: refused
	}
	return cmp.Or(r.code, "by-return-too")
}

type warning struct{ Code, What string }

func judge(w *warning, n int) (code string, bad bool) {
	w.Code = "by-assignment" // says: assigned
	w.Code, n = "unsaid", 1
	if n > 1 {
		return "no-code", false
	}
	return "by-returned-value", true // says: returned
}

func because(code, about, format string, args ...any) error { return fmt.Errorf(format, args...) }

const byConstant = "by-" + "constant"

func all(v value, n int, s string) []warning {
	v.Refuse("by-method", "want a|b, "+"got %q (%.1f %%), 5 %% more", s, 1.5)
	_ = because("by-wrapper", "", "wrapped %s: %w", s, nil)
	_ = because(byConstant, s, "constant")
	_ = because("by-wrapper", "", "%s %s", s, s) // says: an example 4 s > 2 s
	_ = because("computed "+s, "", "text")
	_ = because(s, "", "the caller gives the code")
	_ = warning{
		Code: "by-struct", // says: without a text
	}
	return []warning{{Code: "by-struct", What: fmt.Sprintf("%d requests in %s", n, s)}, {Code: "by-struct", What: "5 % of " + s}, {Code: "no-text"}}
}
