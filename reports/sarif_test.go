package reports

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
	"unicode/utf8"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/seed-ab8b6914/spof/reports/analyze"
)

var _ = Describe("report.sarif", func() {
	read := func(rep *analyze.Report) sarifRun {
		GinkgoHelper()
		var log sarifLog
		Expect(json.Unmarshal([]byte(render(writeSARIF, rep, nil)), &log)).To(Succeed())
		Expect(log.Version).To(Equal("2.1.0"))
		return log.Runs[0]
	}

	It("has a result for each bound that was missed, at its line, and the design beside it", func() {
		rep, _ := sampleRun(2)
		rep.Cells[0].Sources = &analyze.Sources{
			Topology: &analyze.Place{File: "./mine/topology.yaml", Line: 3}, Scenario: &analyze.Place{File: "/srv/a b.yaml", Line: 7},
			Bounds: map[string]int{"failover": 12},
		}
		first := read(rep).Results[0]
		Expect(first.RuleID).To(Equal("bound-missed"))
		Expect(first.Level).To(Equal("error"))
		Expect(*first.Locations[0].Physical).To(Equal(sarifPhysical{sarifArtifact{"file:///srv/a%20b.yaml"}, sarifRegion{Line: 12}}))
		Expect(*first.Related[0].Physical).To(Equal(sarifPhysical{sarifArtifact{"mine/topology.yaml"}, sarifRegion{Line: 3}}))
		Expect(first.Message.Text).To(ContainSubstring("failover <= 5s"))
	})

	It("has no result for a cell that passed, and a warning for an inconclusive one", func() {
		rep, _ := sampleRun(2)
		run := read(rep)
		of := map[string]string{}
		for _, r := range run.Results {
			design, _, _ := strings.Cut(r.Locations[0].Logical[0].Name, "/")
			of[design] = r.Level
			Expect(run.Tool.Driver.Rules[r.RuleIndex].ID).To(Equal(r.RuleID))
		}
		Expect(of).To(Equal(map[string]string{"single": "error", "active-active": "warning"}))
	})

	It("gives every result another fingerprint, and the same one in the next run", func() {
		rep, _ := sampleRun(2)
		seen := map[string]bool{}
		for _, r := range read(rep).Results {
			seen[r.Fingerprints["spofCell/v1"]] = true
		}
		Expect(seen).To(HaveLen(len(read(rep).Results)))
		rep.Seed, rep.Cells[0].Sentence = 43, "another sentence"
		for _, r := range read(rep).Results {
			Expect(seen).To(HaveKey(r.Fingerprints["spofCell/v1"]))
		}
	})
})

var _ = Describe("report.md", func() {
	many := func(n int) *analyze.Report {
		rep, _ := sampleRun(1)
		failed, passed := rep.Cells[0], rep.Cells[1]
		rep.Cells = nil
		for i := range n {
			c := passed
			if i == n-1 {
				c = failed
			}
			c.Scenario = fmt.Sprintf("scenario-%d", i)
			rep.Cells = append(rep.Cells, c)
		}
		return rep
	}

	It("fits into a comment on a pull request, whatever the size of the run, and tells first what did not pass", func() {
		for _, n := range []int{3, 300, 1000} {
			text := render(writeMarkdown, many(n), nil)
			Expect(utf8.RuneCountInString(text)).To(BeNumerically("<=", MaxMarkdown))
			failed := fmt.Sprintf("scenario-%d", n-1)
			Expect(text).To(MatchRegexp(`(?m)^✗ \*\*single\*\* under \*\*` + failed + `\*\*: `))
			Expect(text).To(ContainSubstring("<summary>✗ single under " + failed + "</summary>"))
			Expect(text).To(HaveSuffix("    " + many(n).Command + "\n"))
			Expect(strings.Contains(text, "are left out here")).To(Equal(n > 3))
			Expect(strings.Count(text, "<details>")).To(Equal(strings.Count(text, "</details>")))
		}
	})

	It("keeps within its size with a command that is longer", func() {
		rep := many(1)
		rep.Command = strings.Repeat("ä", 2*MaxMarkdown)
		Expect(utf8.RuneCountInString(render(writeMarkdown, rep, nil))).To(BeNumerically("<=", MaxMarkdown))
	})
})

var _ = Describe("the schema of report.json", func() {
	compiled := func() *jsonschema.Schema {
		GinkgoHelper()
		data, err := json.Marshal(Schema())
		Expect(err).NotTo(HaveOccurred())
		doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(data))
		Expect(err).NotTo(HaveOccurred())
		c := jsonschema.NewCompiler()
		Expect(c.AddResource("report", doc)).To(Succeed())
		s, err := c.Compile("report")
		Expect(err).NotTo(HaveOccurred())
		return s
	}

	It("accepts every report that is written, also an empty one and one without values", func() {
		empty := &analyze.Report{Schema: analyze.ReportSchema, Verdict: analyze.Inconclusive}
		bare := analyze.NewReport(analyze.Cell{Verdict: analyze.Inconclusive, Trials: []analyze.Trial{{Verdict: analyze.Inconclusive}}})
		full, _ := sampleRun(3)
		full.Schema = analyze.ReportSchema
		for _, rep := range []*analyze.Report{empty, &bare, full} {
			doc, err := jsonschema.UnmarshalJSON(strings.NewReader(render(writeJSON, rep, nil)))
			Expect(err).NotTo(HaveOccurred())
			Expect(compiled().Validate(doc)).To(Succeed())
		}
	})

	DescribeTable("refuses", func(old, new string) {
		rep, _ := sampleRun(1)
		rep.Schema = analyze.ReportSchema
		text := render(writeJSON, rep, nil)
		Expect(text).To(ContainSubstring(old))
		doc, err := jsonschema.UnmarshalJSON(strings.NewReader(strings.Replace(text, old, new, 1)))
		Expect(err).NotTo(HaveOccurred())
		Expect(compiled().Validate(doc)).NotTo(Succeed())
	},
		Entry("another schema", `"spof/report/v1"`, `"spof/report/v2"`),
		Entry("an unknown verdict", `"verdict": "fail"`, `"verdict": "perhaps"`),
		Entry("an unknown key", `"seed":`, `"sede":`),
		Entry("an unknown measure", `"failover_ms": {`, `"failovr_ms": {`),
		Entry("text in place of a number", `"phase_ms": `, `"phase_ms": "1", "x": `),
	)
})
