package main

import (
	"bytes"
	"errors"
	"math"
	"os"
	"path/filepath"
	"slices"

	"github.com/seed-ab8b6914/spof/reports"
	"github.com/seed-ab8b6914/spof/reports/analyze"
	"github.com/seed-ab8b6914/spof/reports/terminal"
	"github.com/seed-ab8b6914/spof/scenarios/plan"
	"github.com/seed-ab8b6914/spof/topology/plainfile"
)

const maxReport = 256 << 20 // bytes

// readReport reads a report: a report.json, or the one in a directory.
func readReport(path string) (*analyze.Report, error) {
	if info, err := os.Stat(path); err == nil && info.IsDir() {
		path = filepath.Join(path, reports.FileJSON)
	}
	rep := new(analyze.Report)
	data, err := readResult(path, "the directory of a run, or its "+reports.FileJSON, analyze.ReportSchema, rep)
	if err != nil {
		return nil, err
	}
	if err := checkReport(path, rep); err != nil {
		return nil, err
	}
	return rep, checkValues(path, data, rep)
}

// readResult reads a JSON file of spof's own, of a schema.
func readResult(path, want, schema string, into any) ([]byte, error) {
	data, err := plainfile.Read(path, maxReport)
	if err != nil {
		return nil, refusef("no-report", "%w; want %s", err, want)
	}
	if len(bytes.TrimSpace(data)) == 0 {
		return nil, refusef("empty-report", "%s is empty", path)
	}
	var head struct {
		Schema string `json:"schema"`
	}
	if err := plainfile.JSON(path, data, &head); err != nil {
		return nil, badReport(err)
	}
	if head.Schema != schema {
		return nil, refusef("unknown-schema", "%s: unknown schema %q, want %q", path, head.Schema, schema)
	}
	if err := plainfile.JSON(path, data, into); err != nil {
		return nil, badReport(err)
	}
	return data, nil
}

// badReport tells a file that ends too early from one that is no report.
func badReport(err error) error {
	if wrong := new(plainfile.Wrong); errors.As(err, &wrong) && wrong.Ends {
		return refusef("truncated-report", "%w; write the report again with spof report DIR", err)
	}
	return refusef("bad-report", "%w; this is no report that spof has written", err)
}

// checkReport refuses a report that no run writes.
func checkReport(path string, rep *analyze.Report) error {
	if n := len(rep.Cells); n == 0 || n > maxCells {
		return refusef("bad-report", "%s has %d cells; want 1 to %d", path, n, maxCells)
	}
	for _, name := range names(rep) {
		if terminal.Line(name) != name || len(name) > maxName {
			return refusef("bad-report", "%s: name %.80q; want at most %d printable characters in one line", path, name, maxName)
		}
	}
	for i := range rep.Cells {
		c := &rep.Cells[i]
		if v, ok := excessive(c); ok {
			return refusef("bad-report", "%s: figure %g of %s under %s; want at most %g", path, v, c.Topology, c.Scenario, maxFigure)
		}
		if len(c.Trials) > plan.MaxTrials {
			return refusef("bad-report", "%s: %d trials of %s under %s; want at most %d", path, len(c.Trials), c.Topology, c.Scenario, plan.MaxTrials)
		}
		switch c.Verdict {
		case analyze.Pass, analyze.Fail, analyze.Inconclusive:
		default:
			return refusef("bad-report", "%s: verdict %q of %s under %s; valid are pass, fail, inconclusive", path, c.Verdict, c.Topology, c.Scenario)
		}
	}
	return nil
}

// Bounds of a report. They lie far beyond what a run can have.
const (
	maxName   = 200  // bytes
	maxFigure = 1e12 // in the unit of the measure; as ms, 31 years
)

// names are those of the cells and designs of a report. They begin lines of comparisons.
func names(rep *analyze.Report) (all []string) {
	for i := range rep.Cells {
		all = append(all, rep.Cells[i].Topology, rep.Cells[i].Scenario)
	}
	for _, s := range rep.Skipped {
		all = append(all, s.Topology, s.Scenario)
	}
	for _, d := range rep.Designs {
		all = append(all, d.Name)
	}
	return all
}

// excessive finds a figure beyond maxFigure. A range may have no upper end.
func excessive(c *analyze.Cell) (v float64, found bool) {
	figures := predicted(c)
	for _, s := range c.Summary {
		if s.MedianCI != nil {
			figures = append(figures, s.MedianCI[:]...)
		}
	}
	for i := range c.Trials {
		for k := range analyze.Measures {
			m := &analyze.Measures[k]
			if v, ok := m.Of(&c.Trials[i]); ok {
				figures = append(figures, v)
			}
			if g, ok := m.RangeOf(&c.Trials[i]); ok && math.IsInf(g.Hi, 1) {
				figures = append(figures, g.Lo)
			} else if ok {
				figures = append(figures, g.Lo, g.Hi)
			}
		}
	}
	at := slices.IndexFunc(figures, func(v float64) bool { return !(math.Abs(v) <= maxFigure) })
	if at < 0 {
		return 0, false
	}
	return figures[at], true
}

// predicted are the figures of the predictions of a cell.
func predicted(c *analyze.Cell) (figures []float64) {
	for _, p := range c.Predictions {
		figures = append(figures, p.Promised)
		for _, v := range []*float64{p.LoMS, p.HiMS} {
			if v != nil {
				figures = append(figures, *v)
			}
		}
	}
	return figures
}
