package planner

import (
	"slices"
	"strings"

	"github.com/seed-ab8b6914/spof/reliability/component"
	"github.com/seed-ab8b6914/spof/reliability/system"
	"github.com/seed-ab8b6914/spof/topology/yamlfile"
)

func (d *decoder) alternatives(v yamlfile.Value) {
	entries := v.Entries()
	v.Holds(0, maxAlternatives)
	if len(entries) > maxAlternatives {
		v.Refuse("too-many", "%d alternatives; want at most %d", len(entries), maxAlternatives)
		return
	}
	for _, e := range entries {
		d.p.Alternatives = append(d.p.Alternatives, Alternative{Name: e.Name})
	}
	links := make([][]yamlfile.Value, len(entries)) // what each requires, in the file
	for i, e := range entries {
		links[i] = d.alternative(e, &d.p.Alternatives[i])
	}
	if d.linked(links) {
		d.checkPatches()
	}
}

// alternative reads one, and gives the places of what it requires.
func (d *decoder) alternative(e yamlfile.Entry, a *Alternative) (requires []yamlfile.Value) {
	o := e.Value.Object(append([]string{"about", "for", "cost", "requires", "excludes", "patch", "components", "crews", "spares"}, evidenceKeys...)...)
	a.About, a.Costs, a.references, a.patch, a.table = line(o.Get("about")), costs(o.Get("cost")), referencesOf(o), o.Get("patch"), o.Get("components")
	if a.table.IsMapping() {
		d.p.Table.With(a.table)
	} else if a.table.Present() {
		a.table.Refuse("wrong-value", "want a table of components, such as {kinds: {node: {repair: fixed 4h}}}")
	}
	a.For = d.fitting(o.Get("for"))
	crews, spares := o.Get("crews"), o.Get("spares")
	d.moreCrews(crews, a)
	d.moreSpares(spares, a)
	switch care := crews.Present() || spares.Present(); {
	case !care && !a.patch.Present() && !a.table.Present():
		e.Key.Refuse("changes-nothing", "alternative %s changes nothing; want patch, components, crews or spares", e.Name)
	case care && a.Costs == nil:
		e.Key.Refuse("no-cost", "alternative %s has no cost; crews and spares are not in the table of components, so want cost: {buy: 0, yearly: 0} with your own figures", e.Name)
	}
	a.Requires, requires = d.others(o.Get("requires"))
	a.Excludes, _ = d.others(o.Get("excludes"))
	return requires
}

// fitting reads the designs that an alternative is for; the first one without a word.
func (d *decoder) fitting(v yamlfile.Value) (designs []int) {
	var names []string
	for _, c := range d.p.Designs {
		names = append(names, c.Name)
	}
	for _, at := range v.List() {
		name := at.Reference()
		if i := slices.Index(names, name); i >= 0 && !slices.Contains(designs, i) {
			designs = append(designs, i)
		} else if name != "" && i < 0 {
			at.Refuse("unknown-design", "unknown design %q%s; valid: %s", name, yamlfile.Suggest(name, names), strings.Join(names, ", "))
		}
	}
	if !v.Present() && len(names) > 0 {
		return []int{0}
	}
	v.Holds(1, maxDesigns)
	if v.IsList() && len(v.List()) == 0 {
		v.Refuse("for-no-design", "the alternative is for no design; name at least one, or leave for out: it is then for the first one")
	}
	return designs
}

// others reads the names of alternatives, with their places.
func (d *decoder) others(v yamlfile.Value) (names []string, at []yamlfile.Value) {
	for _, place := range v.List() {
		name := place.Reference()
		switch {
		case d.p.alternative(name) >= 0:
			names, at = append(names, name), append(at, place)
		case name != "":
			var valid []string
			for _, a := range d.p.Alternatives {
				valid = append(valid, a.Name)
			}
			place.Refuse("unknown-alternative", "unknown alternative %q%s; valid: %s", name, yamlfile.Suggest(name, valid), strings.Join(valid, ", "))
		}
	}
	return names, at
}

// moreCrews reads crews of the plan with other numbers of members.
func (d *decoder) moreCrews(v yamlfile.Value, a *Alternative) {
	var names []string
	for _, c := range d.p.Care.Crews {
		names = append(names, c.Name)
	}
	for _, e := range v.Entries() {
		members := e.Value.Object("members").Require("members").Int(1, 1, maxMembers)
		if i := slices.Index(names, e.Name); i >= 0 {
			c := d.p.Care.Crews[i]
			c.Members = members
			a.care.Crews = append(a.care.Crews, c)
			continue
		}
		e.Key.Refuse("unknown-crew", "the plan has no crew %q%s; it has %s. Without a crew somebody is always free", e.Name, yamlfile.Suggest(e.Name, names), listed(names))
	}
}

// moreSpares reads stocks of the plan with other numbers of parts, or another lead.
func (d *decoder) moreSpares(v yamlfile.Value, a *Alternative) {
	var kinds []string
	for _, s := range d.p.Care.Stocks {
		kinds = append(kinds, s.Kind)
	}
	for _, e := range v.Entries() {
		o := e.Value.Object("parts", "lead")
		parts, lead := o.Require("parts").Int(0, 0, maxParts), o.Get("lead")
		i := slices.Index(kinds, e.Name)
		if i < 0 {
			e.Key.Refuse("unknown-spares", "the plan has no spares of %q%s; it has %s. Without spares every part is there", e.Name, yamlfile.Suggest(e.Name, kinds), listed(kinds))
			continue
		}
		s := system.Stock{Kind: e.Name, Parts: parts, Lead: d.p.Care.Stocks[i].Lead}
		if lead.Present() {
			s.Lead = component.Time(lead)
		}
		a.care.Stocks = append(a.care.Stocks, s)
	}
}

func listed(names []string) string {
	if len(names) == 0 {
		return "none"
	}
	return strings.Join(names, ", ")
}

// linked refuses alternatives that require each other in a cycle, or another that is not for the same designs.
func (d *decoder) linked(requires [][]yamlfile.Value) (ok bool) {
	ok = true
	for i, a := range d.p.Alternatives {
		for k, name := range a.Requires {
			other := d.p.alternative(name)
			for _, design := range a.For {
				if !slices.Contains(d.p.Alternatives[other].For, design) {
					requires[i][k].Refuse("requires-elsewhere", "alternative %s is for the design %s, and %s, which it requires, is not; want %s in the for of both", a.Name, d.p.Designs[design].Name, name,
						d.p.Designs[design].Name)
					ok = false
				}
			}
			if slices.Contains(d.p.needs(other), i) && (other > i || other == i) {
				requires[i][k].Refuse("requires-cycle", "alternatives require each other in a cycle: %s and %s; join them into one", a.Name, name)
				ok = false
			}
		}
	}
	return ok
}

// checkPatches reads each design with each alternative and what it requires, and what was measured of the first one. The base must be valid,
// or its problems repeat.
func (d *decoder) checkPatches() {
	for i := range d.p.Alternatives {
		a := &d.p.Alternatives[i]
		for k, design := range a.For {
			if d.p.Designs[design].Topology == nil {
				continue
			}
			t, err := d.p.Patched(design, d.p.needs(i)...)
			if err != nil {
				d.errs = append(d.errs, err)
				break
			}
			if k == 0 && a.references.any() {
				a.Evidence = d.evidence(t, a.references)
			}
		}
	}
}

// alternative is the index of an alternative; -1: there is none of the name.
func (p *Plan) alternative(name string) int {
	return slices.IndexFunc(p.Alternatives, func(a Alternative) bool { return a.Name == name })
}

// needs gives an alternative after all that it requires, by their index.
func (p *Plan) needs(alternative int) []int {
	var all []int
	var visit func(int)
	visit = func(i int) {
		if slices.Contains(all, i) {
			return
		}
		all = append(all, i)
		for _, name := range p.Alternatives[i].Requires {
			visit(p.alternative(name))
		}
	}
	visit(alternative)
	slices.Sort(all)
	return all
}
