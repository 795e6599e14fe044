package reports

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"math"
	"reflect"
	"slices"
	"strings"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/seed-ab8b6914/spof/reports/analyze"
	"github.com/seed-ab8b6914/spof/reports/compare"
)

// compared compares the invented run with itself, moved by ms and with another advert.
func compared(ms float64, edit func(base, new *analyze.Report)) *compare.Comparison {
	GinkgoHelper()
	one, _ := sampleRun(10)
	two, _ := sampleRun(10)
	for i := range two.Cells {
		for k := range two.Cells[i].Trials {
			if t := &two.Cells[i].Trials[k]; t.FailoverMS != nil {
				later := *t.FailoverMS + ms
				t.FailoverMS = &later
				delete(t.Ranges, "failover")
			}
		}
	}
	for _, rep := range []*analyze.Report{one, two} {
		for i := range rep.Cells {
			rep.Cells[i].Machine.CPUs = 2
		}
	}
	edit(one, two)
	c, err := compare.Reports(compare.Named{Name: "base", Report: one}, compare.Named{Name: "new", Report: two},
		compare.Options{Alpha: .05, Power: .9, Effects: compare.DefaultEffects()})
	Expect(err).NotTo(HaveOccurred())
	return c
}

func written(write func(io.Writer, *compare.Comparison) error, c *compare.Comparison) string {
	GinkgoHelper()
	var b bytes.Buffer
	Expect(write(&b, c)).To(Succeed())
	return b.String()
}

var _ = Describe("a written comparison", func() {
	same := func(_, _ *analyze.Report) {}

	It("says what became worse, and what the trials can find", func() {
		text := written(DiffText, compared(3000, same))
		Expect(text).To(MatchRegexp(`(?m)^REGRESSION  active-passive under node-death$`))
		Expect(text).To(MatchRegexp(`10 trials a side see a change of [0-9.]+ (ms|s) in failover with 90.0 %`))
		Expect(text).To(MatchRegexp(`failover: 3.* shift \+3.00 s, p < 0.0001, with Holm [0-9.<]+.* \[measured-worse\]`))
		Expect(text).To(HaveSuffix("\n"))
	})

	It("speaks of false alarms only where values were tested", func() {
		c := compared(3000, same)
		for _, write := range []func(io.Writer, *compare.Comparison) error{DiffText, DiffMarkdown} {
			Expect(written(write, c)).To(MatchRegexp(`[1-9]\d* tests? of measured values and verdicts, false alarm at most 5.00 %`))
		}
		c.Tests = 0
		for _, write := range []func(io.Writer, *compare.Comparison) error{DiffText, DiffMarkdown} {
			Expect(written(write, c)).NotTo(MatchRegexp("tests? of measured values|false alarm"))
		}
	})

	It("is JSON without null lists", func() {
		var back map[string]any
		text := written(DiffJSON, compared(0, same))
		Expect(json.Unmarshal([]byte(text), &back)).To(Succeed())
		Expect(back).To(And(HaveKeyWithValue("schema", "spof/diff/v1"), HaveKeyWithValue("change", "same")))
		for _, key := range []string{"notes", "settings", "predictions", "measured"} {
			Expect(text).NotTo(ContainSubstring(fmt.Sprintf("%q: null", key)))
		}
	})

	It("is a comment of bounded size, open where something changed", func() {
		many := func(base, new *analyze.Report) {
			for _, rep := range []*analyze.Report{base, new} {
				first := rep.Cells[1]
				for i := range 400 {
					c := first
					c.Topology = fmt.Sprintf("design-%d", i)
					rep.Cells = append(rep.Cells, c)
				}
			}
		}
		text := written(DiffMarkdown, compared(3000, many))
		Expect(len(text)).To(BeNumerically("<", 65_536))
		Expect(text).To(MatchRegexp(`Left out of this comment, which would be too long: [0-9]+ cells: [0-9]+ `))
		gravest := func(base, new *analyze.Report) {
			many(base, new)
			last := len(new.Cells) - 1
			base.Cells[last].Verdict, new.Cells[last].Verdict = analyze.Pass, analyze.Fail
			new.Cells[last].Trials = slices.Clone(new.Cells[last].Trials)
			for i := range new.Cells[last].Trials {
				base.Cells[last].Trials[i].Verdict, new.Cells[last].Trials[i].Verdict = analyze.Pass, analyze.Fail
			}
		}
		Expect(written(DiffMarkdown, compared(0, gravest))).To(ContainSubstring("REGRESSION: design-399 under"))
		Expect(written(DiffMarkdown, compared(3000, same))).To(ContainSubstring("<details open><summary>REGRESSION: active-passive under node-death</summary>"))
		Expect(written(DiffMarkdown, compared(3000, same))).To(MatchRegexp(`(?m)^\| failover \| \S+ s \(.*\) \| \S+ s \(.*\) \| \+3.00 s \| (&lt; )?0\.\d+ \| measured-worse \|$`))
		Expect(written(DiffMarkdown, compared(0, same))).To(ContainSubstring("<details><summary>no change: active-passive under node-death</summary>"))
	})

	It("escapes what a report names", func() {
		const evil = "\x1b[2J<script>alert(1)</script>|`@all\n# x"
		c := compared(3000, func(base, new *analyze.Report) {
			for _, rep := range []*analyze.Report{base, new} {
				taint(reflect.ValueOf(rep).Elem(), "") // every pointer is its own
				rep.Version, rep.Command = evil, evil
				for i := range rep.Cells {
					rep.Cells[i].Topology += evil
					rep.Cells[i].Reasons = []string{evil}
				}
				rep.Designs = []analyze.Design{{Name: rep.Cells[0].Topology, Settings: []analyze.Setting{{Key: evil, Value: fmt.Sprint(len(rep.Designs)), Where: evil}}}}
			}
			new.Designs[0].Settings[0].Value = evil
		})
		for _, write := range []func(io.Writer, *compare.Comparison) error{DiffText, DiffMarkdown} {
			Expect(written(write, c)).NotTo(ContainSubstring("\x1b"))
		}
		Expect(written(DiffText, c)).NotTo(MatchRegexp(`(?m)^# x`), "a text of a report begins no line")
		md := written(DiffMarkdown, c)
		Expect(md).NotTo(ContainSubstring("<script"))
		Expect(md).NotTo(ContainSubstring("@all"))
		Expect(md).NotTo(MatchRegexp(`(?m)^# x`))
	})
})

var _ = It("report.json gives back the measures and ranges that it was written from", func() {
	rep, _ := sampleRun(3)
	rep.Cells[0].Trials[1].Void = true
	rep.Cells[0].Trials[0].FailoverMS = nil
	rep.Cells[0].Trials[0].Ranges = map[string]analyze.Range{"failover": {Lo: 100, Hi: math.Inf(1)}}
	var b bytes.Buffer
	Expect(JSON(&b, rep)).To(Succeed())
	var back analyze.Report
	Expect(json.Unmarshal(b.Bytes(), &back)).To(Succeed())
	values := 0
	for i := range rep.Cells {
		for k := range rep.Cells[i].Trials {
			was, is := &rep.Cells[i].Trials[k], &back.Cells[i].Trials[k]
			Expect(is.Void).To(Equal(was.Void))
			for m := range slices.Values(analyze.Measures) {
				v, ok := m.Of(was)
				w, known := m.Of(is)
				Expect(known).To(Equal(ok), m.Name)
				Expect(w).To(Equal(v), m.Name)
				g, _ := m.RangeOf(was)
				h, _ := m.RangeOf(is)
				Expect(h).To(Equal(g), m.Name)
				values++
			}
		}
	}
	Expect(values).To(BeNumerically(">", 100))
	Expect(strings.Count(b.String(), `"void": true`)).To(Equal(1))
})
