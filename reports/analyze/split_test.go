package analyze_test

import (
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/seed-ab8b6914/spof/fuzzcost"
	"github.com/seed-ab8b6914/spof/proxy"
	"github.com/seed-ab8b6914/spof/reports/analyze"
	"github.com/seed-ab8b6914/spof/scenarios/fault"
	"github.com/seed-ab8b6914/spof/scenarios/scenariotest"
	"github.com/seed-ab8b6914/spof/sim/trace"
	"github.com/seed-ab8b6914/spof/topology"
)

// addressed records a trial of a service at the address vip, whose nodes report announcements.
func addressed(serve service) *trace.Trace {
	t := synthetic(serve)
	t.Header.Watching = []string{"proxy-a", "proxy-b", "users"}
	t.Header.Plan.Topology.Users[0].Proxy = topology.Entry{Host: "vip", Port: 3128}
	t.Header.Plan.Topology.Addresses = []topology.Address{{Name: "vip", Preempt: true, Members: []topology.Member{{Node: "proxy-a"}, {Node: "proxy-b"}}}}
	return t
}

// sumOf adds the known parts.
func sumOf(s *analyze.Split) (sum float64) {
	for _, p := range s.Parts() {
		if p.MS != nil {
			Expect(*p.MS).To(BeNumerically(">=", 0), p.Name)
			sum += *p.MS
		}
	}
	return sum
}

// adds checks that the parts add up to the failover, and gives them.
func adds(t *trace.Trace) *analyze.Split {
	GinkgoHelper()
	trial := analyze.TrialOf(t)
	Expect(trial.Split).NotTo(BeNil(), trial.Unsplit)
	Expect(sumOf(trial.Split)).To(BeNumerically("~", *trial.FailoverMS, 1e-6+trial.FailoverUncertaintyMS))
	for _, p := range trial.Split.Parts() {
		Expect(p.MS == nil).To(Equal(p.Unknown != ""), "a part or the reason for none: %s", p.Name)
	}
	return trial.Split
}

// Events of mechanisms.
var (
	master    = trace.Event{Kind: proxy.EventVRRP, Node: "proxy-b", Subject: "vip", State: proxy.VRRPMaster}
	left      = trace.Event{Kind: proxy.EventVRRP, Node: "proxy-a", Subject: "vip", State: proxy.VRRPFault}
	has       = trace.Event{Kind: proxy.EventAddress, Node: "proxy-b", Subject: "vip", State: proxy.Added}
	sent      = trace.Event{Kind: proxy.EventAnnounced, Node: "proxy-b", Subject: "vip", State: proxy.AnnouncementSent, Hardware: "b"}
	heard     = trace.Event{Kind: proxy.EventAnnounced, Node: "users", Subject: "vip", State: proxy.AnnouncementHeard, Hardware: "b", Uncertainty: 20 * time.Microsecond}
	missed    = trace.Event{Kind: proxy.EventCheckFailed, Node: "lb-a", Subject: "proxy-a"}
	removed   = trace.Event{Kind: proxy.EventServerDown, Node: "lb-a", Subject: "proxy-a"}
	withdrawn = trace.Event{Kind: proxy.EventRecord, Node: "ns", Subject: "proxy-a", State: proxy.RecordWithdrawn}
	routed    = trace.Event{Kind: proxy.EventRoute, Node: "proxy-b", Subject: "default", State: proxy.Added}
)

// at is an event at an instant after the effect.
type at struct {
	trace.Event
	after time.Duration
}

// whole is the parts in ms; a negative one is null.
type whole struct{ detect, decide, switched float64 }

var _ = DescribeTable("The failover of 3 s is divided", func(by proxy.EventKind, want whole, events ...at) {
	t := addressed(out(0, 3*s))
	for _, e := range events {
		event(t, e.Event, e.after)
	}
	split := adds(t)
	Expect(split.By).To(Equal(string(by)))
	for i, p := range []*float64{split.Detect, split.Decide, split.Switch} {
		name := []string{"detect", "decide", "switch"}[i]
		if v := []float64{want.detect, want.decide, want.switched}[i]; v >= 0 {
			Expect(p).To(about(v, 0.001), name)
		} else {
			Expect(p).To(BeNil(), name)
		}
	}
},
	Entry("VRRP after silence: the timer detects and decides; keepalived tells its state after the announcement", proxy.EventVRRP,
		whole{2900, 0, 0.5}, at{has, 2900 * msec}, at{sent, 2900400 * time.Microsecond}, at{heard, 2900500 * time.Microsecond}, at{master, 2910 * msec}),
	Entry("VRRP after a reported failure: the skew decides", proxy.EventVRRP,
		whole{2000, 600, 10}, at{left, 2 * s}, at{master, 2600 * msec}, at{sent, 2609 * msec}, at{heard, 2610 * msec}),
	Entry("VRRP of a holder without a fault, which leaves and takes the address again; a standby that leaves decides nothing", proxy.EventVRRP,
		whole{1000, 1900, 10}, at{trace.Event{Kind: proxy.EventVRRP, Node: "proxy-b", Subject: "vip", State: proxy.VRRPFault}, 500 * msec},
		at{trace.Event{Kind: proxy.EventVRRP, Node: "proxy-a", Subject: "vip", State: proxy.VRRPFault}, 1 * s},
		at{master, 2900 * msec}, at{sent, 2909 * msec}, at{heard, 2910 * msec}),
	Entry("VRRP on loopback, where no users' node hears the address", proxy.EventVRRP,
		whole{2900, 0, 15}, at{master, 2900 * msec}, at{sent, 2915 * msec}),
	Entry("VRRP whose announcement nobody saw", proxy.EventVRRP, whole{2900, 0, -1}, at{master, 2900 * msec}),
	Entry("VRRP whose announcement came after service was back", proxy.EventVRRP, whole{2900, 0, -1}, at{master, 2900 * msec}, at{heard, 3500 * msec}),
	Entry("VRRP, beside an announcement of another node", proxy.EventVRRP, whole{2900, 0, 20},
		at{master, 2900 * msec}, at{sent, 2905 * msec}, at{trace.Event{Kind: heard.Kind, Node: "users", Subject: "vip", State: heard.State, Hardware: "a"}, 2906 * msec}, at{heard, 2920 * msec}),
	Entry("HAProxy, whose first failed check is in its log", proxy.EventServerDown, whole{900, 1100, 0}, at{missed, 900 * msec}, at{removed, 2 * s}),
	Entry("a balancer that tells only its decision", proxy.EventServerDown, whole{2000, -1, 0}, at{removed, 2 * s}),
	Entry("nginx, which checks passively", proxy.EventServerDown, whole{2000, -1, 0},
		at{trace.Event{Kind: proxy.EventServerDown, Node: "lb-a", Subject: "proxy-a", For: time.Minute}, 2 * s}),
	Entry("Squid, which declares its parent dead", proxy.EventPeerDead, whole{2500, -1, 0}, at{trace.Event{Kind: proxy.EventPeerDead, Node: "front", Subject: "proxy-a"}, 2500 * msec}),
	Entry("browsers with a PAC file: the last one to leave the proxy", proxy.EventPACBad, whole{2800, 0, 0},
		at{trace.Event{Kind: proxy.EventPACBad, Node: "users", Subject: "proxy-a"}, 2 * s}, at{trace.Event{Kind: proxy.EventPACBad, Node: "users", Subject: "proxy-a"}, 2800 * msec}),
	Entry("DNS: clients wait for their TTL", proxy.EventRecord, whole{700, 500, 0},
		at{trace.Event{Kind: proxy.EventCheckFailed, Node: "ns", Subject: "proxy-a"}, 700 * msec}, at{withdrawn, 1200 * msec}),
	Entry("a route of a second WAN link", proxy.EventRoute, whole{2500, -1, -1}, at{routed, 2500 * msec}),
	Entry("two mechanisms: users wait for the last", proxy.EventServerDown, whole{1500, 1300, 0},
		at{master, 1 * s}, at{heard, 1100 * msec}, at{missed, 1500 * msec}, at{removed, 2800 * msec}),
	Entry("two balancers, of which one stands by", proxy.EventServerDown, whole{2000, -1, 0},
		at{removed, 2 * s}, at{trace.Event{Kind: proxy.EventServerDown, Node: "lb-b", Subject: "proxy-a"}, 2500 * msec}),
)

var _ = Describe("The parts of a failover", func() {
	It("are told of a trace of an older version, which has no announcements", func() {
		t := addressed(out(0, 3*s))
		t.Header.Watching = nil
		event(t, master, 2900*msec)
		split := adds(t)
		Expect(split.Switch).To(BeNil())
		Expect(split.Unknown).To(HaveKey("switch"))
		Expect(split.Parts()[2].In).To(Equal("client"))
		Expect(split.Client).To(about(100, 3))
	})

	It("say where the time of an unknown part is", func() {
		t := addressed(out(0, 3*s))
		t.Header.Plan.Faults[0].Kind = fault.Hang
		event(t, master, 2900*msec)
		parts := adds(t).Parts()
		Expect([]string{parts[1].In, parts[2].In}).To(Equal([]string{"detect", "client"}))
		t = addressed(out(0, 3*s))
		event(t, routed, 2*s)
		parts = adds(t).Parts()
		Expect([]string{parts[1].In, parts[2].In}).To(Equal([]string{"detect", "detect"}))
	})

	It("are not told without an event in time, after a repair, or without an outage", func() {
		none := analyze.TrialOf(addressed(out(0, 3*s)))
		Expect(none.Split).To(BeNil())
		Expect(none.Unsplit).NotTo(BeEmpty())
		late := addressed(out(0, s))
		event(late, removed, 5*s)
		Expect(analyze.TrialOf(late).Split).To(BeNil())
		Expect(analyze.TrialOf(addressed(out(0, undoAt-effectAt))).Unsplit).NotTo(BeEmpty())
		quiet := analyze.TrialOf(addressed(always(fine)))
		Expect(quiet.Split).To(BeNil())
		Expect(quiet.Unsplit).To(BeEmpty())
	})

	It("carry the largest error of their instants", func() {
		t := addressed(out(0, 3*s))
		slow := master
		slow.Uncertainty = 30 * msec
		event(t, slow, 2900*msec)
		Expect(adds(t).UncertaintyMS).To(BeNumerically("~", 31, 0.001), "1 ms of it is the effect's")
	})

	It("of few requests add up too, as in the fuzz target", func() {
		t := sparse(addressed(out(0, 2*s)))
		event(t, master, 1900*msec)
		event(t, heard, 1910*msec)
		Expect(adds(t).Switch).To(about(10, 0.001))
	})

	It("add up to the failover, whatever events come when", func() {
		rng := rand.New(rand.NewPCG(uint64(GinkgoRandomSeed()), 1))
		all := []trace.Event{master, left, has, sent, heard, missed, removed, withdrawn, routed}
		divided := 0
		for range 60 {
			outage := time.Duration(200+rng.IntN(6000)) * msec
			t := addressed(out(0, outage))
			for range rng.IntN(8) {
				e := all[rng.IntN(len(all))]
				e.Uncertainty = time.Duration(rng.IntN(20)) * msec
				event(t, e, time.Duration(rng.Int64N(int64(outage+s)))-500*msec)
			}
			if analyze.TrialOf(t).Split != nil {
				adds(t)
				divided++
			}
		}
		Expect(divided).To(BeNumerically(">", 20))
	})
})

var _ = Describe("The sentence about a failover", func() {
	// planned is a trial of the bundled scenario node-death on a design, with an outage of 3 s.
	planned := func(design *topology.Topology, serve service) *trace.Trace {
		t, p := addressed(serve), scenariotest.Compile(design, scenariotest.Bundled("node-death"))
		f := &t.Header.Plan.Faults[0]
		at, undo := f.At, f.Undo
		*f = p.Faults[0]
		f.At, f.Undo = at, undo
		t.Header.Plan.Topology = p.Topology
		return t
	}

	It("names the timer of the largest part, and what the predictor says of another value", func() {
		t := planned(scenariotest.Pair(), out(0, 3*s))
		event(t, master, 2900*msec)
		cell := analyze.CellOf([]*trace.Trace{t})
		Expect(cell.Waits).To(MatchRegexp(`^2\.90 of 3\.0\d s is VRRP waiting for 3 adverts \(advert 1s\); version 3 with advert 200ms would make the failover 522–722 ms$`))
		Expect(cell.Trials[0].Split.Waits).To(Equal(cell.Waits))
	})

	It("is that of the design: another advert, another sentence", func() {
		design := scenariotest.Pair()
		design.Addresses[0].Version, design.Addresses[0].Advert = 3, 500*msec
		t := planned(design, out(0, 1700*msec))
		event(t, master, 1600*msec)
		Expect(adds(t).Waits).To(MatchRegexp(`\(advert 500ms\); advert 100ms would make the failover 261–361 ms$`))
	})

	It("tells of the mechanism's event, where only that is predicted", func() {
		t := planned(scenariotest.Balanced(), out(0, 3*s))
		p := scenariotest.Compile(scenariotest.Balanced(), scenariotest.Bundled("proxy-death"))
		t.Header.Plan.Faults[0].Predicted = p.Faults[0].Predicted
		t.Header.Plan.Faults[0].Candidates = p.Faults[0].Candidates
		t.Header.Plan.Faults[0].Pick, t.Header.Plan.Faults[0].Address = p.Faults[0].Pick, p.Faults[0].Address
		event(t, missed, 700*msec)
		event(t, removed, 2200*msec)
		Expect(adds(t).Waits).To(MatchRegexp(`^1\.50 of 3\.0\d s is the balancer waiting for the second failed check \(check interval 1s, fall 2\); with check interval 200ms: server down after 600–800 ms$`))
	})

	It("names what the largest part waits for, also where no other figure is predicted", func() {
		t := planned(scenariotest.Pair(), out(0, 3*s))
		event(t, master, 500*msec)
		Expect(adds(t).Waits).To(MatchRegexp(`^2\.5\d of 3\.0\d s is users whose requests still met no service after the switch$`))
		t = planned(scenariotest.Pair(), dark(3*s))
		event(t, master, 500*msec)
		Expect(adds(t).Waits).To(MatchRegexp(`^2\.5\d of 3\.0\d s is users repeating SYNs that got no answer \(.*\); no timer of the design changes it$`))
		t = planned(scenariotest.Pair(), out(0, 3*s))
		event(t, master, 2900*msec)
		t.Header.Plan.Faults[0].Predicted = nil
		Expect(adds(t).Waits).To(HaveSuffix("s is VRRP waiting for 3 adverts (advert 1s); nothing is predicted for another value"))
		t = planned(scenariotest.Pair(), out(0, 5*s))
		event(t, master, 4900*msec)
		Expect(adds(t).Waits).To(HaveSuffix("s is VRRP waiting for 3 adverts (advert 1s); this failover lies outside its prediction"))
	})

	It("is that of the browsers", func() {
		t := planned(scenariotest.Pair(), out(0, 3*s))
		t.Header.Plan.Topology.Users[0].PAC, t.Header.Plan.Faults[0].Predicted = &topology.PAC{Browser: "chrome", ConnectTimeout: 2 * s}, nil
		event(t, trace.Event{Kind: proxy.EventPACBad, Node: "office", Subject: "proxy-a"}, 2*s)
		Expect(adds(t).Waits).To(MatchRegexp(`^2\.00 of 3\.0\d s is browsers, each .* to fail \(connect_timeout 2s\); nothing is predicted for another value$`))
	})
})

// sparse keeps 40 requests a second of a trace, until 4 s after the effect: a fuzz target has to be quick.
func sparse(t *trace.Trace) *trace.Trace {
	t.Header.Plan.Scenario.Load.Rate = 40
	t.Header.Plan.End = effectAt + 4*s
	var kept []trace.Sample
	for i := 0; i < len(t.Samples) && t.Samples[i].Scheduled < t.Header.Plan.End.Nanoseconds(); i += rate / 40 {
		kept = append(kept, t.Samples[i])
	}
	t.Samples = kept
	return t
}

// FuzzSplit gives a failover any events at any instants: its parts must never be negative, and add up to it.
func FuzzSplit(f *testing.F) {
	f.Add([]byte{0, 100, 3, 101, 4, 102}, int64(0), int64(5e6))
	f.Add([]byte{5, 1, 6, 90}, int64(-1), int64(1)<<62)
	f.Add([]byte{8, 250}, int64(1)<<62, int64(-1)<<62)
	all := []trace.Event{master, left, has, sent, heard, missed, removed, withdrawn, routed}
	whole := sparse(addressed(out(0, 2*s)))
	f.Fuzz(func(t *testing.T, data []byte, clock, uncertainty int64) {
		fuzzcost.Bound(t)
		RegisterTestingT(t)
		copied := *whole
		tr := &copied
		tr.Events = slices.Clone(whole.Events)
		tr.Header.ClockUncertainty = time.Duration(clock)
		for i := 0; i+1 < len(data) && i < 40; i += 2 {
			e := all[int(data[i])%len(all)]
			e.Uncertainty = time.Duration(uncertainty)
			event(tr, e, time.Duration(data[i+1])*10*msec)
		}
		trial := analyze.TrialOf(tr)
		if trial.Split != nil {
			Expect(sumOf(trial.Split)).To(BeNumerically("~", *trial.FailoverMS, 1e-6))
		}
	})
}
