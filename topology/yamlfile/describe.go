package yamlfile

import (
	"maps"
	"strings"
)

// Describe runs a decoder without a file, and records which keys, values and lists it reads. So the code that reads a file is also its
// description, and a schema cannot differ from it.
//
// A decoder that reads differently by what is in the file runs once for each way: with a key and without it, and with each value of
// OneOf. A way inside the branch of another one is found there. Problems that the decoder reports are dropped.
func Describe(decode func(Value)) Description {
	e := explorer{met: map[string]bool{}, todo: []map[string]int{{}}}
	var d Description
	for len(e.todo) > 0 && len(d) < maxRuns {
		way := e.todo[0]
		e.todo = e.todo[1:]
		root := &site{run: &tour{explorer: &e, way: way}, shape: &shape{}}
		decode(Value{s: root})
		d = append(d, root.shape)
	}
	return d
}

// maxRuns bounds the runs of a decoder.
const maxRuns = 5000

// Description is what a decoder accepts, as recorded over its runs.
type Description []*shape

// explorer finds the ways through a decoder.
type explorer struct {
	met  map[string]bool  // decisions, by their place
	todo []map[string]int // ways that were not taken yet: the alternative of each decision that is not the first
}

// tour is one run of a decoder.
type tour struct {
	*explorer
	way map[string]int
}

// decide gives the alternative of a decision, from 0. The first time that any run meets the decision, its other alternatives become ways.
func (t *tour) decide(place string, alternatives int) int {
	if !t.met[place] {
		t.met[place] = true
		for i := 1; i < alternatives; i++ {
			other := maps.Clone(t.way)
			other[place] = i
			t.todo = append(t.todo, other)
		}
	}
	return t.way[place]
}

// site is a place in the file while a decoder is described.
type site struct {
	run    *tour
	up     *site
	step   string // from up: .key, .NAME or []
	choice string // of the key that decides what the others mean, see Value.Kind
	gone   bool   // in this run the file lacks it
	asked  bool   // the decoder has asked whether it is there
	shape  *shape
	fields map[string]*site
}

// place names the site, with the choices around it.
func (s *site) place() string {
	if s.up == nil {
		return s.choice
	}
	name := s.up.place() + s.step
	if s.choice != "" {
		name += "{" + s.choice + "}"
	}
	return name
}

// shape is what one run of a decoder read at a place.
type shape struct {
	forms    []Form
	opened   bool // as a mapping with keys
	keys     []string
	fields   map[string]*shape
	required map[string]bool
	kind     string   // the key that decides what the others mean
	choice   string   // its value
	either   []string // exactly one of these keys is there
	named    *shape   // values of a mapping from names
	items    *shape   // of a list
	least    int      // entries
	most     int      // 0: no bound
}

// Form is one form that a single value may have.
type Form struct {
	Type     string // of JSON: string, integer, number or boolean
	Pattern  string // of a string; empty: any
	Min, Max *float64
	Enum     []string
	Words    string // says the form to people; empty: the type says it
	Default  any    // nil: none, or not a constant
}

// child gives the site below s by a step.
func (s *site) child(step string) *site {
	if c := s.fields[step]; c != nil {
		return c
	}
	c := &site{run: s.run, up: s, step: step, shape: &shape{}, gone: s.gone}
	if s.fields == nil {
		s.fields = map[string]*site{}
	}
	s.fields[step] = c
	return c
}

// there decides whether the file has the site in this run.
func (s *site) there() bool {
	if !s.gone && !s.asked {
		s.asked = true
		s.gone = s.run.decide(s.place()+"?", 2) == 1
	}
	return !s.gone
}

// records reports whether the value is described, not read. The form is then recorded, unless the value is missing in this run.
func (v Value) records(f Form) bool {
	if v.s == nil {
		return false
	}
	if v.s.asked {
		f.Default = nil // it depends on what else the decoder does when the value is missing
	}
	if !v.s.gone {
		v.s.shape.forms = append(v.s.shape.forms, f)
	}
	return true
}

// Must records a pattern that the text of the value has to match, with words for people. The caller has read the value as a String, and
// checks the text itself.
func (v Value) Must(pattern, words string) {
	if v.s == nil || v.s.gone {
		return
	}
	last := &v.s.shape.forms[len(v.s.shape.forms)-1]
	last.Pattern, last.Words = pattern, words
}

// AsMapping reports whether a value that may be written in several ways is a mapping.
func (v Value) AsMapping() bool {
	if v.s != nil {
		return !v.s.gone && v.s.run.decide(v.s.place()+"{}", 2) == 1
	}
	return v.IsMapping()
}

// Holds records the bounds of the entries of a list or of a mapping from names. The caller counts them itself.
func (v Value) Holds(least, most int) {
	if v.s != nil {
		v.s.shape.least, v.s.shape.most = least, most
	}
}

// Kind is OneOf for the key of a mapping that decides which other keys the mapping has.
func (v Value) Kind(def string, values ...string) string {
	got := v.OneOf(def, values...)
	if v.s != nil && v.s.up != nil && !v.s.gone {
		v.s.up.choice, v.s.up.shape.choice, v.s.up.shape.kind = got, got, strings.TrimPrefix(v.s.step, ".")
	}
	return got
}

// Among gives those of the keys that the mapping has, in the order of the arguments. The caller refuses all but one.
func (o Object) Among(keys ...string) (there []string) {
	if s := o.at.s; s != nil && !s.gone {
		s.shape.either = keys
		return []string{keys[s.run.decide(s.place()+"|"+keys[0], len(keys))]}
	}
	for _, key := range keys {
		if o.Get(key).Present() {
			there = append(there, key)
		}
	}
	return there
}

// object records a mapping with keys.
func (s *site) object(keys []string) Object {
	if s.gone {
		return Object{}
	}
	s.shape.opened, s.shape.keys = true, keys
	if s.shape.fields == nil {
		s.shape.fields, s.shape.required = map[string]*shape{}, map[string]bool{}
	}
	return Object{at: Value{s: s}}
}

// get gives the value of a key of a mapping that is described.
func (s *site) get(key string) Value {
	c := s.child("." + key)
	s.shape.fields[key] = c.shape
	return Value{s: c}
}

// entries records a mapping from names, with one entry.
func (s *site) entries() []Entry {
	if s.gone {
		return nil
	}
	c := s.child(".NAME")
	s.shape.named = c.shape
	return []Entry{{Name: "name", Value: Value{s: c}}}
}

// list records a list with one item.
func (s *site) list() []Value {
	if s.gone {
		return nil
	}
	c := s.child("[]")
	s.shape.items = c.shape
	return []Value{{s: c}}
}
