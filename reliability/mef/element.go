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
	attributes []xml.Attr
	children   []*element
	text       string
}

// attribute gives the value of an attribute, empty without it.
func (e *element) attribute(name string) string {
	for i := range e.attributes {
		if e.attributes[i].Name.Local == name {
			return e.attributes[i].Value
		}
	}
	return ""
}

// parse makes the elements of a file.
func parse(file string, data []byte) (*element, error) {
	if len(data) > MostBytes {
		return nil, reason.Errorf("file-too-large", "%s: %d bytes; want at most %d", file, len(data), MostBytes)
	}
	p := parser{file: file, d: xml.NewDecoder(bytes.NewReader(data))}
	top := &element{}
	p.open = []*element{top}
	for {
		switch err := p.token(); {
		case errors.Is(err, io.EOF) && len(top.children) == 1:
			return top.children[0], nil
		case errors.Is(err, io.EOF):
			return nil, p.stop("not-mef", "%d elements at the top; want one: <opsa-mef>", len(top.children))
		case err != nil:
			return nil, err
		}
	}
}

// parser reads token after token.
type parser struct {
	file string
	d    *xml.Decoder
	at   position // where the token begins
	open []*element
}

func (p *parser) stop(code, format string, args ...any) error {
	return reason.Errorf(code, "%s:%s: %w", p.file, p.at, fmt.Errorf(format, args...))
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
	last := p.open[len(p.open)-1]
	switch t := t.(type) {
	case xml.StartElement:
		return p.start(last, t)
	case xml.EndElement:
		p.open = p.open[:len(p.open)-1]
	case xml.CharData:
		if last.name == "label" {
			last.text += string(t)
		} else if text := trimmed(string(t)); text != "" {
			return p.stop("text-outside-label", "the text %q is in no <label>", head(text))
		}
	case xml.Directive:
		return p.stop("document-type", "<!%s: a document type is not allowed", head(string(t)))
	}
	return err
}

// start opens an element.
func (p *parser) start(last *element, t xml.StartElement) error {
	if len(p.open) > MostDepth {
		return p.stop("too-deep", "elements are nested more than %d deep", MostDepth)
	}
	e := &element{name: t.Name.Local, at: p.at, attributes: t.Attr}
	last.children = append(last.children, e)
	p.open = append(p.open, e)
	return nil
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
