package reports

import (
	"fmt"
	"strings"

	"github.com/seed-ab8b6914/spof/reports/analyze"
)

// savings compares each design that ran under the same scenario with and without a reaction to chassis signals. It returns one sentence for
// each pair: the outage that the signals saved. The outage is the resilience loss, in seconds of full outage, median over the trials that are
// not void. A pair without such trials has no sentence.
func savings(cells []analyze.Cell) []string {
	var sentences []string
	for _, reacting := range cells {
		if reacting.Signals == "" {
			continue
		}
		for _, ignored := range cells {
			if ignored.Signals != "" || ignored.Scenario != reacting.Scenario || ignored.Runtime != reacting.Runtime || designName(ignored) != designName(reacting) {
				continue
			}
			before, ok := loss.over(ignored)
			after, alsoOK := loss.over(reacting)
			if !ok || !alsoOK {
				continue
			}
			sentences = append(sentences, fmt.Sprintf("%s under %s: signals %s instead of ignore %s (median: %s of full outage instead of %s)",
				designName(reacting), reacting.Scenario, reacting.Signals, saved(before.Median-after.Median), duration(1000*after.Median), duration(1000*before.Median)))
			break
		}
	}
	return sentences
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

// designName is the name of a cell's topology without its reaction to signals: active-passive for active-passive@drain.
func designName(c analyze.Cell) string {
	name, _, _ := strings.Cut(c.Topology, "@")
	return name
}
