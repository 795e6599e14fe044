package mef

import (
	"strconv"

	"github.com/seed-ab8b6914/spof/reliability/faulttree"
)

// models are the names of the models of common causes.
var models = map[string]faulttree.Model{"beta-factor": faulttree.BetaFactor, "MGL": faulttree.MGL}

// group reads a group. Its distribution is the unavailability of each member.
func (r *reader) group(e *element) {
	model, known := models[e.attribute("model")]
	if !known {
		r.refuse("mef-unsupported", e.at, "model %q of common causes is not supported; want beta-factor or MGL", e.attribute("model"))
	}
	g := faulttree.Group{Name: r.name(e), Model: model}
	r.renamed["group "+g.Name] = e.given("spof-name")
	distribution, factors := 0.0, []*element{}
	for _, c := range e.content() {
		switch c.name {
		case "members":
			g.Members = r.members(c, g.Name)
		case "distribution":
			distribution = r.only(c)
		case "factors":
			factors = append(factors, c.children...)
		case "factor":
			factors = append(factors, c)
		default:
			r.refuse("mef-unsupported", c.at, "<%s> is not supported in a group; want members, distribution, factors or factor", c.name)
		}
	}
	r.distribute(e, g, distribution)
	g.Factors = r.factors(g, factors)
	r.tree.Groups = append(r.tree.Groups, g)
}

// members reads the names of the members.
func (r *reader) members(e *element, group string) (names []string) {
	for _, m := range e.children {
		names = append(names, r.name(m))
		r.inputs["group "+group] = append(r.inputs["group "+group], m.at)
	}
	return names
}

// only gives the value of the one expression in an element.
func (r *reader) only(e *element) float64 {
	if len(e.children) != 1 {
		r.refuse("wrong-expression", e.at, "<%s> has %d expressions; want one", e.name, len(e.children))
		return 0
	}
	return r.expression(e.children[0])
}

// distribute gives each member the unavailability, and defines it unless the file does.
func (r *reader) distribute(e *element, g faulttree.Group, unavailability float64) {
	for i, m := range g.Members {
		if r.kind[m] == "" {
			prefix := memberPrefix(i)
			r.kind[m], r.at["event "+m] = "event", e.at
			r.renamed[m] = e.given(prefix + "spof-name")
			r.place[m] = len(r.tree.Events)
			r.tree.Events = append(r.tree.Events, r.own(e, prefix, faulttree.Event{Name: m, Label: e.given(prefix + "label")}))
		}
		if r.kind[m] == "event" {
			r.tree.Events[r.place[m]].Unavailability = unavailability
		}
	}
}

// factors reads the factors. Each has the level after that of the one before, where it says none; levels begin at 2.
func (r *reader) factors(g faulttree.Group, of []*element) (factors []float64) {
	for i, f := range of {
		level := i + 2
		if g.Model == faulttree.BetaFactor {
			level = len(g.Members)
		}
		if text := f.attribute("level"); text != "" && text != strconv.Itoa(level) {
			r.refuse("wrong-level", f.at, "level %q of a factor of group %q; want %d", text, g.Name, level)
		}
		factors = append(factors, r.only(f))
	}
	return factors
}
