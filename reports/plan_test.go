package reports

import (
	"bytes"
	"context"
	"encoding/csv"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"unicode/utf8"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/seed-ab8b6914/spof/planner"
)

// answer answers a bundled plan.
func answer(name string) *planner.Result {
	GinkgoHelper()
	p, err := planner.Open(name, nil)
	Expect(err).NotTo(HaveOccurred())
	r, err := planner.Solve(context.Background(), p)
	Expect(err).NotTo(HaveOccurred())
	return r
}

var _ = Describe("the answer to a plan", func() {
	It("is written as page, Markdown, CSV and JSON", func() {
		dir := GinkgoT().TempDir()
		root, err := os.OpenRoot(dir)
		Expect(err).NotTo(HaveOccurred())
		defer root.Close()
		Expect(WritePlan(root, answer("office"))).To(Succeed())
		for _, name := range []string{"plan.html", "plan.md", "plan.csv", "plan.json"} {
			Expect(filepath.Join(dir, name)).To(BeARegularFile())
		}
	})

	It("has a page that shows everything and loads nothing", func() {
		var b bytes.Buffer
		r := answer("office")
		Expect(planHTML(&b, r)).To(Succeed())
		page := b.String()
		for _, text := range []string{r.Verdict[0], "failovers that do not work", "Potharaju", "mains", `class="frontpoint best"`, "What would change the ranking", strings.ReplaceAll(r.Choice.Steps[0].About, "+", "&#43;"), "Cost over 5 years, in EUR", "What a bad year looks like",
			lifeRow(r, "today", r.Designs[0].Lifetimes)[5]} {
			Expect(page).To(ContainSubstring(text))
		}
		Expect(page).NotTo(MatchRegexp(`<script|https?://[^ ]*"|src=|NaN`))
	})

	It("says how many failovers worked, by which figure it counts, and how many users each state carries", func() {
		var page, markdown, text bytes.Buffer
		r := answer("designs")
		d := &r.Designs[1]
		d.Failover = planner.Failover{From: planner.Measured, Mean: 3, Hi: 4, Worked: 20, Trials: 20, Coverage: new(0.976), CoverageCI: &[2]float64{0.883, 0.999}}
		d.Carries[1] = planner.Carried{State: "n-1", Lost: []string{"proxy-a"}, Users: 35, Most: new(38), From: planner.Measured, Text: "link wide is full"}
		d.N1 = planner.N1{Users: 35, Most: new(38), Worst: "node proxy-a", From: planner.Measured}
		r.Cautions = []string{"active-passive does not carry the 50 users"}
		Expect(planHTML(&page, r)).To(Succeed())
		Expect(planMarkdown(&markdown, r)).To(Succeed())
		Expect(PlanText(&text, r)).To(Succeed())
		for _, out := range []string{page.String(), markdown.String()} {
			Expect(out).To(And(ContainSubstring("20 of 20 failovers worked: coverage 97.6 %, 88.3 % to 99.9 %"), ContainSubstring("35 to 38 (measured)"), ContainSubstring("50 (path)"),
				ContainSubstring("35 to 38 of 50 (measured) without node proxy-a"), ContainSubstring(r.Cautions[0])))
		}
		Expect(page.String()).To(ContainSubstring("link wide is full"))
		Expect(text.String()).To(And(MatchRegexp(`(?m)^active-passive +50 \(path\) +35 to 38 \(measured\) +0 \(path\) +– +–$`), ContainSubstring(r.Cautions[0])))
		d.Failover.Coverage, d.Failover.CoverageCI = nil, nil
		Expect(planCoverage(&d.Failover)).To(Equal("20 of 20 failovers worked; the coverage is that of the library"))
	})

	It("escapes the names of a plan", func() {
		var page, md, text bytes.Buffer
		r := answer("designs")
		r.Title, r.Designs[0].Name, r.Assumed[0].Source = "<b>x\x1b[31m", "a|b<script>", "<img src=x>"
		Expect(planHTML(&page, r)).To(Succeed())
		Expect(planMarkdown(&md, r)).To(Succeed())
		Expect(PlanText(&text, r)).To(Succeed())
		Expect(page.String()).NotTo(Or(ContainSubstring("<b>x"), ContainSubstring("<script>"), ContainSubstring("<img")))
		Expect(md.String()).NotTo(Or(ContainSubstring("<b>x"), ContainSubstring("a|b"), ContainSubstring("<img")))
		Expect(text.String()).NotTo(ContainSubstring("\x1b"))
	})

	It("has a CSV with a row for each design, whose causes add up", func() {
		var b bytes.Buffer
		r := answer("designs")
		Expect(planCSV(&b, r)).To(Succeed())
		rows, err := csv.NewReader(&b).ReadAll()
		Expect(err).NotTo(HaveOccurred())
		Expect(rows).To(HaveLen(1 + len(r.Designs)))
		for _, d := range r.Designs {
			sum := 0.0
			for _, c := range planCauses(r) {
				sum += hoursBy(&d, c.Name)
			}
			Expect(sum).To(BeNumerically("~", d.Hours, 1e-9*d.Hours), "a cause has no column")
		}
	})

	It("says of simulated years what they are", func() {
		var md, table bytes.Buffer
		r := answer("designs")
		r.Designs[1].Lifetimes = &planner.Lifetimes{Left: "too much happens"}
		busy := 0.5
		r.Designs[0].Lifetimes = &planner.Lifetimes{Years: 1000, Hours: planner.Interval{Value: 4, Lo: 3, Hi: 5}, UserHours: planner.Interval{Value: 100}, Busy: &busy, Exact: 2,
			Bad: []planner.BadYear{{P: 0.5, Hours: planner.Interval{Value: 2}, Downtime: 1234}}, Added: []planner.Added{{Name: "crews", Hours: planner.Interval{Value: 2, Lo: -1, Hi: 3}}}, Why: "crews"}
		Expect(planMarkdown(&md, r)).To(Succeed())
		Expect(md.String()).To(And(MatchRegexp(`\| single \| 4 h \| 2 h / 1,234 \| 100 \| 50(.0)? % \|`), ContainSubstring("single: 4 h (3 h to 5 h at 95 %) in 1,000 simulated years; crews add 2 h (-1 h to 3 h)"),
			ContainSubstring("by exact figures 2 h, outside the interval at 99.9 % because of crews."), ContainSubstring("not simulated: too much happens")))
		Expect(planCSV(&table, r)).To(Succeed())
		rows, err := csv.NewReader(&table).ReadAll()
		Expect(err).NotTo(HaveOccurred())
		at := slices.Index(rows[0], "simulated_years")
		Expect(rows[1][at : at+2]).To(Equal([]string{"1000", "4"}))
		Expect(rows[2][at]).To(BeEmpty())
	})

	It("fits a terminal", func() {
		var b bytes.Buffer
		Expect(PlanText(&b, answer("designs"))).To(Succeed())
		for line := range strings.Lines(b.String()) {
			Expect(utf8.RuneCountInString(line)).To(BeNumerically("<=", 121), line)
		}
	})

	DescribeTable("says where a failover is from", func(f planner.Failover, want string) {
		Expect(planFailover(&f)).To(Equal(want))
	},
		Entry("measured", planner.Failover{From: planner.Measured, Mean: 3, Hi: 4, Trials: 20, Worked: 19}, "mean 3 s, greatest 4 s (measured, 19 of 20)"),
		Entry("measured, and no mechanism worked", planner.Failover{From: planner.Measured, Trials: 4}, "none (measured, 0 of 4)"),
		Entry("predicted", planner.Failover{From: planner.Predicted, Lo: 2.61, Hi: 3.61}, "2.61 to 3.61 s (predicted)"),
		Entry("none", planner.Failover{}, "none"),
	)
})
