// Package planner answers what to make redundant, for how much, and what each design still carries. Begin at Read, which reads a plan
// file, and Solve, which answers it. The calculations are those of the reliability packages; here figures are gathered, each with its
// source, and put together. It brings up no lab and writes no files.
package planner

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/seed-ab8b6914/spof/reason"
	"github.com/seed-ab8b6914/spof/reliability/component"
	"github.com/seed-ab8b6914/spof/reliability/dist"
	"github.com/seed-ab8b6914/spof/reliability/system"
	"github.com/seed-ab8b6914/spof/topology"
	"github.com/seed-ab8b6914/spof/topology/yamlfile"
)

// Plan is a validated plan file.
type Plan struct {
	Name, Title, About string

	Currency     string
	Years        float64  // over which costs count
	DowntimeCost float64  // money for an hour in which one user has no service
	Budget       *float64 // money for a design and its alternatives; nil: no limit
	TargetHours  *float64 // hours without service a year at most; nil: none
	Users        int      // people; the groups of a design have them in the ratio of their counts
	Demand       Demand
	Seed         uint64
	SearchTime   time.Duration // for the choice; 0: 10 s. An answer that is not proven by then says so

	Designs      []Candidate
	Alternatives []Alternative
	Table        component.Table // of components: the library, with the plan's own values
	Care         system.Care     // who repairs, with what parts; maintenance windows
	at           string          // the place of the target, else of the budget
}

// Candidate is a design to compare.
type Candidate struct {
	Name, About string
	Costs       *Costs // nil: what its components cost
	Evidence

	from source
}

// Costs is what something costs.
type Costs struct{ Buy, Yearly float64 }

// Alternative is a change of some designs that can be bought: of the topology, of who repairs, or of the spare parts.
type Alternative struct {
	Name, About        string
	For                []int  // designs, by their index
	Costs              *Costs // nil: what the components that it adds cost
	Requires, Excludes []string
	// Evidence is of its first design with the alternative and all that it requires; without a topology: nothing was measured.
	Evidence

	references
	patch, table yamlfile.Value // changes of the design, and values of components; absent: none
	care         system.Care    // crews and stocks that take the place of those of the plan
}

// Patched gives a design changed by alternatives, by their indices in Designs and Alternatives. An error points to the patches.
func (p *Plan) Patched(design int, alternatives ...int) (*topology.Topology, error) {
	var patches []yamlfile.Value
	for _, a := range alternatives {
		if patch := p.Alternatives[a].patch; patch.Present() {
			patches = append(patches, patch)
		}
	}
	from := p.Designs[design].from
	return topology.ReadPatched(from.file, from.data, patches...)
}

// careWith is the care of the plan changed by alternatives.
func (p *Plan) careWith(alternatives ...int) system.Care {
	care := system.Care{Crews: slices.Clone(p.Care.Crews), Stocks: slices.Clone(p.Care.Stocks), Windows: p.Care.Windows}
	for _, a := range alternatives {
		for _, c := range p.Alternatives[a].care.Crews {
			care.Crews[slices.IndexFunc(care.Crews, func(old system.Crew) bool { return old.Name == c.Name })] = c
		}
		for _, s := range p.Alternatives[a].care.Stocks {
			care.Stocks[slices.IndexFunc(care.Stocks, func(old system.Stock) bool { return old.Kind == s.Kind })] = s
		}
	}
	return care
}

// Design gives the first design that alternatives are for, changed by them, by their names, and by all that they require.
func (p *Plan) Design(alternatives []string) (*topology.Topology, error) {
	var names []string
	for _, a := range p.Alternatives {
		names = append(names, a.Name)
	}
	design := 0
	var all []int
	for _, name := range alternatives {
		i := slices.Index(names, name)
		if i < 0 {
			return nil, reason.Errorf("unknown-alternative", "unknown alternative %q%s; valid: %s", name, yamlfile.Suggest(name, names), strings.Join(names, ", "))
		}
		design = p.Alternatives[i].For[0]
		all = append(all, p.needs(i)...)
	}
	slices.Sort(all)
	return p.Patched(design, slices.Compact(all)...)
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
