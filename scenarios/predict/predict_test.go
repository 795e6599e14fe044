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

func predicted(t *topology.Topology, f fault.Fault) *predict.Prediction {
	GinkgoHelper()
	return scenariotest.Compile(t, scenariotest.With(f)).Faults[0].Predicted
}

// changed is a topology with its one address changed.
func changed(t *topology.Topology, change func(*topology.Address)) *topology.Topology {
	change(&t.Addresses[0])
	return t
}

func tracking(kind topology.CheckKind) func(*topology.Address) {
	return func(a *topology.Address) { a.Track.Kind = kind }
}

func weighing(weight int) func(*topology.Address) {
	return func(a *topology.Address) { a.Track.Weight = weight }
}

func untracked(a *topology.Address)     { a.Track = nil }
func unpreempting(a *topology.Address)  { a.Preempt = false }
func trackingOther(a *topology.Address) { a.Track.Service = "other" }

func version3(a *topology.Address) { a.Version, a.Advert = 3, 100*time.Millisecond }

func checking(change func(*topology.Balance)) *topology.Topology {
	t := scenariotest.Balanced()
	for i := range 2 {
		change(t.Nodes[i].Services[0].Balance)
	}
	return t
}

// idling is balanced with an unused Squid on a balancer's node.
func idling() *topology.Topology {
	t := scenariotest.Balanced()
	t.Nodes[0].Services = append(t.Nodes[0].Services, topology.Service{Name: "squid", Engine: topology.Squid, Port: 3129})
	return t
}

// backed is balanced with a backup server.
func backed() *topology.Topology {
	return checking(func(b *topology.Balance) { b.Servers, b.Backup = []string{"proxy-a", "proxy-b"}, []string{"proxy-c"} })
}

// passive is balanced with nginx.
func passive(maxFails int) *topology.Topology {
	t := checking(func(b *topology.Balance) {
		b.Check, b.Passive = topology.Check{}, &topology.Passive{MaxFails: maxFails, FailTimeout: 10 * time.Second}
	})
	for i := range 2 {
		t.Nodes[i].Services[0].Engine = topology.Nginx
	}
	return t
}

const (
	ms   = time.Millisecond
	skew = 609375 * time.Microsecond // of priority 100, version 2
)

// slowerStandby has two balancers, of which the standby checks every 3 s.
func slowerStandby() *topology.Topology {
	t := scenariotest.Design("active-active")
	t.Nodes[1].Services[0].Balance.Check.Interval = 3 * time.Second
	return t
}

// lasting is a fault with a length of its own.
func lasting(f fault.Fault, d time.Duration) fault.Fault {
	f.For = d
	return f
}

var _ = Describe("what a plan predicts", func() {
	death := scenariotest.FaultOf(fault.PowerLoss, "serving", "entry")
	crash := scenariotest.FaultOf(fault.Crash, "serving", "entry")
	hang := scenariotest.FaultOf(fault.Hang, "serving", "entry")

	DescribeTable("of an address that moves",
		func(t *topology.Topology, f fault.Fault, lo, hi time.Duration) {
			p := predicted(t, f)
			Expect(p).NotTo(BeNil())
			Expect([]time.Duration{p.Lo, p.Hi}).To(Equal([]time.Duration{lo, hi}))
			Expect(p.Event).To(Equal("vrrp"))
			Expect(p.Never || p.EventOnly).To(BeFalse())
		},
		Entry("silent death: 2.61 to 3.61 s as measured", scenariotest.Pair(), death, 2000*ms+skew, 3000*ms+skew),
		Entry("the same of a balancer", scenariotest.Balanced(), death, 2000*ms+skew, 3000*ms+skew),
		Entry("version 3, 0.1 s: at most 0.361 s", changed(scenariotest.Pair(), version3), death, 260937500*time.Nanosecond, 360937500*time.Nanosecond),
		Entry("without preemption either may hold it", changed(scenariotest.Pair(), unpreempting), death, 2000*ms+414062500, 3000*ms+skew),
		Entry("a tracked crash: 1 to 2 s, the script, the skew", scenariotest.Pair(), crash, 1000*ms+skew, 2050*ms+skew),
		Entry("a crash seen by a connection", changed(scenariotest.Pair(), tracking(topology.CheckTCP)), crash, 1000*ms+skew, 2050*ms+skew),
		Entry("a tracked hang: its timeout too", scenariotest.Pair(), hang, 1500*ms+skew, 2550*ms+skew),
		Entry("a weight instead of FAULT: the timer too", changed(scenariotest.Pair(), weighing(-60)), crash, 3000*ms+skew, 5050*ms+skew),
		Entry("its link is down", scenariotest.Pair(), scenariotest.FaultOf(fault.LinkDown, "serving", "entry"), 2000*ms+skew, 3000*ms+skew),
		Entry("a named holder", scenariotest.Pair(), scenariotest.FaultOf(fault.PowerLoss, "proxy-a", "entry"), 2000*ms+skew, 3000*ms+skew),
	)

	DescribeTable("of no failover",
		func(t *topology.Topology, f fault.Fault, why string) {
			p := predicted(t, f)
			Expect(p).To(HaveField("Never", true))
			Expect(p.Text).To(Equal(why + ": service returns only with the repair"))
		},
		Entry("one node", scenariotest.Single(), death, "nothing else can serve at proxy-a"),
		Entry("all nodes", scenariotest.Pair(), scenariotest.FaultOf(fault.PowerLoss, "all", "entry"), "nothing else can serve at vip"),
		Entry("all servers", scenariotest.Balanced(), scenariotest.FaultOf(fault.PowerLoss, "all", "proxy"), "the balancer has no other server"),
		Entry("a hang behind a tcp check", changed(scenariotest.Pair(), tracking(topology.CheckTCP)), hang, "a tcp check still connects to a frozen process"),
		Entry("an unwatched crash", changed(scenariotest.Pair(), untracked), crash, "no check watches the service of proxy-a"),
		Entry("another service is watched", changed(scenariotest.Pair(), trackingOther), crash, "vip checks the service other, not the one at the entry"),
		Entry("too small a weight", changed(scenariotest.Pair(), weighing(-50)), crash, "the failed check lowers the priority of proxy-a to 100, which is not below 100 of proxy-b"),
		Entry("a weight without preemption", changed(changed(scenariotest.Pair(), weighing(-60)), unpreempting), crash,
			"the failed check lowers the priority of proxy-a to 90, but without preemption no member takes over: service returns only with the repair; "+
				"or the failed check lowers the priority of proxy-b to 40, but without preemption no member takes over"),
		Entry("a frozen server behind tcp checks", checking(func(b *topology.Balance) { b.Check.Kind = topology.CheckTCP }),
			scenariotest.FaultOf(fault.Hang, "serving", "proxy"), "a tcp check still connects to a frozen process"),
		Entry("a frozen server behind passive checks", passive(1), scenariotest.FaultOf(fault.Hang, "serving", "proxy"),
			"passive checks count failed connections, and a connection to a frozen process succeeds"),
		Entry("the only link", scenariotest.Pair(), scenariotest.FaultOf(fault.WANLoss, "serving", "wan"), "wan-1 is the only WAN link"),
		Entry("one link of two", scenariotest.Spare(), scenariotest.FaultOf(fault.WANLoss, "serving", "wan"), "no health check goes through the forward proxies to the origin, so every proxy stays in service"),
	)

	DescribeTable("of a balancer's detection, which does not bound the outage",
		func(t *topology.Topology, kind proxy.FaultKind, lo, hi time.Duration) {
			p := predicted(t, lasting(scenariotest.FaultOf(kind, "serving", "proxy"), 20*time.Second))
			Expect([]time.Duration{p.Lo, p.Hi}).To(Equal([]time.Duration{lo, hi}))
			Expect(p.Event).To(Equal("server-down"))
			Expect(p.EventOnly).To(BeTrue())
		},
		Entry("silence: T_fail + I + T_fail", scenariotest.Balanced(), fault.PowerLoss, 2000*ms, 3000*ms),
		Entry("a crash is refused at once", scenariotest.Balanced(), fault.Crash, 1000*ms, 2000*ms),
		Entry("a hang takes the check's timeout", scenariotest.Balanced(), fault.Hang, 2000*ms, 3000*ms),
		Entry("silence with a shorter timeout connect takes that", checking(func(b *topology.Balance) { b.ConnectTimeout = 200 * ms }), fault.PowerLoss, 1400*ms, 2400*ms),
		Entry("the same in the builtin balancer", scenariotest.Builtin(checking(func(b *topology.Balance) { b.ConnectTimeout = 200 * ms })), fault.PowerLoss, 1400*ms, 2400*ms),
		Entry("two balancers with different timers: those of the holder", slowerStandby(), fault.Crash, 1000*ms, 2000*ms),
		Entry("without preemption: those of each", changed(slowerStandby(), unpreempting), fault.Crash, 1000*ms, 6000*ms),
		Entry("the measured case: DROP, 500 ms timeouts", checking(func(b *topology.Balance) { b.Check.Interval, b.Check.Fall = 2*time.Second, 3 }), fault.PowerLoss, 5500*ms, 7500*ms),
	)

	DescribeTable("of what users see of a struck server until then", func(change func(*topology.Balance), text string) {
		Expect(predicted(checking(change), scenariotest.FaultOf(fault.Crash, "serving", "proxy"))).To(And(HaveField("EventOnly", true),
			HaveField("Lo", 1000*ms), HaveField("Hi", 2000*ms), HaveField("Text", ContainSubstring(text))))
	},
		Entry("another server is tried", func(*topology.Balance) {}, "a new connection may be redispatched earlier"),
		Entry("source tries the same server again", func(b *topology.Balance) { b.Algorithm = "source" },
			"If it is the struck server, each new connection fails until it is down, because a retry goes to the same server (HAProxy: hash-type map-based)"),
		Entry("no redispatch", func(b *topology.Balance) { b.Redispatch = false }, "until then each new connection to the server fails"),
	)

	DescribeTable("of nginx's passive checks, which depend on the load",
		func(kind proxy.FaultKind, lo time.Duration) {
			p := predicted(passive(1), scenariotest.FaultOf(kind, "serving", "proxy"))
			Expect(p).To(And(HaveField("Event", "server-down"), HaveField("EventOnly", true), HaveField("Lo", lo)))
			// 100/s, of which 20 % on new connections, to three servers in turn: three of them come within 150 ms on average;
			// 3.3 standard deviations make it 70 requests.
			Expect(p.Hi - p.Lo).To(BeNumerically("~", 704*ms, ms))
		},
		Entry("a crash is refused at once", fault.Crash, 0*ms),
		Entry("silence takes the connect timeout", fault.PowerLoss, 500*ms),
	)

	It("predicts nothing for passive checks if the load has too few new connections", func() {
		s := scenariotest.With(scenariotest.FaultOf(fault.Crash, "serving", "proxy"))
		s.Load.NewShare = 0
		Expect(scenariotest.Compile(passive(1), s).Faults[0].Predicted).To(BeNil())
		leastconn := passive(1)
		for i := range 2 {
			leastconn.Nodes[i].Services[0].Balance.Algorithm = "leastconn"
		}
		Expect(predicted(leastconn, scenariotest.FaultOf(fault.Crash, "serving", "proxy"))).To(BeNil())
	})

	DescribeTable("of no outage",
		func(t *topology.Topology, f fault.Fault, text string) {
			Expect(predicted(t, f)).To(Equal(&predict.Prediction{Text: text}))
		},
		Entry("the standby", scenariotest.Pair(), scenariotest.FaultOf(fault.PowerLoss, "standby", "entry"), "the fault strikes nothing that serves users: no outage"),
		Entry("the backup by name", scenariotest.Pair(), scenariotest.FaultOf(fault.PowerLoss, "proxy-b", "entry"), "proxy-a holds the address: no outage"),
		Entry("a service that no user uses", idling(), scenariotest.FaultOf(fault.Crash, "lb-a", "proxy"), "the fault strikes nothing that serves users: no outage"),
		Entry("a backup server", backed(), scenariotest.FaultOf(fault.PowerLoss, "proxy-c", "proxy"), "the fault strikes nothing that serves users: no outage"),
		Entry("the spare link", scenariotest.Spare(), scenariotest.FaultOf(fault.WANLoss, "wan-2", "wan"), "no request of the users passes wan-2: no outage"),
	)

	DescribeTable("of a broken configuration, by what the engine does",
		func(t *topology.Topology, program, role string, want *predict.Prediction) {
			f := scenariotest.FaultOf(fault.ConfigBreak, "serving", role)
			f.Program = program
			Expect(predicted(t, f)).To(Equal(want))
		},
		Entry("HAProxy keeps the old one", scenariotest.Balanced(), "service", "entry",
			&predict.Prediction{Text: "the engine refuses the configuration and keeps the old one: no outage"}),
		Entry("Squid dies", scenariotest.Pair(), "service", "entry", predicted(scenariotest.Pair(), crash)),
		Entry("keepalived", scenariotest.Pair(), "keepalived", "entry", nil),
	)

	DescribeTable("of keepalived alone, which keeps the address", func(kind proxy.FaultKind, want string) {
		muted := func(pick string) fault.Fault {
			f := scenariotest.FaultOf(kind, pick, "entry")
			f.Program = fault.ProgramKeepalived
			return f
		}
		p := predicted(scenariotest.Pair(), muted("serving"))
		Expect(p).To(And(HaveField("Event", "vrrp"), HaveField("EventOnly", true)))
		Expect([]time.Duration{p.Lo, p.Hi}).To(Equal([]time.Duration{2000*ms + skew, 3000*ms + skew}))
		Expect(p.Text).To(ContainSubstring(want))
		Expect(predicted(scenariotest.Pair(), muted("proxy-a"))).To(Equal(p))
		for _, pick := range []string{"standby", "proxy-b"} {
			Expect(predicted(scenariotest.Pair(), muted(pick)).Text).To(Equal("proxy-a holds the address, and its keepalived runs: no outage"))
		}
		Expect(predicted(changed(scenariotest.Pair(), unpreempting), muted("serving"))).To(BeNil())
		Expect(predicted(scenariotest.Pair(), muted("all"))).To(BeNil())
	},
		Entry("killed", fault.Crash, "Then proxy-a and proxy-b both hold vip until keepalived runs again"),
		Entry("frozen", fault.Hang, "both hold vip"),
	)

	Describe("of a partition", func() {
		It("is when the other side takes the address too, which does not bound the outage", func() {
			p := predicted(scenariotest.Pair(), scenariotest.Apart(fault.FromMembers, "serving"))
			Expect(p).To(And(HaveField("Event", "vrrp"), HaveField("EventOnly", true)))
			Expect([]time.Duration{p.Lo, p.Hi}).To(Equal([]time.Duration{2000*ms + skew, 3000*ms + skew}))
			Expect(p.Text).To(HaveSuffix("Then proxy-a and proxy-b both hold vip until the partition heals"))
		})
		It("is nothing if the holder is unknown, or if the members still reach each other", func() {
			Expect(predicted(changed(scenariotest.Pair(), unpreempting), scenariotest.Apart(fault.FromMembers, "serving"))).To(BeNil())
			Expect(predicted(scenariotest.Pair(), scenariotest.Apart(fault.FromMembers, "standby"))).To(BeNil())
			Expect(predicted(scenariotest.Balanced(), scenariotest.Apart(fault.FromNodes, "proxy-a"))).To(BeNil())
		})
	})

	It("is nothing if no formula covers the fault", func() {
		eth0 := scenariotest.FaultOf(fault.LinkDown, "serving", "entry")
		eth0.Interface = "eth0"
		Expect(predicted(scenariotest.Pair(), eth0)).To(BeNil(), "one interface, whose network the design does not say")

		t := scenariotest.Balanced()
		t.Nodes[0].Services = append(t.Nodes[0].Services, topology.Service{Name: "squid", Engine: topology.Squid, Port: 3129})
		t.Addresses[0].Track.Service = "squid"
		Expect(predicted(t, scenariotest.FaultOf(fault.Crash, "lb-a", "proxy"))).To(BeNil(), "an unused service that the address tracks")

		overlapping := scenariotest.Compile(scenariotest.Balanced(), scenariotest.With(death, scenariotest.FaultOf(fault.PowerLoss, "proxy-a", "proxy")))
		Expect(overlapping.Faults).To(HaveEach(HaveField("Predicted", BeNil())), "two faults at once")
	})

	It("leaves open whether a named node of an address without preemption holds it", func() {
		p := predicted(changed(scenariotest.Pair(), unpreempting), scenariotest.FaultOf(fault.PowerLoss, "proxy-b", "entry"))
		Expect([]time.Duration{p.Lo, p.Hi}).To(Equal([]time.Duration{0, 3000*ms + 414062500}))
		Expect(p.Event).To(BeEmpty())
	})
})
