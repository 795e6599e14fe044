package fault

import (
	"regexp"
	"strings"
	"time"

	"github.com/seed-ab8b6914/spof/topology/yamlfile"
)

// Parameter is a key of one or more kinds of fault, besides kind, target, role, at and for.
type Parameter struct {
	Name    string
	Values  string // the range, with its unit
	Default string // empty: the key is required
	About   string
	Example string
}

// choice is a parameter with a list of values; the first is the default.
func choice(name string, values []string, about, example string) Parameter {
	return Parameter{name, strings.Join(values, ", "), values[0], about, example}
}

// spans formats the range of a time.
func spans(min, max time.Duration) string { return between(yamlfile.Span(min), yamlfile.Span(max)) }

// between formats a range for the reference, with a space before each unit.
func between(from, to string) string { return unit.ReplaceAllString(from+" to "+to, "$1 $2") }

var unit = regexp.MustCompile(`(\d)([a-zA-Z])`)

// keys are the names of the kind's own parameters.
func (k Kind) keys() []string {
	var keys []string
	for _, p := range k.Parameters {
		keys = append(keys, p.Name)
	}
	return keys
}
