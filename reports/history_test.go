package reports

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/seed-ab8b6914/spof/reports/analyze"
	"github.com/seed-ab8b6914/spof/reports/compare"
	"github.com/seed-ab8b6914/spof/reports/history"
)

// historyOf makes a history of n invented runs. From the run at on, failovers take ms longer and the design is another.
func historyOf(n, at int, ms float64, edit func(i int, rep *analyze.Report)) *history.History {
	GinkgoHelper()
	var runs []history.Run
	for i := range n {
		rep, _ := sampleRun(10)
		rep.Started, rep.Seed = time.Date(2026, 3, 1+i, 2, 0, 0, 0, time.UTC), uint64(i)
		for k := range rep.Cells {
			c := &rep.Cells[k]
			c.Machine.CPUs = 2
			for j := range c.Trials {
				if f := c.Trials[j].FailoverMS; f != nil {
					later := *f + float64(i*7%5)
					if i >= at {
						later += ms
					}
					c.Trials[j].FailoverMS = &later
				}
			}
			if i >= at {
				c.DesignHash = "other"
			}
			c.Summary = analyze.Summaries(c.Trials)
		}
		if edit != nil {
			edit(i, rep)
		}
		run, err := history.Read(fmt.Sprintf("out/run-%02d", i), rep)
		Expect(err).NotTo(HaveOccurred())
		runs = append(runs, run)
	}
	return history.Of(runs, history.Options{Alpha: .05, Effects: compare.DefaultEffects(), Last: 100})
}

func writtenHistory(write func(io.Writer, *history.History) error, h *history.History) string {
	GinkgoHelper()
	var b bytes.Buffer
	Expect(write(&b, h)).To(Succeed())
	return b.String()
}

var _ = Describe("a written history", func() {
	It("says what was found, where, and how many runs it takes", func() {
		text := writtenHistory(HistoryText, historyOf(14, 8, 2000, nil))
		Expect(text).To(MatchRegexp(`(?m)^a change needs at least \d+ runs of a series: \d+ tests?, false alarm at most 5.00 % over all$`))
		Expect(text).To(MatchRegexp(`(?m)^REGRESSION  active-passive under node-death  failover +out/run-07 +out/run-08 +3\.\d+ s -> 5\.\d+ s +\S+$`))
		Expect(text).To(ContainSubstring("between them: the design changed [design-changed]"))
		Expect(text).To(ContainSubstring("active-passive under node-death: 14 runs, docker"))
	})

	It("is JSON without null lists", func() {
		text := writtenHistory(HistoryJSON, historyOf(9, 9, 0, nil))
		var back map[string]any
		Expect(json.Unmarshal([]byte(text), &back)).To(Succeed())
		Expect(back).To(HaveKeyWithValue("schema", "spof/history/v1"))
		for _, key := range []string{"notes", "runs", "series", "marks", "measures", "points", "change_points", "settings"} {
			Expect(text).NotTo(ContainSubstring(fmt.Sprintf("%q: null", key)))
		}
	})

	It("has a page that is well-formed, loads nothing and runs nothing, with a chart of each measure", func() {
		h := historyOf(14, 8, 2000, nil)
		page := writtenHistory(HistoryHTML, h)
		harmless(page)
		measures := 0
		for _, s := range h.Series {
			measures += len(s.Measures)
		}
		Expect(strings.Count(page, `role="img"`)).To(Equal(measures))
		Expect(page).To(ContainSubstring(`class="change worse"`))
		Expect(page).To(ContainSubstring(`class="markline"`))
	})

	It("draws runs without failover above the others", func() {
		h := historyOf(12, 12, 0, func(i int, rep *analyze.Report) {
			for j := range rep.Cells[1].Trials {
				if i >= 6 {
					rep.Cells[1].Trials[j].FailoverMS = nil
				}
			}
		})
		page := writtenHistory(HistoryHTML, h)
		Expect(page).To(ContainSubstring("never</text>"))
		Expect(page).To(MatchRegexp(`3\.\d+ s -(>|&gt;) never`))
	})

	It("escapes what reports name", func() {
		h := historyOf(12, 6, 2000, func(_ int, rep *analyze.Report) {
			bad, _ := hostile()
			rep.Version, rep.Command = bad.Version, bad.Command
			for k := range rep.Cells {
				rep.Cells[k].Topology += bad.Version
				rep.Cells[k].Scenario, rep.Cells[k].Runtime = bad.Version, bad.Version
			}
		})
		h.Runs[0].Name = h.Runs[0].Version
		harmless(writtenHistory(HistoryHTML, h))
		Expect(writtenHistory(HistoryText, h)).NotTo(ContainSubstring("\x1b"))
	})
})
