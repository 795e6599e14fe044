package mef

import (
	"encoding/xml"
	"strings"
)

// scan makes the elements of a file that has only the XML that programs write: elements, attributes in double quotes, text and comments. It
// gives nil if it meets anything else, or anything wrong: then encoding/xml reads the file, several times slower, and says what is wrong. So
// scan accepts less than encoding/xml does, and never more.
func scan(text string) *element {
	s := scanner{builder: builder{at: position{1, 1}, open: []*element{{}}}, text: text}
	for _, header := range []string{`<?xml version="1.0" encoding="UTF-8"?>`, `<?xml version="1.0" encoding="utf-8"?>`, `<?xml version="1.0"?>`} {
		if strings.HasPrefix(text, header) {
			s.next = len(header)
			break
		}
	}
	for s.next < len(text) {
		if !s.token() {
			return nil
		}
	}
	if root, err := s.root(); err == nil && len(s.open) == 1 {
		return root
	}
	return nil
}

// scanner reads token after token.
type scanner struct {
	builder
	text string
	next int // where the next token begins
	seen int // up to where the lines are counted
	line int // where the line of seen begins
	room []element
}

// token reads one token, false: scan does not know it.
func (s *scanner) token() bool {
	rest := s.text[s.next:]
	switch {
	case rest[0] != '<':
		return s.characters(rest)
	case strings.HasPrefix(rest, "</"):
		return s.endTag(rest)
	case strings.HasPrefix(rest, "<!--"):
		end := strings.Index(rest[4:], "--")
		s.next += 4 + end + 3
		return end >= 0 && strings.HasPrefix(rest[4+end:], "-->")
	}
	return s.startTag(rest)
}

// characters reads text up to the next tag.
func (s *scanner) characters(rest string) bool {
	end := strings.IndexByte(rest, '<')
	if end < 0 {
		end = len(rest)
	}
	s.next += end
	text, ok := unescaped(rest[:end])
	return ok && s.builder.text(text) == nil
}

// endTag reads the end of the open element.
func (s *scanner) endTag(rest string) bool {
	last := s.open[len(s.open)-1]
	n := 2 + len(last.name)
	if len(s.open) == 1 || len(rest) <= n || rest[2:n] != last.name || rest[n] != '>' {
		return false
	}
	s.next += n + 1
	s.end()
	return true
}

// startTag reads the beginning of an element, or an empty element.
func (s *scanner) startTag(rest string) bool {
	e, at := s.element(), 1+nameLength(rest[1:])
	e.name = rest[1:at]
	for {
		space := at
		for at < len(rest) && isSpace(rest[at]) {
			at++
		}
		empty := strings.HasPrefix(rest[at:], "/>")
		if empty || strings.HasPrefix(rest[at:], ">") {
			s.place()
			if e.name == "" || s.start(e) != nil {
				return false
			}
			if s.next += at + 1; empty {
				s.next++
				s.end()
			}
			return true
		}
		name := at + nameLength(rest[at:])
		if space == at || name == at || !strings.HasPrefix(rest[name:], `="`) {
			return false
		}
		value := name + len(`="`)
		end := strings.IndexAny(rest[value:], `"<`)
		if end < 0 || rest[value+end] == '<' {
			return false
		}
		text, ok := unescaped(rest[value : value+end])
		if !ok {
			return false
		}
		e.attributes = append(e.attributes, attribute{rest[at:name], text})
		at = value + end + 1
	}
}

// element gives an empty element. They are made by the hundred.
func (s *scanner) element() *element {
	if len(s.room) == 0 {
		s.room = make([]element, 100)
	}
	e := &s.room[0]
	s.room = s.room[1:]
	return e
}

// place sets at to the position of the token.
func (s *scanner) place() {
	if passed := s.text[s.seen:s.next]; strings.Contains(passed, "\n") {
		s.at.line += strings.Count(passed, "\n")
		s.line = s.seen + strings.LastIndexByte(passed, '\n') + 1
	}
	s.seen = s.next
	s.at.column = s.next - s.line + 1
}

func isSpace(c byte) bool { return c == ' ' || c == '\n' || c == '\t' || c == '\r' }

// nameLength is the length of the name at the beginning of a text: of ASCII letters, and not first digits, - and dots.
func nameLength(text string) int {
	for i := range len(text) {
		c := text[i]
		letter := 'a' <= c|0x20 && c|0x20 <= 'z' || c == '_'
		if !letter && (i == 0 || !('0' <= c && c <= '9') && c != '-' && c != '.') {
			return i
		}
	}
	return len(text)
}

// unescaped gives the characters that a text of an element or attribute stands for.
func unescaped(text string) (string, bool) {
	plain := true
	for i := range len(text) {
		c := text[i]
		if c == ']' {
			return "", false // three characters ]]> are wrong
		}
		plain = plain && (c >= ' ' && c < 0x7f && c != '&' || c == '\n' || c == '\t')
	}
	if plain {
		return text, true
	}
	d := xml.NewDecoder(strings.NewReader("<a>" + text + "</a>"))
	_, _ = d.Token() // <a>
	t, err := d.Token()
	characters, is := t.(xml.CharData)
	return string(characters), is && err == nil
}
