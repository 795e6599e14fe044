package reports

import (
	"slices"

	"github.com/seed-ab8b6914/spof/reports/analyze"
)

// Text is the median of the measure over the trials of a cell, with its range.
func (m measure) Text(c analyze.Cell) string { return m.text(c) }

// Cell is the value of the measure in one trial.
func (m measure) Cell(t analyze.Trial) string { return m.of(t) }

// in reports whether the column of the measure is shown for a cell; see Head of analyze.Measure.
func (m measure) in(c analyze.Cell) bool {
	if m.With != "" {
		if _, ok := at(m.With).over(c); !ok {
			return false
		}
	}
	spread, ok := m.over(c)
	return ok && spread.Max > m.Above
}

// optionalMeasures returns the measures that only some designs have and whose column is shown for at least one of the cells.
func optionalMeasures(cells ...analyze.Cell) (some []measure) {
	for i := range analyze.Measures {
		m := measure{&analyze.Measures[i]}
		if m.Head != "" && slices.ContainsFunc(cells, m.in) {
			some = append(some, m)
		}
	}
	return some
}

// optionalText lists the optional measures of one cell in one line: cache hits before 61 %, cache hits under the fault 12 %.
func optionalText(c analyze.Cell) string {
	text := ""
	for i, s := range optionalMeasures(c) {
		if i > 0 {
			text += ", "
		}
		text += s.Head + " " + s.Text(c)
	}
	return text
}
