// Package component has what is known of kinds of components: how often they fail, how long a repair takes, what they cost, what they
// share with others, and how sure each value is. Begin at Library, which has the bundled values, and Table.Override, which puts a user's
// own values in their place. It knows kinds and names, and no designs.
package component

import (
	"fmt"
	"math"
	"slices"

	"github.com/seed-ab8b6914/spof/reliability/dist"
	"github.com/seed-ab8b6914/spof/topology/yamlfile"
)

// Certainty says where a value is from.
type Certainty string

// The certainties, the surest first.
const (
	Measured Certainty = "measured" // by spof
	Given    Certainty = "given"    // by the user's own table, without a word on how sure it is
	Read     Certainty = "read"     // in the source
	Derived  Certainty = "derived"  // from what was read, by arithmetic that the source states
	Memory   Certainty = "memory"   // of a source that was not at hand
	Assumed  Certainty = "assumed"
)

var certainties = []string{string(Measured), string(Given), string(Read), string(Derived), string(Memory), string(Assumed)}

// Value is a value with its certainty and its source. Without a source it is not known.
type Value[T any] struct {
	Value     T
	Certainty Certainty
	Source    string
}

// Known reports whether the value is known.
func (v Value[T]) Known() bool { return v.Source != "" }

// Row is what is known of a kind of component, or of one component.
type Row struct {
	About           string
	Failure, Repair Value[dist.Distribution] // times to failure and of a repair, in hours; unknown: it does not fail by itself
	Buy, Run        Value[float64]           // costs, once and for a year, in any one currency
	Coverage        Value[float64]           // share of demands on which it works, 0 to 1; unknown: nothing demands it
	// The Greek letters of common causes, 0 to 1. Beta: share of its failures that strike at least one more of the kind with the same
	// software or hardware; Gamma: share of these that strike at least two more; Delta: of these at least three more.
	Beta, Gamma, Delta Value[float64]
	Shares             []string // kinds of parent that it has in common with others
}

// Unavailability is the share of time for which the component is down: MDT/(MTBF+MDT), of which MTBF is the mean time to a failure and MDT
// the mean time of a repair (IEC 61703).
func (r Row) Unavailability() float64 {
	down := r.down()
	return down * r.Frequency()
}

// Frequency is how often the component fails, per hour, in the long run: 1/(MTBF+MDT).
func (r Row) Frequency() float64 {
	if !r.Failure.Known() {
		return 0
	}
	return 1 / (r.Failure.Value.Mean() + r.down())
}

func (r Row) down() float64 {
	if !r.Repair.Known() {
		return 0
	}
	return r.Repair.Value.Mean()
}

// Refusal is the probability that the component does not work on demand: 1 - coverage.
func (r Row) Refusal() float64 {
	if !r.Coverage.Known() {
		return 0
	}
	return 1 - r.Coverage.Value
}

// Letters are the factors of common causes for a group of m parts, at least 2, from level 2 on. A letter that is not known is 1: a failure that
// strikes so many strikes all. With beta alone that is the beta-factor model.
func (r Row) Letters(m int) []float64 {
	letters := make([]float64, m-1)
	for i := range letters {
		letters[i] = 1
	}
	letters[0] = r.Beta.Value
	for i, v := range []Value[float64]{r.Gamma, r.Delta} {
		if v.Known() && i+1 < len(letters) {
			letters[i+1] = v.Value
		}
	}
	return letters
}

// number is a value of a row that is a plain number.
type number struct {
	name string
	at   *Value[float64]
	text func(float64) string
}

// numbers lists the plain numbers of a row.
func (r *Row) numbers() []number {
	return []number{{"buy", &r.Buy, money}, {"run", &r.Run, money}, {"coverage", &r.Coverage, yamlfile.RatioText}, {"beta", &r.Beta, yamlfile.RatioText},
		{"gamma", &r.Gamma, yamlfile.RatioText}, {"delta", &r.Delta, yamlfile.RatioText}}
}

// Table has rows by kind, and by component for those with values of their own.
type Table struct {
	kinds      map[string]Row
	components map[string]Row // by name, such as service proxy-a/squid
}

// Kinds lists the kinds, sorted.
func (t Table) Kinds() []string { return sorted(t.kinds) }

// Row gives what is known of a component: the values of its own first, then those of its kind. An unknown kind has an empty row.
func (t Table) Row(kind, component string) Row {
	return t.kinds[kind].with(t.components[component])
}

// Lettered tells whether a kind or a component has gamma or delta: then the figures of its common causes depend on how many there are.
func (t Table) Lettered() bool {
	for _, rows := range []map[string]Row{t.kinds, t.components} {
		for _, r := range rows {
			if r.Gamma.Known() || r.Delta.Known() {
				return true
			}
		}
	}
	return false
}

// with puts the known values of another row in the place of these.
func (r Row) with(o Row) Row {
	replace(&r.Failure, o.Failure)
	replace(&r.Repair, o.Repair)
	by := o.numbers()
	for i, n := range r.numbers() {
		replace(n.at, *by[i].at)
	}
	if o.About != "" {
		r.About = o.About
	}
	if len(o.Shares) > 0 {
		r.Shares = o.Shares
	}
	return r
}

func replace[T any](old *Value[T], by Value[T]) {
	if by.Known() {
		*old = by
	}
}

// Assumption is one value of a table, for a report.
type Assumption struct {
	Of        string    `json:"of"`    // a kind, or the name of a component
	Value     string    `json:"value"` // failure, repair, buy, run, coverage, beta, gamma or delta
	Text      string    `json:"text"`
	Certainty Certainty `json:"certainty"`
	Source    string    `json:"source"`
}

// Assumptions lists every known value of a row under a name.
func (r Row) Assumptions(of string) (all []Assumption) {
	times := []struct {
		name string
		v    Value[dist.Distribution]
	}{{"failure", r.Failure}, {"repair", r.Repair}}
	for _, t := range times {
		if t.v.Known() {
			all = append(all, Assumption{of, t.name, t.v.Value.String(), t.v.Certainty, t.v.Source})
		}
	}
	for _, n := range r.numbers() {
		if n.at.Known() {
			all = append(all, Assumption{of, n.name, n.text(n.at.Value), n.at.Certainty, n.at.Source})
		}
	}
	return all
}

func money(v float64) string { return fmt.Sprintf("%g", math.Round(v*100)/100) }

// Assumptions lists every known value of the table: of kinds, then of components.
func (t Table) Assumptions() (all []Assumption) {
	for _, rows := range []map[string]Row{t.kinds, t.components} {
		for _, name := range sorted(rows) {
			all = append(all, rows[name].Assumptions(name)...)
		}
	}
	return all
}

func sorted(rows map[string]Row) []string {
	var names []string
	for name := range rows {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}
