// Package compare compares two reports: what became worse, what became better, and what the trials cannot tell. Begin at Reports. It is
// pure: the same reports give the same comparison. It imports the analysis alone, and runs nothing.
//
// Predictions come first: they have no noise. Then verdicts, then measured values. A verdict is worse if Fisher's exact test finds more
// failing trials. A measured value has changed if a Mann-Whitney test finds a difference, the difference is at least the minimum effect, and
// the uncertainty of the trials does not explain it. Holm's correction is over all these tests.
package compare

import (
	"fmt"
	"slices"
	"time"

	"github.com/seed-ab8b6914/spof/reason"
	"github.com/seed-ab8b6914/spof/reports/analyze"
)

// Schema is the version of a comparison's form.
const Schema = "spof/diff/v1"

// Change is what became of a cell or of one of its values.
type Change string

// The changes. Merging: worse > unknown > better > same.
const (
	Worse   Change = "worse"
	Unknown Change = "unknown" // nothing can be said
	Better  Change = "better"
	Same    Change = "same" // no change found
)

// merge gives the change of a whole from those of its parts.
func merge(parts ...Change) Change {
	for _, c := range []Change{Worse, Unknown, Better} {
		if slices.Contains(parts, c) {
			return c
		}
	}
	return Same
}

// Options of a comparison.
type Options struct {
	Alpha   float64 // probability of any false alarm over all tests, above 0 and below 1
	Power   float64 // probability by which Measured.Finds is stated
	Effects Effects
	// Measures are the names of the measures to test; empty: those with analyze.Measure.Gate, and those that the scenario bounds.
	Measures []string
	// Accept are codes of differences (other-machine, ...) that do not keep measured values from being compared.
	Accept []string
	// Static compares predictions and verdicts alone.
	Static bool
}

// Comparison is the result.
type Comparison struct {
	Schema string  `json:"schema"`
	Change Change  `json:"change"`
	Alpha  float64 `json:"alpha"`
	Power  float64 `json:"power"`
	Tests  int     `json:"tests"` // of verdicts and measured values, over which Holm's correction counts
	Base   Side    `json:"base"`
	New    Side    `json:"new"`
	Notes  []Note  `json:"notes"`
	Cells  []Cell  `json:"cells"`
}

// Side is one of the reports.
type Side struct {
	Name    string    `json:"name"`
	Version string    `json:"version"`
	Seed    uint64    `json:"seed"`
	Started time.Time `json:"started"`
	Command string    `json:"command"`
}

// Note is a finding with its code.
type Note struct {
	Code   string `json:"code"`
	Text   string `json:"text"`
	Change Change `json:"change"`
}

// Cell compares one cell.
type Cell struct {
	Topology    string             `json:"topology"`
	Scenario    string             `json:"scenario"`
	Change      Change             `json:"change"`
	Base        Trials             `json:"base"`
	New         Trials             `json:"new"`
	Notes       []Note             `json:"notes"`
	VerdictTest *VerdictTest       `json:"verdict_test"` // null: no trials whose verdicts compare
	Settings    []SettingChange    `json:"settings"`     // of the design
	Predictions []PredictionChange `json:"predictions"`
	Measured    []Measured         `json:"measured"`

	base, new *analyze.Cell
}

// Trials are those of one side of a cell.
type Trials struct {
	Verdict      analyze.Verdict `json:"verdict,omitempty"` // empty: the side has no such cell, or was not run
	N            int             `json:"n"`
	Passing      int             `json:"passing"`
	Failing      int             `json:"failing"`
	Void         int             `json:"void"`         // show nothing, and are in no figure
	Inconclusive int             `json:"inconclusive"` // with the void ones; the others count with their uncertainty
	Runtime      string          `json:"runtime,omitempty"`
}

// Reports compares two reports; the names are for people. The error is a report that repeats a cell, or that the two have no cell in
// common.
func Reports(base, new Named, o Options) (*Comparison, error) {
	c := &Comparison{Schema: Schema, Alpha: o.Alpha, Power: o.Power, Base: base.side(), New: new.side(), Notes: []Note{}, Cells: []Cell{}}
	if err := c.pair(base, new); err != nil {
		return nil, err
	}
	c.Notes = append(c.Notes, seeds(base.Report, new.Report)...)
	for i := range c.Cells {
		cell := &c.Cells[i]
		if cell.base == nil || cell.new == nil {
			continue
		}
		cell.Settings = SettingChanges(base.design(cell.Topology), new.design(cell.Topology))
		cell.Predictions = predictionChanges(cell, o.Effects)
		if cell.comparable(base.Report, new.Report, o) {
			cell.measure(o)
		}
		if o.Static {
			cell.unproven()
		}
	}
	c.test(o)
	var all []Change
	for i := range c.Cells {
		cell := &c.Cells[i]
		if cell.base != nil && cell.new != nil {
			cell.verdicts(o.Alpha, c.level())
		}
		cell.conclude()
		all = append(all, cell.Change)
	}
	c.Change = merge(all...)
	return c, nil
}

// Named is a report with a name for people.
type Named struct {
	Name string
	*analyze.Report
}

func (n Named) side() Side {
	return Side{Name: n.Name, Version: n.Version, Seed: n.Seed, Started: n.Started, Command: n.Command}
}

// design finds the settings of a design; nil: the report does not have them.
func (n Named) design(name string) []analyze.Setting {
	for _, d := range n.Designs {
		if d.Name == name {
			return d.Settings
		}
	}
	return nil
}

// find gives the cell of a design under a scenario; nil: there is none.
func (n Named) find(topology, scenario string) *analyze.Cell {
	for i := range n.Cells {
		if c := &n.Cells[i]; c.Topology == topology && c.Scenario == scenario {
			return c
		}
	}
	return nil
}

// pair makes a cell of each cell of the two reports, in the order of the base.
func (c *Comparison) pair(base, new Named) error {
	for _, side := range []Named{base, new} {
		for i, a := range side.Cells {
			if found := side.find(a.Topology, a.Scenario); found != &side.Cells[i] {
				return reason.Errorf("repeated-cell", "%s has the cell of %s under %s twice", side.Name, a.Topology, a.Scenario)
			}
		}
	}
	common := 0
	for i := range base.Cells {
		b := &base.Cells[i]
		n := new.find(b.Topology, b.Scenario)
		c.add(b, n)
		if n != nil {
			common++
		} else {
			c.last().missing(new)
		}
	}
	if common == 0 {
		return reason.Errorf("no-common-cell", "%s and %s have no cell in common: no design under the same scenario", base.Name, new.Name)
	}
	for i := range new.Cells {
		n := &new.Cells[i]
		if base.find(n.Topology, n.Scenario) == nil {
			c.add(nil, n)
			c.last().added(base)
		}
	}
	return nil
}

func (c *Comparison) last() *Cell { return &c.Cells[len(c.Cells)-1] }

func (c *Comparison) add(base, new *analyze.Cell) {
	one := Cell{Notes: []Note{}, Settings: []SettingChange{}, Predictions: []PredictionChange{}, Measured: []Measured{}, base: base, new: new}
	for _, side := range []struct {
		of *analyze.Cell
		to *Trials
	}{{base, &one.Base}, {new, &one.New}} {
		if side.of == nil {
			continue
		}
		one.Topology, one.Scenario = side.of.Topology, side.of.Scenario
		*side.to = Trials{Verdict: side.of.Verdict, N: len(side.of.Trials), Runtime: side.of.Runtime}
		for i := range side.of.Trials {
			t := &side.of.Trials[i]
			if t.Void {
				side.to.Void++
			}
			switch t.Verdict {
			case analyze.Pass:
				side.to.Passing++
			case analyze.Fail:
				side.to.Failing++
			case analyze.Inconclusive:
				side.to.Inconclusive++
			}
		}
	}
	c.Cells = append(c.Cells, one)
}

func (c *Cell) note(code string, change Change, format string, args ...any) {
	c.Notes = append(c.Notes, Note{Code: code, Text: fmt.Sprintf(format, args...), Change: change})
}

// missing says that the new report lacks the cell, and why, if it says so.
func (c *Cell) missing(new Named) {
	for _, s := range new.Skipped {
		if s.Topology == c.Topology && s.Scenario == c.Scenario {
			c.note("missing-cell", Unknown, "%s left this cell out: %s", new.Name, s.Reason)
			return
		}
	}
	c.note("missing-cell", Unknown, "%s has no such cell", new.Name)
}

// added says that only the new report has the cell, and judges it alone: a gate must not be green on a design that fails.
func (c *Cell) added(base Named) {
	switch c.New.Verdict {
	case analyze.Fail:
		c.note("new-cell-fails", Worse, "%s has no such cell, and it fails%s", base.Name, c.why())
	case analyze.Inconclusive:
		c.note("new-cell-unknown", Unknown, "%s has no such cell, and it is inconclusive%s", base.Name, c.why())
	default:
		c.note("new-cell", Same, "%s has no such cell: nothing is compared", base.Name)
	}
}

// conclude merges the changes of the cell's parts. An optional measure that few trials have, such as failback, makes the cell unknown only
// if no other measure could be judged; its line says that it was not. A required measure makes it unknown in any case.
func (c *Cell) conclude() {
	var all []Change
	judged := slices.ContainsFunc(c.Measured, func(m Measured) bool { return m.judged() })
	for _, n := range c.Notes {
		all = append(all, n.Change)
	}
	for _, p := range c.Predictions {
		all = append(all, p.Change)
	}
	for _, m := range c.Measured {
		if m.judged() || m.required || !judged {
			all = append(all, m.Change)
		}
	}
	c.Change = merge(all...)
}
