// Package configtext divides the configuration files of engines into statements of words, each with its position. The languages of HAProxy,
// keepalived, Squid and nginx differ in a few rules only: see Style. It knows no directive. Begin at Scan.
//
// The parsers of others (config-parser of HAProxy Technologies, gonginx) keep no columns, and a message must point to a word.
package configtext

import (
	"fmt"

	"github.com/seed-ab8b6914/spof/reason"
)

// Pos is a place in a file. Line and Col count from 1; Col counts bytes. Offset counts bytes from 0.
type Pos struct {
	File              string
	Line, Col, Offset int
}

func (p Pos) String() string { return fmt.Sprintf("%s:%d:%d", p.File, p.Line, p.Col) }

// Word is a word of a statement.
type Word struct {
	Text   string // without quotes and escapes
	Quoted bool   // some of it stood in quotes
	At     Pos
	End    int // offset after its last byte: the file has the word, with its quotes, from At.Offset to End
}

// Statement is a directive with its arguments. In HAProxy a section header is a statement like any other.
type Statement struct {
	Words []Word // at least one
	Block []Statement
	// HasBlock: the statement has braces, even if nothing is in them.
	HasBlock bool
}

// Name is the directive.
func (s Statement) Name() string { return s.Words[0].Text }

// At is the position of the directive.
func (s Statement) At() Pos { return s.Words[0].At }

// Args are the words after the directive.
func (s Statement) Args() []Word { return s.Words[1:] }

// Arg gives argument i, from 0; an empty word at the directive if there is none.
func (s Statement) Arg(i int) Word {
	if i+1 < len(s.Words) {
		return s.Words[i+1]
	}
	return Word{At: s.At()}
}

// Style is what a language allows.
type Style struct {
	Braces       bool   // { and } enclose a block
	Semicolons   bool   // a statement ends with ;, not with its line
	Comments     string // bytes that begin a comment, at the begin of a word
	Quotes       string // bytes that quote, at the begin of a word
	Inside       bool   // comments and quotes also begin inside a word
	Escapes      string // bytes that lose the backslash before them, in double quotes; t, n and r become a tab, a line feed and a return
	Bare         bool   // Escapes also count outside quotes
	Shields      bool   // a backslash keeps any byte after it in the word or the quotes
	Continuation bool   // a backslash at the end of a line joins it with the next one that is neither empty nor a comment
	Glued        bool   // a quoted string is a word of its own; a comment also begins inside a word, but not after a backslash
	LooseQuotes  bool   // a quote that has no end on its line is a byte like any other
}

// The styles of the engines: HAProxy 2.6 (parse_line in tools.c), nginx (ngx_conf_read_token).
var (
	HAProxy    = Style{Comments: "#", Quotes: `"'`, Inside: true, Escapes: ` \tnr#'"`, Bare: true}
	Keepalived = Style{Braces: true, Comments: "#!", Quotes: `"`, Escapes: `\"`, Glued: true, LooseQuotes: true}
	Squid      = Style{Comments: "#", Quotes: `"'`, Escapes: `\"`, Continuation: true, LooseQuotes: true}
	Nginx      = Style{Braces: true, Semicolons: true, Comments: "#", Quotes: `"'`, Escapes: `\'"tnr`, Bare: true, Shields: true}
)

// Limits of a file.
const (
	maxBytes = 16 << 20
	maxDepth = 64 // of blocks
)

// Scan divides a file into statements. The error points to what does not end or has no begin; its codes are config-text and
// config-too-large.
func Scan(file string, data []byte, style Style) ([]Statement, error) {
	if len(data) > maxBytes {
		return nil, reason.Errorf("config-too-large", "%s: %d bytes; want at most %d", file, len(data), maxBytes)
	}
	s := scanner{style: style, data: data, at: Pos{File: file, Line: 1, Col: 1}}
	return s.statements(0)
}

// refuse is an error at a position.
func refuse(at Pos, format string, args ...any) error {
	return reason.Errorf("config-text", "%s: "+format, append([]any{at}, args...)...)
}

// Setting is a value of a configuration, with the word that sets it. The zero At says that it is the default of the engine.
type Setting[T any] struct {
	Value T
	At    Pos
}

// Set tells whether the configuration sets the value.
func (s Setting[T]) Set() bool { return s.At.Line > 0 }

// Reference is a file that a configuration names: a certificate, an error page, a script, a password file.
type Reference struct {
	Path string // on the node
	For  string // what it is, in a few words
	At   Pos
}

// Include gives the files that a pattern of an include directive names, in the order of the engine. from is the including file.
type Include func(from, pattern string, at Pos) ([]File, error)

// File is a configuration file.
type File struct {
	Path string // as messages name it
	Data []byte
}
