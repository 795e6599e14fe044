package predict_test

import (
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/seed-ab8b6914/spof/scenarios/fault"
	"github.com/seed-ab8b6914/spof/scenarios/scenariotest"
	"github.com/seed-ab8b6914/spof/topology"
)

// crossed prefers the other node.
func crossed(a *topology.Address) {
	a.Members = []topology.Member{{Node: "proxy-b", Priority: 150}, {Node: "proxy-a", Priority: 100}}
}

// beside is the pair with so many users more who enter at a node of it.
func beside(node string, count int) *topology.Topology {
	t := scenariotest.Pair()
	t.Users = append(t.Users, topology.Group{Name: "lab", Count: count, Proxy: topology.Entry{Host: node, Port: 3128}})
	return t
}

var _ = Describe("what a plan predicts if users enter at several places", func() {
	death := scenariotest.FaultOf(fault.PowerLoss, "serving", "entry")

	DescribeTable("is the slowest place", func(t *topology.Topology, f fault.Fault, event string, lo, hi time.Duration, text string) {
		p := predicted(t, f)
		Expect(p).NotTo(BeNil())
		Expect([]time.Duration{p.Lo, p.Hi}).To(Equal([]time.Duration{lo, hi}))
		Expect(p.Event).To(Equal(event))
		Expect(p.Text).To(ContainSubstring(text))
		Expect(p.Never || p.EventOnly).To(BeFalse())
	},
		Entry("two addresses with the same members and timers have one prediction", scenariotest.Twice(nil), death, "vrrp", 2000*ms+skew, 3000*ms+skew,
			"users at vip, vip-2: proxy-b: MDI - A to MDI"),
		Entry("crossed priorities: only one of them moves", scenariotest.Twice(crossed), death, "vrrp", 2000*ms+skew, 3000*ms+skew,
			"users at vip-2: proxy-b holds the address: no outage"),
		Entry("a slower election", scenariotest.Twice(func(a *topology.Address) { a.Advert = 2 * time.Second }), death, "", 4000*ms+skew, 6000*ms+skew,
			"failover counts all users, so the slowest place decides: 4.609s to 6.609s"),
		Entry("the holder of an address without preemption may hold the other address", changed(scenariotest.Twice(unpreempting), unpreempting), death, "",
			2000*ms+414062500, 3000*ms+skew, "no outage if the node does not hold the address (no preemption)"),
		Entry("users of the other node notice nothing", beside("proxy-b", 20), death, "vrrp", 2000*ms+skew, 3000*ms+skew,
			"users at proxy-b: the fault strikes nothing that serves users: no outage"),
	)

	It("is no failover if a group has no other place, and nothing if the group is too small", func() {
		Expect(predicted(beside("proxy-b", 20), scenariotest.FaultOf(fault.PowerLoss, "standby", "entry"))).To(And(HaveField("Never", true),
			HaveField("Text", "users at proxy-b: nothing else can serve at proxy-b: service returns only with the repair")))
		plan := scenariotest.Compile(func() *topology.Topology {
			t := beside("proxy-b", 1)
			t.Users[0].Count = 199
			return t
		}(), scenariotest.With(scenariotest.FaultOf(fault.PowerLoss, "standby", "entry"))).Faults[0]
		Expect(plan.Predicted).To(BeNil())
		Expect(plan.Unpredicted).To(Equal("the fault affects only the 0.5 % of the users who enter at proxy-b: too few to decide whether service is back"))
	})

	It("is nothing if the places wait for different kinds of event", func() {
		t := scenariotest.Balanced()
		t.Users = append(t.Users, topology.Group{Name: "lab", Count: 30, Proxy: topology.Entry{Host: "vip-2", Port: 3128}})
		second := scenariotest.Pair().Addresses[0]
		second.Name, second.RouterID = "vip-2", 52
		t.Addresses = append(t.Addresses, second)
		plan := scenariotest.Compile(t, scenariotest.With(scenariotest.FaultOf(fault.PowerLoss, "proxy-a", "proxy"))).Faults[0]
		Expect(plan.Predicted).To(BeNil())
		Expect(plan.Unpredicted).To(HavePrefix("failover is one figure for all users, but they wait for different events: users at vip: balancer: "))
	})
})
