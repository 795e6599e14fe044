package mef

import (
	"fmt"
	"strconv"

	"github.com/seed-ab8b6914/spof/reliability/faulttree"
)

// gate writes a gate.
func (w *writer) gate(g faulttree.Gate) {
	w.define("define-gate", g.Name, g.Label)
	switch name, threshold := operator(g); name {
	case "":
		w.input(g.Inputs[0])
	default:
		w.open(name, threshold...)
		for _, in := range g.Inputs {
			w.input(in)
		}
		w.close(name)
	}
	w.close("define-gate")
}

// operator is the element that joins the inputs of a gate, with its threshold. A gate of one input has none.
func operator(g faulttree.Gate) (name string, threshold []string) {
	switch {
	case g.Kind == faulttree.Not:
	case len(g.Inputs) == 1:
		return "", nil
	case g.Kind == faulttree.AtLeast && g.K == 1:
		return "or", nil
	case g.Kind == faulttree.AtLeast && g.K == len(g.Inputs):
		return "and", nil
	case g.Kind == faulttree.AtLeast:
		return "atleast", []string{"min", strconv.Itoa(g.K)}
	}
	return g.Kind.String(), nil
}

func (w *writer) input(name string) { w.empty(w.kind[name], "name", w.identifier[name]) }

// define opens the definition of something.
func (w *writer) define(element, name, label string, more ...attribute) {
	id := w.identifier[name]
	w.open(element, "name", id)
	w.label(label)
	w.attributes(append([]attribute{{"spof-name", unless(id, name)}}, more...)...)
}

// data writes the events and constants.
func (w *writer) data(t faulttree.Tree) {
	grouped := map[string]bool{}
	for _, g := range t.Groups {
		for _, m := range g.Members {
			grouped[m] = true
		}
	}
	w.open("model-data")
	for _, e := range t.Events {
		if grouped[e.Name] {
			continue // its group defines it
		}
		w.define("define-basic-event", e.Name, e.Label, more("", e)...)
		w.empty("float", "value", number(e.Unavailability))
		w.close("define-basic-event")
	}
	for _, h := range t.Houses {
		w.define("define-house-event", h.Name, "")
		w.empty("constant", "value", strconv.FormatBool(h.State))
		w.close("define-house-event")
	}
	w.close("model-data")
}

// more gives the attributes of an event that the format has no place for. Their names begin with prefix.
func more(prefix string, e faulttree.Event) (all []attribute) {
	if e.Frequency != 0 {
		all = append(all, attribute{prefix + "frequency", number(e.Frequency)})
	}
	for i, s := range e.Shares {
		all = append(all, attribute{fmt.Sprintf("%sshares-%d", prefix, i+1), s})
	}
	return all
}

// member gives the attributes of the member of a group with a number: it has no definition of its own.
func (w *writer) member(i int, e faulttree.Event) []attribute {
	prefix := memberPrefix(i)
	return append(more(prefix, e), attribute{prefix + "label", e.Label}, attribute{prefix + "spof-name", unless(w.identifier[e.Name], e.Name)})
}

func memberPrefix(i int) string { return fmt.Sprintf("member-%d-", i+1) }

// groups writes the groups of common causes.
func (w *writer) groups(t faulttree.Tree) {
	events := map[string]faulttree.Event{}
	for _, e := range t.Events {
		events[e.Name] = e
	}
	for _, g := range t.Groups {
		w.open("define-CCF-group", "name", identifier(g.Name, "group"), "model", modelName(g.Model))
		own := []attribute{{"spof-name", unless(identifier(g.Name, "group"), g.Name)}}
		for i, m := range g.Members {
			own = append(own, w.member(i, events[m])...)
		}
		w.attributes(own...)
		w.open("members")
		for _, m := range g.Members {
			w.input(m)
		}
		w.close("members")
		w.open("distribution")
		w.empty("float", "value", number(events[g.Members[0]].Unavailability))
		w.close("distribution")
		w.factors(g)
		w.close("define-CCF-group")
	}
}

func (w *writer) factors(g faulttree.Group) {
	w.open("factors")
	for i, f := range g.Factors {
		level := i + 2
		if g.Model == faulttree.BetaFactor {
			level = len(g.Members)
		}
		w.open("factor", "level", strconv.Itoa(level))
		w.empty("float", "value", number(f))
		w.close("factor")
	}
	w.close("factors")
}

func modelName(m faulttree.Model) string {
	for name, model := range models {
		if model == m {
			return name
		}
	}
	return ""
}
