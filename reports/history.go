package reports

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/seed-ab8b6914/spof/reports/compare"
	"github.com/seed-ab8b6914/spof/reports/history"
	"github.com/seed-ab8b6914/spof/reports/units"
)

// HistoryJSON writes a history as JSON.
func HistoryJSON(w io.Writer, h *history.History) error {
	return indented(w, h)
}

// HistoryText writes a history for a terminal: what it can find, the change points as a table, and a paragraph for each series.
func HistoryText(w io.Writer, h *history.History) error {
	lines := append(historyHead(h), "")
	if rows := historyRows(h); len(rows) > 0 {
		lines = append(append(lines, historyTable(rows)...), "")
	}
	for i := range h.Series {
		lines = append(append(lines, seriesLines(h, &h.Series[i])...), "")
	}
	lines = append(lines, historySentence(h))
	for i, line := range lines {
		lines[i] = strings.TrimRight(oneLine(line), " ")
	}
	_, err := io.WriteString(w, strings.Join(lines, "\n")+"\n")
	return err
}

// historyHead says what the history holds, and what it can find.
func historyHead(h *history.History) []string {
	first, last := &h.Runs[0], &h.Runs[len(h.Runs)-1]
	lines := []string{fmt.Sprintf("%s, %s to %s", plural(len(h.Runs), "run"), day(first), day(last)), findable(h)}
	for _, n := range h.Notes {
		lines = append(lines, fmt.Sprintf("note  %s [%s]", n.Text, n.Code))
	}
	return lines
}

// findable says how many runs a change needs.
func findable(h *history.History) string {
	return fmt.Sprintf("a change needs at least %d runs of a series: %s, false alarm at most %s over all", h.Needed, plural(h.Tests, "test"), percent(h.Alpha))
}

func day(r *history.Run) string { return r.Started.UTC().Format("2006-01-02 15:04 UTC") }

// historyRow is a change point in the words of a table.
type historyRow struct {
	Change, Cell, Measure, Before, After, Values, P string
	Causes                                          []string // what else changed between the two runs
	Class                                           string   // pass for an improvement, fail for a regression
	point                                           *history.ChangePoint
}

// historyRows lists all change points, the newest first.
func historyRows(h *history.History) (rows []historyRow) {
	for i := range h.Series {
		s := &h.Series[i]
		for k := range s.Measures {
			for c := range s.Measures[k].Changes {
				rows = append(rows, changeRow(h, s, &s.Measures[k], &s.Measures[k].Changes[c]))
			}
		}
	}
	slices.SortStableFunc(rows, func(a, b historyRow) int { return b.point.After - a.point.After })
	return rows
}

func changeRow(h *history.History, s *history.Series, m *history.Measure, c *history.ChangePoint) historyRow {
	row := historyRow{Change: changeWord(c.Change), Cell: s.Topology + " under " + s.Scenario, Measure: m.Measure, Before: h.Runs[c.Before].Name,
		After: h.Runs[c.After].Name, Values: changeValues(m, c), P: probability(c.PCorrected), Class: "pass", point: c}
	if c.Change == compare.Worse {
		row.Class = "fail"
	}
	for i := range c.Marks {
		row.Causes = append(row.Causes, markLines(&c.Marks[i])...)
	}
	return row
}

func changeValues(m *history.Measure, c *history.ChangePoint) string {
	return valueText(c.From, m.Unit) + " -> " + valueText(c.To, m.Unit)
}

// valueText is a value of a run; nil: service did not return.
func valueText(v *float64, unit string) string {
	if v == nil {
		return "never"
	}
	return units.Write(*v, unit)
}

// markLines say what changed between two runs.
func markLines(m *history.Mark) (lines []string) {
	for _, s := range m.Settings {
		lines = append(lines, fmt.Sprintf("%s [%s]", settingText(s), m.Code))
	}
	if len(lines) == 0 {
		lines = []string{fmt.Sprintf("%s [%s]", m.Text, m.Code)}
	}
	return lines
}

func historyTable(rows []historyRow) (lines []string) {
	fields := [][]string{{"CHANGE", "CELL", "MEASURE", "LAST BEFORE", "FIRST AFTER", "MEDIANS", "P"}}
	for _, r := range rows {
		f := []string{r.Change, r.Cell, r.Measure, r.Before, r.After, r.Values, r.P}
		for i := range f {
			f[i] = oneLine(f[i])
		}
		fields = append(fields, f)
	}
	for i, f := range padded(fields) {
		lines = append(lines, joinFields(f))
		if i > 0 {
			for _, cause := range rows[i-1].Causes {
				lines = append(lines, "  between them: "+cause)
			}
		}
	}
	return lines
}

// seriesLines describe one series: its measures by what was found, and its marks.
func seriesLines(h *history.History, s *history.Series) []string {
	lines := []string{fmt.Sprintf("%s under %s: %s", s.Topology, s.Scenario, seriesAbout(s))}
	by := map[string][]string{}
	for i := range s.Measures {
		by[s.Measures[i].Code] = append(by[s.Measures[i].Code], s.Measures[i].Measure)
	}
	for _, code := range []string{"change-found", "no-change", "constant", "too-few-runs"} {
		if names := by[code]; len(names) > 0 {
			lines = append(lines, fmt.Sprintf("  %s: %s [%s]", foundWords(h, code), strings.Join(names, ", "), code))
		}
	}
	for i := range s.Marks {
		for _, line := range markLines(&s.Marks[i]) {
			lines = append(lines, fmt.Sprintf("  at %s: %s", h.Runs[s.Marks[i].Run].Name, line))
		}
	}
	return lines
}

func foundWords(h *history.History, code string) string {
	return map[string]string{
		"change-found": "changes found", "no-change": "no change found", "constant": "equal in all runs",
		"too-few-runs": fmt.Sprintf("too few runs, take at least %d", h.Needed),
	}[code]
}

// seriesAbout says how many runs a series has, and where they ran.
func seriesAbout(s *history.Series) string {
	text := plural(len(s.Runs), "run")
	for _, part := range []string{s.Runtime, s.Machine, s.Engines} {
		if part != "" {
			text += ", " + part
		}
	}
	if s.Version != "" {
		text += ", spof " + s.Version
	}
	return text
}

// historySentence sums a history up.
func historySentence(h *history.History) string {
	worse, rows := 0, historyRows(h)
	for _, r := range rows {
		if r.point.Change == compare.Worse {
			worse++
		}
	}
	switch {
	case len(rows) > 0:
		return fmt.Sprintf("%s in %s: %d to the worse, %d to the better", plural(len(rows), "change point"), plural(len(h.Runs), "run"), worse, len(rows)-worse)
	case !h.Tested():
		return fmt.Sprintf("too few runs to find a change: no series has %d", h.Needed)
	}
	text := fmt.Sprintf("no change point found in %s", plural(len(h.Runs), "run"))
	if s := h.Untested(); s != nil {
		text += fmt.Sprintf("; too few runs to judge the newest of %s under %s: its series has %d", s.Topology, s.Scenario, len(s.Runs))
	}
	return text
}
