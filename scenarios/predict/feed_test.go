package predict_test

import (
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/seed-ab8b6914/spof/reason"
	"github.com/seed-ab8b6914/spof/scenarios/fault"
	"github.com/seed-ab8b6914/spof/scenarios/plan"
	"github.com/seed-ab8b6914/spof/scenarios/scenariotest"
	"github.com/seed-ab8b6914/spof/scenarios/target"
	"github.com/seed-ab8b6914/spof/topology"
)

// fed is the pair on two feeds, the master's with a UPS.
func fed(ups time.Duration) *topology.Topology {
	t := scenariotest.Pair()
	t.Power = &topology.Power{Feeds: []topology.Feed{{Name: "feed-a", UPS: ups}, {Name: "feed-b"}}}
	for i, feed := range []string{"feed-a", "feed-b"} {
		hw := t.Nodes[i].Hardware()
		hw.PSUs, hw.Needed = []topology.PSU{{Name: "psu-1", Feed: feed}}, 1
		t.Nodes[i].Chassis = &hw
	}
	return t
}

var _ = Describe("a loss of feeds", func() {
	It("strikes the nodes on the feed of the node that serves, with the time line of their inputs", func() {
		f := scenariotest.Compile(fed(time.Second), scenariotest.With(scenariotest.FaultOf(fault.FeedLoss, target.Serving, target.RoleFeed))).Faults[0]
		Expect(f.Feeds).To(HaveExactElements("feed-a"))
		Expect(f.Candidates).To(HaveExactElements(fault.Candidate{Node: "proxy-a"}))
		var sources []string
		for _, c := range f.Power {
			sources = append(sources, c.At.String()+" "+string(c.Supply))
		}
		Expect(sources).To(HaveExactElements("0s ups", "1s none", "7s mains"))
	})

	It("is predicted as the loss of power that follows, later by the time of the UPS", func() {
		now := scenariotest.Compile(fed(0), scenariotest.With(scenariotest.FaultOf(fault.FeedLoss, "feed-a", target.RoleFeed))).Faults[0].Predicted
		later := scenariotest.Compile(fed(time.Second), scenariotest.With(scenariotest.FaultOf(fault.FeedLoss, "feed-a", target.RoleFeed))).Faults[0].Predicted
		loss := scenariotest.Compile(fed(0), scenariotest.With(scenariotest.FaultOf(fault.PowerLoss, "proxy-a", target.RoleEntry))).Faults[0].Predicted
		Expect(now).To(Equal(loss))
		Expect(later.Lo - loss.Lo).To(Equal(time.Second))
		Expect(later.Hi - loss.Hi).To(Equal(time.Second))
		Expect(scenariotest.Compile(fed(time.Hour), scenariotest.With(scenariotest.FaultOf(fault.FeedLoss, "feed-a", target.RoleFeed))).Faults[0].Predicted.Text).To(ContainSubstring("no outage"))
	})

	It("is not predicted if a node drains before it loses power, or leaves without losing power", func() {
		all := scenariotest.With(scenariotest.FaultOf(fault.MainsOutage, target.All, target.RoleFeed))
		twin := func(ups time.Duration, preempt bool) *topology.Topology {
			t := fed(0)
			t.Power.Feeds[1].UPS = ups
			t.Power.Feeds = append(t.Power.Feeds, topology.Feed{Name: "feed-c", UPS: time.Hour})
			t.Nodes[0].Chassis.PSUs = []topology.PSU{{Name: "psu-1", Feed: "feed-a"}, {Name: "psu-2", Feed: "feed-b"}}
			t.Nodes[1].Chassis.PSUs = []topology.PSU{{Name: "psu-1", Feed: "feed-c"}}
			t.Addresses[0].Preempt = preempt
			return t
		}
		Expect(scenariotest.Compile(twin(time.Second, true), all).Faults[0].Predicted).NotTo(BeNil())
		Expect(scenariotest.Compile(heeding(twin(time.Second, true), topology.Drain), all).Faults[0].Predicted).To(BeNil(), "it leaves at its warning")
		Expect(scenariotest.Compile(heeding(twin(0, true), topology.Drain), all).Faults[0].Predicted).NotTo(BeNil(), "no warning comes before")
		Expect(scenariotest.Compile(heeding(twin(time.Second, true), topology.Leave), all).Faults[0].Predicted).NotTo(BeNil(), "it ignores a warning")
		Expect(scenariotest.Compile(heeding(twin(time.Hour, true), topology.Drain), all).Faults[0].Predicted).NotTo(BeNil(), "the address moves while it serves")
		Expect(scenariotest.Compile(heeding(twin(time.Hour, false), topology.Drain), all).Faults[0].Predicted).To(BeNil(), "the address is given up")
	})

	DescribeTable("is refused", func(t *topology.Topology, f fault.Fault, code, value string) {
		_, err := plan.Compile(t, scenariotest.With(f), 1, 1)
		Expect(reason.Codes(err)).To(Equal([]string{code}))
		Expect(err).To(MatchError(ContainSubstring(value)))
	},
		Entry("without power", scenariotest.Pair(), scenariotest.FaultOf(fault.FeedLoss, target.Serving, target.RoleFeed), "no-power", "role feed"),
		Entry("on an unknown feed", fed(0), scenariotest.FaultOf(fault.FeedLoss, "feed-c", target.RoleFeed),
			"unknown-target", `power feed "feed-c" (did you mean "feed-a"?); valid: serving, any, all, feed-a, feed-b`),
		Entry("as an outage of the mains on one of them", fed(0), scenariotest.FaultOf(fault.MainsOutage, "feed-a", target.RoleFeed),
			"not-all-feeds", "want the target all"),
	)

	It("is refused if another at the same time shares its generator", func() {
		t := fed(0)
		t.Power.Generators = []topology.Generator{{Name: "diesel", Start: time.Second, Capacity: 1}}
		t.Power.Feeds[0].Generator, t.Power.Feeds[1].Generator = "diesel", "diesel"
		a, b := scenariotest.FaultOf(fault.FeedLoss, "feed-a", target.RoleFeed), scenariotest.FaultOf(fault.FeedLoss, "feed-b", target.RoleFeed)
		_, err := plan.Compile(t, scenariotest.With(a, b), 1, 1)
		Expect(reason.Codes(err)).To(Equal([]string{"shared-generator"}))
		Expect(err).To(MatchError(And(ContainSubstring("fault 2 (feed-loss): "), ContainSubstring("fault 1 (feed-loss) share the generator diesel"))))
		t.Power.Feeds[1].Generator = ""
		_, err = plan.Compile(t, scenariotest.With(a, b), 1, 1)
		Expect(err).NotTo(HaveOccurred())
	})
})
