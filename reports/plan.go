package reports

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"

	"github.com/seed-ab8b6914/spof/planner"
	"github.com/seed-ab8b6914/spof/wholefile"
)

// planForms are the files of a plan's answer; the page that people open is the last.
var planForms = []struct {
	name   string
	render func(io.Writer, *planner.Result) error
}{
	{"plan.json", PlanJSON}, {"plan.csv", planCSV}, {"plan.md", planMarkdown}, {"plan.html", planHTML},
}

// WritePlan writes the files of a plan's answer into a directory: plan.html, plan.md, plan.csv and plan.json.
func WritePlan(dir *os.Root, r *planner.Result) error {
	for _, f := range planForms {
		var b bytes.Buffer
		if err := f.render(&b, r); err != nil {
			return err
		}
		if err := wholefile.Write(dir, f.name, b.Bytes()); err != nil {
			return err
		}
	}
	return nil
}

// PlanJSON writes the content of plan.json.
func PlanJSON(w io.Writer, r *planner.Result) error {
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	return enc.Encode(r)
}

// planHead are the columns by which designs are compared.
func planHead(r *planner.Result) []string {
	return []string{"design", "cost over " + yearsText(r.Years), "availability", "nines", "without service a year", "outages a year", "failover", "served at N-1",
		"users affected a year", "cost of downtime a year"}
}

// inCurrency names the currency of a plan's costs.
func inCurrency(r *planner.Result) string {
	if r.Currency == "" {
		return ""
	}
	return "; costs in " + r.Currency
}

// yearsText says over how many years costs count.
func yearsText(years float64) string {
	if years == 1 {
		return "1 year"
	}
	return fmt.Sprintf("%g years", years)
}

// planRow tells of a design in the columns of planHead.
func planRow(r *planner.Result, d *planner.Design) []string {
	return []string{d.Name, planner.Money(d.Cost), fmt.Sprintf("%.5g %%", 100*d.Availability), fmt.Sprintf("%.2f", d.Nines), planner.Span(d.Hours),
		fmt.Sprintf("%.1f", d.Outages), planFailover(&d.Failover), atN1(d), planner.Money(d.Affected), downtimeText(r, d)}
}

// planRows tells of all designs.
func planRows(r *planner.Result) (rows [][]string) {
	for i := range r.Designs {
		rows = append(rows, planRow(r, &r.Designs[i]))
	}
	return rows
}

// planFailover gives the failover of a design with its origin.
func planFailover(f *planner.Failover) string {
	switch {
	case f.From == planner.Measured && f.Worked == 0:
		return fmt.Sprintf("none (measured, 0 of %d)", f.Trials)
	case f.From == planner.Measured:
		return fmt.Sprintf("mean %.3g s, greatest %.3g s (measured, %d of %d)", f.Mean, f.Hi, f.Worked, f.Trials)
	case f.From == planner.Predicted:
		return fmt.Sprintf("%.3g to %.3g s (predicted)", f.Lo, f.Hi)
	}
	return "none"
}

// planCoverage says how often a measured failover works, and by which figure the plan counts.
func planCoverage(f *planner.Failover) string {
	switch {
	case f.From != planner.Measured:
		return ""
	case f.Alone:
		return fmt.Sprintf("%d of %d failovers worked: the node that the lab takes away has no partner; the coverage of the mechanisms is that of the library", f.Worked, f.Trials)
	case f.Coverage == nil:
		return fmt.Sprintf("%d of %d failovers worked; the coverage is that of the library", f.Worked, f.Trials)
	}
	return fmt.Sprintf("%d of %d failovers worked: coverage %s, %s to %s", f.Worked, f.Trials, percent(*f.Coverage), percent(f.CoverageCI[0]), percent(f.CoverageCI[1]))
}

// atN1 says who is served after the worst loss of one component.
func atN1(d *planner.Design) string {
	text := share(d.N1.Users, d.Users)
	if d.N1.From == planner.Measured {
		text = fmt.Sprintf("%s of %d (measured)", d.N1.Interval(), d.Users)
	}
	if d.N1.Worst != "" {
		text += " without " + d.N1.Worst
	}
	return text
}

func downtimeText(r *planner.Result, d *planner.Design) string {
	if r.DowntimeCost == 0 {
		return none
	}
	return planner.Money(d.Downtime)
}

// PlanText writes a plan's answer for a terminal: the recommendation, the designs side by side, and what to buy next.
func PlanText(w io.Writer, r *planner.Result) error {
	lines := []string{r.Title, ""}
	for _, sentence := range r.Verdict {
		lines = append(lines, Wrap(sentence, proseWrap, ""))
	}
	for _, caution := range r.Cautions {
		lines = append(lines, Wrap(caution, proseWrap, ""))
	}
	lines = append(lines, "")
	table := [][]string{{"DESIGN", "COST", "AVAILABILITY", "DOWN", "FAILOVER", "AT N-1", "DOWN COST"}}
	for _, row := range planRows(r) {
		table = append(table, []string{row[0], row[1], row[2], row[4], row[6], row[7], row[9]})
	}
	for _, row := range padded(table) {
		lines = append(lines, joinFields(row))
	}
	lines = append(lines, fmt.Sprintf("cost over %s; down and its cost are for one year%s", yearsText(r.Years), inCurrency(r)))
	if anyCarried(r) {
		lines = append(lines, "")
		for _, row := range padded(append([][]string{{"USERS", "WHOLE", "WITHOUT A NODE", "WITHOUT TWO", "BACKUP WAN", "GENERATOR"}}, planUsers(r)...)) {
			lines = append(lines, joinFields(row))
		}
	}
	for i, step := range planSteps(r) {
		if i == 0 {
			lines = append(lines, "")
		}
		lines = append(lines, Wrap(step, proseWrap, "  "))
	}
	for _, turn := range r.Doubt.Turns {
		lines = append(lines, "", Wrap(turn, proseWrap, "  "))
	}
	_, err := io.WriteString(w, oneLines(lines))
	return err
}

// oneLines joins lines whose texts may come from files.
func oneLines(lines []string) string {
	var b strings.Builder
	for _, line := range strings.Split(strings.Join(lines, "\n"), "\n") {
		b.WriteString(strings.TrimRight(oneLine(line), " ") + "\n")
	}
	return b.String()
}

// planSteps says what to buy, one step after the other.
func planSteps(r *planner.Result) (lines []string) {
	if r.Choice == nil {
		return nil
	}
	for i, s := range r.Choice.Steps {
		word := "then: "
		if i == 0 {
			word = "next best: "
		}
		lines = append(lines, word+stepText(r, s))
	}
	return lines
}

// stepText is one step in words.
func stepText(r *planner.Result, s planner.Step) string {
	text := fmt.Sprintf("%s, %s, saves %s a year", s.About, strings.TrimSpace(planner.Money(s.Cost)+" "+r.Currency), planner.Span(s.Saves))
	if r.DowntimeCost > 0 && s.Pays < s.Cost {
		text += ", which is less than it costs"
	}
	return text
}

// coverage is the measured share of failovers that work; empty: none.
func coverage(f *planner.Failover) string {
	if f.Coverage == nil {
		return ""
	}
	return strconv.FormatFloat(*f.Coverage, 'g', -1, 64)
}

// planCSV writes the designs as a table with full precision: a row each, and a column for every cause.
func planCSV(w io.Writer, r *planner.Result) error {
	number := func(v float64) string { return strconv.FormatFloat(v, 'g', -1, 64) }
	causes := planCauses(r)
	out := csv.NewWriter(w)
	head := []string{"design", "buy", "yearly", "cost", "availability", "hours_per_year", "outages_per_year", "failover_mean_s", "failover_from", "failover_worked", "failover_trials", "failover_coverage",
		"users", "users_at_n_minus_1", "users_at_n_minus_1_from", "users_affected_per_year", "user_hours_per_year", "downtime_cost_per_year"}
	head = append(head, lifeColumns...)
	for _, c := range causes {
		head = append(head, "hours: "+c.Name)
	}
	for _, name := range planStates {
		head = append(head, "users: "+name, "users from: "+name)
	}
	_ = out.Write(head) // Error gives what Write did
	for i := range r.Designs {
		d := &r.Designs[i]
		row := []string{d.Name, number(d.Buy), number(d.Yearly), number(d.Cost), number(d.Availability), number(d.Hours), number(d.Outages), number(d.Failover.Mean),
			string(d.Failover.From), strconv.Itoa(d.Failover.Worked), strconv.Itoa(d.Failover.Trials), coverage(&d.Failover),
			strconv.Itoa(d.Users), strconv.Itoa(d.N1.Users), string(d.N1.From), number(d.Affected), number(d.UserHours), number(d.Downtime)}
		row = append(row, lifeCells(d, number)...)
		for _, c := range causes {
			row = append(row, number(hoursBy(d, c.Name)))
		}
		for _, name := range planStates {
			c, has := worstState(d, name)
			row = append(row, map[bool]string{true: strconv.Itoa(c.Users)}[has], string(c.From))
		}
		_ = out.Write(row)
	}
	out.Flush()
	return out.Error()
}
