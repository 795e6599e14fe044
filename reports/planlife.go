package reports

import (
	"fmt"
	"strings"

	"github.com/seed-ab8b6914/spof/planner"
)

// lifeHead are the columns of the simulated years. A share of the years is not worse than its column says.
var lifeHead = []string{"design", "average year", "half of the years", "9 of 10", "19 of 20", "99 of 100", "user-hours lost a year", "of these in busy hours"}

// lifeRows tells of the simulated years of all designs, with what a bad year costs where downtime costs money.
func lifeRows(r *planner.Result) (rows [][]string) {
	for i := range r.Designs {
		if l := r.Designs[i].Lifetimes; l != nil && l.Left == "" {
			rows = append(rows, lifeRow(r, r.Designs[i].Name, l))
		}
	}
	return rows
}

func lifeRow(r *planner.Result, name string, l *planner.Lifetimes) []string {
	row := []string{name, planner.Span(l.Hours.Value)}
	for _, bad := range l.Bad {
		text := planner.Span(bad.Hours.Value)
		if r.DowntimeCost > 0 {
			text += " / " + planner.Money(bad.Downtime)
		}
		row = append(row, text)
	}
	busy := none
	if l.Busy != nil {
		busy = percent(*l.Busy)
	}
	return append(row, planner.Money(l.UserHours.Value), busy)
}

// lifeNotes says of each design how sure its simulated years are, what care adds, and whether they agree with the exact figures.
func lifeNotes(r *planner.Result) (notes []string) {
	for i := range r.Designs {
		if l := r.Designs[i].Lifetimes; l != nil {
			notes = append(notes, r.Designs[i].Name+": "+lifeNote(l)+".")
		}
	}
	return notes
}

func lifeNote(l *planner.Lifetimes) string {
	if l.Left != "" {
		return "not simulated: " + l.Left
	}
	text := fmt.Sprintf("%s (%s at 95 %%) in %s simulated years", planner.Span(l.Hours.Value), between(l.Hours), planner.Money(l.Years))
	for _, a := range l.Added {
		text += fmt.Sprintf("; %s add %s (%s)", a.Name, signed(a.Hours.Value), between(a.Hours))
	}
	text += "; by exact figures " + planner.Span(l.Exact)
	if l.Agrees {
		return text + ", inside the interval at 99.9 %"
	}
	return text + ", outside the interval at 99.9 % because of " + l.Why
}

func between(i planner.Interval) string { return signed(i.Lo) + " to " + signed(i.Hi) }

// signed writes hours that may be below 0.
func signed(hours float64) string {
	if hours < 0 {
		return "-" + planner.Span(-hours)
	}
	return planner.Span(hours)
}

// lifeAbout explains the table of the simulated years.
func lifeAbout(r *planner.Result) string {
	text := "Hours without service of a user in a simulated year: failures, repairs and failovers are drawn, failovers from what was measured. A column says what so many of the years do not exceed"
	if r.DowntimeCost > 0 {
		text += ", and what downtime costs in a year that as many do not exceed, in " + strings.TrimSpace(r.Currency+" at the demand of the hour")
	}
	return text + ". Busy hours have at least half of the greatest demand of the week. Each life has ten years and begins with new components."
}

// mdLife writes the simulated years.
func mdLife(b *strings.Builder, r *planner.Result) {
	rows := lifeRows(r)
	if len(rows) > 0 {
		b.WriteString("What a bad year looks like:\n\n")
		mdTable(b, lifeHead, rows)
	}
	for _, note := range lifeNotes(r) {
		fmt.Fprintf(b, "- %s\n", md(note))
	}
	b.WriteString("\n")
}

// lifeColumns are the columns of the CSV that tell of simulated years; lifeCells their values, empty where nothing was simulated.
var lifeColumns = []string{"simulated_years", "simulated_hours", "simulated_hours_lo", "simulated_hours_hi", "simulated_user_hours", "busy_share", "hours_p50", "hours_p90", "hours_p95", "hours_p99",
	"agrees_with_exact"}

func lifeCells(d *planner.Design, number func(float64) string) []string {
	cells, l := make([]string, len(lifeColumns)), d.Lifetimes
	if l == nil || l.Left != "" {
		return cells
	}
	busy := ""
	if l.Busy != nil {
		busy = number(*l.Busy)
	}
	told := []string{number(l.Years), number(l.Hours.Value), number(l.Hours.Lo), number(l.Hours.Hi), number(l.UserHours.Value), busy}
	for _, bad := range l.Bad {
		told = append(told, number(bad.Hours.Value))
	}
	copy(cells, told)
	cells[len(cells)-1] = fmt.Sprint(l.Agrees)
	return cells
}
