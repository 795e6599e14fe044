package telemetry_test

import (
	"fmt"
	"net/http/httptest"
	"os/exec"
	"slices"
	"strings"
	"testing"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	"github.com/onsi/gomega/types"
	"github.com/prometheus/client_golang/prometheus/testutil/promlint"

	"github.com/seed-ab8b6914/spof/reports/analyze"
	"github.com/seed-ab8b6914/spof/reports/telemetry"
	"github.com/seed-ab8b6914/spof/scenarios/plan"
)

// exposition is what a scrape gets.
func exposition(m *telemetry.Metrics) string {
	GinkgoHelper()
	got := httptest.NewRecorder()
	m.Handler().ServeHTTP(got, httptest.NewRequest("GET", "/metrics", nil))
	Expect(got.Code).To(Equal(200), got.Body.String())
	return got.Body.String()
}

// line matches an exposition with a series. CELL stands for the labels of active-passive under node-death.
func line(series string) types.GomegaMatcher {
	return ContainSubstring("\n" + strings.ReplaceAll(series, "CELL", `design="active-passive",scenario="node-death"`) + "\n")
}

// trial is a trial with a failover, in ms.
func trial(index int, verdict analyze.Verdict, failover float64) *analyze.Trial {
	dual := 0.0
	return &analyze.Trial{
		Trial: index, Target: "proxy-a", FailoverMS: &failover, Verdict: verdict, Lost: 12.5, Users: 50, UsersNoticed: 20, QMin: 0.25,
		DualActiveMS: &dual, Predicted: &analyze.Predicted{Lo: 2610, Hi: 3610, Inside: failover < 3610},
	}
}

var _ = Describe("the table of metrics", func() {
	It("has unique names, and a help of one sentence without its full stop", func() {
		names := map[string]bool{}
		for _, m := range telemetry.Table() {
			Expect(names).NotTo(HaveKey(m.Name))
			names[m.Name] = true
			Expect(m.Help).To(MatchRegexp(`^[^\n]+[^.\n]$`), m.Name)
		}
		Expect(names).To(And(HaveKey("spof_failover_seconds"), HaveKey("spof_dual_active_seconds"), HaveKey("spof_lost_total"),
			HaveKey("spof_lost_ratio"), HaveKey("spof_wan_bytes_per_second"), HaveKey("spof_exits_effective"), HaveKey("spof_latency_inflation_ratio")))
	})

	It("has every measure that a scenario can bound", func() {
		for _, m := range analyze.Bounded() {
			at := slices.IndexFunc(telemetry.Table(), func(row telemetry.Metric) bool { return strings.HasPrefix(row.Help, m.About) })
			Expect(at).To(BeNumerically(">=", 0), m.Name)
			Expect(telemetry.Table()[at].Kind).NotTo(BeEmpty(), "%s: no form for the unit %q", m.Name, m.Unit)
		}
	})
})

var _ = Describe("metrics", func() {
	var m *telemetry.Metrics
	var p plan.Plan
	BeforeEach(func() {
		m, p = telemetry.NewMetrics(), compiled()
		m.Begin("v1", "docker", []plan.Plan{p})
	})

	It("have the plan, its predicted interval and no trial at the start", func() {
		text := exposition(m)
		Expect(text).To(And(
			line(`spof_run_info{runtime="docker",seed="7",version="v1"} 1`),
			line(`spof_trials_planned{CELL} 2`),
			line(`spof_trials_total{CELL,verdict="pass"} 0`),
			line(`spof_predicted_lo_seconds{design="active-passive",fault="f1",of="failover",scenario="node-death"} 2.609375`),
			line(`spof_predicted_hi_seconds{design="active-passive",fault="f1",of="failover",scenario="node-death"} 3.609375`),
		))
		Expect(text).NotTo(ContainSubstring("spof_failover_seconds"))
	})

	It("add up the trials, in the base units of Prometheus", func() {
		m.Judged("active-passive", "node-death", trial(0, analyze.Pass, 3200), false)
		m.Judged("active-passive", "node-death", trial(1, analyze.Fail, 6100), false)
		Expect(exposition(m)).To(And(
			line(`spof_trials_total{CELL,verdict="pass"} 1`),
			line(`spof_trials_total{CELL,verdict="fail"} 1`),
			line(`spof_failover_seconds_bucket{CELL,le="3"} 0`),
			line(`spof_failover_seconds_bucket{CELL,le="4"} 1`),
			line(`spof_failover_seconds_sum{CELL} 9.3`),
			line(`spof_failover_seconds_count{CELL} 2`),
			line(`spof_dual_active_seconds_count{CELL} 2`),
			line(`spof_lost_total{CELL} 25`),
			line(`spof_q_min_ratio_sum{CELL} 0.5`),
			line(`spof_users_noticed_ratio_sum{CELL} 0.8`),
			line(`spof_trials_predicted_total{design="active-passive",inside="true",scenario="node-death"} 1`),
			line(`spof_trials_predicted_total{design="active-passive",inside="false",scenario="node-death"} 1`),
		))
	})

	It("count a trial once, with the attempt that counts in the report", func() {
		first, second := trial(0, analyze.Inconclusive, 3200), trial(0, analyze.Inconclusive, 5000)
		second.Attempt = 1
		m.Judged("active-passive", "node-death", first, true)
		Expect(exposition(m)).To(And(line(`spof_attempts_repeated_total{CELL} 1`), line(`spof_trials_total{CELL,verdict="inconclusive"} 0`)))
		m.Judged("active-passive", "node-death", second, false)
		Expect(exposition(m)).To(And(
			line(`spof_trials_total{CELL,verdict="inconclusive"} 1`),
			line(`spof_failover_seconds_sum{CELL} 3.2`), line(`spof_failover_seconds_count{CELL} 1`),
		), "of two inconclusive attempts the first counts")

		m.Judged("active-passive", "node-death", trial(1, analyze.Inconclusive, 3200), true)
		m.Judged("active-passive", "node-death", trial(1, analyze.Pass, 4000), false)
		Expect(exposition(m)).To(And(
			line(`spof_trials_total{CELL,verdict="pass"} 1`), line(`spof_trials_total{CELL,verdict="inconclusive"} 1`),
			line(`spof_failover_seconds_sum{CELL} 7.2`),
		), "the attempt that passed counts")
	})

	It("have no figure of a trial that shows nothing, and no failover that never came", func() {
		void, lost := trial(0, analyze.Inconclusive, 3200), trial(1, analyze.Fail, 0)
		void.Void, lost.FailoverMS = true, nil
		m.Judged("active-passive", "node-death", void, false)
		Expect(exposition(m)).NotTo(ContainSubstring("spof_lost_total"))
		m.Judged("active-passive", "node-death", lost, false)
		text := exposition(m)
		Expect(text).To(And(line(`spof_trials_without_return_total{CELL} 1`), line(`spof_lost_total{CELL} 12.5`)))
		Expect(text).NotTo(ContainSubstring("spof_failover_seconds"))
	})

	It("are clean by the linter of Prometheus, in the library and in promtool", func() {
		lab := telemetry.NewLab(m, nil)
		followed(lab, recorded(p))
		lab.Trial(&recorded(p).Header)
		all, err := m.Gatherer().Gather()
		Expect(err).NotTo(HaveOccurred())
		Expect(len(all)).To(BeNumerically(">", 25))
		Expect(promlint.NewWithMetricFamilies(all).Lint()).To(BeEmpty())
		promtool, err := exec.LookPath("promtool")
		if err != nil {
			Skip("promtool is not installed (Debian: prometheus)")
		}
		check := exec.Command(promtool, "check", "metrics")
		check.Stdin = strings.NewReader(exposition(m))
		out, err := check.CombinedOutput()
		Expect(err).NotTo(HaveOccurred(), "%s", out)
		Expect(string(out)).To(BeEmpty())
	})

	It("say the figures of the report", func() {
		judged := followed(telemetry.NewLab(m, nil), recorded(p))
		Expect(judged.FailoverMS).NotTo(BeNil())
		all, err := m.Gatherer().Gather()
		Expect(err).NotTo(HaveOccurred())
		compared := 0
		for _, family := range all {
			if h := family.GetMetric()[0].GetHistogram(); h != nil {
				key := strings.TrimSuffix(strings.TrimPrefix(family.GetName(), "spof_"), "_seconds")
				want, ok := judged.Measures[key+"_ms"]
				if want /= 1000; !ok {
					want, ok = judged.Measures[key+"_s"]
				}
				Expect(ok).To(BeTrue(), family.GetName())
				Expect(h.GetSampleSum()).To(BeNumerically("~", want, 1e-9), family.GetName())
				compared++
			}
		}
		Expect(compared).To(BeNumerically(">=", 7))
	})
})

// BenchmarkScrape measures a scrape of a run with one cell, and of a run of every scenario on every design.
func BenchmarkScrape(b *testing.B) {
	RegisterTestingT(b)
	for _, cells := range []int{1, 229} {
		b.Run(fmt.Sprintf("%d cells", cells), func(b *testing.B) {
			m := telemetry.NewMetrics()
			judged := followed(telemetry.NewLab(m, nil), recorded(compiled()))
			for i := range cells {
				m.Judged(fmt.Sprint("design-", i), "node-death", &judged, false)
			}
			size := 0
			for b.Loop() {
				size = len(exposition(m))
			}
			b.ReportMetric(float64(size), "bytes/scrape")
		})
	}
}
