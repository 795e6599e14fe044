package faulttree

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/seed-ab8b6914/spof/reason"
)

// Problem is what is wrong in a tree.
type Problem struct {
	Of    string // what it is a problem of: "gate", "event", "house", "group" or "tree"
	Name  string // its name
	Input int    // the input or member that is meant; -1: none
	Err   error  // says everything, with the names
}

// Problems gives everything that is wrong in a tree, in its order.
func (t Tree) Problems() []Problem {
	n := len(t.Events) + len(t.Houses) + len(t.Gates)
	c := checker{known: make(map[string]string, n), events: make(map[string]*Event, len(t.Events)), used: make(map[string]int, n)}
	c.names(t)
	for _, e := range t.Events {
		c.event(e)
	}
	for i, g := range t.Gates {
		c.gate(g)
		c.inputs(g, i+1)
	}
	grouped := map[string]string{}
	for _, g := range t.Groups {
		c.group(g, grouped)
	}
	c.top(t)
	c.cycles(t)
	return c.found
}

// Check gives all problems of a tree as one error, a line each.
func (t Tree) Check() error {
	var errs []error
	for _, p := range t.Problems() {
		errs = append(errs, p.Err)
	}
	return errors.Join(errs...)
}

// checker collects problems.
type checker struct {
	known  map[string]string // by name, what it names
	events map[string]*Event
	used   map[string]int // by input, the number of the last gate that has it
	found  []Problem
}

func (c *checker) add(code, of, name string, input int, format string, args ...any) {
	text := fmt.Sprintf(format, args...)
	c.found = append(c.found, Problem{of, name, input, reason.Errorf(code, "%s %q: %s", of, name, text)})
}

// names finds what has no name, and what has the name of another.
func (c *checker) names(t Tree) {
	for i := range t.Events {
		c.events[t.Events[i].Name] = &t.Events[i]
		c.name("event", t.Events[i].Name)
	}
	for _, h := range t.Houses {
		c.name("house", h.Name)
	}
	for _, g := range t.Gates {
		c.name("gate", g.Name)
	}
}

func (c *checker) name(of, name string) {
	switch {
	case name == "":
		c.add("empty-name", of, name, -1, "want a name")
	case c.known[name] != "":
		c.add("name-taken", of, name, -1, "the name is already that of %s", article(c.known[name]))
	}
	c.known[name] = of
}

func article(of string) string {
	if of == "event" {
		return "an event"
	}
	return "a " + of
}

// event checks the numbers of an event.
func (c *checker) event(e Event) {
	if !(e.Unavailability >= 0 && e.Unavailability <= 1) {
		c.add("not-a-probability", "event", e.Name, -1, "unavailability %v; want 0 to 1", e.Unavailability)
	}
	if !(e.Frequency >= 0 && e.Frequency <= math.MaxFloat64) {
		c.add("not-a-frequency", "event", e.Name, -1, "%v failures per hour; want 0 or more", e.Frequency)
	}
}

// gate checks the inputs of a gate.
func (c *checker) gate(g Gate) {
	if g.Kind < Or || g.Kind > Pass {
		c.add("unknown-gate-kind", "gate", g.Name, -1, "kind %d; want 0 (or) to 5 (pass)", g.Kind)
		return
	}
	n := len(g.Inputs)
	want := map[Kind]int{Not: 1, Pass: 1, Xor: 2}[g.Kind]
	switch {
	case n == 0:
		c.add("no-inputs", "gate", g.Name, -1, "it has no inputs; want at least one")
	case want != 0 && n != want:
		c.add("wrong-inputs", "gate", g.Name, -1, "%s of %d inputs; want %d", g.Kind, n, want)
	case g.Kind == AtLeast && (g.K < 1 || g.K > n):
		c.add("wrong-threshold", "gate", g.Name, -1, "at least %d of %d inputs; want 1 to %d", g.K, n, n)
	}
}

// inputs checks the names of the inputs of a gate with a number.
func (c *checker) inputs(g Gate, number int) {
	for i, in := range g.Inputs {
		switch {
		case c.known[in] == "":
			c.add("unknown-input", "gate", g.Name, i, "input %q is no event, house or gate", in)
		case c.used[in] == number:
			c.add("input-twice", "gate", g.Name, i, "input %q is there twice", in)
		}
		c.used[in] = number
	}
}

// group checks a group, and that its members are in no other.
func (c *checker) group(g Group, grouped map[string]string) {
	if n := len(g.Members); n < 2 || n > MostMembers {
		c.add("group-size", "group", g.Name, -1, "%d members; want 2 to %d", n, MostMembers)
	}
	for i, m := range g.Members {
		switch e := c.events[m]; {
		case e == nil:
			c.add("unknown-member", "group", g.Name, i, "member %q is no event", m)
		case grouped[m] != "":
			c.add("member-twice", "group", g.Name, i, "member %q is already one of group %q", m, grouped[m])
		default:
			first := c.events[g.Members[0]]
			if first != nil && (e.Unavailability != first.Unavailability || e.Frequency != first.Frequency) {
				c.add("unlike-members", "group", g.Name, i, "members %q and %q differ in unavailability or frequency; want the same", first.Name, m)
			}
		}
		grouped[m] = g.Name
	}
	c.factors(g)
}

// factors checks the factors of a group.
func (c *checker) factors(g Group) {
	most := max(1, len(g.Members)-1)
	switch {
	case g.Model != BetaFactor && g.Model != MGL:
		c.add("unknown-model", "group", g.Name, -1, "model %d; want 0 (beta factor) or 1 (MGL)", g.Model)
		return
	case g.Model == BetaFactor:
		most = 1
	}
	if n := len(g.Factors); n < 1 || n > most {
		c.add("wrong-factors", "group", g.Name, -1, "%d factors; want 1 to %d", n, most)
	}
	for _, f := range g.Factors {
		if !(f >= 0 && f <= 1) {
			c.add("not-a-probability", "group", g.Name, -1, "factor %v; want 0 to 1", f)
		}
	}
}

// top checks the name of the top.
func (c *checker) top(t Tree) {
	if of := c.known[t.Top]; of != "gate" && of != "event" {
		c.add("unknown-top", "tree", t.Name, -1, "its top %q is no gate and no event", t.Top)
	}
}

// cycles finds gates that are inputs of themselves, each circle once.
func (c *checker) cycles(t Tree) {
	w := walk{c: c, gates: make(map[string]*Gate, len(t.Gates)), state: make(map[string]int, len(t.Gates))}
	for i := range t.Gates {
		w.gates[t.Gates[i].Name] = &t.Gates[i]
	}
	for i := range t.Gates {
		w.visit(&t.Gates[i])
	}
}

// walk goes over the gates depth first.
type walk struct {
	c     *checker
	gates map[string]*Gate
	state map[string]int // of a gate: entered or left
	path  []string
}

const (
	entered = iota + 1
	left
)

func (w *walk) visit(g *Gate) {
	switch w.state[g.Name] {
	case left:
		return
	case entered:
		circle := append(w.path[slices.Index(w.path, g.Name):len(w.path):len(w.path)], g.Name)
		w.c.add("gate-cycle", "gate", g.Name, -1, "it depends on itself: %s", strings.Join(circle, " <- "))
		return
	}
	w.state[g.Name] = entered
	w.path = append(w.path, g.Name)
	for _, in := range g.Inputs {
		if next := w.gates[in]; next != nil {
			w.visit(next)
		}
	}
	w.path = w.path[:len(w.path)-1]
	w.state[g.Name] = left
}
