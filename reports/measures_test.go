package reports

import (
	"regexp"
	"strings"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/seed-ab8b6914/spof/reports/analyze"
	"github.com/seed-ab8b6914/spof/scenarios"
)

// boundedCell is a cell that bounds one measure and has seen a value of it in two trials out of three.
func boundedCell(name string) analyze.Cell {
	info := scenarios.Measures[name]
	key := info.Key(name)
	return analyze.Cell{
		Topology: "pair", Scenario: "some", Trials: make([]analyze.Trial, 3),
		Summary: map[string]analyze.Summary{key: {N: 3, Min: 0.123, Median: 0.456, Max: 0.789}},
		Bounds:  []analyze.Bound{{Measure: name, Unit: info.Unit, Text: "<= 7", Key: key, Met: 2, Missed: 1}},
	}
}

var _ = Describe("a measure that is bounded", func() {
	written := map[string]string{ // by unit
		"ms": "456 µs (123–789 µs)", "s": "456 ms (123–789 ms)", "B/s": "0.456 B/s (0.123–0.789 B/s)", "ratio": "45.6 % (12.3–78.9 %)",
		"count": "0.456 (0.123–0.789)", "number": "0.456 (0.123–0.789)", "factor": "0.456× (0.123–0.789×)",
	}
	for name, info := range scenarios.Measures {
		It("is shown in every form, in its unit: "+name, func() {
			rep := &analyze.Report{Cells: []analyze.Cell{boundedCell(name)}}
			var text strings.Builder
			Table(&text, rep, false)
			seen := strings.Join(strings.Fields(text.String()), " ")
			Expect(seen).To(ContainSubstring("expected: " + name + " <= 7 ✗ " + written[info.Unit] + " [met in 2 of 3]"))
			Expect(render(writeMarkdown, rep, nil)).To(ContainSubstring(md(name + " <= 7 ✗ " + written[info.Unit])))
			Expect(render(writeJUnit, rep, nil)).To(ContainSubstring(name + " &lt;= 7 ✗ " + written[info.Unit]))
			page := render(writeHTML, rep, nil)
			Expect(page).To(MatchRegexp(`(?s)<th>` + name + `</th><td class="nowrap">&lt;= 7</td>.*` + regexp.QuoteMeta(written[info.Unit]) + `.*<td class="n">2 of 3</td>`))
			Expect(render(writeJSON, rep, nil)).To(And(ContainSubstring(`"measure": "`+name+`"`), ContainSubstring(`"summary": "`+info.Key(name)+`"`)))
		})
	}

	It("is met, missed, or unknown", func() {
		mark := func(met, missed, unknown int) analyze.Verdict {
			return bound{Bound: analyze.Bound{Met: met, Missed: missed, Unknown: unknown}}.Mark()
		}
		Expect([]analyze.Verdict{mark(3, 0, 0), mark(2, 0, 1), mark(1, 1, 1)}).To(Equal([]analyze.Verdict{analyze.Pass, analyze.Inconclusive, analyze.Fail}))
	})
})

var _ = Describe("what tables show", func() {
	It("is a figure that the analysis sums up", func() {
		for _, m := range []measure{failover, failback, lostRatio, bypassed, noticed, qMin, qSteady, loss} {
			Expect(analyze.UnitOf(string(m))).NotTo(BeEmpty(), string(m))
		}
		for _, s := range specials {
			Expect(analyze.UnitOf(string(s.measure))).NotTo(BeEmpty(), s.Head)
		}
	})
	It("leaves out trials that show nothing", func() {
		c := analyze.Cell{Trials: []analyze.Trial{{LostRatio: 0.5}, {LostRatio: 0.5}}, Summary: map[string]analyze.Summary{}}
		Expect(lostRatio.text(c)).To(Equal(none))
	})
})
