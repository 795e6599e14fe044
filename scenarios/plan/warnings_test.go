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

var _ = DescribeTable("what a scenario can't prove is known before it runs", func(load, phases, faults, want string) {
	warnings := file(load, phases, faults).Warnings()
	if want == "" {
		Expect(warnings).To(BeEmpty())
		return
	}
	Expect(warnings).To(HaveLen(1))
	Expect(warnings[0].Hopeless).To(BeTrue())
	Expect(warnings[0].Key() + ": " + warnings[0].What).To(Equal(want))
},
	Entry("a baseline of as many requests as must have ended", "rate: 20/s", "baseline: 5s, fault: 8s, recovery: 6s", death,
		"phases.baseline: 20/s x 5s gives 100 requests, and some of them are in flight at the fault; at least 100 must have ended: make it 6s"),
	Entry("the same with what is advised", "rate: 20/s", "baseline: 6s, fault: 8s, recovery: 6s", death, ""),
	Entry("just enough", "rate: 200/s", "baseline: 600ms, fault: 8s, recovery: 6s", death, ""),
	Entry("one millisecond less", "rate: 200/s", "baseline: 599ms, fault: 8s, recovery: 6s", death,
		"phases.baseline: 200/s x 599ms gives 119 requests, and some of them are in flight at the fault; at least 100 must have ended: make it 1s"),
	Entry("requests of an impatient user are over sooner", "rate: 200/s, patience: 10ms", "baseline: 510ms, fault: 8s, recovery: 6s", death, ""),
	Entry("a fault as long as the window, of which its effect takes some", "rate: 200/s", "baseline: 3s, fault: 8s, recovery: 6s", death+", for: 1s",
		"fault 1: the fault lasts 1s at 200/s; sustained service takes 1s and 20 requests to see, and the fault up to 100ms to take effect: make it 2s"),
	Entry("the same with what is advised", "rate: 200/s", "baseline: 3s, fault: 8s, recovery: 6s", death+", for: 2s", ""),
	Entry("a fault with too few requests", "rate: 5/s", "baseline: 30s, fault: 4s, recovery: 6s", death,
		"fault 1: the fault lasts 4s at 5/s; sustained service takes 1s and 20 requests to see, and the fault up to 100ms to take effect: make it 5s"),
	Entry("without faults all that is due counts", "rate: 20/s", "baseline: 3s, recovery: 2s", "", ""),
	Entry("too little of it", "rate: 20/s", "baseline: 3s, recovery: 1s", "",
		"phases.baseline: 20/s x 4s gives 80 requests; at least 100 are needed to judge by: make it 4s"),
)

var _ = DescribeTable("a load that no machine carries is known before it runs", func(load, phases, faults, want string) {
	var said []string
	for _, w := range file(load, phases, faults).Warnings() {
		Expect(w.Hopeless).To(Equal(strings.Contains(w.What, "a trial has at most")))
		said = append(said, w.Key()+": "+w.What)
	}
	Expect(strings.Join(said, "\n")).To(Equal(want))
},
	Entry("as much as one carries", "rate: 1000/s, body: 4MiB", "baseline: 5s", "", ""),
	Entry("twice as much", "rate: 1000/s, body: 8MiB", "baseline: 5s", "",
		"load.rate: 1000/s x 8MiB are 67 Gbit/s; a lab on one machine carries at most 40 Gbit/s: make it 590/s or less, or the bodies smaller"),
	Entry("a surge of it", "rate: 200/s, body: 4MiB", "baseline: 5s, fault: 8s, recovery: 6s", "kind: surge, target: all, factor: 10",
		"load.rate: 2000/s x 4MiB are 67 Gbit/s; a lab on one machine carries at most 40 Gbit/s: make it 110/s or less, or the bodies smaller"),
	Entry("as many requests as are kept", "rate: 25000/s, body: 0B", "warm_up: 10s, baseline: 990s", "", ""),
	Entry("more", "rate: 25000/s, body: 0B", "warm_up: 10s, baseline: 991s", "",
		"load.rate: 25000/s over all phases give 25025000 requests; a trial has at most 25000000: make it 24970/s or less, or the phases shorter"),
	Entry("more with a surge", "rate: 25000/s, body: 0B", "warm_up: 0s, baseline: 900s, fault: 10s, recovery: 10s", "kind: surge, target: all, factor: 100",
		"load.rate: 25000/s over all phases give 47750000 requests; a trial has at most 25000000: make it 13080/s or less, or the phases shorter"),
	Entry("both", "rate: 100000/s, body: 64MiB", "baseline: 1h", "",
		"load.rate: 100000/s over all phases give 360100000 requests; a trial has at most 25000000: make it 6940/s or less, or the phases shorter\n"+
			"load.rate: 100000/s x 64MiB are 53687 Gbit/s; a lab on one machine carries at most 40 Gbit/s: make it 70/s or less, or the bodies smaller"),
)

var _ = Describe("a plan", func() {
	It("is warned of with the latency of its lines", func() {
		s := file("rate: 40/s", "baseline: 2600ms, fault: 8s, recovery: 6s", death)
		t := scenariotest.Pair()
		Expect(scenariotest.Compile(t, s).Warnings()).To(BeEmpty())
		t.WAN[0].Latency = 200 * time.Millisecond
		warnings := scenariotest.Compile(t, s).Warnings()
		Expect(warnings).To(HaveLen(1))
		Expect(warnings[0]).To(And(HaveField("Hopeless", true), HaveField("What", ContainSubstring("make it 3s"))))
		Expect(plan.Text(scenariotest.Compile(t, s))).To(ContainSubstring("\nwarning: phases.baseline: 40/s x 2.6s gives 104 requests"))
	})

	It("tells of each fault that has no prediction, which is no fault of the plan", func() {
		p := scenariotest.Compile(scenariotest.Pair(), scenariotest.Bundled("wan-flap"))
		Expect(p.Warnings()).To(HaveLen(1))
		Expect(p.Warnings()[0]).To(And(HaveField("Note", true), HaveField("Hopeless", false), HaveField("Fault", 1),
			HaveField("What", "no prediction of what wan-flap comes to: "+p.Faults[0].Unpredicted)))
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
						Expect(w.Hopeless).To(BeFalse(), "%s on %s: %s", scenario, name, w.What)
					}
				}
			}
		}
		Expect(plans).To(BeNumerically(">", 100))
	})

	DescribeTable("is made no more hopeless by being brief", func(phases, faults string) {
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
	demand := func(rate, scenario string) string {
		s := *scenariotest.Bundled(scenario)
		s.Load.Rate = file("rate: "+rate, "baseline: 6s", "").Load.Rate
		var texts []string
		for _, w := range scenariotest.Compile(scenariotest.Pair(), &s).Demand(cost) {
			Expect(w.Hopeless).To(BeFalse())
			Expect(w.Key()).To(Equal("load.rate"))
			texts = append(texts, w.What)
		}
		return strings.Join(texts, "\n")
	}

	DescribeTable("is held against what this machine has been seen to need", func(rate, scenario, want string) {
		Expect(demand(rate, scenario)).To(Equal(want))
	},
		Entry("it has room", "200/s", "node-death", ""),
		Entry("room for the backlog of a failover too", "206/s", "node-death", ""),
		Entry("not for it", "210/s", "node-death", "after a failover of 3.609s the backlog of 758 requests is tried again within a second, "+
			"which needs up to 2.0 of 2 processors (at most 2.1 ms a request, measured on this machine on 2026-11-28 at 200/s with all else that it did): latencies after it may be this machine's; make it 200/s or less"),
		Entry("not for the load itself", "800/s", "steady", "800/s need up to 1.7 of 2 processors (at most 2.1 ms a request, measured on this machine on 2026-11-28 at 200/s with all else that it did): "+
			"requests may wait for this machine; make it 760/s or less"),
		Entry("a surge is load", "300/s", "surge", "900/s need up to 1.9 of 2 processors (at most 2.1 ms a request, measured on this machine on 2026-11-28 at 200/s with all else that it did): "+
			"requests may wait for this machine; make it 250/s or less"),
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
