// Package terminal makes text safe for a terminal: names and texts come from untrusted files and from programs under test. Everything that
// spof prints passes through it. Begin at Text and NewWriter. It imports nothing of this module.
package terminal

import (
	"fmt"
	"io"
	"strings"
	"unicode"
	"unicode/utf16"
	"unicode/utf8"
)

// Text makes a text safe: it writes control characters, changes of the writing direction and all other invisible characters as JSON escapes
// (\u001b). So JSON stays valid, with the same meaning. Line breaks (LF and CRLF) and tabs stay.
func Text(s string) string {
	if strings.IndexFunc(s, hidden) < 0 && utf8.ValidString(s) {
		return s
	}
	var b strings.Builder
	for i, r := range s {
		switch {
		case r == utf8.RuneError && !strings.HasPrefix(s[i:], string(utf8.RuneError)): // a byte that is no UTF-8
			fmt.Fprintf(&b, `\x%02x`, s[i])
		case !hidden(r), r == '\r' && strings.HasPrefix(s[i+1:], "\n"):
			b.WriteRune(r)
		case r > 0xffff:
			high, low := utf16.EncodeRune(r)
			fmt.Fprintf(&b, `\u%04x\u%04x`, high, low)
		default:
			fmt.Fprintf(&b, `\u%04x`, r)
		}
	}
	return b.String()
}

func hidden(r rune) bool { return r != '\n' && r != '\t' && !unicode.IsPrint(r) }

// Line makes a text safe, and one line: white space becomes spaces, and invisible characters are left out.
func Line(s string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case unicode.IsSpace(r):
			return ' '
		case !unicode.IsPrint(r):
			return -1
		}
		return r
	}, s)
}

// Writer makes everything that is written to it safe, as Text does. A character must not be split between two calls.
type Writer struct{ raw io.Writer }

// NewWriter returns a Writer that writes safe text to w.
func NewWriter(w io.Writer) Writer { return Writer{w} }

// Write returns len(p) when all of it was written.
func (w Writer) Write(p []byte) (int, error) {
	if _, err := io.WriteString(w.raw, Text(string(p))); err != nil {
		return 0, err
	}
	return len(p), nil
}

// Raw returns the writer behind a Writer, or w itself if it is no Writer. Use it for colours and redrawing, and write only texts that Line or
// Text has made safe.
func Raw(w io.Writer) io.Writer {
	if safe, is := w.(Writer); is {
		return safe.raw
	}
	return w
}
