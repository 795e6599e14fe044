package reports

import (
	"fmt"
	"html"
	"io"
	"maps"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/seed-ab8b6914/spof/reports/analyze"
)

// MaxMarkdown bounds report.md, in characters: no more fits into a comment on a pull request of GitHub.
const MaxMarkdown = 65_536

// mdPage is a page of bounded size. Its end is written first, so that there is room for it. A part that does not fit is left out.
type mdPage struct {
	parts   []string
	left    int // characters
	omitted int // parts
}

func (p *mdPage) add(parts ...string) {
	for _, part := range parts {
		n := utf8.RuneCountInString(part)
		if n > p.left {
			p.omitted++
			continue
		}
		p.left -= n
		p.parts = append(p.parts, part)
	}
}

// mdOmitted is the longest line about parts that were left out.
const mdOmitted = 120

// writeMarkdown writes report.md, short enough for a comment on a pull request. What did not pass is told above the details, which are
// folded. If not all fits, first the details of the cells that passed are left out.
func writeMarkdown(w io.Writer, rep *analyze.Report, _ []analyze.Timeline) error {
	end := mdEnd(rep)
	page := &mdPage{left: MaxMarkdown - utf8.RuneCountInString(end) - mdOmitted}
	page.add(fmt.Sprintf("## spof: %s %s\n\n", symbol(rep.Verdict), rep.Verdict))
	if m := newMatrix(rep); m != nil {
		var b strings.Builder
		mdMatrix(&b, m)
		page.add(b.String())
	}
	page.add("| topology | scenario | verdict | trials | failover, median (min–max) | latency recovery | lost | users who noticed | Q steady | failback |\n" +
		"|---|---|---|--:|--:|--:|--:|--:|--:|--:|\n")
	order := slices.Clone(rep.Cells)
	slices.SortStableFunc(order, func(a, b analyze.Cell) int { return rank(a.Verdict) - rank(b.Verdict) })
	page.rows(rep.Cells, order)
	for _, s := range savings(rep.Cells) {
		page.add("\n" + md(s) + ".\n")
	}
	for _, c := range order {
		if c.Verdict != analyze.Pass && c.Sentence != "" {
			page.add("\n" + symbol(c.Verdict) + " **" + md(c.Topology) + "** under **" + md(c.Scenario) + "**: " + md(c.Sentence) + "\n")
		}
	}
	for _, c := range order {
		page.add(mdCell(c))
	}
	page.add(mdFidelity(rep.Cells))
	for _, d := range rep.Designs {
		page.add(mdFiles(d))
	}
	if page.omitted > 0 {
		page.parts = append(page.parts, fmt.Sprintf("\n%d parts are left out here, to stay within %d characters; report.html has all.\n", page.omitted, MaxMarkdown))
	}
	_, err := io.WriteString(w, strings.Join(page.parts, "")+end)
	return err
}

// mdFiles lists the files of a team that ran, and what was substituted; empty: the design has none.
func mdFiles(d analyze.Design) string {
	if len(d.Files) == 0 {
		return ""
	}
	var b strings.Builder
	mdTable(&b, []string{"node", "path", "file", "SHA-256"}, rowsOf(d.Files))
	for _, s := range d.Substituted {
		b.WriteString("\n- " + md(s))
	}
	return folded("the files of "+d.Name+", as they were, and what was substituted", b.String()+"\n")
}

func rowsOf(files []analyze.OwnFile) (rows [][]string) {
	for _, f := range files {
		rows = append(rows, []string{f.Node, f.Path, f.From, f.SHA256[:min(12, len(f.SHA256))]})
	}
	return rows
}

// rank puts what did not pass first.
func rank(v analyze.Verdict) int {
	return slices.Index([]analyze.Verdict{analyze.Fail, analyze.Inconclusive, analyze.Pass}, v)
}

// rows adds a row for each cell, in their order. If there is no room for all, the first ones of the other order have it.
func (p *mdPage) rows(cells, order []analyze.Cell) {
	const share = 2 // of the page at most half
	room, kept := p.left/share, map[string]bool{}
	for _, c := range order {
		if n := utf8.RuneCountInString(mdRow(c)); n <= room {
			room -= n
			kept[mdRow(c)] = true
		}
	}
	for _, c := range cells {
		if kept[mdRow(c)] {
			p.add(mdRow(c))
			continue
		}
		p.omitted++
	}
}

func mdRow(c analyze.Cell) string {
	return "| " + strings.Join([]string{
		md(c.Topology), md(c.Scenario), symbol(c.Verdict) + " " + string(c.Verdict), fmt.Sprint(len(c.Trials)), failoverText(c),
		fastAgain.median(c), lostRatio.median(c), noticedText(c), qSteady.median(c), failback.median(c),
	}, " | ") + " |\n"
}

// mdEnd is the end of the page: how to repeat the run.
func mdEnd(rep *analyze.Report) string {
	command := oneLine(rep.Command)
	if r := []rune(command); len(r) > MaxMarkdown/4 {
		command = string(r[:MaxMarkdown/4]) + " ..."
	}
	return fmt.Sprintf("\nSeed %d, started %s, spof %s. Reproduce with:\n\n    %s\n", rep.Seed, rep.Started.UTC().Format("2006-01-02 15:04:05 UTC"),
		md(rep.Version), command)
}

// folded puts a text behind a line that opens it. A browser shows the line; Markdown is not read in it.
func folded(line, text string) string {
	line = strings.NewReplacer("@", "&#64;", "`", "&#96;").Replace(html.EscapeString(oneLine(line)))
	return "\n<details><summary>" + line + "</summary>\n\n" + text + "\n</details>\n"
}

func mdCell(c analyze.Cell) string {
	var b strings.Builder
	if c.Sentence != "" {
		b.WriteString(md(c.Sentence) + "\n\n")
	}
	more := append(otherReasons(c), attempts(c)...)
	for _, r := range more {
		b.WriteString("- " + md(r) + "\n")
	}
	if len(more) > 0 {
		b.WriteString("\n")
	}
	for _, line := range details(c) {
		b.WriteString(md(strings.ToUpper(line[:1])+line[1:]) + ".\n\n")
	}
	for _, link := range slices.Sorted(maps.Keys(c.Relays)) {
		r := c.Relays[link]
		fmt.Fprintf(&b, "The WAN relay %s adds %s (p50), %s (p99).\n\n", md(link), relayCost(r.AddedP50MS), relayCost(r.AddedP99MS))
	}
	b.WriteString("Single points of failure: " + mdList(c.SPOF, "none in the design") + ".\n")
	return folded(symbol(c.Verdict)+" "+c.Topology+" under "+c.Scenario, b.String())
}

func mdList(items []string, empty string) string {
	if len(items) == 0 {
		return empty
	}
	escaped := make([]string, len(items))
	for i, s := range items {
		escaped[i] = "**" + md(s) + "**"
	}
	return strings.Join(escaped, ", ")
}

// mdFidelity lists what was real and what was emulated. It writes each line once for all cells.
func mdFidelity(cells []analyze.Cell) string {
	type line struct {
		runtime string
		analyze.Fidelity
	}
	seen := map[line]bool{}
	var b strings.Builder
	b.WriteString("| runtime | what | level | how |\n|---|---|---|---|\n")
	for _, c := range cells {
		for _, f := range c.Fidelity {
			l := line{c.Runtime, f}
			if seen[l] {
				continue
			}
			seen[l] = true
			level := md(f.Level)
			if f.Level != "real" {
				level = "**" + level + "**"
			}
			fmt.Fprintf(&b, "| %s | %s | %s | %s |\n", md(c.Runtime), md(f.What), level, md(f.How))
		}
	}
	return folded("Fidelity: what was real, what was emulated", b.String())
}

// mdEscaper escapes a text for GitHub's Markdown: it contains no markup, no HTML and no border of a table cell.
var mdEscaper = strings.NewReplacer(
	`\`, `\\`, "`", "\\`", "*", `\*`, "_", `\_`, "[", `\[`, "]", `\]`, "|", `\|`, "~", `\~`, "#", `\#`, "!", `\!`,
	"&", "&amp;", "<", "&lt;", ">", "&gt;", "@", "&#64;",
)

func md(s string) string { return mdEscaper.Replace(oneLine(s)) }
