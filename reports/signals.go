package reports

import (
	"fmt"
	"strings"

	"github.com/seed-ab8b6914/spof/reports/analyze"
)

// savings says of every design that was run under the same scenario with its chassis' signals ignored and heeded what the
// signals saved, one sentence each. The outage is the resilience loss, in seconds of full outage, median over the trials
// that show something; a pair without any says nothing.
func savings(cells []analyze.Cell) []string {
	var said []string
	for _, heeded := range cells {
		if heeded.Signals == "" {
			continue
		}
		for _, ignored := range cells {
			if ignored.Signals != "" || ignored.Scenario != heeded.Scenario || ignored.Runtime != heeded.Runtime || basic(ignored) != basic(heeded) {
				continue
			}
			before, ok := loss.over(ignored)
			after, too := loss.over(heeded)
			if !ok || !too {
				continue
			}
			said = append(said, fmt.Sprintf("%s under %s: signals %s instead of ignore %s (median: %s of full outage instead of %s)",
				basic(heeded), heeded.Scenario, heeded.Signals, saved(before.Median-after.Median), duration(1000*after.Median), duration(1000*before.Median)))
			break
		}
	}
	return said
}

func saved(seconds float64) string {
	switch {
	case seconds > 0:
		return "saved " + duration(1000*seconds) + " of outage"
	case seconds < 0:
		return "cost " + duration(-1000*seconds) + " of outage"
	}
	return "saved nothing"
}

// basic is the name without the policy of its signals.
func basic(c analyze.Cell) string {
	name, _, _ := strings.Cut(c.Topology, "@")
	return name
}
