package history

import (
	"math"
	"slices"
	"time"

	"github.com/seed-ab8b6914/spof/reason"
	"github.com/seed-ab8b6914/spof/reports/analyze"
	"github.com/seed-ab8b6914/spof/reports/compare"
)

// Run is a report in a history.
type Run struct {
	Name    string    `json:"name"` // of the report, for people
	Started time.Time `json:"started"`
	Version string    `json:"version"`
	Seed    uint64    `json:"seed"`
	Command string    `json:"command"`

	designs []analyze.Design
	cells   []cell
}

// cell is a cell of a run without its trials: with the value of each measure in their place. A history holds many reports.
type cell struct {
	compare.Measurement
	values map[string]value // by the name of the measure
}

// value is a measure over the trials of a cell: the median, or the mean of a measure with analyze.Measure.Mean.
type value struct {
	n  int
	v  float64 // +Inf: service did not return in half of the trials
	ci *[2]float64
}

// Read reduces a report to what a history needs of it. The error is a report that does not say when its run started, or that has a cell twice.
func Read(name string, rep *analyze.Report) (Run, error) {
	r := Run{Name: name, Started: rep.Started, Version: rep.Version, Seed: rep.Seed, Command: rep.Command, designs: rep.Designs}
	if rep.Started.IsZero() {
		return r, reason.Errorf("no-start", "%s does not say when its run started: a history is in that order; write the report again with spof report DIR", name)
	}
	for i := range rep.Cells {
		c := &rep.Cells[i]
		if r.find(c.Topology, c.Scenario) != nil {
			return r, reason.Errorf("repeated-cell", "%s has the cell of %s under %s twice", name, c.Topology, c.Scenario)
		}
		r.cells = append(r.cells, reduce(c, rep.Version))
	}
	return r, nil
}

func reduce(c *analyze.Cell, version string) cell {
	values := map[string]value{}
	for i := range analyze.Measures {
		m := &analyze.Measures[i]
		if m.Better == "" {
			continue
		}
		if v, ok := over(m, c); ok {
			values[m.Name] = v
		}
	}
	slim := *c
	slim.Trials, slim.Repeated, slim.Summary = nil, nil, nil
	return cell{compare.Measurement{Version: version, Cell: &slim}, values}
}

// over gives a measure over the trials of a cell; ok is false if no trial has a value.
func over(m *analyze.Measure, c *analyze.Cell) (v value, ok bool) {
	all, sum := compare.Values(m, c)
	if len(all) == 0 {
		return v, false
	}
	v = value{n: len(all), v: compare.Median(all), ci: sum.MedianCI}
	if m.Mean {
		v.v = mean(all)
		if v.ci = c.Summary[m.Key()].MeanCI; v.ci == nil {
			v.ci = analyze.MeanInterval(all)
		}
	}
	return v, !math.IsNaN(v.v)
}

func mean(values []float64) float64 {
	sum := 0.0
	for _, v := range values {
		sum += v
	}
	return sum / float64(len(values))
}

func (r *Run) find(topology, scenario string) *cell {
	for i := range r.cells {
		if c := &r.cells[i]; c.Topology == topology && c.Scenario == scenario {
			return c
		}
	}
	return nil
}

// settings gives the settings of a design; nil: the report does not have them.
func (r *Run) settings(design string) []analyze.Setting {
	at := slices.IndexFunc(r.designs, func(d analyze.Design) bool { return d.Name == design })
	if at < 0 {
		return nil
	}
	return r.designs[at].Settings
}

// same reports whether two reports are of one run, for example a copy. The two sides of a comparison that was measured in turns have start,
// seed and command in common, but each has labs of its own.
func (r *Run) same(o *Run) bool {
	return r.Started.Equal(o.Started) && r.Seed == o.Seed && r.Command == o.Command &&
		slices.EqualFunc(r.cells, o.cells, func(a, b cell) bool { return a.LabUpMS == b.LabUpMS })
}
