package reports

import (
	"fmt"
	"io"
	"strings"

	"github.com/seed-ab8b6914/spof/planner"
)

// planMarkdown writes plan.md: the recommendation, the designs side by side, the steps, what would change the ranking, and the sources.
func planMarkdown(w io.Writer, r *planner.Result) error {
	var b strings.Builder
	fmt.Fprintf(&b, "## %s\n\n%s\n\n", md(r.Title), md(strings.Join(r.Verdict, " ")))
	for _, caution := range r.Cautions {
		fmt.Fprintf(&b, "- %s\n\n", md(caution))
	}
	mdTable(&b, planHead(r), planRows(r))
	for _, step := range planSteps(r) {
		fmt.Fprintf(&b, "- %s\n", md(step))
	}
	for i := range r.Designs {
		if text := planCoverage(&r.Designs[i].Failover); text != "" {
			fmt.Fprintf(&b, "- %s: %s\n", md(r.Designs[i].Name), md(text))
		}
	}
	fmt.Fprintf(&b, "\nUsers carried, of %.0f at the peak:\n\n", r.Peak)
	mdTable(&b, planUsersHead, planUsers(r))
	b.WriteString("Without service a year, by cause:\n\n")
	var rows [][]string
	for i := range r.Designs {
		for _, c := range r.Designs[i].Causes {
			rows = append(rows, []string{r.Designs[i].Name, c.Name, planner.Span(c.Hours)})
		}
	}
	mdTable(&b, []string{"design", "cause", "a year"}, rows)
	mdLife(&b, r)
	mdDoubt(&b, r)
	rows = nil
	for _, f := range r.Assumed {
		rows = append(rows, []string{f.Name, f.Value, string(f.From), f.Source})
	}
	var table strings.Builder
	mdTable(&table, []string{"figure", "value", "certainty", "source"}, rows)
	b.WriteString(folded("Where the figures are from", table.String()))
	_, err := io.WriteString(w, b.String())
	return err
}

// mdDoubt writes what would change the ranking.
func mdDoubt(b *strings.Builder, r *planner.Result) {
	for _, c := range r.Doubt.First {
		fmt.Fprintf(b, "- %s is first in %s of %d draws\n", md(c.Name), percent(c.P), r.Doubt.Draws)
	}
	for _, turn := range r.Doubt.Turns {
		fmt.Fprintf(b, "- %s\n", md(turn))
	}
	var rows [][]string
	for _, bar := range r.Doubt.Bars {
		rows = append(rows, []string{bar.Name, string(bar.From), bar.Low + " to " + bar.High, planner.Money(bar.AtLow) + " to " + planner.Money(bar.AtHigh), bar.First})
	}
	b.WriteString("\n")
	mdTable(b, []string{"uncertain figure", "certainty", "range", r.Doubt.Unit, "then first"}, rows)
}

// mdTable writes a table.
func mdTable(b *strings.Builder, head []string, rows [][]string) {
	if len(rows) == 0 {
		return
	}
	line := func(cells []string) {
		for _, c := range cells {
			b.WriteString("| " + md(c) + " ")
		}
		b.WriteString("|\n")
	}
	line(head)
	b.WriteString(strings.Repeat("|---", len(head)) + "|\n")
	for _, row := range rows {
		line(row)
	}
	b.WriteString("\n")
}
