package mef

import (
	"fmt"
	"strconv"

	"github.com/seed-ab8b6914/spof/reliability/faulttree"
)

// gate reads a gate. Formulas within its formula become gates of their own.
func (r *reader) gate(e *element) {
	g := faulttree.Gate{Name: r.name(e), Label: e.label()}
	of := e.content()
	if len(of) != 1 {
		r.refuse("wrong-formula", e.at, "gate %q has %d formulas; want one", g.Name, len(of))
		return
	}
	r.formula(of[0], g)
}

// operators are the elements that join formulas: the kind of their gate, and whether its result is turned round.
var operators = map[string]struct {
	kind    faulttree.Kind
	negated bool
}{
	"or": {faulttree.Or, false}, "and": {faulttree.And, false}, "atleast": {faulttree.AtLeast, false},
	"not": {faulttree.Not, false}, "xor": {faulttree.Xor, false},
	"nor": {faulttree.Or, true}, "nand": {faulttree.And, true}, "iff": {faulttree.Xor, true}, "imply": {faulttree.Or, false},
}

// formula adds the gate g with a formula.
func (r *reader) formula(e *element, g faulttree.Gate) {
	op, joins := operators[e.name]
	if !joins {
		g.Kind = faulttree.Pass
		r.add(g, []*element{e})
		return
	}
	if op.negated {
		inner := faulttree.Gate{Name: r.unused(g.Name), Kind: op.kind}
		g.Kind, g.Inputs = faulttree.Not, []string{inner.Name}
		r.inputs["gate "+g.Name] = []position{e.at}
		r.tree.Gates = append(r.tree.Gates, g)
		g = inner
	}
	g.Kind = op.kind
	if g.Kind == faulttree.AtLeast {
		g.K = r.threshold(e)
	}
	of := e.children
	if e.name == "imply" && len(of) == 2 { // not the first, or the second
		of = []*element{{name: "not", at: of[0].at, children: of[:1]}, of[1]}
	} else if e.name == "imply" {
		r.refuse("wrong-inputs", e.at, "<imply> of %d formulas; want 2", len(of))
	}
	r.add(g, of)
}

// threshold reads the number of an <atleast>. The wrong ones are refused by the tree.
func (r *reader) threshold(e *element) int {
	k, err := strconv.Atoi(trimmed(e.attribute("min")))
	if err != nil {
		r.refuse("not-a-number", e.at, "min=%q; want a number of inputs", head(e.attribute("min")))
	}
	return k
}

// add adds a gate with the inputs of a formula.
func (r *reader) add(g faulttree.Gate, of []*element) {
	at := len(r.tree.Gates)
	r.tree.Gates = append(r.tree.Gates, g)
	var places []position
	for _, e := range of {
		g.Inputs, places = append(g.Inputs, r.input(e, g.Name)), append(places, e.at)
	}
	r.tree.Gates[at] = g
	r.inputs["gate "+g.Name] = places
}

// references are the elements that name something, and what it must be; "": any of them.
var references = map[string]string{"event": "", "gate": "gate", "basic-event": "event", "house-event": "house"}

// input gives the name of an input of a gate.
func (r *reader) input(e *element, gate string) string {
	want, is := references[e.name]
	switch _, joins := operators[e.name]; {
	case is:
		name := r.name(e)
		if got := r.kind[name]; want != "" && got != "" && got != want {
			r.refuse("wrong-reference", e.at, "<%s name=%q>: the name is defined as %s", e.name, name, got)
		}
		return name
	case e.name == "constant":
		name := r.unused(gate)
		r.tree.Houses = append(r.tree.Houses, faulttree.House{Name: name, State: r.constant(e)})
		return name
	case joins:
		name := r.unused(gate)
		r.formula(e, faulttree.Gate{Name: name})
		return name
	}
	r.refuse("mef-unsupported", e.at, "<%s> is not supported in a formula; want and, or, not, xor, atleast, nand, nor, iff, imply, constant, event, gate, basic-event or house-event", e.name)
	return ""
}

// unused makes a name from that of a gate.
func (r *reader) unused(gate string) string {
	for {
		r.made[gate]++
		name := fmt.Sprintf("%s_%d", gate, r.made[gate])
		if r.kind[name] == "" {
			r.kind[name], r.at["gate "+name] = "gate", r.at["gate "+gate]
			return name
		}
	}
}
