package reports

import (
	"encoding/xml"
	"strconv"
	"strings"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/seed-ab8b6914/spof/reports/analyze"
)

// bars gives the widths of the rectangles of a drawing in percent, by their class.
func bars(els []xml.StartElement) map[string][]float64 {
	widths := map[string][]float64{}
	for _, e := range els {
		attrs := map[string]string{}
		for _, a := range e.Attr {
			attrs[a.Name.Local] = a.Value
		}
		if e.Name.Local == "rect" && strings.HasPrefix(attrs["class"], "part-") && strings.HasSuffix(attrs["width"], "%") {
			w, err := strconv.ParseFloat(strings.TrimSuffix(attrs["width"], "%"), 64)
			Expect(err).NotTo(HaveOccurred())
			widths[attrs["class"]] = append(widths[attrs["class"]], w)
		}
	}
	return widths
}

// dividedCell is a cell of one trial of 2 s with these parts; a negative one is null.
func dividedCell(parts ...float64) analyze.Cell {
	v := make([]*float64, 4)
	unknown := map[string]string{}
	for i, name := range []string{"detect", "decide", "switch", "client"} {
		if v[i] = &parts[i]; parts[i] < 0 {
			v[i], unknown[name] = nil, "nobody saw it"
		}
	}
	back := 2000.0
	return analyze.Cell{Topology: "pair", Scenario: "node-death", Trials: []analyze.Trial{{FailoverMS: &back, EndedBy: analyze.EndedByMechanism,
		Split: &analyze.Split{Detect: v[0], Decide: v[1], Switch: v[2], Client: v[3], By: "vrrp", Unknown: unknown}}}}
}

var _ = Describe("the parts of a failover", func() {
	It("are a bar of each trial, as wide as their times", func() {
		els, text := elements(string(drawSplit(dividedCell(1000, 400, 100, 500))))
		Expect(bars(els)).To(Equal(map[string][]float64{"part-detect": {50}, "part-decide": {20}, "part-switch": {5}, "part-client": {25}}))
		Expect(text).To(And(ContainSubstring("detect 1.00 s"), ContainSubstring("client 500 ms")))
		Expect(text).To(ContainSubstring("detect 1.00 s + decide 400 ms + switch 100 ms + client 500 ms"))
	})

	It("that are not known are not drawn, and the page says why and where their time is", func() {
		cell := dividedCell(1500, -1, -1, 500)
		els, _ := elements(string(drawSplit(cell)))
		Expect(bars(els)).To(Equal(map[string][]float64{"part-detect": {75}, "part-client": {25}}))
		_, text := elements(render(writeHTML, &analyze.Report{Cells: []analyze.Cell{cell}}, nil))
		Expect(text).To(ContainSubstring("decide is not told apart: nobody saw it. Its time is in detect."))
		Expect(text).To(ContainSubstring("switch is not told apart: nobody saw it. Its time is in client."))
	})

	It("are not drawn if no failover is divided; the page says why", func() {
		cell := dividedCell(1, 1, 1, 1)
		cell.Trials[0].Split, cell.Trials[0].Unsplit = nil, "nothing acted"
		Expect(drawSplit(cell)).To(BeEmpty())
		_, text := elements(render(writeHTML, &analyze.Report{Cells: []analyze.Cell{cell}}, nil))
		Expect(text).To(ContainSubstring("The failover is not divided: nothing acted."))
	})

	It("are drawn of at most 20 trials", func() {
		cell := dividedCell(2000, 0, 0, 0)
		for range 29 {
			cell.Trials = append(cell.Trials, cell.Trials[0])
		}
		els, _ := elements(string(drawSplit(cell)))
		Expect(bars(els)["part-detect"]).To(HaveLen(20))
		Expect(unsplit(cell)).To(Equal([]string{"20 of 30 trials are drawn."}))
	})

	It("have a sentence on the page, in report.md and on the terminal", func() {
		rep, timelines := sampleRun(1)
		var table strings.Builder
		Table(&table, rep, false)
		_, page := elements(render(writeHTML, rep, timelines))
		for _, text := range []string{page, render(writeMarkdown, rep, timelines), table.String()} {
			Expect(strings.Join(strings.Fields(text), " ")).To(ContainSubstring("2.90 of 2.94 s is VRRP waiting for 3 adverts (advert 1s); version 3 with advert 200ms would make the failover 522–722 ms"))
		}
	})
})
