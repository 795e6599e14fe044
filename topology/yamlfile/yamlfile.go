// Package yamlfile reads YAML strictly: it refuses unknown and repeated keys, requires units, and reports all problems of a file at once
// as file:line:col with the valid values. Topology and scenario files are read with it.
//
// A caller walks the file from its root Value and reads each value as a type. A wrong value is recorded as a problem with its position,
// and read as the default. So one pass finds all problems; Reader.Err gives them. Anchors, aliases, merge keys, tags and several
// documents are refused, because a file with them reads differently from how it looks.
package yamlfile

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"regexp"
	"strconv"
	"strings"
	"unicode/utf8"

	"go.yaml.in/yaml/v3"
)

// Limits of a file.
const (
	MaxBytes = 1 << 20 // of a whole file
	MaxDepth = 32      // of nested mappings and lists
)

// Reader collects the problems of one file.
type Reader struct {
	file     string
	problems []Problem
	foreign  map[*yaml.Node]string                // the files of nodes that Merge took from another file
	removed  map[*yaml.Node]map[string]*yaml.Node // by mapping and key, the key of the patch by which Merge removed it
}

// fileOf gives the name of the file that a node is from.
func (r *Reader) fileOf(n *yaml.Node) string {
	if file, ok := r.foreign[n]; ok {
		return file
	}
	return r.file
}

// Read parses one file; file is its name in problems. It always gives a Reader. If the file is not a single YAML document, the root
// Value is missing and the Reader has the problem.
func Read(file string, data []byte) (*Reader, Value) {
	r := &Reader{file: file}
	if !r.readable(data) {
		return r, Value{}
	}
	text := &lines{rest: data}
	dec := yaml.NewDecoder(text)
	doc, err := decode(dec)
	if err != nil && !errors.Is(err, io.EOF) {
		r.syntax(err, text.n)
		return r, Value{}
	}
	if err != nil || len(doc.Content) == 0 || isNull(doc.Content[0]) {
		r.add("empty-file", 1, 1, "the file is empty")
		return r, Value{}
	}
	second, err := decode(dec)
	switch {
	case err == nil:
		r.add("second-document", second.Line, second.Column, "a second document starts here; a file has one document")
	case !errors.Is(err, io.EOF):
		r.syntax(err, text.n)
		return r, Value{}
	}
	root := doc.Content[0]
	if !r.plain(root, 1) {
		return r, Value{}
	}
	return r, r.value(root)
}

// Err gives all problems so far, sorted by position and without duplicates, as *Problems; nil if there is none.
func (r *Reader) Err() error {
	if len(r.problems) == 0 {
		return nil
	}
	ps := sorted(r.problems)
	return &ps
}

func (r *Reader) add(code string, line, col int, format string, args ...any) {
	r.problems = append(r.problems, Problem{File: r.file, Line: line, Col: col, What: fmt.Sprintf(format, args...), Code: code})
}

// readable finds problems that the YAML library reports late or without a position.
func (r *Reader) readable(data []byte) bool {
	if len(data) > MaxBytes {
		r.add("file-too-large", 1, 1, "the file has %d bytes; want at most %d", len(data), MaxBytes)
		return false
	}
	line, col := 1, 1
	for i := 0; i < len(data); {
		c, size := utf8.DecodeRune(data[i:])
		switch {
		case c == utf8.RuneError && size == 1:
			r.add("not-utf-8", line, col, "the file is not UTF-8 text")
			return false
		case c == '\n':
			line, col = line+1, 1
		case c < ' ' && c != '\t' && c != '\r', c == 0x7f:
			r.add("control-character", line, col, "control character %U is not allowed", c)
			return false
		default:
			col++
		}
		i += size
	}
	return true
}

// decode reads the next document. The library reports most bad input as errors, but panics on some.
func decode(dec *yaml.Decoder) (doc *yaml.Node, err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("yaml: %v", p)
		}
	}()
	doc = new(yaml.Node)
	return doc, dec.Decode(doc)
}

// lines is a reader that gives one line at a time and counts them. The library reads no further than necessary, so the count is the line
// of a syntax error. The errors of the library have at most the line where the broken part begins, and only in their text.
type lines struct {
	rest []byte
	n    int
}

func (l *lines) Read(p []byte) (int, error) {
	if len(l.rest) == 0 {
		return 0, io.EOF
	}
	n := min(len(p), len(l.rest))
	if i := bytes.IndexByte(l.rest[:n], '\n'); i >= 0 {
		n, l.n = i+1, l.n+1
	} else if n == len(l.rest) {
		l.n++
	}
	copy(p, l.rest[:n])
	l.rest = l.rest[n:]
	return n, nil
}

var syntaxError = regexp.MustCompile(`(?s)^yaml: (?:line (\d+): )?(.*)$`)

func (r *Reader) syntax(err error, line int) {
	what, from := err.Error(), line
	if m := syntaxError.FindStringSubmatch(what); m != nil {
		what = m[2]
		if n, err := strconv.Atoi(m[1]); err == nil {
			from = n
		}
	}
	what = strings.ReplaceAll(what, "\n", " ")
	if from < line-1 {
		what += fmt.Sprintf("; look from line %d on", from)
	}
	r.add("yaml-syntax", max(1, line), 1, "YAML syntax: %s", what)
}

// plain refuses YAML features by which a file reads differently from how it looks. It reports false if the file is nested too deeply.
func (r *Reader) plain(n *yaml.Node, depth int) bool {
	if depth > MaxDepth {
		r.add("nested-too-deep", n.Line, n.Column, "nested more than %d levels deep", MaxDepth)
		return false
	}
	switch {
	case n.Kind == yaml.AliasNode:
		r.add("yaml-alias", n.Line, n.Column, "alias *%s is not supported; write the value out", short(n.Value))
	case n.Anchor != "":
		r.add("yaml-anchor", n.Line, n.Column, "anchor &%s is not supported; write the value out where it is needed", short(n.Anchor))
	case n.Style&yaml.TaggedStyle != 0:
		r.add("yaml-tag", n.Line, n.Column, "tag %s is not supported; leave it out", short(n.Tag))
	}
	for i, c := range n.Content {
		if n.Kind == yaml.MappingNode && i%2 == 0 && isMerge(c) {
			r.add("yaml-merge", c.Line, c.Column, "merge key << is not supported; write the keys out")
		}
		if !r.plain(c, depth+1) {
			return false
		}
	}
	return true
}

func isNull(n *yaml.Node) bool  { return n.Kind == yaml.ScalarNode && n.Tag == "!!null" }
func isMerge(n *yaml.Node) bool { return n.Kind == yaml.ScalarNode && n.Tag == "!!merge" }
