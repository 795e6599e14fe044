package planner

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/seed-ab8b6914/spof/fuzzcost"
	"github.com/seed-ab8b6914/spof/reason"
	"github.com/seed-ab8b6914/spof/reliability/system"
	"github.com/seed-ab8b6914/spof/reports/analyze"
	"github.com/seed-ab8b6914/spof/reports/capacity"
	"github.com/seed-ab8b6914/spof/scenarios/plan"
	"github.com/seed-ab8b6914/spof/topology"
)

// example is a plan with everything in it.
const example = `plan: shop
title: A shop
designs:
  pair: {topology: active-passive, cost: {yearly: 0}}
  one: {topology: single, about: today, cost: {buy: 100, yearly: 10}}
alternatives:
  fast: {about: adverts of 100 ms, cost: {buy: 0}, patch: {addresses: {proxy: {vrrp: {version: 3, advert: 100ms}}}}}
  third:
    requires: [fast]
    patch:
      nodes: {proxy-c: {services: {squid: {engine: squid, port: 3128}}}}
      addresses: {proxy: {vrrp: {members: {proxy-c: 50}}}}
budget: 9000
target: {availability: 99.9%}
currency: EUR
users: 200
demand: office-hours
downtime_cost: 20
crews: {onsite: {members: 2, kinds: [node, psu]}}
spares: {psu: {parts: 1, lead: fixed 3d}}
maintenance: {patch-night: {kinds: [node], start: Sun 03:30, weeks: 4, lasts: fixed 30m, careful: true}}
`

// planOf reads a plan without reports.
func planOf(text string) (*Plan, error) { return Read("plan.yaml", []byte(text), reports(nil)) }

// made gives reports by their path.
type made struct {
	runs       map[string]*analyze.Report
	capacities map[string]*capacity.Report
}

func (m made) Run(path string) (*analyze.Report, error) {
	if rep := m.runs[path]; rep != nil {
		return rep, nil
	}
	return nil, reason.Errorf("no-report", "%s is no report", path)
}

func (m made) Capacity(path string) (*capacity.Report, error) {
	if rep := m.capacities[path]; rep != nil {
		return rep, nil
	}
	return nil, reason.Errorf("no-report", "%s is no report", path)
}

// reports gives reports of runs by their path.
func reports(all map[string]*analyze.Report) Reports { return made{runs: all} }

var _ = Describe("Read", func() {
	It("reads a plan with everything in it", func() {
		p, err := planOf(example)
		Expect(err).NotTo(HaveOccurred())
		Expect(*p.Budget).To(Equal(9000.0))
		Expect(*p.TargetHours).To(BeNumerically("~", 8.76, 1e-9))
		Expect(p.Demand.Mean()).To(BeNumerically("~", (50+118*0.05)/168, 1e-12))
		Expect(p.Designs[1].Costs).To(Equal(&Costs{100, 10}))
		Expect(p.Care.Crews).To(Equal([]system.Crew{{Name: "onsite", Members: 2, Kinds: []string{"node", "psu"}}}))
		Expect([]any{p.Care.Stocks[0].Kind, p.Care.Stocks[0].Parts, p.Care.Stocks[0].Lead.Mean()}).To(Equal([]any{"psu", 1, 72.0}))
		w := p.Care.Windows[0]
		Expect([]any{w.Name, w.Kinds[0], w.Start, w.Weeks, w.Lasts.Mean(), w.Careful}).To(Equal([]any{"patch-night", "node", 147.5, 4, 0.5, true}))
		Expect(p.needs(1)).To(Equal([]int{0, 1}))
		t, err := p.Patched(0, 0, 1)
		Expect(err).NotTo(HaveOccurred())
		Expect(t.Holders("office")).To(HaveLen(3))
	})

	It("finds a design beside the plan", func() {
		dir := GinkgoT().TempDir()
		text, _ := topology.Source("single")
		Expect(os.WriteFile(filepath.Join(dir, "mine.yaml"), []byte(strings.Replace(string(text), "single", "mine", 1)), 0o666)).To(Succeed())
		p, err := Read(filepath.Join(dir, "plan.yaml"), []byte("plan: a\ndesigns: {one: {topology: mine.yaml}}"), reports(nil))
		Expect(err).NotTo(HaveOccurred())
		Expect(p.Designs[0].Topology.Name).To(Equal("mine"))
	})

	DescribeTable("refuses with the position", func(text, place, code string) {
		_, err := planOf(text)
		Expect(err).To(HaveOccurred())
		Expect(reason.Text(err)).To(MatchRegexp(`(?m)^` + place + `: .*\[` + code + `\]$`))
	},
		Entry("an unknown key", "plan: a\ndesign: {}\n", "plan.yaml:2:1", "unknown-key"),
		Entry("a design that is not there", "plan: a\ndesigns: {x: {topology: singel}}", "plan.yaml:2:25", "no-design"),
		Entry("no design", "plan: a\ndesigns: {}", "plan.yaml:2:10", "too-few"),
		Entry("a target above 1", strings.Replace(example, "99.9%", "101%", 1), "plan.yaml:14:24", "wrong-value"),
		Entry("a target of two forms", strings.Replace(example, "{availability: 99.9%}", "{availability: 99%, hours: 1}", 1), "plan.yaml:14:9", "target-form"),
		Entry("a negative cost", strings.Replace(example, "buy: 100", "buy: -1", 1), "plan.yaml:5:53", "wrong-value"),
		Entry("a negative time in a patch", strings.Replace(example, "advert: 100ms", "advert: -1s", 1), "plan.yaml:7:107", "wrong-value"),
		Entry("a patch that removes nothing", strings.Replace(example, "proxy-c: {services", "proxy-x: null, proxy-c: {services", 1), "plan.yaml:11:15", "patch-removes-nothing"),
		Entry("a patch that is no mapping", strings.Replace(example, "patch: {addresses: {proxy: {vrrp: {version: 3, advert: 100ms}}}}", "patch: [a]", 1), "plan.yaml:7:59", "wrong-value"),
		Entry("a demand that is too short", strings.Replace(example, "office-hours", "[1%]", 1), "plan.yaml:17:9", "demand-length"),
		Entry("no demand", strings.Replace(example, "office-hours", "["+strings.Repeat("0,", 168)+"]", 1), "plan.yaml:17:9", "no-demand"),
		Entry("a report that is not there", strings.Replace(example, "active-passive, cost", "active-passive, measured: out, cost", 1), "plan.yaml:4:46", "no-report"),
		Entry("a coverage of nothing", strings.Replace(example, "active-passive, cost", "active-passive, coverage: library, cost", 1), "plan.yaml:4:46", "coverage-not-measured"),
		Entry("a capacity that is not there", strings.Replace(example, "active-passive, cost", "active-passive, capacity: out, cost", 1), "plan.yaml:4:46", "no-report"),
		Entry("a report of an alternative that is not there", strings.Replace(example, "requires: [fast]", "requires: [fast]\n    measured: out", 1), "plan.yaml:10:15", "no-report"),
		Entry("an alternative that changes nothing", strings.Replace(example, "third:", "third: {}\n  fourth:", 1), "plan.yaml:8:3", "changes-nothing"),
		Entry("a kind of an alternative that is not there", strings.Replace(example, "third:", "third: {components: {kinds: {nodes: {buy: 1}}}}\n  fourth:", 1), "plan.yaml:8:32", "unknown-kind"),
		Entry("a crew of nobody", strings.Replace(example, "members: 2", "members: 0", 1), "plan.yaml:19:27", "wrong-value"),
		Entry("a crew for a kind that nobody knows", strings.Replace(example, "[node, psu]", "[nodes]", 1), "plan.yaml:19:38", "unknown-kind"),
		Entry("a crew for a mechanism", strings.Replace(example, "[node, psu]", "[pac-retry]", 1), "plan.yaml:19:38", "unknown-kind"),
		Entry("two crews for a kind", strings.Replace(example, "psu]}", "psu]}, other: {members: 1, kinds: [psu]}", 1), "plan.yaml:19:79", "two-crews"),
		Entry("spares of a kind that nobody knows", strings.Replace(example, "{psu: {parts", "{psus: {parts", 1), "plan.yaml:20:10", "unknown-kind"),
		Entry("less than no part", strings.Replace(example, "parts: 1", "parts: -1", 1), "plan.yaml:20:23", "wrong-value"),
		Entry("a negative lead", strings.Replace(example, "fixed 3d", "fixed -3d", 1), "plan.yaml:20:32", "distribution-value"),
		Entry("a lead that never ends", strings.Replace(example, "fixed 3d", "never", 1), "plan.yaml:20:32", "no-mean"),
		Entry("a lead without a form", strings.Replace(example, "fixed 3d", "3d", 1), "plan.yaml:20:32", "distribution-unknown"),
		Entry("a day that is none", strings.Replace(example, "Sun 03", "Son 03", 1), "plan.yaml:21:51", "week-time"),
		Entry("an hour that is none", strings.Replace(example, "03:30", "24:00", 1), "plan.yaml:21:51", "week-time"),
		Entry("a window every zero weeks", strings.Replace(example, "weeks: 4", "weeks: 0", 1), "plan.yaml:21:69", "wrong-value"),
		Entry("a window for people", strings.Replace(example, "[node], start", "[people], start", 1), "plan.yaml:21:37", "people-window"),
		Entry("no year", strings.Replace(example, "designs:", "years: 0\ndesigns:", 1), "plan.yaml:3:8", "wrong-value"),
		Entry("an alternative for no design", strings.Replace(example, "requires: [fast]", "requires: [fast]\n    for: []", 1), "plan.yaml:10:10", "for-no-design"),
		Entry("a window without a kind", strings.Replace(example, "[node], start", "[], start", 1), "plan.yaml:21:36", "no-kinds"),
		Entry("a window that lasts until the next", strings.Replace(example, "fixed 30m", "fixed 672h", 1), "plan.yaml:21:79", "window-too-long"),
		Entry("a window that never ends", strings.Replace(example, "fixed 30m", "never", 1), "plan.yaml:21:79", "no-mean"),
		Entry("an alternative that is not there", strings.Replace(example, "[fast]", "[quick]", 1), "plan.yaml:9:16", "unknown-alternative"),
	)

	It("reports every problem at once", func() {
		_, err := planOf("plan: a\nyears: -1\ndesigns: {x: {topology: singel}}\nalternatives: {y: {}}")
		Expect(strings.Split(err.Error(), "\n")).To(HaveLen(3))
	})
})

// measuredReport is a report of a bundled design with failovers in ms; negative: the repair ended the outage.
func measuredReport(design string, failovers ...float64) *analyze.Report {
	t, err := topology.Load(design)
	Expect(err).NotTo(HaveOccurred())
	return reportOf(t, failovers...)
}

func reportOf(t *topology.Topology, failovers ...float64) *analyze.Report {
	c := analyze.Cell{Topology: t.Name, Scenario: failoverScenario, DesignHash: (&plan.Plan{Topology: *t}).DesignHash()}
	for _, ms := range failovers {
		trial := analyze.Trial{Target: "proxy-a", FailoverMS: &ms, EndedBy: analyze.EndedByMechanism}
		if ms < 0 {
			trial.EndedBy = analyze.EndedByRepair
		}
		c.Trials = append(c.Trials, trial)
	}
	return &analyze.Report{Cells: []analyze.Cell{c}}
}

var _ = Describe("the failover of a design", func() {
	from := func(rep *analyze.Report, more ...string) (*Failover, error) {
		text := "plan: a\ndesigns: {x: {" + strings.Join(append([]string{"topology: active-passive", "measured: out"}, more...), ", ") + "}}"
		p, err := Read("plan.yaml", []byte(text), reports(map[string]*analyze.Report{"out": rep}))
		if err != nil {
			return nil, err
		}
		return p.Designs[0].Failover, nil
	}

	It("is the whole list that was measured, and the share that worked", func() {
		f, err := from(measuredReport("active-passive", 3000, 2000, 40000, -1))
		Expect(err).NotTo(HaveOccurred())
		Expect(f.From).To(Equal(Measured))
		Expect([]float64{f.Mean, f.Lo, f.Hi, *f.Coverage}).To(Equal([]float64{15, 2, 40, 0.7}))
		Expect([]int{f.Worked, f.Trials}).To(Equal([]int{3, 4}))
	})

	It("keeps the coverage of the library if the plan says so", func() {
		f, err := from(measuredReport("active-passive", 3000, 3000), "coverage: library")
		Expect(err).NotTo(HaveOccurred())
		Expect([]any{f.From, f.Worked, f.Coverage, f.CoverageCI}).To(Equal([]any{Measured, 2, (*float64)(nil), (*[2]float64)(nil)}))
	})

	It("says nothing of a mechanism where the lost node has no partner", func() {
		rep := measuredReport("generator-backed", -1, -1)
		text := "plan: a\ndesigns: {x: {topology: generator-backed, measured: out}, y: {topology: generator-backed}}"
		r := must(solved(text, map[string]*analyze.Report{"out": rep}))
		Expect(r.Designs[0].Failover.Trials).To(Equal(2))
		Expect(r.Designs[0].Failover.Coverage).To(BeNil())
		Expect(r.Designs[0].Hours).To(Equal(r.Designs[1].Hours))
	})

	It("is that of the timers without a report", func() {
		p, err := planOf(example)
		Expect(err).NotTo(HaveOccurred())
		f := p.Designs[0].Failover
		Expect(f.From).To(Equal(Predicted))
		Expect([]float64{f.Lo, f.Hi}).To(Equal([]float64{2.609375, 3.609375}))
		Expect(p.Designs[1].Failover.From).To(BeEmpty())
	})

	DescribeTable("refuses a report that does not fit", func(rep func() *analyze.Report, code string) {
		_, err := from(rep())
		Expect(reason.Codes(err)).To(ContainElement(code))
		Expect(err).To(MatchError(HavePrefix("plan.yaml:2:51: ")))
	},
		Entry("of another topology", func() *analyze.Report { return measuredReport("single", 1) }, "measured-other-topology"),
		Entry("of another design of the name", func() *analyze.Report {
			rep := measuredReport("active-passive", 1)
			rep.Cells[0].DesignHash = "0"
			return rep
		}, "measured-other-design"),
		Entry("without a trial", func() *analyze.Report { return measuredReport("active-passive") }, "nothing-measured"),
	)

})

// FuzzRead holds that no plan makes the reader panic, and that every problem has a place.
func FuzzRead(f *testing.F) {
	f.Add([]byte(example))
	f.Add([]byte("plan: a\ndesigns: {x: {topology: single, measured: y}}\nalternatives: {a: {requires: [a], patch: {nodes: null}}}"))
	f.Fuzz(func(t *testing.T, data []byte) {
		fuzzcost.Bound(t)
		if _, err := Read("dir/plan.yaml", data, reports(nil)); err != nil && errors.Unwrap(err) == nil && !strings.Contains(err.Error(), ":") {
			t.Errorf("%q: %v", data, err)
		}
	})
}
