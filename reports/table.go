package reports

import (
	"fmt"
	"io"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/seed-ab8b6914/spof/reports/analyze"
)

const (
	nameWidth   = 20  // width of the longest name in the table, in characters; sentences have the full name
	matrixWidth = 120 // width of the matrix, in characters
	proseWrap   = 100 // length of the longest line of sentences and reasons, in characters
)

// colours are the terminal colours (SGR) by verdict. The verdict is always written as a word, too.
var colours = map[analyze.Verdict]string{analyze.Pass: "32", analyze.Fail: "1;31", analyze.Inconclusive: "33"}

var tableHead = []string{"TOPOLOGY", "SCENARIO", "VERDICT", "N", "FAILOVER (MIN–MAX)", "LAT. RECOV.", "LOST", "NOTICED", "Q STEADY", "FAILBACK"}

// Place writes the path of a report, as the line after its table.
func Place(w io.Writer, dir string) {
	fmt.Fprintf(w, "report:    %s\n", filepath.Join(oneLine(dir), FileHTML))
}

// Table writes the end of a run for the terminal: one aligned line per cell, one sentence per cell with the reasons of its verdict, and the
// command that reproduces the run. Times are medians over the trials. color turns colours on.
func Table(w io.Writer, rep *analyze.Report, color bool) {
	var b strings.Builder
	if m := newMatrix(rep); m != nil {
		b.WriteString(strings.Join(m.lines(matrixWidth), "\n") + "\n\n")
	}
	rows := [][]string{slices.Clone(tableHead)}
	for _, c := range rep.Cells {
		rows = append(rows, tableRow(c))
	}
	for i, fields := range padded(rows) {
		if i > 0 {
			fields[2] = paint(fields[2], rep.Cells[i-1].Verdict, color)
		}
		b.WriteString(joinFields(fields) + "\n")
	}
	for _, c := range rep.Cells {
		if len(rep.Cells) >= manyCells && c.Verdict == analyze.Pass {
			continue // the table is enough
		}
		b.WriteByte('\n')
		writeProse(&b, c, color)
	}
	for _, s := range savings(rep.Cells) {
		b.WriteString("\n" + oneLine(s) + "\n")
	}
	if len(rep.Skipped) > 0 {
		fmt.Fprintf(&b, "\n%s left out (·):\n", plural(len(rep.Skipped), "cell"))
		for _, line := range SkippedLines(rep.Skipped) {
			b.WriteString("  - " + Wrap(line, proseWrap-2, "    ") + "\n")
		}
	}
	if text := runAgain(rep.Cells); text != "" {
		b.WriteString("\n" + text + "\n")
	}
	fmt.Fprintf(&b, "\nverdict:   %s\n", paint(strings.ToUpper(string(rep.Verdict)), rep.Verdict, color))
	if rep.Command != "" {
		fmt.Fprintf(&b, "reproduce: %s\n", oneLine(rep.Command))
	}
	io.WriteString(w, b.String())
}

func tableRow(c analyze.Cell) []string {
	return []string{
		shorten(oneLine(c.Topology), nameWidth),
		shorten(oneLine(c.Scenario), nameWidth),
		strings.ToUpper(string(c.Verdict)),
		strconv.Itoa(len(c.Trials)),
		failoverText(c),
		fastAgain.median(c),
		lostRatio.median(c),
		noticedText(c),
		qSteady.median(c),
		failback.median(c),
	}
}

// padded pads the fields of rows with spaces to the width of their columns.
func padded(rows [][]string) [][]string {
	for j := range rows[0] {
		width := 0
		for _, row := range rows {
			width = max(width, utf8.RuneCountInString(row[j]))
		}
		for _, row := range rows {
			row[j] += strings.Repeat(" ", width-utf8.RuneCountInString(row[j]))
		}
	}
	return rows
}

// joinFields joins the padded fields of a row to one line.
func joinFields(fields []string) string { return strings.TrimRight(strings.Join(fields, "  "), " ") }

// writeProse writes a cell's sentence and the reasons of its verdict.
func writeProse(b *strings.Builder, c analyze.Cell, color bool) {
	mark := paint(symbol(c.Verdict), c.Verdict, color)
	text := c.Topology + " under " + c.Scenario + ": " + c.Sentence
	b.WriteString(mark + " " + Wrap(oneLine(text), proseWrap, "  ") + "\n")
	for _, r := range otherReasons(c) {
		b.WriteString("  - " + Wrap(oneLine(r), proseWrap-2, "    ") + "\n")
	}
	for _, r := range attempts(c) {
		b.WriteString("  " + Wrap(oneLine(r), proseWrap, "    ") + "\n")
	}
	for _, line := range details(c) {
		b.WriteString("  " + Wrap(line, proseWrap, "  ") + "\n")
	}
}

// details returns the lines about a cell after its sentence: what the failover waits for, optional measures, expectations, and why figures
// are ranges.
func details(c analyze.Cell) (lines []string) {
	for _, text := range append([]string{c.Waits, optionalText(c), boundsText(c), machineText(c)}, notes(c)...) {
		if text != "" {
			lines = append(lines, oneLine(text))
		}
	}
	return lines
}

// Wrap breaks a text at spaces so that no line is longer than width; lines after the first begin with indent.
func Wrap(text string, width int, indent string) string {
	var b strings.Builder
	left := width
	for i, word := range strings.Fields(text) {
		n := utf8.RuneCountInString(word)
		switch {
		case i == 0:
		case n+1 > left:
			b.WriteString("\n" + indent)
			left = width
		default:
			b.WriteByte(' ')
			left--
		}
		b.WriteString(word)
		left -= n
	}
	return b.String()
}

func paint(text string, v analyze.Verdict, color bool) string {
	if !color {
		return text
	}
	return "\x1b[" + colours[v] + "m" + text + "\x1b[0m"
}
