// Package mef reads and writes fault trees in the Open-PSA Model Exchange Format, so that other programs can check spof's figures, and spof
// theirs. Begin at Read and Write.
//
// It reads fault trees and components (not private ones), gates of any depth, basic and house events, parameters and arithmetic, and groups of
// common causes by beta factor or MGL. Event trees, alignments, substitutions, distributions of uncertainty and external functions are
// refused. A file refers to no other file, and has no document type.
//
// Source: Epstein and Rauzy, Open-PSA Model Exchange Format, version 2.0d (2008).
package mef

import (
	"cmp"
	"errors"
	"fmt"
	"strings"

	"github.com/seed-ab8b6914/spof/reason"
	"github.com/seed-ab8b6914/spof/reliability/faulttree"
)

// reader collects what a file defines.
type reader struct {
	file       string
	tree       faulttree.Tree
	kind       map[string]string   // by name of an event, a house or a gate: what it is
	at         map[string]position // by kind and name
	inputs     map[string][]position
	parameters map[string]*element
	values     map[string]value
	gates      []*element
	events     []*element
	groups     []*element
	renamed    map[string]string // by name in the file, the name in the tree
	place      map[string]int    // by event, its place in the tree
	made       map[string]int    // by gate, the number of names made from its name
	errs       []error
}

// MostProblems bounds the problems of one file that are told.
const MostProblems = 100

// Read reads a file with one fault tree, whose name is only for messages. The top is what the file says (see Write), else the only gate that
// no other one uses; with several such gates Top is empty, and the caller chooses. The error has all problems of the file, with a position
// each.
func Read(file string, data []byte) (faulttree.Tree, error) {
	root, err := parse(file, data)
	if err != nil {
		return faulttree.Tree{}, err
	}
	r := &reader{
		file: file, kind: map[string]string{}, at: map[string]position{}, inputs: map[string][]position{},
		parameters: map[string]*element{}, values: map[string]value{}, renamed: map[string]string{}, made: map[string]int{}, place: map[string]int{},
	}
	r.model(root)
	for _, e := range r.events {
		r.event(e)
	}
	for _, e := range r.groups {
		r.group(e)
	}
	for _, e := range r.gates {
		r.gate(e)
	}
	r.top()
	r.check()
	r.rename()
	return r.tree, errors.Join(r.errs...)
}

// refuse adds a problem.
func (r *reader) refuse(code string, at position, format string, args ...any) {
	if len(r.errs) < MostProblems {
		r.errs = append(r.errs, reason.Errorf(code, "%s:%s: %s", r.file, at, fmt.Sprintf(format, args...)))
	}
}

// model goes over what a file defines at its top level.
func (r *reader) model(root *element) {
	if root.name != "opsa-mef" {
		r.refuse("not-mef", root.at, "the file begins with <%s>; want <opsa-mef>", root.name)
		return
	}
	trees := 0
	for _, e := range root.children {
		switch e.name {
		case "define-fault-tree":
			if trees++; trees > 1 {
				r.refuse("several-trees", e.at, "a second fault tree; want one")
				continue
			}
			r.tree.Name, r.tree.Top = cmp.Or(e.given("spof-name"), r.name(e)), e.given("top")
			r.container(e)
		case "model-data":
			r.container(e)
		default:
			r.definition(e)
		}
	}
	if trees == 0 {
		r.refuse("no-tree", root.at, "the file has no <define-fault-tree>")
	}
}

// container goes over the definitions in an element.
func (r *reader) container(e *element) {
	if role := e.attribute("role"); role != "" && role != "public" {
		r.refuse("mef-unsupported", e.at, "role %q: private names are not supported", role)
	}
	for _, c := range e.children {
		r.definition(c)
	}
}

// definition notes an element that defines something.
func (r *reader) definition(e *element) {
	switch e.name {
	case "label", "attributes":
	case "define-component":
		r.container(e)
	case "define-gate":
		r.gates = append(r.gates, e)
		r.define(e, "gate")
	case "define-basic-event":
		r.events = append(r.events, e)
		r.define(e, "event")
	case "define-house-event":
		r.define(e, "house")
		r.tree.Houses = append(r.tree.Houses, faulttree.House{Name: r.name(e), State: r.state(e)})
	case "define-parameter":
		if name := r.name(e); r.parameters[name] != nil {
			r.refuse("name-taken", e.at, "parameter %q is defined twice", name)
		} else {
			r.parameters[name] = e
		}
	case "define-CCF-group":
		r.groups = append(r.groups, e)
		r.at["group "+r.name(e)] = e.at
	default:
		r.refuse("mef-unsupported", e.at, "<%s> is not supported here; want define-fault-tree, define-component, define-gate, define-basic-event, define-house-event, define-parameter, define-CCF-group or model-data", e.name)
	}
}

// name gives the name of an element.
func (r *reader) name(e *element) string {
	name := e.attribute("name")
	if name == "" {
		r.refuse("empty-name", e.at, "<%s> has no name", e.name)
	}
	return name
}

// define notes where something is defined, and under which name the tree knows it.
func (r *reader) define(e *element, kind string) {
	name := e.attribute("name")
	if old := r.kind[name]; old != "" && name != "" {
		r.refuse("name-taken", e.at, "%s %q: the name is already taken (%s)", kind, name, old)
		return
	}
	r.kind[name], r.at[kind+" "+name] = kind, e.at
	if given := e.given("spof-name"); given != "" {
		r.renamed[name] = given
	}
}

// event reads a basic event.
func (r *reader) event(e *element) {
	event := r.own(e, "", faulttree.Event{Name: r.name(e), Label: e.label()})
	if of := e.content(); len(of) > 0 {
		event.Unavailability = r.expression(of[0])
		r.at["event "+event.Name] = of[0].at
	}
	r.place[event.Name] = len(r.tree.Events)
	r.tree.Events = append(r.tree.Events, event)
}

// own adds to an event what the attributes with a prefix say.
func (r *reader) own(e *element, prefix string, event faulttree.Event) faulttree.Event {
	if f := e.given(prefix + "frequency"); f != "" {
		event.Frequency = r.number(e.at, f)
	}
	event.Shares = e.shares(prefix)
	return event
}

// state reads the constant of a house event; it is false where there is none.
func (r *reader) state(e *element) bool {
	for _, c := range e.content() {
		return r.constant(c)
	}
	return false
}

// constant reads <constant value="true"/>.
func (r *reader) constant(e *element) bool {
	v := e.attribute("value")
	if e.name != "constant" || v != "true" && v != "false" {
		r.refuse("not-a-constant", e.at, `<%s value=%q>; want <constant value="true"/> or "false"`, e.name, v)
	}
	return v == "true"
}

// top finds the top of the tree.
func (r *reader) top() {
	if r.tree.Top != "" {
		return
	}
	used := map[string]bool{}
	for _, g := range r.tree.Gates {
		for _, in := range g.Inputs {
			used[in] = true
		}
	}
	var tops []string
	for _, g := range r.tree.Gates {
		if !used[g.Name] {
			tops = append(tops, g.Name)
		}
	}
	if len(tops) == 1 {
		r.tree.Top = tops[0]
	}
}

// check adds the problems of the tree, at their positions.
func (r *reader) check() {
	if len(r.errs) > 0 {
		return // they may be the cause of others
	}
	for _, p := range r.tree.Problems() {
		if p.Of == "tree" && r.tree.Top == "" {
			continue // the caller chooses it
		}
		at, ok := r.at[p.Of+" "+p.Name]
		if inputs := r.inputs[p.Of+" "+p.Name]; p.Input >= 0 && p.Input < len(inputs) {
			at, ok = inputs[p.Input], true
		}
		if !ok {
			at = position{1, 1}
		}
		if len(r.errs) < MostProblems {
			r.errs = append(r.errs, fmt.Errorf("%s:%s: %w", r.file, at, p.Err))
		}
	}
}

// rename gives everything the name that it had when it was written.
func (r *reader) rename() {
	to := func(name *string) { *name = cmp.Or(r.renamed[*name], *name) }
	t := &r.tree
	to(&t.Top)
	for i := range t.Events {
		to(&t.Events[i].Name)
	}
	for i := range t.Houses {
		to(&t.Houses[i].Name)
	}
	for i := range t.Gates {
		to(&t.Gates[i].Name)
		for k := range t.Gates[i].Inputs {
			to(&t.Gates[i].Inputs[k])
		}
	}
	for i := range t.Groups {
		t.Groups[i].Name = cmp.Or(r.renamed["group "+t.Groups[i].Name], t.Groups[i].Name)
		for k := range t.Groups[i].Members {
			to(&t.Groups[i].Members[k])
		}
	}
}

// trimmed is a text without the space around it.
func trimmed(s string) string { return strings.TrimSpace(s) }
