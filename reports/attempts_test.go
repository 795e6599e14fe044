package reports

import (
	"bytes"
	"encoding/json"
	"slices"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/seed-ab8b6914/spof/reports/analyze"
)

var _ = Describe("trials that were run again", func() {
	rep, timelines := sampleRun(4)
	for i := range 2 { // two attempts of trial 3 on active-passive that do not count
		late := rep.Cells[1].Trials[3]
		late.Attempt, late.Verdict, late.Reasons = i, analyze.Inconclusive, []string{"requests were sent late: p99 <812> µs"}
		rep.Cells[1].Repeated = append(rep.Cells[1].Repeated, late)
	}
	rep.Cells[1].Trials[3].Attempt = 2
	at := slices.IndexFunc(timelines, func(tl analyze.Timeline) bool { return tl.Topology == "active-passive" && tl.Trial == 3 })
	for i := range 2 {
		again := timelines[at]
		again.Attempt = i + 1
		timelines = append(timelines, again)
	}

	It("are shown on the terminal, with the reason, and counted once", func() {
		var b bytes.Buffer
		Table(&b, rep, false)
		Expect(b.String()).To(ContainSubstring("\n  trial 3 was run again (inconclusive: requests were sent late: p99 <812> µs)\n"))
		Expect(b.String()).To(ContainSubstring("\n1 of 12 trials was run again\n"))
		Expect(b.String()).To(MatchRegexp(`active-passive +node-death +PASS +4 `), "an attempt is no trial more")
	})
	It("are shown in report.md and junit.xml", func() {
		Expect(render(writeMarkdown, rep, timelines)).To(ContainSubstring("- trial 3 was run again (inconclusive: requests were sent late: p99 &lt;812&gt; µs)"))
		Expect(render(writeJUnit, rep, timelines)).To(ContainSubstring("trial 3 was run again (inconclusive: requests were sent late: p99 &lt;812&gt; µs)"))
	})
	It("are shown in report.html, with a chart of each attempt under its own verdict", func() {
		text := render(writeHTML, rep, timelines)
		Expect(text).To(ContainSubstring("<li>trial 3 was run again (inconclusive: requests were sent late: p99 &lt;812&gt; µs)</li>"))
		Expect(text).To(MatchRegexp(`<summary>Trial 3 · <span class="verdict inconclusive">`))
		Expect(text).To(MatchRegexp(`<summary>Trial 3, run again · <span class="verdict inconclusive">`))
		Expect(text).To(MatchRegexp(`<summary>Trial 3, run again · <span class="verdict pass">`))
	})
	It("are in report.json beside the trials that count", func() {
		var back analyze.Report
		Expect(json.Unmarshal([]byte(render(writeJSON, rep, timelines)), &back)).To(Succeed())
		Expect(back.Cells[1].Trials).To(HaveLen(4))
		Expect(back.Cells[1].Repeated).To(HaveLen(2))
		Expect(render(writeJSON, rep, timelines)).NotTo(ContainSubstring(`"repeated": null`))
	})
})
