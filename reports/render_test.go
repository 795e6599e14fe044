package reports

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"unicode/utf8"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/seed-ab8b6914/spof/reports/analyze"
)

// golden compares a text with a file; SPOF_UPDATE_GOLDEN=1 writes the file instead.
func golden(name, got string) {
	GinkgoHelper()
	path := filepath.Join("testdata", name)
	if os.Getenv("SPOF_UPDATE_GOLDEN") != "" {
		Expect(os.WriteFile(path, []byte(got), 0o666)).To(Succeed())
	}
	want, err := os.ReadFile(path)
	Expect(err).NotTo(HaveOccurred())
	Expect(got).To(Equal(string(want)))
}

func render(f renderer, rep *analyze.Report, timelines []analyze.Timeline) string {
	GinkgoHelper()
	var b bytes.Buffer
	Expect(f(&b, rep, timelines)).To(Succeed())
	return b.String()
}

var _ = Describe("the texts", func() {
	rep, timelines := sampleRun(10)

	It("writes the table of the terminal", func() {
		var b bytes.Buffer
		Table(&b, rep, false)
		Place(&b, "out/demo")
		golden("table.txt", b.String())
	})
	It("keeps the table within 120 columns", func() {
		var b bytes.Buffer
		Table(&b, rep, false)
		for line := range strings.Lines(b.String()) {
			Expect(utf8.RuneCountInString(line)).To(BeNumerically("<=", 120), line)
		}
	})
	It("colours only on request, and changes nothing else", func() {
		var plain, coloured bytes.Buffer
		Table(&plain, rep, false)
		Table(&coloured, rep, true)
		Expect(plain.String()).NotTo(ContainSubstring("\x1b"))
		Expect(coloured.String()).To(ContainSubstring("\x1b[1;31mFAIL"))
		Expect(regexp.MustCompile("\x1b\\[[0-9;]*m").ReplaceAllString(coloured.String(), "")).To(Equal(plain.String()))
	})
	It("writes report.md", func() { golden("report.md", render(writeMarkdown, rep, timelines)) })
	It("writes report.sarif", func() { golden("report.sarif", render(writeSARIF, rep, timelines)) })
	It("writes junit.xml", func() { golden("junit.xml", render(writeJUnit, rep, timelines)) })
	It("writes every form of an empty report", func() {
		for _, f := range forms {
			Expect(render(f.render, &analyze.Report{Verdict: analyze.Inconclusive}, nil)).NotTo(BeEmpty())
		}
	})
})

var _ = Describe("the closing table", func() {
	It("shows the number of users even if the first trial was aborted", func() {
		rep, _ := sampleRun(2)
		rep.Cells[0].Trials[0].Users = 0
		Expect(noticedText(rep.Cells[0])).To(HaveSuffix(" of 50"))
	})
})

var _ = Describe("report.json", func() {
	It("round-trips, with null for a failover that never came and empty lists instead of null", func() {
		rep, timelines := sampleRun(2)
		rep.Cells[0].Trials[0].FailoverMS, rep.Cells[0].Trials[0].EndedBy = nil, analyze.EndedByNobody
		text := render(writeJSON, rep, timelines)
		var back analyze.Report
		Expect(json.Unmarshal([]byte(text), &back)).To(Succeed())
		Expect(back.Cells[1].Trials[0].FailoverMS).To(Equal(rep.Cells[1].Trials[0].FailoverMS))
		Expect(text).To(ContainSubstring(`"failover_ms": null`))
		Expect(text).To(ContainSubstring(`"single_points_of_failure": []`))
		Expect(text).NotTo(MatchRegexp(`"(cells|reasons|trials|fidelity|summary|outcomes|single_points_of_failure)": null`))
		Expect(rep.Cells[2].SPOF).To(BeNil(), "the report itself must stay as it is")
	})
})

var _ = Describe("junit.xml", func() {
	It("counts a failed cell as a failure and an inconclusive one as an error", func() {
		rep, timelines := sampleRun(1)
		var got junitSuites
		Expect(xml.Unmarshal([]byte(render(writeJUnit, rep, timelines)), &got)).To(Succeed())
		Expect([]int{got.Tests, got.Failures, got.Errors}).To(Equal([]int{3, 1, 1}))
		Expect(got.Suites[0].Cases[0].Failure).NotTo(BeNil())
		Expect(got.Suites[1].Cases[0].Failure).To(BeNil())
		Expect(got.Suites[1].Cases[0].Error).To(BeNil())
		Expect(got.Suites[2].Cases[0].Error.Message).To(HavePrefix("trial 7"))
	})
	It("gathers the scenarios of a topology in one suite", func() {
		rep, _ := sampleRun(1)
		second := rep.Cells[0]
		second.Scenario = "wan-loss"
		rep.Cells = append(rep.Cells, second)
		var got junitSuites
		Expect(xml.Unmarshal([]byte(render(writeJUnit, rep, nil)), &got)).To(Succeed())
		Expect(got.Suites).To(HaveLen(3))
		Expect(got.Suites[0].Cases).To(HaveLen(2))
		Expect(got.Suites[0].Failures).To(Equal(2))
	})
})

var _ = Describe("hostile names", func() {
	rep, timelines := hostile()

	It("stay text in Markdown", func() {
		text := render(writeMarkdown, rep, timelines)
		body, _, _ := strings.Cut(text, "Reproduce with:") // after it comes a code block, where nothing is markup
		Expect(regexp.MustCompile("</?(details|summary)>").ReplaceAllString(body, "")).NotTo(ContainSubstring("<"))
		Expect(strings.Count(body, "<details>")).To(Equal(len(rep.Cells)+1), "one for each cell and one for the fidelity")
		Expect(body).NotTo(ContainSubstring("\x1b"))
		Expect(regexp.MustCompile("(^|[^\\\\])`").FindString(body)).To(BeEmpty())
		for line := range strings.Lines(body) {
			if strings.HasPrefix(line, "| single") {
				Expect(regexp.MustCompile(`(^|[^\\])\|`).FindAllString(line, -1)).To(HaveLen(11))
			}
		}
	})
	It("stay data in report.sarif", func() {
		var got sarifLog
		Expect(json.Unmarshal([]byte(render(writeSARIF, rep, timelines)), &got)).To(Succeed())
		Expect(got.Runs[0].Results[0].Locations[0].Logical[0].Name).To(ContainSubstring("<img src=x"))
	})
	It("stay text in junit.xml", func() {
		var got junitSuites
		Expect(xml.Unmarshal([]byte(render(writeJUnit, rep, timelines)), &got)).To(Succeed())
		Expect(got.Suites[0].Name).To(ContainSubstring("<img src=x"))
	})
	It("can't steer the terminal", func() {
		var b bytes.Buffer
		Table(&b, rep, false)
		Place(&b, "out\x1b[2J")
		Expect(b.String()).NotTo(ContainSubstring("\x1b"))
	})
})

var _ = Describe("Write", func() {
	rep, timelines := sampleRun(1)

	It("makes the files, and nothing else", func() {
		dir := GinkgoT().TempDir()
		Expect(Write(rootOf(dir), rep, timelines)).To(Succeed())
		Expect(names(dir)).To(ConsistOf("report.json", "report.md", "junit.xml", "report.sarif", "report.html"))
		Expect(Files()).To(ConsistOf(names(dir)))
	})
	It("follows no symbolic link at the name of a report or of its temporary file", func() {
		dir, foreign := GinkgoT().TempDir(), filepath.Join(GinkgoT().TempDir(), "foreign")
		Expect(os.WriteFile(foreign, []byte("mine"), 0o666)).To(Succeed())
		for _, name := range Files() {
			Expect(os.Symlink(foreign, filepath.Join(dir, name))).To(Succeed())
			Expect(os.Symlink(foreign, filepath.Join(dir, fmt.Sprintf(".%s.%d.tmp", name, os.Getpid())))).To(Succeed())
		}
		Expect(Write(rootOf(dir), rep, timelines)).To(Succeed())
		Expect(os.ReadFile(foreign)).To(BeEquivalentTo("mine"))
		for _, name := range Files() {
			Expect(os.Lstat(filepath.Join(dir, name))).To(HaveField("Mode()", Satisfy(os.FileMode.IsRegular)))
		}
	})
	It("names the directory that can't be written", func() {
		dir := filepath.Join(GinkgoT().TempDir(), "gone")
		Expect(os.Mkdir(dir, 0o777)).To(Succeed())
		root := rootOf(dir)
		Expect(os.Remove(dir)).To(Succeed())
		err := Write(root, rep, timelines)
		Expect(err).To(MatchError(ContainSubstring(filepath.Join(dir, "report.json"))))
		var path *os.PathError
		Expect(errors.As(err, &path)).To(BeTrue())
	})
	It("removes temporary files if a file can't be renamed", func() {
		dir := GinkgoT().TempDir()
		Expect(os.Mkdir(filepath.Join(dir, "report.json"), 0o777)).To(Succeed())
		Expect(Write(rootOf(dir), rep, timelines)).To(MatchError(ContainSubstring("put report.json in place")))
		Expect(names(dir)).To(ConsistOf("report.json"))
	})
	It("keeps an earlier report whole when a file can't be written", func() {
		dir := GinkgoT().TempDir()
		Expect(Write(rootOf(dir), rep, timelines)).To(Succeed())
		before, err := os.ReadFile(filepath.Join(dir, "report.json"))
		Expect(err).NotTo(HaveOccurred())
		broken := *rep
		broken.Cells = append([]analyze.Cell{}, rep.Cells...)
		broken.Cells[0].LabUpMS = nan() // JSON has no such number
		Expect(Write(rootOf(dir), &broken, timelines)).To(MatchError(ContainSubstring("render report.json")))
		Expect(os.ReadFile(filepath.Join(dir, "report.json"))).To(Equal(before))
		Expect(names(dir)).To(HaveLen(len(forms)))
	})
})

// rootOf opens a directory for a report.
func rootOf(dir string) *os.Root {
	GinkgoHelper()
	root, err := os.OpenRoot(dir)
	Expect(err).NotTo(HaveOccurred())
	DeferCleanup(root.Close)
	return root
}

func names(dir string) (ns []string) {
	GinkgoHelper()
	entries, err := os.ReadDir(dir)
	Expect(err).NotTo(HaveOccurred())
	for _, e := range entries {
		ns = append(ns, e.Name())
	}
	return ns
}
