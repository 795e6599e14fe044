package reports

import (
	"encoding/json"
	"io"
	"slices"

	"github.com/seed-ab8b6914/spof/reports/analyze"
)

// JSON writes the content of report.json.
func JSON(w io.Writer, rep *analyze.Report) error { return writeJSON(w, rep, nil) }

// writeJSON writes report.json. An empty list is [], an empty map is {}. Only a measure without a value is null.
func writeJSON(w io.Writer, rep *analyze.Report, _ []analyze.Timeline) error {
	full := *rep
	full.Cells = list(slices.Clone(rep.Cells))
	for i := range full.Cells {
		c := &full.Cells[i]
		c.Reasons, c.Codes, c.Fidelity, c.SPOF, c.Bounds = list(c.Reasons), list(c.Codes), list(c.Fidelity), list(c.SPOF), list(c.Bounds)
		if c.Summary == nil {
			c.Summary = map[string]analyze.Summary{}
		}
		c.Trials, c.Repeated = list(wholeTrials(c.Trials)), wholeTrials(c.Repeated)
	}
	return indented(w, full)
}

// indented writes a value as JSON for people: indented, and <, > and & as they are.
func indented(w io.Writer, v any) error {
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	return enc.Encode(v)
}

// wholeTrials copies trials, with empty lists and maps in place of nil.
func wholeTrials(trials []analyze.Trial) []analyze.Trial {
	trials = slices.Clone(trials)
	for i := range trials {
		t := &trials[i]
		t.Reasons, t.Codes = list(t.Reasons), list(t.Codes)
		if t.Measures == nil {
			t.Measures = map[string]float64{}
		}
		if t.Ranges == nil {
			t.Ranges = map[string]analyze.Range{}
		}
		if t.Outcomes == nil {
			t.Outcomes = map[string]int{}
		}
	}
	return trials
}

// list returns s; an empty list if s is nil.
func list[T any](s []T) []T {
	if s == nil {
		return []T{}
	}
	return s
}
