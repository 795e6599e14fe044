package scenarios_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/seed-ab8b6914/spof/proxy"
	"github.com/seed-ab8b6914/spof/scenarios"
	"github.com/seed-ab8b6914/spof/scenarios/fault"
	"github.com/seed-ab8b6914/spof/scenarios/target"
	"github.com/seed-ab8b6914/spof/topology"
)

func candidates(f scenarios.PlannedFault) []string {
	var list []string
	for _, c := range f.Candidates {
		list = append(list, c.String())
	}
	return list
}

// spare is the pair with a second WAN link that only proxy-b uses.
func spare() *topology.Topology {
	t := pair()
	t.WAN = append(t.WAN, topology.Link{Name: "wan-2"})
	t.Nodes[1].WAN = "wan-2"
	return t
}

var _ = Describe("what a target means in a design", func() {
	DescribeTable("resolves",
		func(t *topology.Topology, f fault.Fault, pick, address string, nodes ...string) {
			got := compile(t, with(f)).Faults[0]
			Expect(got.Pick).To(Equal(pick))
			Expect(got.Address).To(Equal(address))
			Expect(candidates(got)).To(Equal(nodes))
		},
		Entry("serving on an address", pair(), faultOf(proxy.PowerLoss, "serving", "entry"), "holder", "vip", "proxy-a", "proxy-b"),
		Entry("serving on a node", single(), faultOf(proxy.PowerLoss, "serving", "entry"), "first", "", "proxy-a"),
		Entry("the entry's service", balanced(), faultOf(proxy.Crash, "serving", "entry"), "holder", "vip", "lb-a/haproxy", "lb-b/haproxy"),
		Entry("the balancer", balanced(), faultOf(proxy.Hang, "serving", "balancer"), "holder", "vip", "lb-a/haproxy", "lb-b/haproxy"),
		Entry("the proxy that is the entry", pair(), faultOf(proxy.Crash, "serving", "proxy"), "holder", "vip", "proxy-a/squid", "proxy-b/squid"),
		Entry("standby", pair(), faultOf(proxy.PowerLoss, "standby", "entry"), "not-holder", "vip", "proxy-a", "proxy-b"),
		Entry("all", balanced(), faultOf(proxy.Crash, "all", "proxy"), "all", "", "proxy-a/squid", "proxy-b/squid", "proxy-c/squid"),
		Entry("a name", balanced(), faultOf(proxy.PowerLoss, "proxy-b", "entry"), "first", "", "proxy-b"),
		Entry("a name that is no entry", balanced(), faultOf(proxy.Crash, "proxy-b", "entry"), "first", "", "proxy-b/squid"),
		Entry("a name that is an entry", balanced(), faultOf(proxy.Crash, "lb-b", "entry"), "first", "", "lb-b/haproxy"),
		Entry("the serving link", spare(), faultOf(proxy.WANLoss, "serving", "wan"), "first", "", "wan-1"),
		Entry("the standby link", spare(), faultOf(proxy.WANLoss, "standby", "wan"), "first", "", "wan-2"),
		Entry("all links", spare(), faultOf(proxy.WANLoss, "all", "wan"), "all", "", "wan-1", "wan-2"),
		Entry("a link by name", spare(), faultOf(proxy.WANLoss, "wan-2", "wan"), "first", "", "wan-2"),
	)

	DescribeTable("cuts a partition's target off from the others",
		func(t *topology.Topology, f fault.Fault, apart ...string) {
			Expect(compile(t, with(f)).Faults[0].Apart).To(Equal(apart))
		},
		Entry("a holder, who leaves itself out", pair(), apart("members", "serving"), "proxy-a", "proxy-b"),
		Entry("a named member", balanced(), apart("members", "lb-b"), "lb-a"),
		Entry("a server, from all nodes", balanced(), apart("nodes", "proxy-b"), "lb-a", "lb-b", "proxy-a", "proxy-c"),
		Entry("all members together, from the servers", balanced(), apart("nodes", "all"), "proxy-a", "proxy-b", "proxy-c"),
	)

	It("strikes what holds the addresses, where a broken configuration is its own", func() {
		f := faultOf(proxy.ConfigBreak, "serving", "entry")
		f.Program = fault.ProgramKeepalived
		Expect(candidates(compile(pair(), with(f)).Faults[0])).To(Equal([]string{"proxy-a/keepalived", "proxy-b/keepalived"}))
	})

	DescribeTable("refuses of software's faults",
		func(t *topology.Topology, change func(*fault.Fault), want string) {
			f := faultOf(proxy.ConfigBreak, "serving", "entry")
			change(&f)
			_, err := scenarios.Compile(t, with(f), 1, 1)
			Expect(err).To(MatchError(HaveSuffix(want)))
		},
		Entry("a reload of the builtin engine", builtin(single()), func(f *fault.Fault) { f.Program = fault.ProgramService },
			"proxy-a/squid is of the engine builtin, which reads its configuration once and cannot reload; crash is what is left"),
		Entry("keepalived where there is no address", single(), func(f *fault.Fault) { f.Program = fault.ProgramKeepalived },
			"node proxy-a holds no address, so there is no keepalived on it"),
		Entry("a rolling restart that is not through in time", lingering(balanced(), 0), func(f *fault.Fault) {
			f.Kind, f.Target, f.Gap = proxy.RollingRestart, target.Target{Pick: "all", Role: "proxy"}, 4*time.Second
		}, "the last of 3 services, 4s apart, would be restarted 8s after the first, but the fault lasts 7s"),
	)

	It("gives a rolling restart the time that Squid takes to end, in its turn", func() {
		t := balanced()
		f := faultOf(proxy.RollingRestart, "all", "proxy")
		f.Gap = 2 * time.Second
		quick := compile(lingering(t, 0), with(f))
		Expect(quick.Faults[0].Gap).To(Equal(2 * time.Second))
		slow := compile(lingering(t, 30*time.Second), with(f))
		Expect(slow.Hash()).NotTo(Equal(quick.Hash()))
		Expect(slow.Faults[0].Candidates).To(HaveLen(3))
		Expect(slow.Faults[0].Gap).To(Equal(32 * time.Second))
		Expect(slow.End - quick.End).To(Equal(90 * time.Second))
		Expect(slow.Faults[0].Undo - quick.Faults[0].Undo).To(Equal(90 * time.Second))

		f.Kind = proxy.Crash
		Expect(compile(t, with(f)).End).To(Equal(quick.End), "what is killed does not linger")
	})

	It("has every exit of a pool serve, and none stand by", func() {
		pool := pair()
		pool.Addresses = nil
		pool.Users[0].Proxy.Host, pool.Users[0].Pool = "proxy-a", &topology.Pool{Exits: []string{"proxy-a", "proxy-b"}, Port: 3128}
		Expect(compile(pool, with(faultOf(proxy.PowerLoss, "serving", "entry"))).Faults[0].Candidates).To(HaveLen(1))
		all := compile(pool, with(faultOf(proxy.PowerLoss, "all", "entry"))).Faults[0]
		Expect(all.Candidates).To(HaveLen(2))
		Expect(all.Predicted).To(HaveField("Never", true))
		half := faultOf(proxy.PowerLoss, "all", "entry")
		half.Share = 0.5
		Expect(compile(pool, with(half)).Faults[0].Predicted).To(BeNil(), "each user finds another exit")
		_, err := scenarios.Compile(pool, with(faultOf(proxy.PowerLoss, "standby", "entry")), 1, 1)
		Expect(err).To(MatchError(HaveSuffix("target standby: every exit of the pool serves; none stands by")))
	})

	It("lets all users surge, or a group, and nobody stand by", func() {
		surge := func(pick string) fault.Fault {
			f := faultOf(proxy.Surge, pick, "users")
			f.Factor = 3
			return f
		}
		Expect(candidates(compile(pair(), with(surge("all"))).Faults[0])).To(Equal([]string{"office"}))
		Expect(candidates(compile(pair(), with(surge("office"))).Faults[0])).To(Equal([]string{"office"}))
		_, err := scenarios.Compile(pair(), with(surge("standby")), 1, 1)
		Expect(err).To(MatchError(HaveSuffix("target standby, role users: users are served; say all, any or the name of a group")))
		_, err = scenarios.Compile(pair(), with(surge("proxy-a")), 1, 1)
		Expect(err).To(MatchError(ContainSubstring(`unknown target "proxy-a"`)))
	})

	DescribeTable("strikes a share of all, at least one, by the seed",
		func(share float64, n int) {
			seen := map[string]bool{}
			for seed := range uint64(40) {
				f := faultOf(proxy.PowerLoss, "all", "proxy")
				f.Share = share
				p, err := scenarios.Compile(balanced(), with(f), seed, 1)
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
		f := faultOf(proxy.ExitBlock, "all", "entry")
		p := compile(single(), with(f))
		Expect(p.Faults[0].Candidates).To(Equal([]fault.Candidate{{Node: "proxy-a", Service: "wan-1", Agent: "origin"}}))
		Expect(p.Faults[0].Predicted).To(HaveField("Text", "proxy-a is the only exit, and the site refuses it: service returns only with the repair"))
		_, err := scenarios.Compile(pair(), with(f), 1, 1)
		Expect(err).To(MatchError(HaveSuffix("proxy-a and proxy-b go out by the same WAN link, wan-1, so that an origin cannot tell them apart; give each a link of its own")))
		_, err = scenarios.Compile(balanced(), with(f), 1, 1)
		Expect(err).To(MatchError(HaveSuffix("lb-a is no exit: no forward proxy of it goes out by a WAN link")))
	})

	DescribeTable("refuses a partition from nobody",
		func(t *topology.Topology, f fault.Fault, want string) {
			_, err := scenarios.Compile(t, with(f), 1, 1)
			Expect(err).To(MatchError(HaveSuffix(want)))
		},
		Entry("one entry", single(), apart("members", "serving"),
			"users enter at no other node that the target could be cut off from; from: nodes cuts it off from all others"),
		Entry("one node", single(), apart("nodes", "serving"), "this design has no other node that the target could be cut off from"),
		Entry("all of them", pair(), apart("members", "all"),
			"users enter at no other node that the target could be cut off from; from: nodes cuts it off from all others"),
	)

	DescribeTable("leaves the choice to the seed, and reaches every node with some seed",
		func(t *topology.Topology, f fault.Fault, want ...string) {
			seen := map[string]bool{}
			for seed := range uint64(40) {
				p, err := scenarios.Compile(t, with(f), seed, 1)
				Expect(err).NotTo(HaveOccurred())
				Expect(p.Faults[0].Pick).To(Equal("first"))
				Expect(p.Faults[0].Candidates).To(HaveLen(1))
				seen[p.Faults[0].Candidates[0].Node] = true
			}
			Expect(seen).To(HaveLen(len(want)))
			for _, node := range want {
				Expect(seen).To(HaveKey(node))
			}
		},
		Entry("serving behind a balancer", balanced(), faultOf(proxy.PowerLoss, "serving", "proxy"), "proxy-a", "proxy-b", "proxy-c"),
		Entry("any entry", pair(), faultOf(proxy.PowerLoss, "any", "entry"), "proxy-a", "proxy-b"),
		Entry("any link", spare(), faultOf(proxy.WANLoss, "any", "wan"), "wan-1", "wan-2"),
	)

	DescribeTable("says what the design does not have",
		func(t *topology.Topology, f fault.Fault, want string) {
			_, err := scenarios.Compile(t, with(f), 1, 1)
			Expect(err).To(MatchError(fmt.Sprintf("scenario node-death on %s: fault 1 (%s): %s", t.Name, f.Kind, want)))
		},
		Entry("an unknown node", pair(), faultOf(proxy.PowerLoss, "proxy-x", "entry"),
			`unknown target "proxy-x" (did you mean "proxy-a"?); valid: serving, standby, any, all, proxy-a, proxy-b`),
		Entry("an unknown link", pair(), faultOf(proxy.WANLoss, "proxy-a", "wan"), `unknown target "proxy-a"; valid: serving, standby, any, all, wan-1`),
		Entry("no standby", single(), faultOf(proxy.PowerLoss, "standby", "entry"), `target standby: nothing stands by for proxy-a in this design`),
		Entry("no standby server", balanced(), faultOf(proxy.PowerLoss, "standby", "proxy"), `target standby, role proxy: every server of the balancer serves; none stands by`),
		Entry("no standby link", pair(), faultOf(proxy.WANLoss, "standby", "wan"), `target standby, role wan: every WAN link serves; none stands by`),
		Entry("no balancer", pair(), faultOf(proxy.Crash, "serving", "balancer"), `role balancer: users enter at the forward proxy of vip; this design has no balancer`),
		Entry("no such service", balanced(), faultOf(proxy.Crash, "lb-a", "proxy"), `node lb-a has no service to crash in the role proxy`),
	)

	It("means the entry of the most users", func() {
		t := balanced()
		t.Users = append(t.Users, topology.Group{Name: "branch", Count: 500, Proxy: topology.Entry{Host: "proxy-c", Port: 3128}})
		Expect(candidates(compile(t, bundled("node-death")).Faults[0])).To(Equal([]string{"proxy-c"}))
	})

	It("reports every fault that the design cannot have", func() {
		_, err := scenarios.Compile(pair(), with(faultOf(proxy.Crash, "x", "entry"), faultOf(proxy.Crash, "y", "entry")), 1, 1)
		Expect(err).To(MatchError(And(ContainSubstring(`fault 1 (crash): unknown target "x"`), ContainSubstring(`fault 2 (crash): unknown target "y"`))))
	})

	It("refuses two faults that come to the same place at once", func() {
		_, err := scenarios.Compile(single(), with(faultOf(proxy.PowerLoss, "serving", "entry"), faultOf(proxy.Hang, "proxy-a", "entry")), 1, 1)
		Expect(err).To(MatchError("scenario node-death on single: fault 2 (hang): strikes proxy-a, which fault 1 (power-loss) strikes at the same time"))
	})

	DescribeTable("takes no place for serving that an earlier fault has struck and that is not back",
		func(design string, role string) {
			t, err := topology.Load(design)
			Expect(err).NotTo(HaveOccurred())
			for seed := range uint64(20) {
				first, second := faultOf(proxy.PowerLoss, "serving", role), faultOf(proxy.PowerLoss, "serving", role)
				second.At = time.Second
				p, err := scenarios.Compile(t, with(first, second), seed, 1)
				Expect(err).NotTo(HaveOccurred())
				Expect(candidates(p.Faults[1])).NotTo(Equal(candidates(p.Faults[0])))
			}
		},
		Entry("users who take turns", "rotating-pool", "entry"),
		Entry("users who choose by a PAC file", "pac-failover", "entry"),
		Entry("users who ask for a name", "dns-failover", "entry"),
		Entry("servers of a balancer", "active-active", "proxy"),
	)
	It("takes one that is back for serving again", func() {
		first, second := faultOf(proxy.PowerLoss, "serving", "entry"), faultOf(proxy.PowerLoss, "serving", "entry")
		first.For, second.At = 2*time.Second, 3*time.Second
		t, err := topology.Load("pac-failover")
		Expect(err).NotTo(HaveOccurred())
		p := compile(t, with(first, second))
		Expect(candidates(p.Faults[1])).To(Equal(candidates(p.Faults[0])))
	})

	It("allows the same place twice, one after the other", func() {
		first, second := faultOf(proxy.PowerLoss, "serving", "entry"), faultOf(proxy.Hang, "proxy-a", "entry")
		first.For, second.At = 2*time.Second, 2*time.Second
		p := compile(single(), with(first, second))
		Expect(p.Faults).To(HaveLen(2))
		Expect(p.Faults).To(HaveEach(HaveField("Predicted", Not(BeNil()))))
	})
})

var _ = Describe("a plan", func() {
	It("has a time line from the start of the load", func() {
		s := with(fault.Fault{Kind: proxy.PowerLoss, Target: target.Target{Pick: "serving", Role: "entry"}, At: time.Second, For: 2 * time.Second})
		p := compile(pair(), s)
		Expect([]time.Duration{p.BaselineAt, p.FaultAt, p.RecoverAt, p.End}).To(Equal(
			[]time.Duration{time.Second, 4 * time.Second, 7 * time.Second, 19 * time.Second}))
		Expect(p.Faults[0].At).To(Equal(5 * time.Second))
		Expect(p.Faults[0].Undo).To(Equal(7 * time.Second))
	})
	It("undoes a fault without an end at the end of the fault phase", func() {
		Expect(compile(pair(), bundled("node-death")).RecoverAt).To(Equal(11 * time.Second))
	})
	It("has no phase where nothing breaks", func() {
		p := compile(pair(), bundled("steady"))
		Expect(p.End).To(Equal(7 * time.Second))
		Expect(p.Trials).To(HaveEach(HaveField("Phase", time.Duration(0))))
	})

	DescribeTable("draws the phase across the design's longest timer",
		func(change func(*topology.Topology), want time.Duration) {
			t := balanced()
			change(t)
			Expect(compile(t, bundled("node-death")).PhasePeriod).To(Equal(want))
		},
		Entry("an advert", func(t *topology.Topology) { t.Addresses[0].Advert = 5 * time.Second }, 5*time.Second),
		Entry("a track check", func(t *topology.Topology) { t.Addresses[0].Track.Interval = 3 * time.Second }, 3*time.Second),
		Entry("a balancer's check", func(t *topology.Topology) { t.Nodes[1].Services[0].Balance.Check.Interval = 4 * time.Second }, 4*time.Second),
		Entry("none at all", func(t *topology.Topology) { *t = *single() }, time.Second),
	)

	DescribeTable("hits each stratum of the period just once",
		func(n int) {
			p, err := scenarios.Compile(pair(), bundled("node-death"), 3, n)
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

	It("is the same from the same seed, and another from another", func() {
		one, err := scenarios.Compile(balanced(), bundled("proxy-death"), 1, 10)
		Expect(err).NotTo(HaveOccurred())
		again, err := scenarios.Compile(balanced(), bundled("proxy-death"), 1, 10)
		Expect(err).NotTo(HaveOccurred())
		other, err := scenarios.Compile(balanced(), bundled("proxy-death"), 2, 10)
		Expect(err).NotTo(HaveOccurred())
		Expect(again).To(Equal(one))
		Expect(again.Hash()).To(Equal(one.Hash()))
		Expect(other.Hash()).NotTo(Equal(one.Hash()))
		Expect(other.Trials).NotTo(Equal(one.Trials))
	})
	It("breaks the same node however many trials there are", func() {
		one, err := scenarios.Compile(balanced(), bundled("proxy-death"), 5, 1)
		Expect(err).NotTo(HaveOccurred())
		for n := 2; n < 20; n++ {
			p, err := scenarios.Compile(balanced(), bundled("proxy-death"), 5, n)
			Expect(err).NotTo(HaveOccurred())
			Expect(p.Faults).To(Equal(one.Faults))
		}
	})
	It("refuses a number of trials that is none", func() {
		_, err := scenarios.Compile(pair(), bundled("steady"), 1, 0)
		Expect(err).To(MatchError("0 trials: want 1 to 10000"))
	})

	It("refuses a design with two origins, which no lab can be made for", func() {
		shops := pair()
		shops.Origins = append(shops.Origins, topology.Origin{Name: "shop"})
		_, err := scenarios.Compile(shops, bundled("steady"), 1, 1)
		Expect(err).To(MatchError("topology pair has 2 origins; a lab's WAN links lead to one, so a run takes one"))
	})

	It("survives being written and read, hash and all", func() {
		p := compile(balanced(), bundled("proxy-death"))
		data, err := p.JSON()
		Expect(err).NotTo(HaveOccurred())
		back, err := scenarios.ReadPlan(data)
		Expect(err).NotTo(HaveOccurred())
		Expect(back).To(Equal(p))
		Expect(back.Hash()).To(Equal(p.Hash()))
	})
	It("says why it has no prediction", func() {
		d, err := topology.Load("disk-cache")
		Expect(err).NotTo(HaveOccurred())
		p := compile(d, with(faultOf(proxy.DiskFull, "serving", "proxy")))
		Expect(p.Faults[0].Unpredicted).To(Equal("a service may die of a full disk or go on, and when it next writes no timer says"))
		Expect(scenarios.PlanText(p)).To(ContainSubstring("\n  predicted: nothing\n    a service may die of a full disk"))
		hash := p.Hash()
		p.Faults[0].Unpredicted = "in other words"
		Expect(p.Hash()).To(Equal(hash), "which is no part of what is done")
	})
	It("has a hash that does not drift", func() {
		// A new value here means that plans and traces of older versions no longer compare: then PlanSchema must change too.
		s, err := scenarios.Read("trip.yaml", []byte(good))
		Expect(err).NotTo(HaveOccurred())
		Expect(compile(pair(), s).Hash()).To(Equal(goldenHash))
	})

	DescribeTable("is refused where it is not one",
		func(data, want string) {
			_, err := scenarios.ReadPlan([]byte(data))
			Expect(err).To(MatchError(want))
		},
		Entry("another schema", `{"schema": "spof/plan/v9"}`, `plan: unknown plan schema "spof/plan/v9", want "spof/plan/v1"`),
		Entry("an unknown field", `{"schema": "spof/plan/v1", "sead": 1}`, `plan: json: unknown field "sead"`),
		Entry("something behind it", `{"schema": "spof/plan/v1"} {}`, `plan: something follows its end`),
	)

	DescribeTable("reads as a text",
		func(t *topology.Topology, scenario string) {
			golden := filepath.Join("testdata", scenario+"-"+t.Name+".txt")
			p := compile(t, bundled(scenario))
			got := strings.Replace(scenarios.PlanText(p), p.Hash()[:12], "HASH", 1)
			if os.Getenv("UPDATE_GOLDEN") != "" {
				Expect(os.WriteFile(golden, []byte(got), 0o644)).To(Succeed())
			}
			want, err := os.ReadFile(golden)
			Expect(err).NotTo(HaveOccurred())
			Expect(got).To(Equal(string(want)))
		},
		Entry("node-death", pair(), "node-death"),
		Entry("proxy-death", balanced(), "proxy-death"),
		Entry("wan-loss", single(), "wan-loss"),
		Entry("steady", single(), "steady"),
	)
})

const goldenHash = "d8afb63fd3c853587b09100def68abd8e4780b42cc382961851c950f6ccbb56c"
