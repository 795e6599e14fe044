package plan_test

import (
	"strings"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/seed-ab8b6914/spof/reports/analyze"
	"github.com/seed-ab8b6914/spof/scenarios"
	"github.com/seed-ab8b6914/spof/scenarios/campaign"
	"github.com/seed-ab8b6914/spof/scenarios/plan"
	"github.com/seed-ab8b6914/spof/scenarios/scenariotest"
	"github.com/seed-ab8b6914/spof/topology"
)

// file is a scenario file with this load, these phases and faults.
func file(load, phases, faults string) *scenarios.Scenario {
	GinkgoHelper()
	text := "scenario: ours\nload: {" + load + "}\nphases: {" + phases + "}\n"
	if faults != "" {
		text += "faults:\n  - {" + faults + "}\n"
	}
	s, err := scenarios.Read("ours.yaml", []byte(text+"expect: {corrupted: \"== 0\"}\n"), analyze.Expectable())
	Expect(err).NotTo(HaveOccurred())
	return s
}

const death = "kind: power-loss, target: serving"

// listed gives each warning as its key and code.
func listed(warnings []scenarios.Warning) string {
	var list []string
	for _, w := range warnings {
		list = append(list, w.Key()+" "+w.Code)
	}
	return strings.Join(list, ", ")
}

// joined gives the texts of warnings.
func joined(warnings []scenarios.Warning) string {
	var texts []string
	for _, w := range warnings {
		texts = append(texts, w.What)
	}
	return strings.Join(texts, "\n")
}

var _ = DescribeTable("a scenario whose trials would be inconclusive is warned of", func(load, phases, faults, want string, values ...string) {
	warnings := file(load, phases, faults).Warnings()
	Expect(listed(warnings)).To(Equal(want))
	for _, w := range warnings {
		Expect(w.Inconclusive).To(BeTrue())
	}
	for _, value := range values {
		Expect(joined(warnings)).To(ContainSubstring(value))
	}
},
	Entry("a baseline of as many requests as must have ended", "rate: 20/s", "baseline: 5s, fault: 8s, recovery: 6s", death,
		"phases.baseline baseline-too-short", "20/s x 5s gives 100 requests", "at least 100", "make it 6s"),
	Entry("the same with the advised length", "rate: 20/s", "baseline: 6s, fault: 8s, recovery: 6s", death, ""),
	Entry("just enough", "rate: 200/s", "baseline: 600ms, fault: 8s, recovery: 6s", death, ""),
	Entry("one millisecond less", "rate: 200/s", "baseline: 599ms, fault: 8s, recovery: 6s", death,
		"phases.baseline baseline-too-short", "200/s x 599ms gives 119 requests", "make it 1s"),
	Entry("requests of an impatient user end sooner", "rate: 200/s, patience: 10ms", "baseline: 510ms, fault: 8s, recovery: 6s", death, ""),
	Entry("a fault as long as the window, without the time of its effect", "rate: 200/s", "baseline: 3s, fault: 8s, recovery: 6s", death+", for: 1s",
		"fault 1 fault-too-short", "lasts 1s at 200/s", "up to 100ms", "after 1s and 20 requests", "make it 2s"),
	Entry("the same with the advised length", "rate: 200/s", "baseline: 3s, fault: 8s, recovery: 6s", death+", for: 2s", ""),
	Entry("a fault with too few requests", "rate: 5/s", "baseline: 30s, fault: 4s, recovery: 6s", death,
		"fault 1 fault-too-short", "lasts 4s at 5/s", "make it 5s"),
	Entry("without faults every phase counts", "rate: 20/s", "baseline: 3s, recovery: 2s", "", ""),
	Entry("too few requests without faults", "rate: 20/s", "baseline: 3s, recovery: 1s", "",
		"phases.baseline baseline-too-short", "20/s x 4s gives 80 requests", "at least 100", "make it 4s"),
)

var _ = DescribeTable("a load that no machine carries is warned of", func(load, phases, faults, want string, values ...string) {
	warnings := file(load, phases, faults).Warnings()
	Expect(listed(warnings)).To(Equal(want))
	for _, w := range warnings {
		Expect(w.Inconclusive).To(Equal(w.Code == "too-many-requests"))
	}
	for _, value := range values {
		Expect(joined(warnings)).To(ContainSubstring(value))
	}
},
	Entry("as much as a machine carries", "rate: 1000/s, body: 4MiB", "baseline: 5s", "", ""),
	Entry("twice as much", "rate: 1000/s, body: 8MiB", "baseline: 5s", "",
		"load.rate too-much-traffic", "1000/s x 8MiB are 67 Gbit/s", "at most 40 Gbit/s", "make it 590/s or less"),
	Entry("a surge", "rate: 200/s, body: 4MiB", "baseline: 5s, fault: 8s, recovery: 6s", "kind: surge, target: all, factor: 10",
		"load.rate too-much-traffic", "2000/s x 4MiB are 67 Gbit/s", "make it 110/s or less"),
	Entry("the most requests", "rate: 25000/s, body: 0B", "warm_up: 10s, baseline: 990s", "", ""),
	Entry("more requests", "rate: 25000/s, body: 0B", "warm_up: 10s, baseline: 991s", "",
		"load.rate too-many-requests", "25025000 requests", "at most 25000000", "make it 24970/s or less"),
	Entry("more requests by a surge", "rate: 25000/s, body: 0B", "warm_up: 0s, baseline: 900s, fault: 10s, recovery: 10s", "kind: surge, target: all, factor: 100",
		"load.rate too-many-requests", "47750000 requests", "make it 13080/s or less"),
	Entry("both", "rate: 100000/s, body: 64MiB", "baseline: 1h", "",
		"load.rate too-many-requests, load.rate too-much-traffic", "360100000 requests", "make it 6940/s or less", "53687 Gbit/s", "make it 70/s or less"),
)

var _ = Describe("a plan", func() {
	It("is warned of by the latency of its links", func() {
		s := file("rate: 40/s", "baseline: 2600ms, fault: 8s, recovery: 6s", death)
		t := scenariotest.Pair()
		Expect(scenariotest.Compile(t, s).Warnings()).To(BeEmpty())
		t.WAN[0].Latency = 200 * time.Millisecond
		warnings := scenariotest.Compile(t, s).Warnings()
		Expect(listed(warnings)).To(Equal("phases.baseline baseline-too-short"))
		Expect(warnings[0]).To(And(HaveField("Inconclusive", true), HaveField("What", ContainSubstring("make it 3s"))))
		Expect(plan.Text(scenariotest.Compile(t, s))).To(ContainSubstring("\nwarning: phases.baseline: 40/s x 2.6s gives 104 requests"))
	})

	It("notes each fault without a prediction", func() {
		p := scenariotest.Compile(scenariotest.Pair(), scenariotest.Bundled("wan-flap"))
		Expect(listed(p.Warnings())).To(Equal("fault 1 no-prediction"))
		Expect(p.Warnings()[0]).To(And(HaveField("Note", true), HaveField("Inconclusive", false), HaveField("What", HaveSuffix(p.Faults[0].Unpredicted))))
	})

	It("of the bundled ones is never hopeless, whole or brief", func() {
		plans := 0
		for _, name := range topology.Designs() {
			for _, scenario := range scenarios.Library() {
				t, s := scenariotest.Design(name), scenariotest.Bundled(scenario)
				full, err := plan.Compile(t, s, 1, 1)
				if err != nil {
					continue
				}
				cut, err := plan.Compile(t, campaign.Shorten(full, s, analyze.Expectable()), 1, 1)
				Expect(err).NotTo(HaveOccurred())
				for _, p := range []*plan.Plan{full, cut} {
					plans++
					for _, w := range p.Warnings() {
						Expect(w.Inconclusive).To(BeFalse(), "%s on %s: %s", scenario, name, w.What)
					}
				}
			}
		}
		Expect(plans).To(BeNumerically(">", 100))
	})

	DescribeTable("is not hopeless when it is brief", func(phases, faults string) {
		s := file("rate: 60/s", phases, faults)
		Expect(s.Warnings()).To(BeEmpty())
		p := scenariotest.Compile(scenariotest.Pair(), s)
		Expect(scenariotest.Compile(scenariotest.Pair(), campaign.Shorten(p, s, analyze.Expectable())).Warnings()).To(BeEmpty())
	},
		Entry("with a short baseline", "baseline: 2s, fault: 8s, recovery: 6s", death),
		Entry("without faults", "baseline: 2s", ""),
	)
})

var _ = Describe("the load of a plan", func() {
	cost := plan.Cost{PerRequest: 2100 * time.Microsecond, CPUs: 2, Rate: 200, Day: "2026-11-28"}
	DescribeTable("is compared with what this machine has needed", func(rate, scenario string, values ...string) {
		s := *scenariotest.Bundled(scenario)
		s.Load.Rate = file("rate: "+rate, "baseline: 6s", "").Load.Rate
		warnings := scenariotest.Compile(scenariotest.Pair(), &s).Demand(cost)
		if len(values) == 0 {
			Expect(warnings).To(BeEmpty())
			return
		}
		Expect(listed(warnings)).To(Equal("load.rate machine-too-small"))
		Expect(warnings[0].Inconclusive).To(BeFalse())
		for _, value := range append(values, "2.1 ms a request", "on 2026-11-28 at 200/s") {
			Expect(warnings[0].What).To(ContainSubstring(value))
		}
	},
		Entry("enough", "200/s", "node-death"),
		Entry("enough also for the backlog of a failover", "206/s", "node-death"),
		Entry("too little for the backlog", "210/s", "node-death", "failover of 3.609s", "backlog of 758 requests", "2.0 of 2 processors", "make it 200/s or less"),
		Entry("too little for the load", "800/s", "steady", "800/s need up to 1.7 of 2 processors", "make it 760/s or less"),
		Entry("a surge is load", "300/s", "surge", "900/s need up to 1.9 of 2 processors", "make it 250/s or less"),
	)

	It("costs alike on designs of one shape, whatever their names and timers", func() {
		t := scenariotest.Pair()
		other := scenariotest.Pair()
		other.Name, other.Addresses[0].Advert = "other", 2*time.Second
		s := scenariotest.Bundled("node-death")
		Expect(scenariotest.Compile(t, s).Shape()).To(Equal(scenariotest.Compile(other, s).Shape()))
		Expect(scenariotest.Compile(t, s).Shape()).To(Equal("1 origin, 2 squid, 1 users, 2 vrrp, 1 wan; tls 0.2, new 0.2, 4096 bytes"))
		Expect(scenariotest.Compile(scenariotest.Single(), s).Shape()).NotTo(Equal(scenariotest.Compile(t, s).Shape()))
	})
})
