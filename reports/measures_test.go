package reports

import (
	"math"
	"regexp"
	"slices"
	"strings"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/seed-ab8b6914/spof/reports/analyze"
)

// named is a measure that can be bounded.
func named(name string) *analyze.Measure {
	all := analyze.Bounded()
	return all[slices.IndexFunc(all, func(m *analyze.Measure) bool { return m.Name == name })]
}

// boundedCell is a cell that bounds one measure and has seen a value of it in two trials out of three.
func boundedCell(name string) analyze.Cell {
	info := named(name)
	key := info.Key()
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
	for _, info := range analyze.Bounded() {
		name := info.Name
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
			Expect(render(writeJSON, rep, nil)).To(And(ContainSubstring(`"measure": "`+name+`"`), ContainSubstring(`"summary": "`+info.Key()+`"`)))
		})
	}

	It("is met, missed, or unknown", func() {
		mark := func(met, missed, unknown int) analyze.Verdict {
			return bound{Bound: analyze.Bound{Met: met, Missed: missed, Unknown: unknown}}.Verdict()
		}
		Expect([]analyze.Verdict{mark(3, 0, 0), mark(2, 0, 1), mark(1, 1, 1)}).To(Equal([]analyze.Verdict{analyze.Pass, analyze.Inconclusive, analyze.Fail}))
	})
})

var _ = Describe("a row of a table", func() {
	It("is a measure that the analysis has", func() {
		for _, m := range []measure{failover, fastAgain, failback, lostRatio, noticed, qMin, qSteady, loss} {
			Expect(analyze.MeasureAt(m.Key())).To(Equal(m.Measure), m.Name)
		}
	})
	It("has no text for an unknown measure", func() { Expect(at("no_such").text(analyze.Cell{Trials: make([]analyze.Trial, 1)})).To(Equal(none)) })
	It("leaves out void trials", func() {
		c := analyze.Cell{Trials: []analyze.Trial{{LostRatio: 0.5}, {LostRatio: 0.5}}, Summary: map[string]analyze.Summary{}}
		Expect(lostRatio.text(c)).To(Equal(none))
	})
})

var _ = Describe("how an outage ended", func() {
	at := func(ms float64, ended string) analyze.Trial {
		return analyze.Trial{
			Target: "proxy-a", FailoverMS: &ms, LatencyRecoveryMS: &ms, EndedBy: ended, Verdict: analyze.Fail,
			Ranges: map[string]analyze.Range{"failover": {Lo: ms - 8, Hi: ms + 8}, "latency_recovery": {Lo: ms - 8, Hi: ms + 8}},
		}
	}
	never := analyze.Trial{Target: "proxy-a", EndedBy: analyze.EndedByNobody, Verdict: analyze.Fail}
	cell := func(trials ...analyze.Trial) analyze.Cell {
		return summed(analyze.Cell{Topology: "pair", Trials: trials})
	}

	DescribeTable("is shown for a cell", func(c analyze.Cell, short, long string) {
		Expect(headline(c)).To(Equal(short))
		Expect(failoverText(c)).To(Equal(long))
	},
		Entry("a mechanism", cell(at(3394, analyze.EndedByMechanism)), "3.394 s ± 8.0 ms", "3.394 s ± 8.0 ms"),
		Entry("the repair", cell(at(8200, analyze.EndedByRepair)), "8.200 s ± 8.0 ms by repair", "8.200 s ± 8.0 ms by repair"),
		Entry("nobody", cell(never), "never", "never"),
		Entry("different ends", cell(at(3000, analyze.EndedByMechanism), at(3400, analyze.EndedByMechanism), at(8200, analyze.EndedByRepair), never),
			"3.40 s", "3.40 s (3.00–8.20 s), 1 by repair, 1 never"),
	)

	It("is shown for a trial in the page, and in report.json", func() {
		rep := &analyze.Report{Cells: []analyze.Cell{cell(at(3394, analyze.EndedByMechanism), at(8200, analyze.EndedByRepair), never)}}
		page := render(writeHTML, rep, nil)
		Expect(page).To(And(ContainSubstring("<td>3.394 s ± 8.0 ms</td><td>a mechanism</td>"),
			ContainSubstring("<td>8.200 s ± 8.0 ms, by the repair</td><td>the repair</td>"),
			ContainSubstring("<td>never (not back when the trial ended)</td><td>nothing before the trial ended</td>")))
		Expect(render(writeJSON, rep, nil)).To(And(ContainSubstring(`"ended_by": "mechanism"`), ContainSubstring(`"ended_by": "repair"`), ContainSubstring(`"ended_by": "nobody"`)))
	})

	It("is shown on the timeline, with the latency recovery", func() {
		tl := analyze.Timeline{EndMS: 20000, BinMS: 100, Bands: []analyze.Band{{FromMS: 4000, ToMS: 12000, Label: "power-loss proxy-a"}}}
		draw := func(t analyze.Trial, fast float64) string {
			if t.FailoverMS != nil {
				back := 4000 + *t.FailoverMS
				tl.FailoverAtMS, t.LatencyRecoveryMS = &back, &fast
			} else {
				tl.FailoverAtMS = nil
			}
			return string(drawTimeline(&tl, &t, whole(&tl)))
		}
		slow := draw(at(3394, analyze.EndedByMechanism), 4600)
		Expect(slow).To(And(ContainSubstring("service back after 3.394 s ± 8.0 ms"), ContainSubstring(" by a mechanism, latency recovery after 4.6"), ContainSubstring(`class="fastline"`), ContainSubstring(`class="slow"`)))
		Expect(draw(at(8200, analyze.EndedByRepair), 8200)).To(And(ContainSubstring(" by the repair"), Not(ContainSubstring("fastline"))))
		Expect(draw(never, 0)).To(ContainSubstring("service was not back when the trial ended"))
	})
})

var _ = Describe("a figure with a wide range", func() {
	wide := func(why string) analyze.Trial {
		v := 4100.0
		return analyze.Trial{Target: "proxy-a", FailoverMS: &v, EndedBy: analyze.EndedByMechanism, Ranges: map[string]analyze.Range{"failover": {Lo: 3590, Hi: 4830, Why: why}}}
	}
	const busy = "this machine's processors were 98.0 % busy"

	It("has line breaks only before and within its range", func() {
		Expect(parts("3.59 s (2.66–4.26 s; each ± 710 ms)")).To(Equal([]string{"3.59 s", "(2.66–4.26 s;", "each ± 710 ms)"}))
		Expect(parts("50 of 50")).To(Equal([]string{"50 of 50"}))
	})

	It("is shown with the time in which the machine was the limit", func() {
		limit := func(from, to float64) *analyze.MachineLimit {
			return &analyze.MachineLimit{FromMS: from, ToMS: to, Why: "this machine's processors were 98.0 % busy"}
		}
		v := 3400.0
		c := analyze.Cell{Trials: []analyze.Trial{{FailoverMS: &v, Limit: limit(3400, 4600)}}}
		Expect(machineText(c)).To(Equal("the machine was the limit from 3.40 s to 4.60 s after the fault: this machine's processors were 98.0 % busy"))
		c.Trials = append(c.Trials, analyze.Trial{FailoverMS: &v, Trial: 1}, analyze.Trial{FailoverMS: &v, Trial: 2, Limit: limit(-1000, 6000)})
		Expect(machineText(c)).To(HavePrefix("the machine was the limit in 2 of 3 trials, longest in trial 2 from 1.00 s before the fault to 6.00 s after it: "))
		Expect(machineText(analyze.Cell{Trials: []analyze.Trial{{Limit: limit(0, 500)}}})).To(ContainSubstring("to 500 ms of the load"))
		Expect(machineText(analyze.Cell{Trials: c.Trials[1:2]})).To(BeEmpty())
	})

	It("is a range, with its cause in every form", func() {
		rep := &analyze.Report{Cells: []analyze.Cell{summed(analyze.Cell{Topology: "pair", Trials: []analyze.Trial{wide(busy)}})}}
		Expect(failoverText(rep.Cells[0])).To(Equal("3.59–4.83 s"))
		note := "ailover is a range: " + busy
		var text strings.Builder
		Table(&text, rep, false)
		Expect(text.String()).To(ContainSubstring("\n  f" + note))
		Expect(render(writeMarkdown, rep, nil)).To(ContainSubstring("F" + note))
		page := strings.ReplaceAll(render(writeHTML, rep, nil), "&#39;", "'")
		Expect(page).To(And(ContainSubstring("<li>f"+note), ContainSubstring("<td>"+busy+"</td>")))
		Expect(render(writeJSON, rep, nil)).To(ContainSubstring(busy))
	})

	It("says if it has no upper bound", func() {
		trial := func(ms float64, g analyze.Range) analyze.Trial {
			return analyze.Trial{Streams: &analyze.Streams{Open: 1, OutageMS: &analyze.MinMedMax{Max: ms}}, Ranges: map[string]analyze.Range{"stream_outage_max": g}}
		}
		m := at("stream_outage_max_ms")
		lost := trial(3000, analyze.Range{Lo: 3000, Hi: math.Inf(1), Why: "the trial ended before all streams were open again"})
		Expect(m.text(summed(analyze.Cell{Trials: []analyze.Trial{lost}}))).To(Equal("at least 3.00 s"))
		Expect(m.text(summed(analyze.Cell{Trials: []analyze.Trial{trial(2000, analyze.Range{Lo: 2000, Hi: 2000}), lost}}))).To(Equal("2.50 s (2.00 s or more)"))
	})

	It("has one note for all trials", func() {
		c := summed(analyze.Cell{Topology: "pair", Trials: []analyze.Trial{wide(busy), wide(""), wide("another reason")}})
		Expect(notes(c)).To(ConsistOf("failover is a range in 2 of 3 trials: " + busy))
	})
})

var _ = It("the promised share is shown beside the served share", func() {
	whole := 1200.0
	c := summed(analyze.Cell{Topology: "generator-backed", Trials: []analyze.Trial{{QSteady: 0.795, Promise: &analyze.Promise{Share: 0.7, Served: 0.795, WholeMS: &whole}}}})
	Expect(optionalText(c)).To(Equal("promised 70.0 %, full load served after the repair began 1.20 s"))
	var text strings.Builder
	Table(&text, &analyze.Report{Cells: []analyze.Cell{c}}, false)
	Expect(text.String()).To(ContainSubstring("79.5 %"))
	page := render(writeHTML, &analyze.Report{Cells: []analyze.Cell{c}}, nil)
	Expect(page).To(And(ContainSubstring(`<th class="n">promised</th>`), ContainSubstring(`<td class="n">70.0 %</td>`), ContainSubstring(`<td class="n">1.20 s</td>`)))
})
