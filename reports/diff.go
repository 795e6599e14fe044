package reports

import (
	"cmp"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/seed-ab8b6914/spof/reports/analyze"
	"github.com/seed-ab8b6914/spof/reports/compare"
	"github.com/seed-ab8b6914/spof/reports/units"
)

// DiffJSON writes a comparison as JSON.
func DiffJSON(w io.Writer, d *compare.Comparison) error {
	return indented(w, d)
}

// DiffText writes a comparison for a terminal. A text of a report stays in its line.
func DiffText(w io.Writer, d *compare.Comparison) error {
	lines := []string{"base  " + sideText(d.Base), "new   " + sideText(d.New)}
	for _, n := range d.Notes {
		lines = append(lines, fmt.Sprintf("note  %s [%s]", n.Text, n.Code))
	}
	for i := range d.Cells {
		c := &d.Cells[i]
		lines = append(lines, "", fmt.Sprintf("%s  %s under %s", changeWord(c.Change), c.Topology, c.Scenario))
		for _, line := range cellLines(d, c) {
			lines = append(lines, "  "+line)
		}
	}
	lines = append(lines, "", diffSentence(d))
	var b strings.Builder
	for _, line := range lines {
		b.WriteString(strings.TrimRight(oneLine(line), " ") + "\n")
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// maxDiffMarkdown bounds a comment: GitHub takes 65,536 characters.
const maxDiffMarkdown = 60_000

// gravity is the order of the changes: the gravest first.
var gravity = []compare.Change{compare.Worse, compare.Unknown, compare.Better, compare.Same}

// DiffMarkdown writes a comparison as a comment on a pull request: the cells that changed are open, the others collapsed. Its size is
// bounded: the gravest cells come first, and what does not fit is counted.
func DiffMarkdown(w io.Writer, d *compare.Comparison) error {
	var b strings.Builder
	fmt.Fprintf(&b, "## spof diff: %s\n\n%s\n\n", changeWord(d.Change), md(diffSentence(d)))
	fmt.Fprintf(&b, "Base %s; new %s.\n", md(sideText(d.Base)), md(sideText(d.New)))
	for _, n := range d.Notes {
		fmt.Fprintf(&b, "\n%s `%s`\n", md(n.Text), md(n.Code))
	}
	cells := slices.SortedStableFunc(slices.Values(d.Cells), func(a, b compare.Cell) int {
		return cmp.Compare(slices.Index(gravity, a.Change), slices.Index(gravity, b.Change))
	})
	var left []compare.Cell
	for _, c := range cells {
		if text := diffCell(d, &c); b.Len()+len(text) <= maxDiffMarkdown {
			b.WriteString(text)
		} else {
			left = append(left, c)
		}
	}
	if len(left) > 0 {
		fmt.Fprintf(&b, "\nLeft out of this comment, which would be too long: %s.\n", counts(left))
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// diffCell writes a cell as a collapsible section.
func diffCell(d *compare.Comparison, c *compare.Cell) string {
	var b strings.Builder
	open := ""
	if c.Change != compare.Same {
		open = " open"
	}
	fmt.Fprintf(&b, "\n<details%s><summary>%s: %s under %s</summary>\n\n", open, changeWord(c.Change), md(c.Topology), md(c.Scenario))
	for _, line := range factLines(d, c) {
		fmt.Fprintf(&b, "- %s\n", md(strings.TrimLeft(line, " ")))
	}
	changed, same := measured(c)
	if len(changed) > 0 {
		b.WriteString("\n| measure | base | new | shift | p, with Holm | |\n|---|---|---|---|---|---|\n")
	}
	for _, m := range changed {
		cells := []string{m.Measure, sampleText(m, m.Base), sampleText(m, m.New), shiftText(m), "", m.Code}
		if m.PHolm != nil {
			cells[4] = probability(*m.PHolm)
		}
		for i, text := range cells {
			cells[i] = md(text)
		}
		fmt.Fprintf(&b, "| %s |\n", strings.Join(cells, " | "))
	}
	if len(same) > 0 {
		fmt.Fprintf(&b, "\nno difference found: %s\n", md(strings.Join(same, ", ")))
	}
	b.WriteString("\n</details>\n")
	return b.String()
}

func sideText(s compare.Side) string {
	text := s.Name
	if s.Version != "" {
		text += ", spof " + s.Version
	}
	if !s.Started.IsZero() {
		text += ", " + s.Started.UTC().Format("2006-01-02 15:04 UTC")
	}
	return fmt.Sprintf("%s, seed %d", text, s.Seed)
}

// changeWord is what a change means for the gate.
func changeWord(c compare.Change) string {
	return map[compare.Change]string{compare.Worse: "REGRESSION", compare.Better: "IMPROVEMENT", compare.Unknown: "INCONCLUSIVE", compare.Same: "no change"}[c]
}

// diffSentence sums a comparison up.
func diffSentence(d *compare.Comparison) string {
	text := counts(d.Cells)
	if d.Tests == 0 {
		return text
	}
	return fmt.Sprintf("%s; %s of measured values and verdicts, false alarm at most %s over all", text, plural(d.Tests, "test"), percent(d.Alpha))
}

// counts counts cells by their changes.
func counts(cells []compare.Cell) string {
	count := map[compare.Change]int{}
	for i := range cells {
		count[cells[i].Change]++
	}
	var parts []string
	for _, c := range gravity {
		if count[c] > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", count[c], changeWord(c)))
		}
	}
	return fmt.Sprintf("%s: %s", plural(len(cells), "cell"), strings.Join(parts, ", "))
}

// cellLines describes a cell: facts, measures that changed, and what did not change.
func cellLines(d *compare.Comparison, c *compare.Cell) []string {
	lines := factLines(d, c)
	changed, same := measured(c)
	for _, m := range changed {
		lines = append(lines, measuredLine(m))
	}
	if len(same) > 0 {
		lines = append(lines, "no difference found: "+strings.Join(same, ", "))
	}
	return lines
}

// measured divides the measures into those in which something was found, or which say nothing, and the names of the others.
func measured(c *compare.Cell) (changed []*compare.Measured, same []string) {
	for i := range c.Measured {
		if m := &c.Measured[i]; m.Code == "equal" || m.Code == "no-difference" {
			same = append(same, m.Measure)
		} else {
			changed = append(changed, m)
		}
	}
	return changed, same
}

// factLines says what the trials can tell, then what became of predictions and verdict.
func factLines(d *compare.Comparison, c *compare.Cell) (lines []string) {
	if line := findsLine(d, c); line != "" {
		lines = append(lines, line)
	}
	if line := failuresLine(c); line != "" {
		lines = append(lines, line)
	}
	for i := range c.Predictions {
		lines = append(lines, predictionLines(&c.Predictions[i])...)
	}
	if len(c.Predictions) == 0 && len(c.Settings) > 0 {
		lines = append(lines, "the predictions are the same; changed settings:")
		for _, s := range c.Settings {
			lines = append(lines, "  "+settingText(s))
		}
	}
	for _, n := range c.Notes {
		lines = append(lines, fmt.Sprintf("%s [%s]", n.Text, n.Code))
	}
	return append(lines, trialLines(c)...)
}

// findsLine says what the number of trials can find of the headline measure.
func findsLine(d *compare.Comparison, c *compare.Cell) string {
	for i := range c.Measured {
		m := &c.Measured[i]
		switch {
		case m.Code == "too-few-trials":
			return fmt.Sprintf("%d and %d trials are too few for %s: take at least %d a side", m.Base.N, m.New.N, plural(d.Tests, "test"), d.Enough())
		case m.Finds != nil:
			return fmt.Sprintf("%s see a change of %s in %s with %s", sides(m.Base.N, m.New.N), units.Write(*m.Finds, m.Unit), m.Measure, percent(d.Power))
		}
	}
	return ""
}

// failuresLine says how many failing trials can show a worse verdict; empty: the verdicts do not compare.
func failuresLine(c *compare.Cell) string {
	if c.VerdictTest == nil {
		return ""
	}
	of := sides(c.Base.Passing+c.Base.Failing, c.New.Passing+c.New.Failing)
	if c.VerdictTest.Finds == nil {
		return of + " with a verdict are too few to show a worse one"
	}
	return fmt.Sprintf("%s show a worse verdict if at least %d new ones fail and none of the base", of, *c.VerdictTest.Finds)
}

func sides(base, new int) string {
	if base == new {
		return fmt.Sprintf("%d trials a side", base)
	}
	return fmt.Sprintf("%d trials of the base and %d new ones", base, new)
}

func predictionLines(p *compare.PredictionChange) []string {
	lines := []string{fmt.Sprintf("prediction for %s %s: %s -> %s [%s]", p.Fault, p.Kind, predictionText(p.Base), predictionText(p.New), p.Code)}
	for _, s := range p.Causes {
		lines = append(lines, "  cause: "+settingText(s))
	}
	if len(p.Causes) == 0 {
		lines = append(lines, "  cause: not known; no setting of the design differs, or a report of an older version does not have them")
	}
	return lines
}

func predictionText(p *analyze.Prediction) string {
	switch {
	case p == nil:
		return "no such fault"
	case p.Never:
		return "no failover"
	case p.LoMS == nil || p.HiMS == nil:
		return "nothing"
	}
	text := span(*p.LoMS, *p.HiMS)
	if p.EventOnly {
		text = p.Event + " within " + text
	}
	if p.Promised > 0 {
		text += ", " + percent(p.Promised) + " of the load"
	}
	return text
}

func settingText(s compare.SettingChange) string {
	or := func(text string) string {
		if text == "" {
			return "(none)"
		}
		return text
	}
	text := fmt.Sprintf("%s %s -> %s", s.Key, or(s.Base), or(s.New))
	if where := s.NewWhere; where != "" {
		text += " at " + where
	}
	if where := s.BaseWhere; where != "" && where != s.NewWhere {
		text += " (base: " + where + ")"
	}
	return text
}

// trialLines counts the trials that tell little or nothing.
func trialLines(c *compare.Cell) (lines []string) {
	for _, side := range []struct {
		name string
		compare.Trials
	}{{"base", c.Base}, {"new", c.New}} {
		if side.Inconclusive == 0 {
			continue
		}
		line := fmt.Sprintf("%s: %s inconclusive", side.name, share(side.Inconclusive, side.N))
		if side.Void > 0 {
			line += fmt.Sprintf(", of which %d show nothing and are in no figure", side.Void)
		}
		lines = append(lines, line)
	}
	return lines
}

func measuredLine(m *compare.Measured) string {
	text := fmt.Sprintf("%s: %s -> %s", m.Measure, sampleText(m, m.Base), sampleText(m, m.New))
	if shift := shiftText(m); shift != "" {
		text += ", shift " + shift
	}
	if m.P != nil {
		text += fmt.Sprintf(", p %s, with Holm %s", probability(*m.P), probability(*m.PHolm))
	}
	return text + " [" + m.Code + "]"
}

// shiftText is the shift with its sign; empty: there is none.
func shiftText(m *compare.Measured) string {
	if m.Shift == nil || m.P == nil {
		return ""
	}
	sign := "+"
	if *m.Shift < 0 {
		sign = "-"
	}
	return sign + units.Write(max(*m.Shift, -*m.Shift), m.Unit)
}

// probability writes a p-value.
func probability(p float64) string {
	if p < 0.0001 {
		return "< 0.0001"
	}
	return units.Number(p, 2)
}

func sampleText(m *compare.Measured, s compare.Sample) string {
	text := none
	switch {
	case s.Median != nil:
		text = units.Write(*s.Median, m.Unit)
	case s.Never > 0:
		text = "never"
	}
	if s.MedianCI != nil {
		text += " (" + units.Span(s.MedianCI[0], s.MedianCI[1], m.Unit) + ")"
	}
	return text
}
