package predict_test

import (
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/seed-ab8b6914/spof/proxy"
	"github.com/seed-ab8b6914/spof/scenarios/fault"
	"github.com/seed-ab8b6914/spof/scenarios/predict"
	"github.com/seed-ab8b6914/spof/scenarios/scenariotest"
	"github.com/seed-ab8b6914/spof/topology"
)

// through gives Squids of a topology two new nodes with forward proxies and a link each as parents, edge-a the first.
func through(t *topology.Topology, timeout time.Duration, limit int, children ...string) *topology.Topology {
	for i, n := range t.Nodes {
		for _, child := range children {
			if n.Name == child {
				t.Nodes[i].WAN = ""
				t.Nodes[i].Services[0].Parents = &topology.Parents{Nodes: []string{"edge-a", "edge-b"}, ConnectTimeout: timeout, FailLimit: limit}
			}
		}
	}
	edge := scenariotest.Squid("edge-b")
	edge.WAN = "wan-2"
	t.Nodes = append(t.Nodes, scenariotest.Squid("edge-a"), edge)
	t.WAN = append(t.WAN, topology.Link{Name: "wan-2"})
	return t
}

var _ = Describe("what a plan predicts for a Squid's parents", func() {
	const (
		silent  = fault.PowerLoss
		refused = fault.Crash
		frozen  = fault.Hang
	)
	front := func() *topology.Topology { return through(scenariotest.Single(), time.Second, 2, "proxy-a") }
	behind := func() *topology.Topology {
		return through(scenariotest.Balanced(), time.Second, 2, "proxy-a", "proxy-b", "proxy-c")
	}
	deep := func() *topology.Topology { // proxy-a has the parent edge-b alone, which has the parent edge-a
		t := front()
		t.Nodes[0].Services[0].Parents.Nodes = []string{"edge-b"}
		t.Nodes[2].WAN, t.Nodes[2].Services[0].Parents = "", &topology.Parents{Nodes: []string{"edge-a"}, ConnectTimeout: time.Second, FailLimit: 1}
		return t
	}
	busy := func(t *topology.Topology, f fault.Fault) *predict.Prediction { // as many new tunnels as the figures below assume
		s := scenariotest.With(f)
		s.Load.Rate = 200
		return scenariotest.Compile(t, s).Faults[0].Predicted
	}
	strike := func(kind proxy.FaultKind, node string) fault.Fault { return scenariotest.FaultOf(kind, node, "proxy") }

	DescribeTable("is the formula of Squid's decision if the parent is silent",
		func(t *topology.Topology, lo, hi time.Duration) {
			p := busy(t, strike(silent, "edge-a"))
			Expect(p).To(And(HaveField("Event", string(proxy.EventPeerDead)), HaveField("EventOnly", true), HaveField("Lo", lo)))
			Expect(p.Hi).To(BeNumerically("~", hi, ms))
			Expect(p.Text).To(ContainSubstring("waits for the user's timeout"))
		},
		// Two new tunnels at 200/s x 20 % x 20 %, with 3.3 standard deviations, come within 354 requests, six within 518; dual-wan-parents in a lab: 1.002 s.
		Entry("connect_timeout 1s: up to 1s, and the connections", front(), time.Duration(0), 2772*ms),
		Entry("3s, which takes more than 2s", through(scenariotest.Single(), 3*time.Second, 2, "proxy-a"), 2*time.Second, 4772*ms),
		Entry("one of two that may hold the address", through(scenariotest.Pair(), time.Second, 2, "proxy-a", "proxy-b"), time.Duration(0), 2772*ms),
		Entry("three behind a balancer share the connections", behind(), time.Duration(0), 3590*ms),
	)

	DescribeTable("is no outage only if Squid uses the next parent at once",
		func(t *topology.Topology, f fault.Fault, want string) {
			plan := scenariotest.Compile(t, scenariotest.With(f)).Faults[0]
			if plan.Predicted == nil {
				Expect(plan.Unpredicted).To(ContainSubstring(want))
				return
			}
			Expect(plan.Predicted.Text).To(ContainSubstring(want))
			Expect(plan.Predicted.Never || plan.Predicted.Hi == 0).To(BeTrue())
		},
		Entry("a connect_timeout longer than the kernel of a lab's segment waits", through(scenariotest.Single(), 90*time.Second, 10, "proxy-a"), strike(silent, "edge-a"),
			"connect_timeout 1m30s (whole seconds: more than 1m29s); but on the same segment the kernel reports"),
		Entry("refused", front(), strike(refused, "edge-a"), "Squid uses the next parent within the same request: no outage"),
		Entry("frozen", front(), strike(frozen, "edge-a"), "still accepts connections, and Squid waits for its answer (read_timeout 15m0s)"),
		Entry("the second parent", front(), strike(silent, "edge-b"), "the fault strikes nothing that serves users: no outage"),
		Entry("both parents", func() *topology.Topology {
			t := front()
			t.Nodes[0].Services[0].Parents.Nodes = []string{"edge-a"}
			return t
		}(), strike(refused, "edge-a"), "100 % of the requests have no other parent: service returns only with the repair"),
		Entry("a parent's parent", deep(), strike(silent, "edge-a"), "100 % of the requests have no other parent"),
		Entry("the shutdown of a parent that reports its overheating", heeding(front(), topology.Drain), lasting(strike(fault.Overheat, "edge-a"), 20*time.Second),
			"Squid does not ask the chassis of a parent"),
		Entry("its link", front(), scenariotest.FaultOf(fault.WANLoss, "wan-1", "wan"), "Squid decides for each request"),
		Entry("the link of the second", front(), scenariotest.FaultOf(fault.WANLoss, "wan-2", "wan"), "no request of the users passes wan-2: no outage"),
		Entry("both links", front(), scenariotest.FaultOf(fault.WANLoss, "all", "wan"), "100 % of the requests have no other link"),
	)

	It("comes later if the hardware lasts for a limited time", func() {
		f := lasting(strike(fault.Overheat, "edge-a"), 20*time.Second)
		f.Rise = 10
		p := busy(heeding(front(), topology.Ignore), f)
		Expect(p).To(HaveField("Event", string(proxy.EventPeerDead)))
		Expect(p.Text).To(HavePrefix("thermal shutdown after"))
		Expect(p.Hi - p.Lo).To(BeNumerically("~", 2772*ms, ms))
	})

	It("is nothing if a check goes through the parent to the origin", func() {
		t := behind()
		for i := range 2 {
			t.Nodes[i].Services[0].Balance.Check.Kind = topology.CheckOrigin
		}
		Expect(predicted(t, strike(silent, "edge-a"))).To(BeNil())
	})
})
