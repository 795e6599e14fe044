package plan_test

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

func candidates(f plan.Fault) []string {
	var list []string
	for _, c := range f.Candidates {
		list = append(list, c.String())
	}
	return list
}

var _ = Describe("what a target means in a design", func() {
	DescribeTable("resolves",
		func(t *topology.Topology, f fault.Fault, pick target.Pick, address string, nodes ...string) {
			got := scenariotest.Compile(t, scenariotest.With(f)).Faults[0]
			Expect(got.Pick).To(Equal(pick))
			Expect(got.Address).To(Equal(address))
			Expect(candidates(got)).To(Equal(nodes))
		},
		Entry("serving on an address", scenariotest.Pair(), scenariotest.FaultOf(fault.PowerLoss, "serving", "entry"), target.PickHolder, "vip", "proxy-a", "proxy-b"),
		Entry("serving on a node", scenariotest.Single(), scenariotest.FaultOf(fault.PowerLoss, "serving", "entry"), target.PickFirst, "", "proxy-a"),
		Entry("the entry's service", scenariotest.Balanced(), scenariotest.FaultOf(fault.Crash, "serving", "entry"), target.PickHolder, "vip", "lb-a/haproxy", "lb-b/haproxy"),
		Entry("the balancer", scenariotest.Balanced(), scenariotest.FaultOf(fault.Hang, "serving", "balancer"), target.PickHolder, "vip", "lb-a/haproxy", "lb-b/haproxy"),
		Entry("the proxy that is the entry", scenariotest.Pair(), scenariotest.FaultOf(fault.Crash, "serving", "proxy"), target.PickHolder, "vip", "proxy-a/squid", "proxy-b/squid"),
		Entry("standby", scenariotest.Pair(), scenariotest.FaultOf(fault.PowerLoss, "standby", "entry"), target.PickNotHolder, "vip", "proxy-a", "proxy-b"),
		Entry("all", scenariotest.Balanced(), scenariotest.FaultOf(fault.Crash, "all", "proxy"), target.PickAll, "", "proxy-a/squid", "proxy-b/squid", "proxy-c/squid"),
		Entry("a name", scenariotest.Balanced(), scenariotest.FaultOf(fault.PowerLoss, "proxy-b", "entry"), target.PickFirst, "", "proxy-b"),
		Entry("a name that is no entry", scenariotest.Balanced(), scenariotest.FaultOf(fault.Crash, "proxy-b", "entry"), target.PickFirst, "", "proxy-b/squid"),
		Entry("a name that is an entry", scenariotest.Balanced(), scenariotest.FaultOf(fault.Crash, "lb-b", "entry"), target.PickFirst, "", "lb-b/haproxy"),
		Entry("the serving link", scenariotest.Spare(), scenariotest.FaultOf(fault.WANLoss, "serving", "wan"), target.PickFirst, "", "wan-1"),
		Entry("the standby link", scenariotest.Spare(), scenariotest.FaultOf(fault.WANLoss, "standby", "wan"), target.PickFirst, "", "wan-2"),
		Entry("all links", scenariotest.Spare(), scenariotest.FaultOf(fault.WANLoss, "all", "wan"), target.PickAll, "", "wan-1", "wan-2"),
		Entry("a link by name", scenariotest.Spare(), scenariotest.FaultOf(fault.WANLoss, "wan-2", "wan"), target.PickFirst, "", "wan-2"),
	)

	DescribeTable("cuts a partition's target off from the others",
		func(t *topology.Topology, f fault.Fault, apart ...string) {
			Expect(scenariotest.Compile(t, scenariotest.With(f)).Faults[0].Apart).To(Equal(apart))
		},
		Entry("a holder, which the run removes from the list", scenariotest.Pair(), scenariotest.Apart("members", "serving"), "proxy-a", "proxy-b"),
		Entry("a named member", scenariotest.Balanced(), scenariotest.Apart("members", "lb-b"), "lb-a"),
		Entry("a server, from all nodes", scenariotest.Balanced(), scenariotest.Apart("nodes", "proxy-b"), "lb-a", "lb-b", "proxy-a", "proxy-c"),
		Entry("all members together, from the servers", scenariotest.Balanced(), scenariotest.Apart("nodes", "all"), "proxy-a", "proxy-b", "proxy-c"),
	)

	It("strikes keepalived if the program is keepalived", func() {
		f := scenariotest.FaultOf(fault.ConfigBreak, "serving", "entry")
		f.Program = fault.ProgramKeepalived
		Expect(candidates(scenariotest.Compile(scenariotest.Pair(), scenariotest.With(f)).Faults[0])).To(Equal([]string{"proxy-a/keepalived", "proxy-b/keepalived"}))
	})

	DescribeTable("refuses a fault of software",
		func(t *topology.Topology, change func(*fault.Fault), code, value string) {
			f := scenariotest.FaultOf(fault.ConfigBreak, "serving", "entry")
			change(&f)
			_, err := plan.Compile(t, scenariotest.With(f), 1, 1)
			Expect(reason.Codes(err)).To(Equal([]string{code}))
			Expect(err).To(MatchError(ContainSubstring(value)))
		},
		Entry("a reload of the builtin engine", scenariotest.Builtin(scenariotest.Single()), func(f *fault.Fault) { f.Program = fault.ProgramService },
			"no-reload", "proxy-a/squid runs the engine builtin"),
		Entry("keepalived where there is no address", scenariotest.Single(), func(f *fault.Fault) { f.Program = fault.ProgramKeepalived },
			"no-keepalived", "node proxy-a"),
		Entry("a rolling restart that is longer than its fault", lingering(scenariotest.Balanced(), 0), func(f *fault.Fault) {
			f.Kind, f.Target, f.Gap = fault.RollingRestart, target.Target{Pick: "all", Role: "proxy"}, 4*time.Second
		}, "fault-too-short", "3 services are restarted 4s apart, the last 8s after the first, but the fault lasts 7s"),
	)

	It("adds the time that Squid takes to stop to a rolling restart", func() {
		t := scenariotest.Balanced()
		f := scenariotest.FaultOf(fault.RollingRestart, "all", "proxy")
		f.Gap = 2 * time.Second
		quick := scenariotest.Compile(lingering(t, 0), scenariotest.With(f))
		Expect(quick.Faults[0].Gap).To(Equal(2 * time.Second))
		slow := scenariotest.Compile(lingering(t, 30*time.Second), scenariotest.With(f))
		Expect(slow.Hash()).NotTo(Equal(quick.Hash()))
		Expect(slow.Faults[0].Candidates).To(HaveLen(3))
		Expect(slow.Faults[0].Gap).To(Equal(32 * time.Second))
		Expect(slow.End - quick.End).To(Equal(90 * time.Second))
		Expect(slow.Faults[0].Undo - quick.Faults[0].Undo).To(Equal(90 * time.Second))

		f.Kind = fault.Crash
		Expect(scenariotest.Compile(t, scenariotest.With(f)).End).To(Equal(quick.End), "a killed service does not linger")
	})

	It("resolves serving to any exit of a pool, and standby to none", func() {
		pool := scenariotest.Pair()
		pool.Addresses = nil
		pool.Users[0].Proxy.Host, pool.Users[0].Pool = "proxy-a", &topology.Pool{Exits: []string{"proxy-a", "proxy-b"}, Port: 3128}
		Expect(scenariotest.Compile(pool, scenariotest.With(scenariotest.FaultOf(fault.PowerLoss, "serving", "entry"))).Faults[0].Candidates).To(HaveLen(1))
		all := scenariotest.Compile(pool, scenariotest.With(scenariotest.FaultOf(fault.PowerLoss, "all", "entry"))).Faults[0]
		Expect(all.Candidates).To(HaveLen(2))
		Expect(all.Predicted).To(HaveField("Never", true))
		half := scenariotest.FaultOf(fault.PowerLoss, "all", "entry")
		half.Share = 0.5
		Expect(scenariotest.Compile(pool, scenariotest.With(half)).Faults[0].Predicted).To(BeNil(), "each user finds another exit")
		_, err := plan.Compile(pool, scenariotest.With(scenariotest.FaultOf(fault.PowerLoss, "standby", "entry")), 1, 1)
		Expect(reason.Codes(err)).To(Equal([]string{"no-spare-exit"}))
	})

	It("resolves a surge to all users or to a group", func() {
		surge := func(pick string) fault.Fault {
			f := scenariotest.FaultOf(fault.Surge, pick, "users")
			f.Factor = 3
			return f
		}
		Expect(candidates(scenariotest.Compile(scenariotest.Pair(), scenariotest.With(surge("all"))).Faults[0])).To(Equal([]string{"office"}))
		Expect(candidates(scenariotest.Compile(scenariotest.Pair(), scenariotest.With(surge("office"))).Faults[0])).To(Equal([]string{"office"}))
		_, err := plan.Compile(scenariotest.Pair(), scenariotest.With(surge("standby")), 1, 1)
		Expect(reason.Codes(err)).To(Equal([]string{"symbol-not-of-role"}))
		_, err = plan.Compile(scenariotest.Pair(), scenariotest.With(surge("proxy-a")), 1, 1)
		Expect(reason.Codes(err)).To(Equal([]string{"unknown-target"}))
		Expect(err).To(MatchError(ContainSubstring(`"proxy-a"; valid: serving, standby, any, all, office`)))
	})

	DescribeTable("strikes a share of all targets, at least one, by the seed",
		func(share float64, n int) {
			seen := map[string]bool{}
			for seed := range uint64(40) {
				f := scenariotest.FaultOf(fault.PowerLoss, "all", "proxy")
				f.Share = share
				p, err := plan.Compile(scenariotest.Balanced(), scenariotest.With(f), seed, 1)
				Expect(err).NotTo(HaveOccurred())
				Expect(p.Faults[0].Candidates).To(HaveLen(n))
				for _, c := range candidates(p.Faults[0]) {
					seen[c] = true
				}
			}
			Expect(seen).To(HaveLen(3), "each is struck with some seed")
		},
		Entry("one of three", 0.01, 1),
		Entry("two of three", 0.6, 2),
		Entry("all", 1.0, 3),
	)

	It("has the origin block an exit by its own link", func() {
		f := scenariotest.FaultOf(fault.ExitBlock, "all", "entry")
		p := scenariotest.Compile(scenariotest.Single(), scenariotest.With(f))
		Expect(p.Faults[0].Candidates).To(Equal([]fault.Candidate{{Node: "proxy-a", Service: "wan-1", Agent: "origin"}}))
		Expect(p.Faults[0].Predicted).To(HaveField("Text", "proxy-a is the only exit, and the site blocks it: service returns only with the repair"))
		_, err := plan.Compile(scenariotest.Pair(), scenariotest.With(f), 1, 1)
		Expect(reason.Codes(err)).To(Equal([]string{"shared-exit"}))
		Expect(err).To(MatchError(ContainSubstring("proxy-a and proxy-b use the same WAN link, wan-1")))
		_, err = plan.Compile(scenariotest.Balanced(), scenariotest.With(f), 1, 1)
		Expect(reason.Codes(err)).To(Equal([]string{"no-exit"}))
		Expect(err).To(MatchError(ContainSubstring("lb-a")))
	})

	DescribeTable("refuses a partition without another side",
		func(t *topology.Topology, f fault.Fault, advice string) {
			_, err := plan.Compile(t, scenariotest.With(f), 1, 1)
			Expect(reason.Codes(err)).To(Equal([]string{"no-peer"}))
			Expect(err).To(MatchError(ContainSubstring(advice)))
		},
		Entry("one entry", scenariotest.Single(), scenariotest.Apart("members", "serving"), "from: nodes"),
		Entry("one node", scenariotest.Single(), scenariotest.Apart("nodes", "serving"), "this design has no other node"),
		Entry("all of them", scenariotest.Pair(), scenariotest.Apart("members", "all"), "from: nodes"),
	)

	DescribeTable("chooses by the seed, and each node for some seed",
		func(t *topology.Topology, f fault.Fault, want ...string) {
			seen := map[string]bool{}
			for seed := range uint64(40) {
				p, err := plan.Compile(t, scenariotest.With(f), seed, 1)
				Expect(err).NotTo(HaveOccurred())
				Expect(p.Faults[0].Pick).To(Equal(target.PickFirst))
				Expect(p.Faults[0].Candidates).To(HaveLen(1))
				seen[p.Faults[0].Candidates[0].Node] = true
			}
			Expect(seen).To(HaveLen(len(want)))
			for _, node := range want {
				Expect(seen).To(HaveKey(node))
			}
		},
		Entry("serving behind a balancer", scenariotest.Balanced(), scenariotest.FaultOf(fault.PowerLoss, "serving", "proxy"), "proxy-a", "proxy-b", "proxy-c"),
		Entry("any entry", scenariotest.Pair(), scenariotest.FaultOf(fault.PowerLoss, "any", "entry"), "proxy-a", "proxy-b"),
		Entry("any link", scenariotest.Spare(), scenariotest.FaultOf(fault.WANLoss, "any", "wan"), "wan-1", "wan-2"),
	)

	DescribeTable("says what the design lacks",
		func(t *topology.Topology, f fault.Fault, code, value string) {
			_, err := plan.Compile(t, scenariotest.With(f), 1, 1)
			Expect(err).To(MatchError(HavePrefix("scenario node-death on %s: fault 1 (%s): ", t.Name, f.Kind)))
			Expect(reason.Codes(err)).To(Equal([]string{code}))
			Expect(err).To(MatchError(ContainSubstring(value)))
		},
		Entry("an unknown node", scenariotest.Pair(), scenariotest.FaultOf(fault.PowerLoss, "proxy-x", "entry"),
			"unknown-target", `"proxy-x" (did you mean "proxy-a"?); valid: serving, standby, any, all, proxy-a, proxy-b`),
		Entry("an unknown link", scenariotest.Pair(), scenariotest.FaultOf(fault.WANLoss, "proxy-a", "wan"), "unknown-target", `"proxy-a"; valid: serving, standby, any, all, wan-1`),
		Entry("no standby", scenariotest.Single(), scenariotest.FaultOf(fault.PowerLoss, "standby", "entry"), "no-standby", "proxy-a"),
		Entry("no standby server", scenariotest.Balanced(), scenariotest.FaultOf(fault.PowerLoss, "standby", "proxy"), "no-standby", "role proxy"),
		Entry("no standby link", scenariotest.Pair(), scenariotest.FaultOf(fault.WANLoss, "standby", "wan"), "no-standby", "role wan"),
		Entry("no balancer", scenariotest.Pair(), scenariotest.FaultOf(fault.Crash, "serving", "balancer"), "no-balancer", "vip"),
		Entry("no such service", scenariotest.Balanced(), scenariotest.FaultOf(fault.Crash, "lb-a", "proxy"), "no-service", "node lb-a has no service in the role proxy"),
	)

	It("means the entry of the largest group", func() {
		t := scenariotest.Balanced()
		t.Users = append(t.Users, topology.Group{Name: "branch", Count: 500, Proxy: topology.Entry{Host: "proxy-c", Port: 3128}})
		Expect(candidates(scenariotest.Compile(t, scenariotest.Bundled("node-death")).Faults[0])).To(Equal([]string{"proxy-c"}))
	})

	It("refuses every fault that the design cannot have", func() {
		_, err := plan.Compile(scenariotest.Pair(), scenariotest.With(scenariotest.FaultOf(fault.Crash, "x", "entry"), scenariotest.FaultOf(fault.Crash, "y", "entry")), 1, 1)
		Expect(reason.Codes(err)).To(Equal([]string{"unknown-target"}))
		Expect(err).To(MatchError(And(ContainSubstring(`fault 1 (crash): unknown target "x"`), ContainSubstring(`fault 2 (crash): unknown target "y"`))))
	})

	It("refuses two faults of the same node at the same time", func() {
		_, err := plan.Compile(scenariotest.Single(), scenariotest.With(scenariotest.FaultOf(fault.PowerLoss, "serving", "entry"), scenariotest.FaultOf(fault.Hang, "proxy-a", "entry")), 1, 1)
		Expect(reason.Codes(err)).To(Equal([]string{"overlapping-faults"}))
		Expect(err).To(MatchError("scenario node-death on single: fault 2 (hang): strikes proxy-a at the same time as fault 1 (power-loss)"))
	})

	DescribeTable("does not resolve serving to a target that an earlier fault still holds",
		func(design string, role string) {
			t, err := topology.Load(design)
			Expect(err).NotTo(HaveOccurred())
			for seed := range uint64(20) {
				first, second := scenariotest.FaultOf(fault.PowerLoss, "serving", role), scenariotest.FaultOf(fault.PowerLoss, "serving", role)
				second.At = time.Second
				p, err := plan.Compile(t, scenariotest.With(first, second), seed, 1)
				Expect(err).NotTo(HaveOccurred())
				Expect(candidates(p.Faults[1])).NotTo(Equal(candidates(p.Faults[0])))
			}
		},
		Entry("users who take turns", "rotating-pool", "entry"),
		Entry("users who choose by a PAC file", "pac-failover", "entry"),
		Entry("users who ask for a name", "dns-failover", "entry"),
		Entry("servers of a balancer", "active-active", "proxy"),
	)
	It("resolves serving to a target again after its fault", func() {
		first, second := scenariotest.FaultOf(fault.PowerLoss, "serving", "entry"), scenariotest.FaultOf(fault.PowerLoss, "serving", "entry")
		first.For, second.At = 2*time.Second, 3*time.Second
		t, err := topology.Load("pac-failover")
		Expect(err).NotTo(HaveOccurred())
		p := scenariotest.Compile(t, scenariotest.With(first, second))
		Expect(candidates(p.Faults[1])).To(Equal(candidates(p.Faults[0])))
	})

	It("allows the same place twice, one after the other", func() {
		first, second := scenariotest.FaultOf(fault.PowerLoss, "serving", "entry"), scenariotest.FaultOf(fault.Hang, "proxy-a", "entry")
		first.For, second.At = 2*time.Second, 2*time.Second
		p := scenariotest.Compile(scenariotest.Single(), scenariotest.With(first, second))
		Expect(p.Faults).To(HaveLen(2))
		Expect(p.Faults).To(HaveEach(HaveField("Predicted", Not(BeNil()))))
	})
})
