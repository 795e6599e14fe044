package plan_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/seed-ab8b6914/spof/reason"
	"github.com/seed-ab8b6914/spof/reports/analyze"
	"github.com/seed-ab8b6914/spof/scenarios"
	"github.com/seed-ab8b6914/spof/scenarios/fault"
	"github.com/seed-ab8b6914/spof/scenarios/plan"
	"github.com/seed-ab8b6914/spof/scenarios/scenariotest"
	"github.com/seed-ab8b6914/spof/scenarios/target"
	"github.com/seed-ab8b6914/spof/topology"
)

var _ = Describe("a plan", func() {
	It("has a time line from the start of the load", func() {
		s := scenariotest.With(fault.Fault{Kind: fault.PowerLoss, Target: target.Target{Pick: "serving", Role: "entry"}, At: time.Second, For: 2 * time.Second})
		p := scenariotest.Compile(scenariotest.Pair(), s)
		Expect([]time.Duration{p.BaselineAt, p.FaultAt, p.RecoverAt, p.End}).To(Equal(
			[]time.Duration{time.Second, 4 * time.Second, 7 * time.Second, 19 * time.Second}))
		Expect(p.Faults[0].At).To(Equal(5 * time.Second))
		Expect(p.Faults[0].Undo).To(Equal(7 * time.Second))
	})
	It("undoes a fault without an end at the end of the fault phase", func() {
		Expect(scenariotest.Compile(scenariotest.Pair(), scenariotest.Bundled("node-death")).RecoverAt).To(Equal(11 * time.Second))
	})
	It("has no phase where nothing breaks", func() {
		p := scenariotest.Compile(scenariotest.Pair(), scenariotest.Bundled("steady"))
		Expect(p.End).To(Equal(7 * time.Second))
		Expect(p.Trials).To(HaveEach(HaveField("Phase", time.Duration(0))))
	})

	DescribeTable("draws the phase across the design's longest timer",
		func(change func(*topology.Topology), want time.Duration) {
			t := scenariotest.Balanced()
			change(t)
			Expect(scenariotest.Compile(t, scenariotest.Bundled("node-death")).PhasePeriod).To(Equal(want))
		},
		Entry("an advert", func(t *topology.Topology) { t.Addresses[0].Advert = 5 * time.Second }, 5*time.Second),
		Entry("a track check", func(t *topology.Topology) { t.Addresses[0].Track.Interval = 3 * time.Second }, 3*time.Second),
		Entry("a balancer's check", func(t *topology.Topology) { t.Nodes[1].Services[0].Balance.Check.Interval = 4 * time.Second }, 4*time.Second),
		Entry("none at all", func(t *topology.Topology) { *t = *scenariotest.Single() }, time.Second),
	)

	DescribeTable("hits each stratum of the period once",
		func(n int) {
			p, err := plan.Compile(scenariotest.Pair(), scenariotest.Bundled("node-death"), 3, n)
			Expect(err).NotTo(HaveOccurred())
			hits := make([]int, n)
			for i, t := range p.Trials {
				Expect(t.Index).To(Equal(i))
				Expect(t.Phase).To(And(BeNumerically(">=", 0), BeNumerically("<", p.PhasePeriod)))
				hits[int64(t.Phase)*int64(n)/int64(p.PhasePeriod)]++
			}
			Expect(hits).To(HaveEach(1))
		},
		Entry(nil, 1), Entry(nil, 2), Entry(nil, 10), Entry(nil, 64),
	)

	It("spans (n-1)/n of the period in expectation, evenly", func() {
		const n, seeds = 10, 300
		span, middle := 0.0, 0.0
		for seed := range uint64(seeds) {
			p, err := plan.Compile(scenariotest.Pair(), scenariotest.Bundled("node-death"), seed, n)
			Expect(err).NotTo(HaveOccurred())
			least, most := p.PhasePeriod, time.Duration(0)
			for _, t := range p.Trials {
				least, most = min(least, t.Phase), max(most, t.Phase)
				middle += float64(t.Phase) / float64(p.PhasePeriod) / n / seeds
			}
			span += float64(most-least) / float64(p.PhasePeriod) / seeds
		}
		Expect(span).To(BeNumerically("~", float64(n-1)/n, .01)) // independent phases: 9/11
		Expect(middle).To(BeNumerically("~", .5, .003))          // its standard error is 0.0005; of independent phases 0.005
	})

	It("is the same from the same seed, and another from another", func() {
		one, err := plan.Compile(scenariotest.Balanced(), scenariotest.Bundled("proxy-death"), 1, 10)
		Expect(err).NotTo(HaveOccurred())
		again, err := plan.Compile(scenariotest.Balanced(), scenariotest.Bundled("proxy-death"), 1, 10)
		Expect(err).NotTo(HaveOccurred())
		other, err := plan.Compile(scenariotest.Balanced(), scenariotest.Bundled("proxy-death"), 2, 10)
		Expect(err).NotTo(HaveOccurred())
		Expect(again).To(Equal(one))
		Expect(again.Hash()).To(Equal(one.Hash()))
		Expect(other.Hash()).NotTo(Equal(one.Hash()))
		Expect(other.Trials).NotTo(Equal(one.Trials))
	})
	It("breaks the same node however many trials there are", func() {
		one, err := plan.Compile(scenariotest.Balanced(), scenariotest.Bundled("proxy-death"), 5, 1)
		Expect(err).NotTo(HaveOccurred())
		for n := 2; n < 20; n++ {
			p, err := plan.Compile(scenariotest.Balanced(), scenariotest.Bundled("proxy-death"), 5, n)
			Expect(err).NotTo(HaveOccurred())
			Expect(p.Faults).To(Equal(one.Faults))
		}
	})
	It("refuses a number of trials out of range", func() {
		_, err := plan.Compile(scenariotest.Pair(), scenariotest.Bundled("steady"), 1, 0)
		Expect(reason.Codes(err)).To(Equal([]string{"trials-out-of-range"}))
		Expect(err).To(MatchError(ContainSubstring("want 1 to 10000")))
	})

	It("refuses a design with two origins", func() {
		shops := scenariotest.Pair()
		shops.Origins = append(shops.Origins, topology.Origin{Name: "shop"})
		_, err := plan.Compile(shops, scenariotest.Bundled("steady"), 1, 1)
		Expect(reason.Codes(err)).To(Equal([]string{"several-origins"}))
	})

	It("is the same after it is written and read, with its hash", func() {
		p := scenariotest.Compile(scenariotest.Balanced(), scenariotest.Bundled("proxy-death"))
		data, err := p.JSON()
		Expect(err).NotTo(HaveOccurred())
		back := new(plan.Plan)
		Expect(json.Unmarshal(data, back)).To(Succeed())
		Expect(back).To(Equal(p))
		Expect(back.Hash()).To(Equal(p.Hash()))
	})
	It("says why it has no prediction", func() {
		d, err := topology.Load("disk-cache")
		Expect(err).NotTo(HaveOccurred())
		p := scenariotest.Compile(d, scenariotest.With(scenariotest.FaultOf(fault.DiskFull, "serving", "proxy")))
		Expect(p.Faults[0].Unpredicted).To(HavePrefix("a service may die of a full disk"))
		Expect(plan.Text(p)).To(ContainSubstring("\n  predicted: nothing\n    a service may die of a full disk"))
	})
	It("has a hash that does not drift", func() {
		// Another value means that plans of older versions no longer compare: then Schema must change too.
		s, err := scenarios.Read("trip.yaml", []byte(scenariotest.Trip), analyze.Expectable())
		Expect(err).NotTo(HaveOccurred())
		Expect(scenariotest.Compile(scenariotest.Pair(), s).Hash()).To(Equal(goldenHash))
	})

	DescribeTable("reads as a text",
		func(t *topology.Topology, scenario string) {
			golden := filepath.Join("testdata", scenario+"-"+t.Name+".txt")
			p := scenariotest.Compile(t, scenariotest.Bundled(scenario))
			got := strings.Replace(plan.Text(p), p.Hash()[:12], "HASH", 1)
			if os.Getenv("UPDATE_GOLDEN") != "" {
				Expect(os.WriteFile(golden, []byte(got), 0o644)).To(Succeed())
			}
			want, err := os.ReadFile(golden)
			Expect(err).NotTo(HaveOccurred())
			Expect(got).To(Equal(string(want)))
		},
		Entry("node-death", scenariotest.Pair(), "node-death"),
		Entry("proxy-death", scenariotest.Balanced(), "proxy-death"),
		Entry("wan-loss", scenariotest.Single(), "wan-loss"),
		Entry("steady", scenariotest.Single(), "steady"),
	)
})

const goldenHash = "411aeb1b07306c8a4f7718114cfe2e0f8ca7f0413fd58d7759a65c5934c5cf8b"
