package yamlfile

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"
)

// Value is a YAML node with its position. The zero Value is a missing value: its methods give the default and record no problem.
type Value struct {
	r *Reader
	n *yaml.Node
	s *site // of a value that is described, see Describe; nil: it is read
}

// value wraps a node. An alias counts as missing: Read has refused it.
func (r *Reader) value(n *yaml.Node) Value {
	if n.Kind == yaml.AliasNode {
		return Value{}
	}
	return Value{r: r, n: n}
}

// Present reports whether the value is in the file.
func (v Value) Present() bool { return v.n != nil || v.s != nil && v.s.there() }

// Line gives the value's line in the file; 0 for a missing value.
func (v Value) Line() int {
	if v.n == nil {
		return 0
	}
	return v.n.Line
}

// Position gives the position as file:line:col; empty for a missing value.
func (v Value) Position() string {
	if v.n == nil {
		return ""
	}
	return fmt.Sprintf("%s:%d:%d", v.r.fileOf(v.n), v.n.Line, v.n.Column)
}

// Place gives the position as its parts; a missing value has none.
func (v Value) Place() (file string, line, col int) {
	if v.n == nil {
		return "", 0, 0
	}
	return v.r.fileOf(v.n), v.n.Line, v.n.Column
}

// IsMapping reports whether the value is a mapping. It records no problem.
func (v Value) IsMapping() bool { return v.n != nil && v.n.Kind == yaml.MappingNode }

// IsList reports whether the value is a list. It records no problem.
func (v Value) IsList() bool { return v.n != nil && v.n.Kind == yaml.SequenceNode }

// Refuse records a problem at the value's position. The code names the kind of problem, see package reason.
func (v Value) Refuse(code, format string, args ...any) {
	if v.n != nil {
		v.r.problems = append(v.r.problems, Problem{File: v.r.fileOf(v.n), Line: v.n.Line, Col: v.n.Column, What: fmt.Sprintf(format, args...), Code: code})
	}
}

// want records a wrong value.
func (v Value) want(what string) { v.Refuse("wrong-value", "want %s, got %s", what, v.got()) }

func (v Value) got() string {
	switch {
	case v.n.Kind == yaml.MappingNode:
		return "a mapping"
	case v.n.Kind == yaml.SequenceNode:
		return "a list"
	case v.n.Tag == "!!null" && v.n.Value == "":
		return "nothing"
	}
	return short(v.n.Value)
}

// short quotes text of a file for a message.
func short(s string) string {
	const most = 40
	if r := []rune(s); len(r) > most {
		s = string(r[:most]) + "..."
	}
	return fmt.Sprintf("%q", s)
}

// Object is a mapping with known keys.
type Object struct {
	at     Value
	values map[string]*yaml.Node
}

// Object reads a mapping with these keys only.
func (v Value) Object(keys ...string) Object {
	if v.s != nil {
		return v.s.object(keys)
	}
	o := Object{at: v}
	valid := "none"
	if len(keys) > 0 {
		valid = strings.Join(keys, ", ")
	}
	if !v.isMapping("a mapping with the keys " + valid) {
		o.at = Value{}
		return o
	}
	o.values = make(map[string]*yaml.Node, len(keys))
	lines := make(map[string]int, len(keys))
	for i := 0; i+1 < len(v.n.Content); i += 2 {
		node, value := v.n.Content[i], v.n.Content[i+1]
		key, name := Value{r: v.r, n: node}, node.Value
		switch {
		case isMerge(node) || node.Kind == yaml.AliasNode: // refused by Read
		case node.Kind != yaml.ScalarNode:
			key.want("a key: one of " + valid)
		case lines[name] != 0:
			key.Refuse("repeated-key", "key %s is repeated; first at line %d", short(name), lines[name])
		case !slices.Contains(keys, name):
			key.Refuse("unknown-key", "unknown key %s%s; valid: %s", short(name), Suggest(name, keys), valid)
			lines[name] = node.Line
		default:
			lines[name] = node.Line
			o.values[name] = value
		}
	}
	return o
}

// Get gives the value of a key; a missing Value if the key is not there.
func (o Object) Get(key string) Value {
	if o.at.s != nil {
		return o.at.s.get(key)
	}
	if n := o.values[key]; n != nil {
		return o.at.r.value(n)
	}
	return Value{}
}

// Require is Get, with a problem at the mapping if the key is missing.
func (o Object) Require(key string) Value {
	if o.at.s != nil {
		o.at.s.shape.required[key] = true
		return o.Get(key)
	}
	if o.values[key] == nil {
		o.at.missing(key).Refuse("missing-key", "key %q is missing", key)
	}
	return o.Get(key)
}

// Entry is one pair of a mapping whose keys are names.
type Entry struct {
	Name  string
	Key   Value // the name, with its position
	Value Value
}

const nameForm = "a name of a-z, 0-9 and -, beginning with a letter and not ending with -, at most 31 long"

var validName = regexp.MustCompile(`^[a-z]([a-z0-9-]{0,29}[a-z0-9])?$`)

// Entries reads a mapping whose keys are names, in the order of the file. A repeated name is a problem; its entry is left out.
func (v Value) Entries() []Entry {
	if v.s != nil {
		return v.s.entries()
	}
	if !v.isMapping("a mapping from names") {
		return nil
	}
	var entries []Entry
	lines := make(map[string]int)
	for i := 0; i+1 < len(v.n.Content); i += 2 {
		node := v.n.Content[i]
		key, name := Value{r: v.r, n: node}, node.Value
		switch {
		case isMerge(node) || node.Kind == yaml.AliasNode: // refused by Read
			continue
		case !key.isName():
			key.want(nameForm)
		case lines[name] != 0:
			key.Refuse("repeated-name", "the name %q is repeated; first at line %d", name, lines[name])
			continue
		}
		lines[name] = node.Line
		entries = append(entries, Entry{Name: name, Key: key, Value: v.r.value(v.n.Content[i+1])})
	}
	return entries
}

func (v Value) isName() bool {
	return v.n.Kind == yaml.ScalarNode && v.n.Tag == "!!str" && validName.MatchString(v.n.Value)
}

// Name reads a name, in the form of the keys of Entries.
func (v Value) Name() string {
	if v.records(Form{Type: "string", Pattern: validName.String(), Words: nameForm}) {
		return "name"
	}
	if v.n == nil {
		return ""
	}
	if !v.isName() {
		v.want(nameForm)
		return ""
	}
	return v.n.Value
}

func (v Value) isMapping(want string) bool {
	if v.n == nil || v.IsMapping() {
		return v.n != nil
	}
	if isNull(v.n) {
		want += " ({} for none)"
	}
	v.want(want)
	return false
}

// List reads a list.
func (v Value) List() []Value {
	if v.s != nil {
		return v.s.list()
	}
	if v.n == nil {
		return nil
	}
	if !v.IsList() {
		v.want("a list such as [a, b]")
		return nil
	}
	values := make([]Value, 0, len(v.n.Content))
	for _, n := range v.n.Content {
		if c := v.r.value(n); c.Present() {
			values = append(values, c)
		}
	}
	return values
}
