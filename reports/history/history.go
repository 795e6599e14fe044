// Package history finds the changes in a series of reports: for each cell and measure the runs between which its value changed, by E-divisive
// means. Begin at Read, which reduces a report, and at Of. It is pure: the same reports give the same history. It imports the analysis and
// the comparison of two reports, and runs nothing.
//
// A run gives one value of a measure: the median over its trials (the mean of totals and rare events). The trials of one run share the state
// of its machine, so that they are not independent; the runs are what is compared. Runs on other machines, with other engines or under another
// load are series of their own, as spof diff does not compare them.
package history

import (
	"fmt"
	"slices"

	"github.com/seed-ab8b6914/spof/reports/compare"
)

// Schema is the version of a history's form.
const Schema = "spof/history/v1"

// Options of a history.
type Options struct {
	Alpha   float64 // probability of any false alarm over all series, above 0 and below 1
	Effects compare.Effects
	// Measures are the names of the measures to test; empty: those of compare.Options.
	Measures []string
	// Accept are codes of differences (other-version, ...) that do not begin another series.
	Accept []string
	Last   int // the number of runs to take, the newest; at least 1
	Within int // the n of History.WorseWithin, for notes on the cells that it leaves out; 0: none
}

// History is the result.
type History struct {
	Schema string         `json:"schema"`
	Alpha  float64        `json:"alpha"`
	Tests  int            `json:"tests"`  // for which the p-values are corrected
	Needed int            `json:"needed"` // least number of runs in which a series can have a change point
	Runs   []Run          `json:"runs"`   // in the order of their start
	Notes  []compare.Note `json:"notes"`
	Series []Series       `json:"series"`

	within int // Options.Within
}

// Series are the runs of a cell that compare: a design under a scenario on one class of machine.
type Series struct {
	Topology string    `json:"topology"`
	Scenario string    `json:"scenario"`
	Runtime  string    `json:"runtime"`
	Machine  string    `json:"machine"` // its class; empty: not known
	Engines  string    `json:"engines"`
	Version  string    `json:"version"` // of spof in the newest run
	Runs     []int     `json:"runs"`    // indexes of History.Runs
	Marks    []Mark    `json:"marks"`
	Measures []Measure `json:"measures"`

	cells []*cell
}

// Mark is what changed between a run of a series and the run before it in the series.
type Mark struct {
	Run      int                     `json:"run"` // index of History.Runs
	Code     string                  `json:"code"`
	Text     string                  `json:"text"`
	Settings []compare.SettingChange `json:"settings"`
}

// Of makes a history of runs, in any order.
func Of(runs []Run, o Options) *History {
	h := &History{Schema: Schema, Alpha: o.Alpha, within: o.Within, Notes: []compare.Note{}, Series: []Series{}}
	h.order(runs, o.Last)
	for i := range h.Runs {
		for k := range h.Runs[i].cells {
			h.add(i, &h.Runs[i].cells[k], o.Accept)
		}
	}
	h.measure(o)
	h.noteStopped(o.Within)
	return h
}

// noteStopped names each cell that is run no more, and its last run.
func (h *History) noteStopped(n int) {
	for i := range h.Series {
		if s := &h.Series[i]; h.later(s) == 0 && h.stopped(s, n) {
			h.Notes = append(h.Notes, compare.Note{Code: "cell-stopped", Change: compare.Same,
				Text: fmt.Sprintf("%s under %s was last run in %s, and another cell more than %d times since: no change of it counts", s.Topology, s.Scenario, h.Runs[s.last()].Name, n)})
		}
	}
}

// order sorts the runs by their start. It leaves out repeated ones, and all but the newest.
func (h *History) order(runs []Run, last int) {
	runs = slices.Clone(runs)
	slices.SortStableFunc(runs, func(a, b Run) int { return a.Started.Compare(b.Started) })
	for i := range runs {
		first := slices.IndexFunc(h.Runs, func(r Run) bool { return r.same(&runs[i]) })
		if first < 0 {
			h.Runs = append(h.Runs, runs[i])
			continue
		}
		h.Notes = append(h.Notes, compare.Note{Code: "repeated-run", Change: compare.Same,
			Text: fmt.Sprintf("%s and %s are reports of one run; only the first counts", h.Runs[first].Name, runs[i].Name)})
	}
	if more := len(h.Runs) - last; more > 0 {
		h.Runs = h.Runs[more:]
		h.Notes = append(h.Notes, compare.Note{Code: "older-runs", Change: compare.Same,
			Text: fmt.Sprintf("%d older runs are left out; --last takes more", more)})
	}
}

// add puts the cell of a run into the series with which it compares, or begins another one.
func (h *History) add(run int, c *cell, accept []string) {
	var why []compare.Note // against the newest series of the cell
	for i := range h.Series {
		s := &h.Series[i]
		if s.Topology != c.Topology || s.Scenario != c.Scenario {
			continue
		}
		differ := compare.Differences(s.cells[len(s.cells)-1].Measurement, c.Measurement)
		why = slices.DeleteFunc(slices.Clone(differ), func(n compare.Note) bool { return slices.Contains(accept, n.Code) })
		if len(why) == 0 {
			h.extend(s, run, c, differ)
			return
		}
	}
	for _, n := range why {
		h.Notes = append(h.Notes, compare.Note{Code: n.Code, Change: compare.Same,
			Text: fmt.Sprintf("%s under %s is another series from %s on: %s", c.Topology, c.Scenario, h.Runs[run].Name, n.Text)})
	}
	h.Series = append(h.Series, Series{Topology: c.Topology, Scenario: c.Scenario, Marks: []Mark{}, Measures: []Measure{}})
	h.extend(&h.Series[len(h.Series)-1], run, c, nil)
}

// extend adds a run to a series, with marks for what differs from the run before.
func (h *History) extend(s *Series, run int, c *cell, accepted []compare.Note) {
	if n := len(s.cells); n > 0 {
		for _, d := range accepted {
			s.Marks = append(s.Marks, Mark{Run: run, Code: d.Code, Text: d.Text, Settings: []compare.SettingChange{}})
		}
		if before := s.cells[n-1]; before.DesignHash != c.DesignHash {
			changed := compare.SettingChanges(h.Runs[s.Runs[n-1]].settings(c.Topology), h.Runs[run].settings(c.Topology))
			s.Marks = append(s.Marks, Mark{Run: run, Code: "design-changed", Text: "the design changed", Settings: changed})
		}
	}
	s.Runtime, s.Machine, s.Engines = c.Runtime, compare.MachineClass(c.Machine), compare.EngineVersions(c.Machine)
	s.Version, s.Runs, s.cells = c.Version, append(s.Runs, run), append(s.cells, c)
}

// WorseWithin reports whether a measure became worse within the newest n runs of its series. A series that has none of the newest n runs of
// its cell has ended, for example with its machine, and does not count; nor does a cell that is run no more.
func (h *History) WorseWithin(n int) bool {
	return slices.ContainsFunc(h.Series, func(s Series) bool {
		return h.later(&s) < n && !h.stopped(&s, n) && slices.ContainsFunc(s.Measures, func(m Measure) bool {
			return slices.ContainsFunc(m.Changes, func(c ChangePoint) bool { return c.Change == compare.Worse && c.Age <= n })
		})
	})
}

// later counts the runs of the cell of a series that came after its last one.
func (h *History) later(s *Series) int { return h.after(s.last(), s.Topology, s.Scenario) }

// after counts the runs of a cell after a run.
func (h *History) after(run int, topology, scenario string) (n int) {
	for i := run + 1; i < len(h.Runs); i++ {
		if h.Runs[i].find(topology, scenario) != nil {
			n++
		}
	}
	return n
}

// stopped reports whether nobody runs the cell of a series any more: another cell was run more than n times since its last run. One more
// than n, as a cell may have a report of its own, which is later than this one's. For an n of 0 it is false.
func (h *History) stopped(s *Series, n int) bool {
	if n == 0 {
		return false
	}
	run := s.last()
	for i := range h.Series {
		if o := &h.Series[i]; o.of(s) {
			run = max(run, o.last())
		}
	}
	return slices.ContainsFunc(h.Series, func(o Series) bool { return h.after(run, o.Topology, o.Scenario) > n })
}

// last is the index of the newest run.
func (s *Series) last() int { return s.Runs[len(s.Runs)-1] }

// of reports whether two series are of one cell.
func (s *Series) of(o *Series) bool { return s.Topology == o.Topology && s.Scenario == o.Scenario }

// Tested reports whether any measure had enough runs.
func (h *History) Tested() bool { return slices.ContainsFunc(h.Series, Series.tested) }

// Untested is the first series that has the newest run of its cell and too few runs, while an earlier one of the cell had enough: what
// the earlier one shows does not hold for the newest runs. nil: there is none. A cell that is run no more
// does not count, if Options.Within says when.
func (h *History) Untested() *Series {
	for i := range h.Series {
		s := &h.Series[i]
		if !s.tested() && h.later(s) == 0 && !h.stopped(s, h.within) && slices.ContainsFunc(h.Series, func(o Series) bool { return o.of(s) && o.tested() }) {
			return s
		}
	}
	return nil
}

// tested reports whether any measure of the series had enough runs.
func (s Series) tested() bool {
	return slices.ContainsFunc(s.Measures, func(m Measure) bool { return m.Code != "too-few-runs" })
}
