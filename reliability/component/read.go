package component

import (
	_ "embed"
	"maps"
	"slices"
	"strings"

	"github.com/seed-ab8b6914/spof/reason"
	"github.com/seed-ab8b6914/spof/reliability/dist"
	"github.com/seed-ab8b6914/spof/topology/yamlfile"
)

//go:embed library.yaml
var library []byte

// Library is the bundled table. Each value has its source; many are assumed.
func Library() Table {
	t, err := Table{}.Override("library.yaml", library)
	if err != nil {
		panic(err) // a spec reads it
	}
	return t
}

// parents are the kinds of parent that a component can share.
var parents = []string{"mains", "feed", "zone", "site", "node", "software", "hardware", "operator"}

// mostCost bounds a cost.
const mostCost = 1e12

// Override reads a table of the user and puts its values in the place of those of t. Of an empty Table it reads a whole library. file is
// the name in messages. An error is *yamlfile.Problems.
//
//	kinds:
//	  wan: {failure: exponential mean=4000h, repair: {value: fixed 8h, certainty: read, source: our contract}}
//	components:
//	  - {of: service proxy-a/squid, failure: weibull shape=0.7 mean=5y}
func (t Table) Override(file string, data []byte) (Table, error) {
	r, root := yamlfile.Read(file, data)
	return t.With(root), r.Err()
}

// With puts the values of a table that is part of a file in the place of those of t; an absent one has none. Problems are those of the file.
func (t Table) With(table yamlfile.Value) Table {
	if !table.Present() {
		return t
	}
	o := table.Object("kinds", "components")
	own := Table{kinds: maps.Clone(t.kinds), components: maps.Clone(t.components)}
	if own.kinds == nil {
		own.kinds, own.components = map[string]Row{}, map[string]Row{}
	}
	for _, e := range o.Get("kinds").Entries() {
		row := row(e.Value.Object(rowKeys...))
		if _, known := t.kinds[e.Name]; !known && len(t.kinds) > 0 {
			e.Key.Refuse("unknown-kind", "unknown kind %q%s; valid: %s", e.Name, yamlfile.Suggest(e.Name, t.Kinds()), strings.Join(t.Kinds(), ", "))
			continue
		}
		own.kinds[e.Name] = own.kinds[e.Name].with(row)
	}
	for _, v := range o.Get("components").List() {
		o := v.Object(append([]string{"of"}, rowKeys...)...)
		of := o.Require("of").Reference()
		own.components[of] = own.components[of].with(row(o))
	}
	return own
}

// CheckNames refuses values of components that a design does not have.
func (t Table) CheckNames(known []string) error {
	for _, name := range sorted(t.components) {
		if !slices.Contains(known, name) {
			return reason.Errorf("unknown-component", "the table has values of the component %q, which the design does not have%s; valid: %s",
				name, yamlfile.Suggest(name, known), strings.Join(known, ", "))
		}
	}
	return nil
}

var rowKeys = []string{"about", "failure", "repair", "buy", "run", "coverage", "beta", "gamma", "delta", "shares"}

func row(o yamlfile.Object) Row {
	r := Row{About: o.Get("about").String(), Failure: value(o.Get("failure"), times(true)), Repair: value(o.Get("repair"), times(false))}
	cost := func(v yamlfile.Value) float64 { return v.Number(0, 0, mostCost) }
	share := func(v yamlfile.Value) float64 { return v.Ratio(0) }
	r.Buy, r.Run = value(o.Get("buy"), cost), value(o.Get("run"), cost)
	r.Coverage, r.Beta = value(o.Get("coverage"), share), value(o.Get("beta"), share)
	r.Gamma, r.Delta = value(o.Get("gamma"), share), value(o.Get("delta"), share)
	if shares := o.Get("shares"); shares.Present() {
		for _, v := range shares.List() {
			r.Shares = append(r.Shares, v.OneOf("", parents...))
		}
	}
	return r
}

// value reads a value: alone, or with its certainty and source.
func value[T any](v yamlfile.Value, read func(yamlfile.Value) T) (got Value[T]) {
	switch {
	case !v.Present():
		return got
	case !v.AsMapping():
		return Value[T]{read(v), Given, v.Position()}
	}
	o := v.Object("value", "certainty", "source")
	inner := o.Require("value")
	got = Value[T]{Certainty: Certainty(o.Get("certainty").OneOf(string(Given), certainties...)), Source: o.Require("source").Reference()}
	if inner.Present() {
		got.Value = read(inner)
	}
	return got
}

// times reads a distribution; open: it may have no mean, as that of what never fails.
func times(open bool) func(yamlfile.Value) dist.Distribution {
	return func(v yamlfile.Value) dist.Distribution {
		text := v.Reference()
		v.Must(distribution, "a distribution such as exponential mean=4000h, lognormal mean=10h sigma=1.2, fixed 30s or never")
		if text == "" {
			return dist.Never()
		}
		d, err := dist.Parse(text)
		switch {
		case err != nil:
			v.Refuse(reason.Codes(err)[0], "%v", err)
			return dist.Never()
		case !open && d.Mean() > mostMean:
			v.Refuse("no-mean", "a time that never ends; want a distribution with a mean, such as lognormal mean=4h sigma=1")
		case open && d.Mean() <= 0:
			v.Refuse("no-mean", "%s fails without end; want a mean above 0, such as exponential mean=4000h, or never", d)
		}
		return d
	}
}

// Time reads a distribution of times with a mean, such as that of a delivery.
func Time(v yamlfile.Value) dist.Distribution { return times(false)(v) }

// distribution is a pattern of all that dist.Parse reads.
const distribution = `^\s*(((exponential|weibull|lognormal|fixed|empirical)\s.*)|never\s*)$`

// mostMean bounds the mean of a repair, in hours: a thousand years.
const mostMean = 1000 * dist.Year
