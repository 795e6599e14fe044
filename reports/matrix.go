package reports

import (
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/seed-ab8b6914/spof/reports/analyze"
	"github.com/seed-ab8b6914/spof/reports/units"
)

// manyCells is the number of cells from which a report begins with the matrix, and gives sentences only for cells that did not pass.
const manyCells = 9

// matrix is a table of a report: one row for each scenario, one column for each design.
type matrix struct {
	Designs []string
	Rows    []matrixRow
	Why     []string // one line for each reason to skip cells
}

type matrixRow struct {
	Scenario string
	Fields   []matrixField // one for each design
}

// matrixField is a cell of the report, or a missing cell. Hole is the reason for a skipped cell; empty: the cell was not requested.
type matrixField struct {
	Cell *analyze.Cell
	ID   string // of its section in the page
	Hole string
}

// newMatrix makes the matrix of a report, in the order in which the report names scenarios and designs. It is nil if there are fewer than
// manyCells cells and none was skipped: the table is enough.
func newMatrix(rep *analyze.Report) *matrix {
	if len(rep.Cells) < manyCells && len(rep.Skipped) == 0 {
		return nil
	}
	m := &matrix{Why: SkippedLines(rep.Skipped)}
	var scenarios []string
	note := func(topology, scenario string) {
		if !slices.Contains(m.Designs, topology) {
			m.Designs = append(m.Designs, topology)
		}
		if !slices.Contains(scenarios, scenario) {
			scenarios = append(scenarios, scenario)
		}
	}
	for _, c := range rep.Cells {
		note(c.Topology, c.Scenario)
	}
	for _, s := range rep.Skipped {
		note(s.Topology, s.Scenario)
	}
	for _, s := range scenarios {
		m.Rows = append(m.Rows, matrixRow{Scenario: s, Fields: make([]matrixField, len(m.Designs))})
	}
	at := func(topology, scenario string) *matrixField {
		return &m.Rows[slices.Index(scenarios, scenario)].Fields[slices.Index(m.Designs, topology)]
	}
	for i := range rep.Cells {
		c := &rep.Cells[i]
		*at(c.Topology, c.Scenario) = matrixField{Cell: c, ID: fmt.Sprintf("cell-%d", i+1)}
	}
	for _, s := range rep.Skipped {
		if f := at(s.Topology, s.Scenario); f.Cell == nil {
			f.Hole = s.Reason
		}
	}
	return m
}

// Text is the symbol of the verdict, with the failover: ✓ 2.69 s.
func (f matrixField) Text() string {
	switch {
	case f.Cell != nil:
		return strings.TrimSpace(symbol(f.Cell.Verdict) + " " + headline(*f.Cell))
	case f.Hole != "":
		return "·"
	}
	return ""
}

// Quality is Q in the steady degraded state; empty if the cell has none.
func (f matrixField) Quality() string {
	if f.Cell == nil {
		return ""
	}
	if text := qSteady.median(*f.Cell); text != none {
		return "Q " + text
	}
	return ""
}

// Leaks is the number of requests that bypassed the proxies; empty: none.
func (f matrixField) Leaks() string {
	if f.Cell == nil {
		return ""
	}
	if s, ok := bypassed.over(*f.Cell); ok && s.Median > 0 {
		return units.Write(s.Median, "count") + " bypassed"
	}
	return ""
}

// lines writes the matrix for a terminal of the given width in columns. Designs that do not fit follow in further blocks.
func (m *matrix) lines(width int) []string {
	var out []string
	first := 0
	for _, r := range m.Rows {
		first = max(first, utf8.RuneCountInString(shorten(oneLine(r.Scenario), nameWidth)))
	}
	for from := 0; from < len(m.Designs); {
		rows := make([][]string, len(m.Rows)+1)
		rows[0] = []string{""}
		for i, r := range m.Rows {
			rows[i+1] = []string{shorten(oneLine(r.Scenario), nameWidth)}
		}
		left, to := width-first, from
		for ; to < len(m.Designs); to++ {
			column := []string{shorten(oneLine(m.Designs[to]), nameWidth)}
			need := utf8.RuneCountInString(column[0])
			for _, r := range m.Rows {
				column = append(column, r.Fields[to].Text())
				need = max(need, utf8.RuneCountInString(r.Fields[to].Text()))
			}
			if left -= need + 2; left < 0 && to > from {
				break
			}
			for i := range rows {
				rows[i] = append(rows[i], column[i])
			}
		}
		if from > 0 {
			out = append(out, "")
		}
		for _, row := range padded(rows) {
			out = append(out, joinFields(row))
		}
		from = to
	}
	return out
}

// mdMatrix writes the matrix as a table of Markdown.
func mdMatrix(b *strings.Builder, m *matrix) {
	b.WriteString("| scenario |")
	for _, d := range m.Designs {
		b.WriteString(" " + md(d) + " |")
	}
	b.WriteString("\n|---|" + strings.Repeat("--:|", len(m.Designs)) + "\n")
	for _, r := range m.Rows {
		b.WriteString("| " + md(r.Scenario) + " |")
		for _, f := range r.Fields {
			text := f.Text()
			for _, more := range []string{f.Quality(), f.Leaks()} {
				if more != "" {
					text += ", " + more
				}
			}
			b.WriteString(" " + md(text) + " |")
		}
		b.WriteString("\n")
	}
	b.WriteString("\nVerdict, failover (median), Q in the steady degraded state, requests that bypassed the proxies. A dot: left out.\n")
	for _, why := range m.Why {
		b.WriteString("\n- " + md(why))
	}
	if len(m.Why) > 0 {
		b.WriteString("\n")
	}
	b.WriteString("\n")
}
