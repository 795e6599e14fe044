// Package planner answers what to make redundant, for how much, and what each design still carries. Begin at Read, which reads a plan
// file, and Solve, which answers it. The calculations are those of the reliability packages; here figures are gathered, each with its
// source, and put together. It brings up no lab and writes no files.
package planner

import (
	"slices"
	"strconv"
	"strings"

	"github.com/seed-ab8b6914/spof/reason"
	"github.com/seed-ab8b6914/spof/reliability/component"
	"github.com/seed-ab8b6914/spof/reliability/dist"
	"github.com/seed-ab8b6914/spof/topology"
	"github.com/seed-ab8b6914/spof/topology/yamlfile"
)

// Plan is a validated plan file.
type Plan struct {
	Name, Title, About string

	Currency     string
	Years        float64  // over which costs count
	DowntimeCost float64  // money for an hour in which one user has no service
	Budget       *float64 // money for alternatives; nil: no limit
	TargetHours  *float64 // hours without service a year at most; nil: none
	Users        int      // people; the groups of a design have them in the ratio of their counts
	Demand       Demand
	Seed         uint64

	Designs      []Candidate
	Alternatives []Alternative
	Table        component.Table // of components: the library, with the plan's own values
	base         source          // of the first design
	at           string          // the place of the target, else of the budget
}

// Candidate is a design to compare.
type Candidate struct {
	Name, About string
	Costs       *Costs // nil: what its components cost
	Evidence
}

// Costs is what something costs.
type Costs struct{ Buy, Yearly float64 }

// Alternative is a change of the first design that can be bought.
type Alternative struct {
	Name, About        string
	Costs              *Costs // nil: what the components that it adds cost
	Requires, Excludes []string
	// Evidence is of the first design with the alternative and all that it requires; without a topology: nothing was measured.
	Evidence

	named
	patch, table yamlfile.Value // changes of the design, and values of components
}

// Patched gives the first design changed by alternatives, by their index in Alternatives. An error points to the patches.
func (p *Plan) Patched(alternatives ...int) (*topology.Topology, error) {
	patches := make([]yamlfile.Value, len(alternatives))
	for i, a := range alternatives {
		patches[i] = p.Alternatives[a].patch
	}
	return topology.ReadPatched(p.base.file, p.base.data, patches...)
}

// Design gives the first design changed by alternatives, by their names, and by all that they require.
func (p *Plan) Design(alternatives []string) (*topology.Topology, error) {
	var names []string
	for _, a := range p.Alternatives {
		names = append(names, a.Name)
	}
	var all []int
	for _, name := range alternatives {
		i := slices.Index(names, name)
		if i < 0 {
			return nil, reason.Errorf("unknown-alternative", "unknown alternative %q%s; valid: %s", name, yamlfile.Suggest(name, names), strings.Join(names, ", "))
		}
		all = append(all, p.needs(i)...)
	}
	slices.Sort(all)
	return p.Patched(slices.Compact(all)...)
}

// tableWith gives the table of components with the values of alternatives.
func (p *Plan) tableWith(alternatives ...int) component.Table {
	t := p.Table
	for _, a := range alternatives {
		t = t.With(p.Alternatives[a].table)
	}
	return t
}

// SetBudget puts an amount in the place of the plan's budget.
func (p *Plan) SetBudget(amount float64) error {
	if !(amount >= 0 && amount <= maxMoney) {
		return reason.Errorf("flag-value", "--budget %g: want 0 to %g", amount, maxMoney)
	}
	p.Budget, p.at = &amount, "--budget"
	return nil
}

// SetTarget puts an availability (99.95%) or an outage a year (4h) in the place of the plan's target.
func (p *Plan) SetTarget(text string) error {
	hours, err := dist.Hours(text)
	if share, is := strings.CutSuffix(text, "%"); is {
		var percent float64
		percent, err = strconv.ParseFloat(share, 64)
		hours = (100 - percent) / 100 * dist.Year
	}
	if err != nil || !(hours >= 0 && hours <= dist.Year) {
		return reason.Errorf("flag-value", "--target %q: want an availability such as 99.95%%, or an outage a year such as 4h", text)
	}
	p.TargetHours, p.at = &hours, "--target"
	return nil
}
