package reports

import (
	"fmt"
	"html/template"
	"io"
	"slices"
	"strings"

	"github.com/seed-ab8b6914/spof/reports/history"
)

// historyPage is the data of a history's page.
type historyPage struct {
	*history.History
	Style    template.CSS
	Sentence string
	Findable string
	Rows     []historyRow
	Views    []seriesView
}

// seriesView is a series with its charts: those that are shown, and those of measures without a change.
type seriesView struct {
	*history.Series
	ID    string
	About string
	Shown []seriesFigure
	Quiet []seriesFigure
	Marks []string
}

// seriesFigure is the chart of one measure with its change points as a list.
type seriesFigure struct {
	Title  string
	Chart  template.HTML
	Points []string
}

// HistoryHTML writes a history as a page: one file without scripts that loads no other file.
func HistoryHTML(w io.Writer, h *history.History) error {
	style, err := templates.ReadFile("templates/report.css")
	if err != nil {
		return err
	}
	t, err := template.New("history.tmpl").Funcs(functions).ParseFS(templates, "templates/history.tmpl")
	if err != nil {
		return err
	}
	p := historyPage{History: h, Style: template.CSS(style), Sentence: historySentence(h), Findable: findable(h), Rows: historyRows(h)}
	for i := range h.Series {
		p.Views = append(p.Views, viewOf(h, &h.Series[i], fmt.Sprintf("cell-%d", i+1)))
	}
	var b strings.Builder
	if err := t.Execute(&b, p); err != nil {
		return err
	}
	_, err = io.WriteString(w, strings.Map(visible, b.String()))
	return err
}

// viewOf draws a series. Shown are the first measure, which is the failover where there is a fault, and those with a change.
func viewOf(h *history.History, s *history.Series, id string) seriesView {
	v := seriesView{Series: s, ID: id, About: seriesAbout(s)}
	for i := range s.Measures {
		m := &s.Measures[i]
		f := seriesFigure{Title: fmt.Sprintf("%s (%s of each run): %s", m.Measure, m.Statistic, foundWords(h, m.Code)), Chart: drawSeries(h, s, m)}
		for k := range m.Changes {
			r := changeRow(h, s, m, &m.Changes[k])
			f.Points = append(f.Points, strings.Join(append([]string{fmt.Sprintf("%s between %s and %s: %s, p %s", r.Change, r.Before, r.After, r.Values, r.P)}, r.Causes...), "; "))
		}
		if i == 0 || len(m.Changes) > 0 {
			v.Shown = append(v.Shown, f)
		} else {
			v.Quiet = append(v.Quiet, f)
		}
	}
	for i := range s.Marks {
		for _, line := range markLines(&s.Marks[i]) {
			v.Marks = append(v.Marks, "at "+h.Runs[s.Marks[i].Run].Name+": "+line)
		}
	}
	return v
}

// placeOf is the index of a run in a series.
func placeOf(s *history.Series, run int) int { return slices.Index(s.Runs, run) }
