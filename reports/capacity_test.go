package reports_test

import (
	"bytes"
	"encoding/json"
	"math"
	"strings"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/seed-ab8b6914/spof/reports"
	"github.com/seed-ab8b6914/spof/reports/analyze"
	"github.com/seed-ab8b6914/spof/reports/capacity"
)

var _ = Describe("the capacity of a design", func() {
	report := func() *capacity.Report {
		r := &capacity.Report{
			Topology: "pair", Scenario: "steady", Offered: 100, PerUser: 2, Share: 0.99,
			States: []capacity.State{
				{State: "whole", Reach: 1, Tried: []capacity.Tally{{Rate: 400, Held: 2}}, Limit: capacity.ByMachine, Carries: analyze.Range{Lo: 400, Hi: math.Inf(1), Why: "busy"}},
				{State: "n-1", Lost: []string{"proxy-a"}, Reach: 0.8, Tried: []capacity.Tally{{Rate: 50, Held: 2}}, Limit: capacity.ByDesign,
					Carries: analyze.Range{Lo: 50, Hi: 55}, First: "link isp\x1b[2J is full"},
				{State: "n-1", Lost: []string{"lb-a"}, Limit: capacity.ByPath},
				{State: "generator", Lost: []string{"feed-a", "feed-b"}, Reach: 1, Limit: capacity.ByBudget, Carries: analyze.Range{Hi: math.Inf(1)}},
			},
			Gates: []capacity.Gate{{State: "whole", AtLeast: 200}, {State: "n-1", AtLeast: 20}, {State: "generator", AtLeast: 10}},
		}
		r.Finish()
		return r
	}

	It("is a line for each state", func() {
		var b bytes.Buffer
		Expect(reports.CapacityText(&b, report())).To(Succeed())
		Expect(strings.Split(b.String(), "\n")).To(HaveExactElements(
			MatchRegexp(`^STATE +WITHOUT +CARRIES +HEADROOM +USERS +GIVES WAY FIRST$`),
			MatchRegexp(`^whole +at least 400/s +at least 300 % +at least 200 +this machine is the limit: busy$`),
			MatchRegexp(`^n-1 +proxy-a +50.0/s to 55.0/s +-50.0 % to -45.0 % +25 to 27 +link isp.*is full; 80.0 % of the requests have a path$`),
			MatchRegexp(`^n-1 \(worst\) +lb-a +0/s +-100 % +0 +no request has a path \(not measured\)$`),
			MatchRegexp(`^generator +feed-a, feed-b +– +– +– +not known: the time was over$`),
			BeEmpty(), HavePrefix("the load is 100/s of steady; a user makes 2.00/s; "),
			Equal("✓ whole carries at least 200/s: PASS"), Equal("✗ n-1 carries at least 20.0/s: FAIL"), Equal("? generator carries at least 10.0/s: INCONCLUSIVE"),
			BeEmpty(),
		))
		Expect(b.String()).NotTo(ContainSubstring("\x1b"), "no text moves the cursor")
	})

	It("is JSON without an endless number, and without null in place of a list", func() {
		var b bytes.Buffer
		Expect(reports.CapacityJSON(&b, report())).To(Succeed())
		var got struct {
			States []struct {
				Lost, Tried, Steps []any
				Carries            map[string]any `json:"carries_per_s"`
			}
		}
		Expect(json.Unmarshal(b.Bytes(), &got)).To(Succeed())
		Expect(got.States[0].Carries).To(Equal(map[string]any{"lo": 400.0, "hi": nil, "why": "busy"}))
		for _, s := range got.States {
			Expect([][]any{s.Lost, s.Tried, s.Steps}).NotTo(ContainElement(BeNil()))
		}
	})
})
