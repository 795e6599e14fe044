package reports

import (
	"html/template"
	"io"
	"strings"

	"github.com/seed-ab8b6914/spof/planner"
)

// planPage is the data of plan.html.
type planPage struct {
	*planner.Result
	Style    template.CSS
	Head     []string
	Rows     [][]string
	Users    [][]string
	UserHead []string
	Causes   template.HTML
	Lives    planYears
	Legend   []key
	Front    template.HTML // empty: no alternatives
	Points   [][]string
	Steps    []string
	Views    []planView
	Tornado  template.HTML
}

// planYears are the simulated years.
type planYears struct {
	Head  []string
	Rows  [][]string
	About string
	Notes []string
}

// planView is a design with its weak places.
type planView struct {
	*planner.Design
	Chart    template.HTML
	Coverage string // empty: not measured
}

// planHTML writes plan.html: one file without scripts that loads no other file.
func planHTML(w io.Writer, r *planner.Result) error {
	style, err := templates.ReadFile("templates/report.css")
	if err != nil {
		return err
	}
	t, err := template.New("plan.tmpl").Funcs(functions).ParseFS(templates, "templates/plan.tmpl")
	if err != nil {
		return err
	}
	p := planPage{Result: r, Style: template.CSS(style), Head: planHead(r), Rows: planRows(r), Users: planUsers(r), UserHead: planUsersHead, Causes: drawCauses(r), Legend: planCauses(r), Tornado: drawTornado(r),
		Lives: planYears{lifeHead, lifeRows(r), lifeAbout(r), lifeNotes(r)}}
	if r.Choice != nil {
		p.Front, p.Points, p.Steps = drawFront(r), planPoints(r), planSteps(r)
	}
	for i := range r.Designs {
		p.Views = append(p.Views, planView{&r.Designs[i], drawImportance(&r.Designs[i]), planCoverage(&r.Designs[i].Failover)})
	}
	var b strings.Builder
	if err := t.Execute(&b, p); err != nil {
		return err
	}
	_, err = io.WriteString(w, strings.Map(visible, b.String()))
	return err
}

// planPoints lists the combinations that no other beats.
func planPoints(r *planner.Result) (rows [][]string) {
	for _, p := range r.Choice.Front {
		rows = append(rows, []string{combination(r, p), planner.Money(p.Cost), planner.Span(p.Hours), share(p.Users, r.Designs[0].Users)})
	}
	return rows
}
