package configtext

import (
	"bytes"
	"strings"
)

// scanner walks over a file. at is the position of the next byte.
type scanner struct {
	style Style
	data  []byte
	at    Pos
	// looseTo are the ends of lines on which a quote has no end, by the last bit of the quote: " has 0 and ' has 1.
	looseTo [2]int
}

// statements reads up to the end of the file or, in a block, up to its brace.
func (s *scanner) statements(depth int) (all []Statement, err error) {
	for {
		s.space(true)
		if s.ended() {
			return all, nil
		}
		if s.style.Braces && s.next() == '}' {
			if depth == 0 {
				return nil, refuse(s.at, "a } without its {")
			}
			return all, nil
		}
		one, err := s.statement(depth)
		if err != nil {
			return nil, err
		}
		if len(one.Words) > 0 {
			all = append(all, one)
		}
	}
}

// statement reads the words of a statement, and its block.
func (s *scanner) statement(depth int) (one Statement, err error) {
	for {
		s.space(s.style.Semicolons)
		switch {
		case s.ended() && s.style.Semicolons && len(one.Words) > 0:
			return one, refuse(one.At(), "%s has no ; at its end", one.Name())
		case s.ended(), s.style.Braces && s.next() == '}' && !s.style.Semicolons:
			return one, nil
		case s.style.Braces && s.next() == '}':
			return one, refuse(one.At(), "%s has no ; at its end", one.Name())
		case s.next() == '\n', s.style.Semicolons && s.next() == ';':
			if next := s.onNextLine(); next != '{' || len(one.Words) == 0 {
				s.step()
				return one, nil
			}
			s.space(true)
		case s.style.Braces && s.next() == '{':
			return one, s.block(&one, depth)
		default:
			w, err := s.word()
			if err != nil {
				return one, err
			}
			one.Words = append(one.Words, w)
		}
	}
}

// onNextLine is the first byte after the end of a line, where keepalived takes a brace that opens the block of the statement before; 0:
// there is none.
func (s *scanner) onNextLine() byte {
	if s.next() != '\n' || !s.style.Braces {
		return 0
	}
	ahead := *s
	ahead.space(true)
	if ahead.ended() {
		return 0
	}
	return ahead.next()
}

// block reads the block of a statement.
func (s *scanner) block(of *Statement, depth int) (err error) {
	open := s.at
	switch {
	case len(of.Words) == 0:
		return refuse(open, "a { without a directive before it")
	case depth == maxDepth:
		return refuse(open, "more than %d blocks inside each other", maxDepth)
	}
	s.step()
	of.HasBlock = true
	if of.Block, err = s.statements(depth + 1); err != nil {
		return err
	}
	if s.ended() {
		return refuse(open, "the { of %s has no }", of.Name())
	}
	s.step()
	return nil
}

// word reads a word. In nginx a closing quote ends it.
func (s *scanner) word() (Word, error) {
	w := Word{At: s.at}
	var text strings.Builder
	for !s.ended() && !s.endsWord(w.At) {
		switch c := s.next(); {
		case c == '\\' && s.style.Bare:
			s.escape(&text)
		case s.style.Glued && c == '\\' && s.commentFollows():
			s.step()
			text.WriteByte(s.step())
		case strings.IndexByte(s.style.Quotes, c) >= 0 && (s.style.Inside || s.at == w.At) && !s.loose(c):
			w.Quoted = true
			if err := s.quoted(&text); err != nil {
				return w, err
			}
			if s.style.Glued {
				w.Text, w.End = text.String(), s.at.Offset
				return w, nil
			}
		default:
			text.WriteByte(s.step())
		}
		if w.Quoted && s.style.Shields {
			break
		}
	}
	w.Text, w.End = text.String(), s.at.Offset
	return w, nil
}

// escape reads a backslash, and the byte after it if the backslash changes it.
func (s *scanner) escape(text *strings.Builder) {
	s.step()
	switch {
	case s.ended():
		text.WriteByte('\\')
	case strings.IndexByte(s.style.Escapes, s.next()) >= 0:
		text.WriteByte(unescaped(s.step()))
	default:
		text.WriteByte('\\')
		if s.style.Shields {
			text.WriteByte(s.step())
		}
	}
}

// unescaped gives the byte that an escape stands for.
func unescaped(c byte) byte {
	switch c {
	case 't':
		return '\t'
	case 'n':
		return '\n'
	case 'r':
		return '\r'
	}
	return c
}

// quoted reads from a quote to the same quote. Only nginx knows escapes in single quotes.
func (s *scanner) quoted(text *strings.Builder) error {
	open := s.at
	quote := s.step()
	for !s.ended() {
		switch c := s.next(); {
		case c == quote:
			s.step()
			return nil
		case c == '\n' && !s.style.Semicolons:
			return refuse(open, "the quote has no end on its line")
		case c == '\\' && (quote == '"' || s.style.Shields):
			s.escape(text)
		default:
			text.WriteByte(s.step())
		}
	}
	return refuse(open, "the quote has no end")
}

// endsWord tells whether the next byte does not belong to the word that begins at from. Inside a word of nginx, } is a byte like any other.
func (s *scanner) endsWord(from Pos) bool {
	switch c := s.next(); c {
	case ' ', '\t', '\r', '\n':
		return true
	case ';':
		return s.style.Semicolons
	case '{':
		return s.style.Braces && !s.variable()
	case '}':
		return s.style.Braces && !s.style.Semicolons && !s.insideVariable()
	case '\\':
		return s.continues()
	default:
		return s.style.Inside && s.at != from && strings.IndexByte(s.style.Comments, c) >= 0 || s.style.Glued && s.at != from &&
			(strings.IndexByte(s.style.Comments, c) >= 0 || strings.IndexByte(s.style.Quotes, c) >= 0 && !s.loose(c))
	}
}

// commentFollows tells whether a byte that begins a comment follows the next byte.
func (s *scanner) commentFollows() bool {
	return s.at.Offset+1 < len(s.data) && strings.IndexByte(s.style.Comments, s.data[s.at.Offset+1]) >= 0
}

// loose tells whether the quote that comes next has no end on its line and is a byte like any other. Then those after it on the line are,
// too.
func (s *scanner) loose(quote byte) bool {
	if !s.style.LooseQuotes || s.at.Offset < s.looseTo[quote&1] {
		return s.style.LooseQuotes
	}
	line, _, _ := bytes.Cut(s.data[s.at.Offset+1:], []byte("\n"))
	for i := 0; i < len(line); i++ {
		switch {
		case line[i] == quote:
			return false
		case line[i] == '\\' && quote == '"':
			i++
		}
	}
	s.looseTo[quote&1] = s.at.Offset + 1 + len(line)
	return true
}

// variable tells whether a brace follows a dollar: ${name} is a part of a word.
func (s *scanner) variable() bool { return s.at.Offset > 0 && s.data[s.at.Offset-1] == '$' }

// insideVariable tells whether a brace ends ${name}.
func (s *scanner) insideVariable() bool {
	before := s.data[:s.at.Offset]
	open := strings.LastIndex(string(before[max(0, len(before)-256):]), "${")
	return open >= 0 && !strings.ContainsAny(string(before[max(0, len(before)-256):][open+2:]), "{} \t\r\n;")
}

// space skips blanks, joined lines and comments, and with lines also ends of lines.
func (s *scanner) space(lines bool) {
	for !s.ended() {
		switch c := s.next(); {
		case c == ' ', c == '\t', c == '\r', c == '\n' && lines:
			s.step()
		case s.continues():
			s.join()
		case strings.IndexByte(s.style.Comments, c) >= 0:
			s.comment()
		default:
			return
		}
	}
}

// join goes to the next line that is neither empty nor a comment.
func (s *scanner) join() {
	for s.line(); !s.ended(); s.line() {
		for !s.ended() && strings.IndexByte(" \t\r", s.next()) >= 0 {
			s.step()
		}
		if s.ended() || s.next() != '\n' && strings.IndexByte(s.style.Comments, s.next()) < 0 {
			return
		}
	}
}

// line goes to the begin of the next line.
func (s *scanner) line() {
	for !s.ended() && s.step() != '\n' {
	}
}

// comment goes to the end of a comment. Where a backslash joins lines, it also joins a comment after a word with the next line.
func (s *scanner) comment() {
	alone := len(bytes.TrimSpace(s.data[s.at.Offset-(s.at.Col-1):s.at.Offset])) == 0
	for !s.ended() && s.next() != '\n' {
		if !alone && s.continues() {
			s.join()
			continue
		}
		s.step()
	}
}

// continues tells whether the next byte is a backslash that joins lines.
func (s *scanner) continues() bool {
	rest := s.data[s.at.Offset:]
	return s.style.Continuation && rest[0] == '\\' && (len(rest) > 1 && rest[1] == '\n' || len(rest) > 2 && rest[1] == '\r' && rest[2] == '\n')
}

func (s *scanner) ended() bool { return s.at.Offset == len(s.data) }

func (s *scanner) next() byte { return s.data[s.at.Offset] }

// step takes a byte.
func (s *scanner) step() byte {
	c := s.next()
	s.at.Offset++
	s.at.Col++
	if c == '\n' {
		s.at.Line, s.at.Col = s.at.Line+1, 1
	}
	return c
}
