package predict_test

import (
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/seed-ab8b6914/spof/proxy"
	"github.com/seed-ab8b6914/spof/reason"
	"github.com/seed-ab8b6914/spof/scenarios/fault"
	"github.com/seed-ab8b6914/spof/scenarios/plan"
	"github.com/seed-ab8b6914/spof/scenarios/scenariotest"
	"github.com/seed-ab8b6914/spof/scenarios/target"
	"github.com/seed-ab8b6914/spof/topology"
)

// named is two Squids behind one name with a TTL of 30 s; its users ask so many servers.
func named(servers ...string) *topology.Topology {
	return aging(30*time.Second, servers...)
}

// aging is named with another TTL.
func aging(ttl time.Duration, servers ...string) *topology.Topology {
	t := scenariotest.Pair()
	t.Name, t.Addresses = "named", nil
	t.Users[0].Proxy.Host = "proxy-a"
	t.Users[0].DNS = &topology.Resolve{Servers: servers, Timeout: 5 * time.Second, Attempts: 2}
	for _, name := range []string{"ns-a", "ns-b"} {
		t.Nodes = append(t.Nodes, topology.Node{Name: name, Services: []topology.Service{{Name: "dns", Engine: topology.Builtin, Port: 5300,
			DNS: &topology.Responder{Name: "proxy", Records: []string{"proxy-a", "proxy-b"}, Port: 3128, TTL: ttl, Check: scenariotest.Check(topology.CheckTCP)}}}})
	}
	return t
}

// asking is named with its users changed.
func asking(change func(*topology.Resolve), servers ...string) *topology.Topology {
	t := named(servers...)
	change(t.Users[0].DNS)
	return t
}

func failing(mode, pick string) fault.Fault {
	f := scenariotest.FaultOf(fault.DNSFailure, pick, target.RoleDNS)
	f.FaultParams = proxy.FaultParams{Mode: mode}
	return f
}

var _ = Describe("a design whose users resolve a name", func() {
	turns := func(r *topology.Resolve) { r.Rotate = true }
	next := func(r *topology.Resolve) { r.Next, r.ConnectTimeout = true, time.Second }

	DescribeTable("is predicted by the check, and the TTL after it", func(t *topology.Topology, f fault.Fault, lo, hi time.Duration, text string) {
		p := predicted(t, f)
		Expect(p.Text).To(ContainSubstring(text))
		Expect(p.Never).To(BeFalse())
		Expect([]time.Duration{p.Lo, p.Hi}).To(Equal([]time.Duration{lo, hi}))
	},
		Entry("a silent node", named("ns-a"), scenariotest.FaultOf(fault.PowerLoss, "serving", "entry"), 2*time.Second, 33*time.Second,
			"phase 0 to 1s, T_fail 500ms (silent), fall 2, I 1s: 2s to 3s; + the rest of the TTL of the last user with the address, 0 to 30s: 2s to 33s"),
		Entry("one that refuses", named("ns-a"), scenariotest.FaultOf(fault.Crash, "any", "entry"), time.Second, 32*time.Second, "T_fail 0s (refused)"),
		Entry("a cache that all share", asking(func(r *topology.Resolve) { r.Caches = 1 }, "ns-a"), scenariotest.FaultOf(fault.PowerLoss, "proxy-a", "entry"),
			time.Duration(0), 33*time.Second, "no outage if no resolver has the address"),
		Entry("one that refuses, and users who try the next", asking(next, "ns-a"), scenariotest.FaultOf(fault.Crash, "serving", "entry"),
			time.Duration(0), time.Duration(0), "users try the next address within the same request: no outage"),
		Entry("a DNS server that no user asks first", named("ns-a", "ns-b"), failing("dead", "standby"), time.Duration(0), time.Duration(0), "users ask ns-a first, and it answers"),
		Entry("one that is asked first", named("ns-a", "ns-b"), failing("servfail", "serving"), time.Duration(0), time.Duration(0), "users ask the next server at once"),
		Entry("a silent one with a timeout below the patience", asking(func(r *topology.Resolve) { r.Timeout = time.Second }, "ns-a", "ns-b"), failing("silent", "serving"),
			time.Duration(0), time.Duration(0), "up to 1s, once in each TTL of 30s; that is within the patience of 2s: no outage"),
		Entry("one that users ask in turn", asking(turns, "ns-a", "ns-b"), failing("dead", "standby"), time.Duration(0), time.Duration(0), "users ask the next server at once"),
	)

	DescribeTable("has no failover", func(t *topology.Topology, f fault.Fault, text string) {
		p := predicted(t, f)
		Expect(p.Never).To(BeTrue())
		Expect(p.Text).To(ContainSubstring(text))
	},
		Entry("the loss of all records", named("ns-a"), scenariotest.FaultOf(fault.PowerLoss, "all", "entry"), "proxy.test resolves to no other node"),
		Entry("what its check does not see", named("ns-a"), scenariotest.FaultOf(fault.Hang, "serving", "entry"), "a tcp check still connects to a frozen process"),
		Entry("a dead DNS server", named("ns-a"), failing("dead", "serving"), "uniform in 0 to 30s; users ask no other server, so that from 30s on none has an address"),
		Entry("a silent one", named("ns-a"), failing("silent", "all"), "from 30s on none has an address: service returns only with the repair"),
		Entry("all of them", named("ns-a", "ns-b"), failing("servfail", "all"), "users ask no other server"),
		Entry("the power of its node", named("ns-a"), scenariotest.FaultOf(fault.PowerLoss, "ns-a", "entry"), "from 30s on none has an address"),
		Entry("a crash of the responder by name", named("ns-a"), scenariotest.FaultOf(fault.Crash, "ns-a", "entry"), "from 30s on none has an address"),
	)

	DescribeTable("has late answers in every TTL", func(change func(*topology.Resolve), f fault.Fault, text string) {
		t := aging(2*time.Second, "ns-a", "ns-b")
		if change != nil {
			change(t.Users[0].DNS)
		}
		p := predicted(t, f)
		Expect(p).NotTo(BeNil())
		Expect(p.Never).To(BeTrue())
		Expect(p.Text).To(And(HavePrefix("each new answer waits for the timeouts of the silent servers"), ContainSubstring(text)))
	},
		Entry("of a silent server", nil, failing("silent", "serving"), "up to 5s, once in each TTL of 2s; within the first 1s 40 % of the requests are later than the patience of 2s, and service allows 1 %"),
		Entry("of one that users ask in turn", turns, failing("silent", "ns-b"), "within the first 1s 20 %"),
		Entry("of one without power", nil, scenariotest.FaultOf(fault.PowerLoss, "ns-a", "entry"), "40 %"),
		Entry("of one that hangs", nil, scenariotest.FaultOf(fault.Hang, "ns-a", "entry"), "40 %"),
	)

	DescribeTable("is not predicted", func(t *topology.Topology, f fault.Fault) {
		Expect(predicted(t, f)).To(BeNil())
	},
		Entry("a silent server before another, once in a long TTL", named("ns-a", "ns-b"), failing("silent", "serving")),
		Entry("one that all ask through one cache", func() *topology.Topology {
			t := aging(2*time.Second, "ns-a", "ns-b")
			t.Users[0].DNS.Caches = 1
			return t
		}(), failing("silent", "serving")),
		Entry("a silent node, and users who try the next", asking(next, "ns-a"), scenariotest.FaultOf(fault.PowerLoss, "serving", "entry")),
	)

	It("resolves its DNS servers by symbol and by name", func() {
		for pick, want := range map[string][]fault.Candidate{
			"serving": {{Node: "ns-a", Service: "dns"}}, "standby": {{Node: "ns-b", Service: "dns"}},
			"all": {{Node: "ns-a", Service: "dns"}, {Node: "ns-b", Service: "dns"}}, "ns-b": {{Node: "ns-b", Service: "dns"}},
		} {
			Expect(scenariotest.Compile(named("ns-a", "ns-b"), scenariotest.With(failing("dead", pick))).Faults[0].Candidates).To(Equal(want))
		}
		_, err := plan.Compile(named("ns-a"), scenariotest.With(failing("dead", "standby")), 1, 1)
		Expect(reason.Codes(err)).To(Equal([]string{"no-standby"}))
		Expect(err).To(MatchError(ContainSubstring("only ns-a")))
		_, err = plan.Compile(scenariotest.Pair(), scenariotest.With(failing("dead", "serving")), 1, 1)
		Expect(reason.Codes(err)).To(Equal([]string{"no-dns"}))
		_, err = plan.Compile(named("ns-a"), scenariotest.With(failing("dead", "proxy-a")), 1, 1)
		Expect(reason.Codes(err)).To(Equal([]string{"unknown-target"}))
		_, err = plan.Compile(named("ns-a"), scenariotest.With(scenariotest.FaultOf(fault.PowerLoss, "standby", "entry")), 1, 1)
		Expect(reason.Codes(err)).To(Equal([]string{"no-standby"}))
		Expect(err).To(MatchError(ContainSubstring("records of proxy.test")))
		Expect(scenariotest.Compile(named("ns-a"), scenariotest.Bundled("node-death")).PhasePeriod).To(Equal(time.Second), "the interval of the responder's check")
	})
})
