package reports

import (
	"encoding/xml"
	"errors"
	"io"
	"math"
	"strings"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/seed-ab8b6914/spof/reports/analyze"
)

func nan() float64 { return math.NaN() }

// elements reads a page as XML and returns its elements and its text. It fails if the page is not well-formed.
func elements(page string) (els []xml.StartElement, text string) {
	GinkgoHelper()
	d := xml.NewDecoder(strings.NewReader(page))
	d.Entity = xml.HTMLEntity
	var b strings.Builder
	for {
		token, err := d.Token()
		if errors.Is(err, io.EOF) {
			return els, b.String()
		}
		Expect(err).NotTo(HaveOccurred())
		switch t := token.(type) {
		case xml.StartElement:
			els = append(els, t.Copy())
		case xml.CharData:
			b.Write(t)
		}
	}
}

var _ = It("a page shows the prediction, or why there is none", func() {
	cell := func(t analyze.Trial) analyze.Cell { return analyze.Cell{Trials: []analyze.Trial{t}} }
	Expect(predictedText(cell(analyze.Trial{Predicted: &analyze.Predicted{Lo: 1000, Hi: 2000, Text: "phase"}}))).To(Equal("1.00–2.00 s: phase"))
	for _, p := range []struct {
		analyze.Predicted
		want string
	}{
		{analyze.Predicted{Lo: 1000, Hi: 2000, Inside: true}, "✓ inside 1.00–2.00\u00a0s"},
		{analyze.Predicted{Lo: 1000, Hi: 2000}, "✗ outside 1.00–2.00\u00a0s"},
		{analyze.Predicted{Inside: true}, "✓ predicted no outage"},
		{analyze.Predicted{}, "✗ predicted no outage"},
		{analyze.Predicted{Never: true, Inside: true}, "✓ predicted: not before the repair"},
		{analyze.Predicted{Never: true}, "✗ predicted: not before the repair"},
	} {
		Expect(render(writeHTML, &analyze.Report{Cells: []analyze.Cell{cell(analyze.Trial{Target: "proxy-a", Predicted: &p.Predicted})}}, nil)).To(ContainSubstring("<td>" + p.want + "</td>"))
	}
	var page strings.Builder
	Expect(writeHTML(&page, &analyze.Report{Cells: []analyze.Cell{cell(analyze.Trial{Unpredicted: "no timer says"})}}, nil)).To(Succeed())
	Expect(page.String()).To(ContainSubstring("<strong>Predicted failover:</strong> none: no timer says</p>"))
})

// allowed are the only elements that a report may have. None of them loads or runs anything.
var allowed = strings.Fields(`html head meta title style body main header footer section h1 h2 h3 p span strong b a ul ol li pre code
	div figure figcaption table thead tbody tr th td details summary svg g path rect line circle text tspan`)

func harmless(page string) {
	GinkgoHelper()
	els, _ := elements(page)
	for _, e := range els {
		Expect(allowed).To(ContainElement(e.Name.Local))
		for _, a := range e.Attr {
			Expect(a.Name.Local).NotTo(HavePrefix("on"), e.Name.Local)
			Expect(a.Name.Local).NotTo(Equal("src"), e.Name.Local)
			if a.Name.Local == "href" {
				Expect(a.Value).To(HavePrefix("#cell-"))
			}
		}
	}
	Expect(page).NotTo(MatchRegexp(`(?i)https?://|@import|url\(`))
}

var _ = Describe("report.html", func() {
	It("is well-formed, loads nothing and runs nothing", func() {
		rep, timelines := sampleRun(2)
		harmless(render(writeHTML, rep, timelines))
	})
	It("escapes all names of a user's file", func() {
		rep, timelines := hostile()
		page := render(writeHTML, rep, timelines)
		harmless(page)
		_, text := elements(page)
		Expect(strings.Count(text, "<img src=x onerror=alert(1)>")).To(BeNumerically(">", 40))
	})
	It("stays below 5 MB for three designs of ten trials", func() {
		rep, timelines := sampleRun(10)
		Expect(len(render(writeHTML, rep, timelines))).To(BeNumerically("<", 5_000_000))
	})
	It("says if only the repair ended the outage, and shows the uncertainty of a figure", func() {
		rep, timelines := sampleRun(1)
		_, text := elements(render(writeHTML, rep, timelines))
		Expect(text).To(MatchRegexp(`failover 1\d\.\d+ s ± 8\.0 ms, by the repair`))
		Expect(text).To(MatchRegexp(`failover \d\.\d\d\d s ± 8\.0 ms`))
	})
	It("gives every chart a role and a name", func() {
		rep, timelines := sampleRun(1)
		els, _ := elements(render(writeHTML, rep, timelines))
		charts := 0
		for _, e := range els {
			attrs := map[string]string{}
			for _, a := range e.Attr {
				attrs[a.Name.Local] = a.Value
			}
			if attrs["role"] == "img" {
				charts++
				Expect(attrs["aria-label"]).NotTo(BeEmpty())
			}
		}
		Expect(charts).To(Equal(1 + 3 + 2 + 2)) // the comparison, a timeline each, and two failovers close up and in parts
	})
	It("opens the first timeline of a design only", func() {
		rep, timelines := sampleRun(3)
		els, _ := elements(render(writeHTML, rep, timelines))
		open := 0
		for _, e := range els {
			for _, a := range e.Attr {
				if a.Name.Local == "open" {
					open++
				}
			}
		}
		Expect(open).To(Equal(3))
	})
})

var _ = Describe("charts", func() {
	It("keep the numbers and labels of crowded events apart", func() {
		var events []analyze.TimelineEvent
		for i := range 60 {
			events = append(events, analyze.TimelineEvent{AtMS: 900 + 2*float64(i%30), Label: "lb-a takes squid-2 out"})
		}
		placed := place(events, axis{hi: 1000})
		Expect(placed).To(HaveLen(maxEvents))
		for i, a := range placed {
			Expect(a.lane).To(BeNumerically("<", maxLanes))
			for _, b := range placed[:i] {
				if a.label != "" && b.label != "" && a.lane == b.lane {
					Expect(math.Abs(a.x - b.x)).To(BeNumerically(">", charWidth*20))
				}
			}
		}
	})
	It("show the machine below the latencies, to scale", func() {
		tl := analyze.Timeline{EndMS: 1000, MachineBinMS: 100, Machine: []analyze.MachineBin{
			{AtMS: 0, Busy: .5, Stolen: .25, WaitedMS: 10}, {AtMS: 100, Busy: .5, Stolen: 0, WaitedMS: -1}, // one rectangle of busy
			{AtMS: 900, Busy: 1, Stolen: 1, Pressure: -1, WaitedMS: 20}, // more than 100 %
		}}
		chart := string(drawTimeline(&tl, nil, whole(&tl)))
		Expect(chart).To(ContainSubstring("processors busy"))
		Expect(chart).To(ContainSubstring(`class="busy" d="M0 44L0 22L400 22L400 44ZM1800 44L1800 0L2000 0L2000 44Z"`))
		Expect(chart).To(ContainSubstring(`class="stolen" d="M0 22L0 11L200 11L200 22Z"`))
		Expect(chart).To(ContainSubstring(`class="waits" d="M0 18L0 9L200 9L200 18ZM1800 18L1800 0L2000 0L2000 18Z"`))
		tl.Machine = nil
		Expect(string(drawTimeline(&tl, nil, whole(&tl)))).NotTo(ContainSubstring("machine"))
	})
	It("show the largest of neighbouring machine bins if there are too many", func() {
		var bins []analyze.MachineBin
		for i := range 2000 {
			bins = append(bins, analyze.MachineBin{AtMS: 100 * float64(i), Busy: .1})
		}
		bins[777].Busy, bins[778].WaitedMS = .9, 40
		few, width := joined(bins, 100)
		Expect(few).To(HaveLen(500))
		Expect(width).To(Equal(400.0))
		Expect(few[194]).To(Equal(analyze.MachineBin{AtMS: 77600, Busy: .9, WaitedMS: 40}))
		Expect(few[193].Busy).To(Equal(.1))
	})
	It("draw points on the same pixel once", func() {
		tl := analyze.Timeline{EndMS: 1000}
		for range 5000 {
			tl.Points = append(tl.Points, analyze.Point{AtMS: 500, LatencyMS: 3, Outcome: "ok"})
		}
		Expect(strings.Count(string(drawTimeline(&tl, nil, whole(&tl))), "h0")).To(Equal(1))
	})
	It("join bins without losing requests per second", func() {
		bins := make([]analyze.Bin, 2*maxBars+1)
		for i := range bins {
			bins[i] = analyze.Bin{AtMS: 10 * float64(i), Offered: 6, Good: 6}
		}
		merged, width := merge(bins, 10)
		Expect(len(merged)).To(BeNumerically("<=", maxBars))
		Expect(width).To(Equal(30.0))
		for _, b := range merged {
			Expect(b.Good).To(Equal(18))
		}
	})
	DescribeTable("axes have round ticks",
		func(a axis, n int, want []float64) { Expect(a.ticks(n)).To(Equal(want)) },
		Entry("from zero", axis{hi: 4}, 4, []float64{0, 1, 2, 3, 4}),
		Entry("around zero", axis{lo: -8, hi: 29}, 8, []float64{-5, 0, 5, 10, 15, 20, 25}),
		Entry("decades", axis{lo: .7, hi: 150, log: true}, 0, []float64{1, 10, 100}),
		Entry("nothing to show", axis{}, 4, []float64{0}),
	)
})

var _ = Describe("figures", func() {
	DescribeTable("a failover that is absent says why",
		func(t analyze.Trial, want string) { Expect(failoverCell(t)).To(Equal(want)) },
		Entry("not ended", analyze.Trial{Target: "a", Verdict: analyze.Fail, EndedBy: analyze.EndedByNobody}, "never (not back when the trial ended)"),
		Entry("the repair ended it", analyze.Trial{Target: "a", Verdict: analyze.Fail, EndedBy: analyze.EndedByRepair, FailoverMS: new(float64)}, "0 ms, by the repair"),
		Entry("inconclusive", analyze.Trial{Target: "a", Verdict: analyze.Inconclusive}, "unknown"),
		Entry("no fault", analyze.Trial{Verdict: analyze.Pass}, "–"),
	)
})
