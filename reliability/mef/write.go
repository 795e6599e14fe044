package mef

import (
	"bytes"
	"encoding/xml"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"github.com/seed-ab8b6914/spof/reason"
	"github.com/seed-ab8b6914/spof/reliability/faulttree"
)

// Write gives a tree as a file that other programs read as well. What the format has no place for is in <attributes>, where Read finds it: the
// top, frequencies, what events share, and names that are no identifiers of the format (letters, digits, _ and single - inside). A gate at
// least 1 is written as or, one at least all as and. Members of groups are read after the other events. It fails with the problems of the tree.
func Write(t faulttree.Tree) ([]byte, error) {
	if err := t.Check(); err != nil {
		return nil, err
	}
	w := writer{kind: map[string]string{}, identifier: map[string]string{}, taken: map[string]bool{}}
	w.WriteString(xml.Header)
	w.names(t)
	w.open("opsa-mef")
	w.open("define-fault-tree", "name", identifier(t.Name, "tree"))
	w.attributes(attribute{"top", w.identifier[t.Top]}, attribute{"spof-name", unless(identifier(t.Name, "tree"), t.Name)})
	for _, g := range t.Gates {
		w.gate(g)
	}
	w.close("define-fault-tree")
	w.groups(t)
	w.data(t)
	w.close("opsa-mef")
	return w.Bytes(), w.err
}

// writer writes elements.
type writer struct {
	bytes.Buffer
	depth      int
	kind       map[string]string // by name of an input, the element that refers to it
	identifier map[string]string // by name
	taken      map[string]bool   // identifiers
	err        error             // a text that XML cannot have
}

// names gives everything an identifier.
func (w *writer) names(t faulttree.Tree) {
	add := func(name, kind string) {
		w.kind[name] = kind
		id := identifier(name, kind)
		for i := 2; w.taken[id]; i++ {
			id = fmt.Sprintf("%s_%d", identifier(name, kind), i)
		}
		w.identifier[name], w.taken[id] = id, true
	}
	for _, g := range t.Gates {
		add(g.Name, "gate")
	}
	for _, e := range t.Events {
		add(e.Name, "basic-event")
	}
	for _, h := range t.Houses {
		add(h.Name, "house-event")
	}
}

// identifier makes an identifier of the format from a name; other if nothing is left of it.
func identifier(name, other string) string {
	id := strings.Map(func(c rune) rune {
		if c == '_' || c == '-' || c < 128 && (unicode.IsLetter(c) || unicode.IsDigit(c)) {
			return c
		}
		return '_'
	}, name)
	id = strings.Trim(id, "-")
	for strings.Contains(id, "--") {
		id = strings.ReplaceAll(id, "--", "-")
	}
	if id == "" {
		return other
	}
	if unicode.IsDigit(rune(id[0])) {
		return "_" + id
	}
	return id
}

// unless gives a text, or nothing if it is the other.
func unless(other, text string) string {
	if text == other {
		return ""
	}
	return text
}

// attribute is something that the format has no place for.
type attribute struct{ name, value string }

// open writes a start tag; attribute has names and values.
func (w *writer) open(name string, attribute ...string) {
	w.tag(name, attribute, ">")
	w.depth++
}

// empty writes an element without content.
func (w *writer) empty(name string, attribute ...string) { w.tag(name, attribute, "/>") }

func (w *writer) tag(name string, attribute []string, end string) {
	fmt.Fprintf(w, "%s<%s", strings.Repeat("  ", w.depth), name)
	for i := 0; i < len(attribute); i += 2 {
		fmt.Fprintf(w, ` %s="%s"`, attribute[i], w.escaped(attribute[i+1]))
	}
	fmt.Fprintln(w, end)
}

func (w *writer) close(name string) {
	w.depth--
	fmt.Fprintf(w, "%s</%s>\n", strings.Repeat("  ", w.depth), name)
}

// escaped makes a text fit for XML.
func (w *writer) escaped(text string) string {
	var b bytes.Buffer
	if xml.EscapeText(&b, []byte(text)) != nil || strings.ContainsRune(b.String(), unicode.ReplacementChar) {
		w.err = reason.Errorf("not-for-xml", "the text %q has a character that XML cannot have", text)
	}
	return b.String()
}

// attributes writes those that are not empty.
func (w *writer) attributes(of ...attribute) {
	of = slices.DeleteFunc(of, func(a attribute) bool { return a.value == "" })
	if len(of) == 0 {
		return
	}
	w.open("attributes")
	for _, a := range of {
		w.empty("attribute", "name", a.name, "value", a.value)
	}
	w.close("attributes")
}

func (w *writer) label(text string) {
	if text != "" {
		fmt.Fprintf(w, "%s<label>%s</label>\n", strings.Repeat("  ", w.depth), w.escaped(text))
	}
}

func number(v float64) string { return strconv.FormatFloat(v, 'g', -1, 64) }
