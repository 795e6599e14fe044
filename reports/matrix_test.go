package reports

import (
	"bytes"
	"fmt"
	"strings"
	"unicode/utf8"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/seed-ab8b6914/spof/reports/analyze"
)

// grid is a report of so many designs under so many scenarios; every seventh cell is left out.
func grid(designs, scenarios int) *analyze.Report {
	rep := &analyze.Report{Schema: analyze.ReportSchema, Verdict: analyze.Fail}
	verdicts := []analyze.Verdict{analyze.Pass, analyze.Fail, analyze.Inconclusive}
	for s := range scenarios {
		for d := range designs {
			topology, scenario := fmt.Sprintf("active-design-%d", d+1), fmt.Sprintf("some-failure-%d", s+1)
			if (s*designs+d)%7 == 6 {
				rep.Skipped = append(rep.Skipped, analyze.Skipped{Topology: topology, Scenario: scenario, Reason: "nothing stands by"})
				continue
			}
			ms := 100 + 37*float64(s+d)
			trial := analyze.Trial{Target: "proxy-a", FailoverMS: &ms, QSteady: 0.75, Bypassed: 3 * (d % 2), Verdict: verdicts[(s+d)%3]}
			if trial.Verdict == analyze.Fail {
				trial.FailoverMS, trial.EndedBy = nil, analyze.EndedByNobody
			}
			rep.Cells = append(rep.Cells, summed(analyze.Cell{Topology: topology, Scenario: scenario, Verdict: trial.Verdict, Sentence: "so it was", Trials: []analyze.Trial{trial}}))
		}
	}
	return rep
}

var _ = Describe("The matrix of designs and scenarios", func() {
	It("is left out if the table is enough", func() {
		Expect(newMatrix(grid(2, 2))).To(BeNil())
		Expect(newMatrix(grid(3, 3))).NotTo(BeNil())
	})
	It("has a line for a scenario and a column for a design", func() {
		Expect(strings.Join(newMatrix(grid(3, 3)).lines(120), "\n")).To(Equal(strings.Join([]string{
			"                active-design-1  active-design-2  active-design-3",
			"some-failure-1  ✓ 100 ms         ✗ never          ? 174 ms",
			"some-failure-2  ✗ never          ? 174 ms         ✓ 211 ms",
			"some-failure-3  ·                ✓ 211 ms         ✗ never",
		}, "\n")))
	})
	It("fits 15 designs and 30 scenarios on the terminal, in blocks, and drops none", func() {
		lines := newMatrix(grid(15, 30)).lines(120)
		for _, l := range lines {
			Expect(utf8.RuneCountInString(l)).To(BeNumerically("<=", 120))
		}
		all := strings.Join(lines, "\n")
		for d := range 15 {
			Expect(all).To(MatchRegexp(`active-design-%d\b`, d+1))
		}
	})
	It("is in every form, with the reasons of skipped cells", func() {
		rep := grid(3, 3)
		for _, f := range forms {
			var b bytes.Buffer
			Expect(f.render(&b, rep, nil)).To(Succeed())
			Expect(b.String()).To(ContainSubstring("nothing stands by"), f.name)
		}
		var text, page bytes.Buffer
		Table(&text, rep, false)
		Expect(text.String()).To(And(ContainSubstring("1 cell left out (·):"), ContainSubstring("some-failure-3: nothing stands by (active-design-1)")))
		Expect(writeHTML(&page, rep, nil)).To(Succeed())
		Expect(page.String()).To(ContainSubstring(`<em>3 bypassed</em>`))
		Expect(page.String()).To(ContainSubstring(`<a href="#cell-8" title="active-design-3 under some-failure-3: so it was">`))
	})
})
