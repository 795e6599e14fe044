package mef

import (
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"io"

	"github.com/seed-ab8b6914/spof/reason"
)

// The bounds of a file.
const (
	MostBytes = 32 << 20
	MostDepth = 100 // elements within each other
)

// position is a line and a column (in bytes), from 1.
type position struct{ line, column int }

func (p position) String() string { return fmt.Sprintf("%d:%d", p.line, p.column) }

// element is an XML element.
type element struct {
	name       string
	at         position
	attributes []attribute
	children   []*element
	text       string
}

// attribute gives the value of an attribute, empty without it.
func (e *element) attribute(name string) string {
	for i := range e.attributes {
		if e.attributes[i].name == name {
			return e.attributes[i].value
		}
	}
	return ""
}

// parse makes the elements of a file.
func parse(file string, data []byte) (*element, error) {
	if len(data) > MostBytes {
		return nil, reason.Errorf("file-too-large", "%s: %d bytes; want at most %d", file, len(data), MostBytes)
	}
	if root := scan(string(data)); root != nil {
		return root, nil
	}
	return decode(file, data)
}

// decode makes the elements of any file.
func decode(file string, data []byte) (*element, error) {
	p := parser{builder{file: file, open: []*element{{}}}, xml.NewDecoder(bytes.NewReader(data))}
	for {
		switch err := p.token(); {
		case errors.Is(err, io.EOF):
			return p.root()
		case err != nil:
			return nil, err
		}
	}
}

// builder puts elements together.
type builder struct {
	file string
	at   position // where the token begins
	open []*element
}

func (b *builder) stop(code, format string, args ...any) error {
	return reason.Errorf(code, "%s:%s: %w", b.file, b.at, fmt.Errorf(format, args...))
}

// root gives the one element at the top.
func (b *builder) root() (*element, error) {
	if top := b.open[0].children; len(top) != 1 {
		return nil, b.stop("not-mef", "%d elements at the top; want one: <opsa-mef>", len(top))
	}
	return b.open[0].children[0], nil
}

// start opens an element.
func (b *builder) start(e *element) error {
	if len(b.open) > MostDepth {
		return b.stop("too-deep", "elements are nested more than %d deep", MostDepth)
	}
	e.at = b.at
	last := b.open[len(b.open)-1]
	last.children = append(last.children, e)
	b.open = append(b.open, e)
	return nil
}

// end closes an element.
func (b *builder) end() { b.open = b.open[:len(b.open)-1] }

// text adds text to the open element.
func (b *builder) text(text string) error {
	if last := b.open[len(b.open)-1]; last.name == "label" {
		last.text += text
	} else if text := trimmed(text); text != "" {
		return b.stop("text-outside-label", "the text %q is in no <label>", head(text))
	}
	return nil
}

// parser reads token after token.
type parser struct {
	builder
	d *xml.Decoder
}

// token reads one token.
func (p *parser) token() error {
	p.at.line, p.at.column = p.d.InputPos()
	t, err := p.d.Token()
	if err != nil && !errors.Is(err, io.EOF) {
		p.at.line, p.at.column = p.d.InputPos()
		var syntax *xml.SyntaxError
		if errors.As(err, &syntax) {
			err = errors.New(syntax.Msg) // its line is that of at
		}
		return p.stop("bad-xml", "%w", err) // says: model.xml:4:1: expected attribute name in element
	}
	switch t := t.(type) {
	case xml.StartElement:
		e := &element{name: t.Name.Local}
		for _, a := range t.Attr {
			e.attributes = append(e.attributes, attribute{a.Name.Local, a.Value})
		}
		return p.start(e)
	case xml.EndElement:
		p.end()
	case xml.CharData:
		return p.text(string(t))
	case xml.Directive:
		return p.stop("document-type", "<!%s: a document type is not allowed", head(string(t)))
	}
	return err
}

// head is the beginning of a text, for messages.
func head(text string) string {
	if len(text) > 40 {
		return text[:40] + "..."
	}
	return text
}

// content gives the children that are neither label nor attributes.
func (e *element) content() (of []*element) {
	for _, c := range e.children {
		if c.name != "label" && c.name != "attributes" {
			of = append(of, c)
		}
	}
	return of
}

// child gives the first child with a name, or nil.
func (e *element) child(name string) *element {
	for _, c := range e.children {
		if c.name == name {
			return c
		}
	}
	return nil
}

// label gives the text of the label.
func (e *element) label() string {
	if l := e.child("label"); l != nil {
		return trimmed(l.text)
	}
	return ""
}

// given gives the value of an <attribute>.
func (e *element) given(name string) string {
	if list := e.child("attributes"); list != nil {
		for _, a := range list.children {
			if a.attribute("name") == name {
				return a.attribute("value")
			}
		}
	}
	return ""
}

// shares gives the values of the attributes shares-1, shares-2, ... after a prefix.
func (e *element) shares(prefix string) (all []string) {
	for i := 1; ; i++ {
		s := e.given(fmt.Sprintf("%sshares-%d", prefix, i))
		if s == "" {
			return all
		}
		all = append(all, s)
	}
}
