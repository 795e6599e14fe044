package reports

import (
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"

	"github.com/seed-ab8b6914/spof/reports/analyze"
)

// writeMarkdown writes report.md, short enough for a comment on a pull request.
func writeMarkdown(w io.Writer, rep *analyze.Report, _ []analyze.Timeline) error {
	var b strings.Builder
	fmt.Fprintf(&b, "## spof: %s %s\n\n", symbol(rep.Verdict), rep.Verdict)
	if m := newMatrix(rep); m != nil {
		mdMatrix(&b, m)
	}
	b.WriteString("| topology | scenario | verdict | trials | failover, median (min–max) | latency recovery | lost | users who noticed | Q steady | failback |\n")
	b.WriteString("|---|---|---|--:|--:|--:|--:|--:|--:|--:|\n")
	for _, c := range rep.Cells {
		row := []string{
			md(c.Topology), md(c.Scenario), symbol(c.Verdict) + " " + string(c.Verdict), fmt.Sprint(len(c.Trials)), failoverText(c),
			fastAgain.median(c), lostRatio.median(c), noticedText(c), qSteady.median(c), failback.median(c),
		}
		b.WriteString("| " + strings.Join(row, " | ") + " |\n")
	}
	for _, s := range savings(rep.Cells) {
		b.WriteString("\n" + md(s) + ".\n")
	}
	for _, c := range rep.Cells {
		mdCell(&b, c)
	}
	b.WriteString("\n### Fidelity\n\n")
	mdFidelity(&b, rep.Cells)
	fmt.Fprintf(&b, "\nSeed %d, started %s, spof %s. Reproduce with:\n\n", rep.Seed, rep.Started.UTC().Format("2006-01-02 15:04:05 UTC"), md(rep.Version))
	b.WriteString("    " + oneLine(rep.Command) + "\n")
	_, err := io.WriteString(w, b.String())
	return err
}

func mdCell(b *strings.Builder, c analyze.Cell) {
	fmt.Fprintf(b, "\n### %s %s under %s\n\n", symbol(c.Verdict), md(c.Topology), md(c.Scenario))
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
		fmt.Fprintf(b, "The WAN relay %s adds %s (p50), %s (p99).\n\n", md(link), duration(r.AddedP50MS), duration(r.AddedP99MS))
	}
	b.WriteString("Single points of failure: " + mdList(c.SPOF, "none in the design") + ".\n")
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
func mdFidelity(b *strings.Builder, cells []analyze.Cell) {
	type line struct {
		runtime string
		analyze.Fidelity
	}
	seen := map[line]bool{}
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
			fmt.Fprintf(b, "| %s | %s | %s | %s |\n", md(c.Runtime), md(f.What), level, md(f.How))
		}
	}
}

// mdEscaper escapes a text for GitHub's Markdown: it contains no markup, no HTML and no border of a table cell.
var mdEscaper = strings.NewReplacer(
	`\`, `\\`, "`", "\\`", "*", `\*`, "_", `\_`, "[", `\[`, "]", `\]`, "|", `\|`, "~", `\~`, "#", `\#`, "!", `\!`,
	"&", "&amp;", "<", "&lt;", ">", "&gt;", "@", "&#64;",
)

func md(s string) string { return mdEscaper.Replace(oneLine(s)) }
