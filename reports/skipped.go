package reports

import (
	"slices"
	"strings"

	"github.com/seed-ab8b6914/spof/reports/analyze"
)

// SkippedLines lists the cells that are left out: one line for each scenario and reason, with the designs to which it applies.
func SkippedLines(skipped []analyze.Skipped) []string {
	type why struct{ scenario, reason string }
	var order []why
	designs := map[why][]string{}
	for _, s := range skipped {
		w := why{s.Scenario, s.Reason}
		if designs[w] == nil {
			order = append(order, w)
		}
		if !slices.Contains(designs[w], s.Topology) {
			designs[w] = append(designs[w], s.Topology)
		}
	}
	lines := make([]string, len(order))
	for i, w := range order {
		lines[i] = oneLine(w.scenario + ": " + w.reason + " (" + strings.Join(designs[w], ", ") + ")")
	}
	return lines
}
