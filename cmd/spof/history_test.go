package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/seed-ab8b6914/spof/reports"
	"github.com/seed-ab8b6914/spof/reports/analyze"
)

// writeRuns writes n reports of a pair below dir, a day apart. From the run at on, the advert takes 2 s in place of 1 s.
func writeRuns(dir string, n, at int) {
	GinkgoHelper()
	for i := range n {
		c := analyze.Cell{Topology: "pair", Scenario: "node-death", Runtime: "docker", Verdict: analyze.Pass, LoadHash: "l", DesignHash: "1s",
			Machine: analyze.Machine{CPUs: 2, Processor: "Example 3000", Kernel: "6.1.0"}}
		advert, from := "1s", 2600.0
		if i >= at {
			advert, from, c.DesignHash = "2s", 4600, "2s"
		}
		for k := range 10 {
			v := from + 100*float64(k) + 13*float64((i*7+k*3)%8)
			c.Trials = append(c.Trials, analyze.Trial{Trial: k, Target: "proxy-a", FailoverMS: &v, QSteady: 1, ResilienceLossS: v / 1100, Verdict: analyze.Pass})
		}
		c.Summary = analyze.Summaries(c.Trials)
		rep := analyze.NewReport(c)
		rep.Seed, rep.Version, rep.Started = uint64(i), "v1", time.Date(2026, 11, 1+i, 2, 0, 0, 0, time.UTC)
		rep.Designs = []analyze.Design{{Name: "pair", Settings: []analyze.Setting{{Key: "addresses.proxy.vrrp.advert", Value: advert, Where: "pair.yaml:9:7"}}}}
		put(filepath.Join(dir, fmt.Sprintf("run-%02d", i), reports.FileJSON), &rep)
	}
}

func put(path string, rep *analyze.Report) {
	GinkgoHelper()
	var b bytes.Buffer
	Expect(reports.JSON(&b, rep)).To(Succeed())
	Expect(os.MkdirAll(filepath.Dir(path), 0o755)).To(Succeed())
	Expect(os.WriteFile(path, b.Bytes(), 0o644)).To(Succeed())
}

var _ = Describe("spof history", func() {
	var dir string
	BeforeEach(func() { dir = GinkgoT().TempDir() })

	It("prints the change, its runs, its cause and what it can find", func() {
		writeRuns(dir, 14, 9)
		out, errs, code := said("history", dir)
		Expect(code).To(Equal(exitPass), errs)
		Expect(out).To(MatchRegexp(`^14 runs, 2026-11-01 02:00 UTC to 2026-11-14 02:00 UTC\na change needs at least \d+ runs of a series: 2 tests, false alarm at most 5.00 % over all\n`))
		Expect(out).To(MatchRegexp(`(?m)^REGRESSION  pair under node-death  failover +\S+/run-08  \S+/run-09  3\.\d+ s -> 5\.\d+ s +0\.\d+$`))
		Expect(out).To(ContainSubstring("between them: addresses.proxy.vrrp.advert 1s -> 2s at pair.yaml:9:7 [design-changed]"))
		Expect(out).To(ContainSubstring("2 change points in 14 runs: 2 to the worse, 0 to the better\n"))
		Expect(errs).To(BeEmpty())
	})

	It("fails for a recent change only, if it is asked to", func() {
		writeRuns(dir, 14, 9)
		_, _, code := said("history", dir, "--fail-within", "5")
		Expect(code).To(Equal(exitFail))
		_, _, code = said("history", dir, "--fail-within", "4")
		Expect(code).To(Equal(exitPass))
	})

	It("says that there are too few runs", func() {
		writeRuns(dir, 5, 3)
		out, _, code := said("history", dir)
		Expect(code).To(Equal(exitPass))
		Expect(out).To(MatchRegexp(`too few runs, take at least \d+: .*failover.* \[too-few-runs\]`))
		Expect(out).To(HaveSuffix("too few runs to find a change: no series has 8\n"))
		_, _, code = said("history", dir, "--fail-within", "5")
		Expect(code).To(Equal(exitInconclusive))
	})

	It("writes JSON, and a page beside it", func() {
		writeRuns(dir, 12, 6)
		page := filepath.Join(dir, "page", "history.html")
		out, errs, code := said("history", dir, "--format", "json", "-o", page, "--measures", "failover")
		Expect(code).To(Equal(exitPass), errs)
		var h struct {
			Schema string `json:"schema"`
			Series []struct {
				Measures []struct {
					Changes []struct {
						Before int `json:"before"`
					} `json:"change_points"`
				} `json:"measures"`
			} `json:"series"`
		}
		Expect(json.Unmarshal([]byte(out), &h)).To(Succeed())
		Expect(h.Schema).To(Equal("spof/history/v1"))
		Expect(h.Series[0].Measures[0].Changes[0].Before).To(Equal(5))
		Expect(os.ReadFile(page)).To(ContainSubstring("1 change point in 12 runs"))
	})

	It("takes reports by name, of any directory name, and through a link", func() {
		writeRuns(filepath.Join(dir, "out[1]"), 3, 3)
		Expect(os.Symlink(filepath.Join(dir, "out[1]"), filepath.Join(dir, "link"))).To(Succeed())
		out, errs, code := said("history", filepath.Join(dir, "link"), filepath.Join(dir, "out[1]", "run-00", reports.FileJSON))
		Expect(code).To(Equal(exitPass), errs)
		Expect(out).To(HavePrefix("3 runs"))
		Expect(out).To(ContainSubstring("[repeated-run]"))
	})

	DescribeTable("refuses bad input with a code, its place, and every mistake at once", func(text string, codes ...string) {
		writeRuns(dir, 2, 2)
		bad := filepath.Join(dir, "bad", reports.FileJSON)
		for _, name := range []string{"bad", "worse"} {
			path := filepath.Join(dir, name, reports.FileJSON)
			Expect(os.MkdirAll(filepath.Dir(path), 0o755)).To(Succeed())
			Expect(os.WriteFile(path, []byte(text), 0o644)).To(Succeed())
		}
		_, errs, code := said("history", dir)
		Expect(code).To(Equal(exitInvalid))
		for _, c := range codes {
			Expect(errs).To(MatchRegexp(`(?s)%s.*\[%s\].*%s.*\[%s\]`, filepath.Dir(bad), c, filepath.Join(dir, "worse"), c))
		}
	},
		Entry("truncated", `{"schema": "spof/report/v1", "cells": [`, "truncated-report"),
		Entry("another schema", `{"schema": "spof/report/v9"}`, "unknown-schema"),
		Entry("empty", "", "empty-report"),
		Entry("a text", "a report", "bad-report"),
		Entry("no cells", `{"schema": "spof/report/v1"}`, "bad-report"),
		Entry("no start", `{"schema": "spof/report/v1", "cells": [{"topology": "a", "scenario": "b", "verdict": "pass"}]}`, "no-start"),
	)

	DescribeTable("refuses what cannot be done", func(code string, args ...string) {
		writeRuns(dir, 1, 1)
		Expect(os.Mkdir(filepath.Join(dir, "none"), 0o755)).To(Succeed())
		for i := range args {
			args[i] = os.Expand(args[i], func(string) string { return dir })
		}
		_, errs, got := said(append([]string{"history"}, args...)...)
		Expect(got).To(Equal(exitInvalid))
		Expect(errs).To(MatchRegexp(`\[%s\]\n$`, code))
	},
		Entry("nothing named", "usage"),
		Entry("no such directory", "no-report", "${DIR}/nowhere"),
		Entry("a directory without reports", "no-report", "${DIR}/none"),
		Entry("an unknown format", "flag-value", "${DIR}", "--format", "yaml"),
		Entry("no level", "flag-value", "${DIR}", "--alpha", "0"),
		Entry("no run", "flag-value", "${DIR}", "--last", "0"),
		Entry("a negative age", "flag-value", "${DIR}", "--fail-within", "-1"),
		Entry("a page in place of a report", "flag-value", "${DIR}", "-o", "${DIR}/report.json"),
		Entry("an unknown measure", "unknown-measure", "${DIR}", "--measures", "speed"),
		Entry("an unknown difference", "unknown-code", "${DIR}", "--accept", "anything"),
		Entry("an effect without a number", "flag-value", "${DIR}", "--min-effect", "failover=fast"),
	)
})
