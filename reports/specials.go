package reports

import (
	"slices"

	"github.com/seed-ab8b6914/spof/reports/analyze"
)

// Text is the measure's median over the trials of a cell, and its range.
func (m measure) Text(c analyze.Cell) string { return m.text(c) }

// Cell is the measure of one trial.
func (m measure) Cell(t analyze.Trial) string { return m.of(t) }

// in reports whether a cell has something to show of a measure with a column of its own.
func (m measure) in(c analyze.Cell) bool {
	if m.With != "" {
		if _, ok := at(m.With).over(c); !ok {
			return false
		}
	}
	spread, ok := m.over(c)
	return ok && spread.Max > m.Above
}

// specialsOf are the measures that only some designs have, of which some cell has something to show.
func specialsOf(cells ...analyze.Cell) (some []measure) {
	for i := range analyze.Measures {
		m := measure{&analyze.Measures[i]}
		if m.Head != "" && slices.ContainsFunc(cells, m.in) {
			some = append(some, m)
		}
	}
	return some
}

// specialText says the specials of one cell in a line: cache hits before 61 %, cache hits under the fault 12 %.
func specialText(c analyze.Cell) string {
	text := ""
	for i, s := range specialsOf(c) {
		if i > 0 {
			text += ", "
		}
		text += s.Head + " " + s.Text(c)
	}
	return text
}
