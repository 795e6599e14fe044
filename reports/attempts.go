package reports

import (
	"fmt"

	"github.com/seed-ab8b6914/spof/reports/analyze"
)

// attempts lists the trials of a cell that were run again, and why: one line for each attempt that does not count.
func attempts(c analyze.Cell) []string {
	var lines []string
	for _, t := range c.Repeated {
		why := string(t.Verdict)
		if len(t.Reasons) > 0 {
			why += ": " + coded(t.Reasons[0], t.Codes, 0)
		}
		lines = append(lines, fmt.Sprintf("trial %d was run again (%s)", t.Trial, why))
	}
	return lines
}

// runAgain gives the number of trials that were run again; empty: none.
func runAgain(cells []analyze.Cell) string {
	trials, again := 0, 0
	for _, c := range cells {
		trials += len(c.Trials)
		seen := map[int]bool{}
		for _, t := range c.Repeated {
			seen[t.Trial] = true
		}
		again += len(seen)
	}
	if again == 0 {
		return ""
	}
	was := "were"
	if again == 1 {
		was = "was"
	}
	return fmt.Sprintf("%d of %s %s run again", again, plural(trials, "trial"), was)
}
