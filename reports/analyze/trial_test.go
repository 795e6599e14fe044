package analyze_test

import (
	"encoding/json"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	"github.com/onsi/gomega/gstruct"
	"github.com/onsi/gomega/types"

	"github.com/seed-ab8b6914/spof/proxy"
	"github.com/seed-ab8b6914/spof/proxy/load"
	"github.com/seed-ab8b6914/spof/reports/analyze"
	"github.com/seed-ab8b6914/spof/scenarios"
	"github.com/seed-ab8b6914/spof/sim/trace"
)

// about matches a pointer to a number near v.
func about(v, within float64) types.GomegaMatcher {
	return gstruct.PointTo(BeNumerically("~", v, within))
}

// every makes every n-th request fare differently while a condition holds.
func every(n int, otherwise service, during func(at time.Duration) bool) service {
	return func(i int, at time.Duration) reply {
		if i%n == 0 && during(at) {
			return otherwise(i, at)
		}
		return fine
	}
}

func always(r reply) service { return func(int, time.Duration) reply { return r } }

func lasting(from, to time.Duration) func(time.Duration) bool {
	return func(at time.Duration) bool { return at >= from && at < to }
}

const s, msec = time.Second, time.Millisecond

var _ = Describe("Failover", func() {
	DescribeTable("is the time to sustained service", func(serve service, want types.GomegaMatcher) {
		Expect(analyze.TrialOf(synthetic(serve)).FailoverMS).To(want)
	},
		Entry("a clean outage", out(0, 3*s), about(3000, 1)),
		Entry("no outage at all", out(0, 0), about(0, 0)),
		Entry("an outage far shorter than the slack of a window still counts", out(0, 8*msec), about(8, 1)),
		Entry("a third of the requests fail until the switch", every(3, always(reset), lasting(0, 4*s)), about(4000, 3)),
		Entry("failures at twice the slack", every(50, always(reset), lasting(0, 4*s)), about(3990, 50)),
		Entry("failures at half the slack are no outage", every(200, always(reset), lasting(500*msec, 7*s)), about(0, 0)),
		Entry("one failure late in the window is slack", out(500*msec, 500*msec+1), about(0, 0)),
		Entry("two stray failures seconds later are slack", every(1500, always(reset), lasting(200*msec, 6*s)), about(0, 0)),
		Entry("slack at the head does not bring it forward", out(0, 2*s+5*msec), about(2005, 1)),
		Entry("service that only returns with the repair never came", out(0, 8*s), BeNil()),
		Entry("service that returns less than a window before the repair was not seen to last", out(0, 7200*msec), BeNil()),
		Entry("an outage that begins late counts to its end", out(1500*msec, 2500*msec), about(2500, 1)),
		Entry("an outage that begins late and lasts to the repair", out(3*s, 8*s), BeNil()),
		Entry("a stray failure before a late outage does not hide it", func(i int, at time.Duration) reply {
			if lasting(5*msec, 6*msec)(at) {
				return reset
			}
			return out(2*s, 3*s)(i, at)
		}, about(3000, 1)),
		Entry("after a second outage the first counts", func(i int, at time.Duration) reply {
			return map[bool]reply{true: hanged, false: fine}[lasting(0, s)(at) || lasting(3*s, 4*s)(at)]
		}, about(1000, 1)),
		Entry("a second outage that only the repair ends", func(i int, at time.Duration) reply {
			return map[bool]reply{true: hanged, false: fine}[lasting(0, s)(at) || lasting(6*s, 8*s)(at)]
		}, BeNil()),
		Entry("one in ten slow is a p95 that never recovers", every(10, always(reply{latency: 300 * msec}), lasting(0, 9*s)), BeNil()),
		Entry("one in fifty slow is not", every(50, always(reply{latency: 300 * msec}), lasting(30*msec, 9*s)), about(0, 0)),
		Entry("a stall of the machine long after is not an outage", func(_ int, at time.Duration) reply {
			return map[bool]reply{true: {latency: 80 * msec}, false: fine}[lasting(3*s, 3100*msec)(at)]
		}, about(0, 0)),
		Entry("requests that wait for the switch and then succeed are no service (coordinated omission)", func(_ int, at time.Duration) reply {
			if lasting(0, 2*s)(at) {
				return reply{latency: 2*s - at + 2*msec}
			}
			return fine
		}, about(1977, 2)), // back when the wait is down to the 25 ms that count as service
	)

	It("ignores answers that the repair brought to requests that were due before it", func() {
		wait := synthetic(func(_ int, at time.Duration) reply { // hangs until the repair at 7.97 s, then answers all
			if repair := undoAt - 20*msec - effectAt; at >= 0 && at < repair {
				return reply{latency: repair - at + 2*msec}
			}
			return fine
		})
		wait.Header.Plan.Scenario.Measure.LatencyFloor = 1500 * msec // longer than a window
		Expect(analyze.TrialOf(wait).FailoverMS).To(BeNil())
	})

	It("takes the effect, not the order, as its beginning", func() {
		t := synthetic(out(0, 3*s))
		Expect(analyze.TrialOf(t).EffectDelayMS).To(BeNumerically("~", 10, 1e-9))
		t.Events[1].At += int64(500 * msec) // proven half a second later
		Expect(analyze.TrialOf(t).FailoverMS).To(about(2500, 1))
	})

	It("holds at 50 requests/s, where a window has room for no failure", func() {
		t := synthetic(out(0, 3*s))
		t.Samples = slices.DeleteFunc(t.Samples, func(x trace.Sample) bool { return x.Scheduled%(20e6) != 0 })
		t.Header.Plan.Scenario.Load.Rate = 50
		Expect(analyze.TrialOf(t).FailoverMS).To(about(3000, 20))
		for i := range t.Samples { // users lose nothing but one request
			t.Samples[i].Outcome, t.Samples[i].Done = load.OK, 2000
		}
		t.Samples[len(t.Samples)/2].Outcome = load.Reset
		Expect(analyze.TrialOf(t).FailoverMS).To(about(0, 0))
	})
})

var _ = Describe("The measures of a clean outage of 3 s", func() {
	var t analyze.Trial
	BeforeEach(func() { t = analyze.TrialOf(synthetic(out(0, 3*s))) })

	It("agree with each other", func() {
		Expect(t.Lost).To(BeNumerically("~", 3000, 1))
		Expect(t.LossDerivedMS).To(BeNumerically("~", 3000, 1))
		Expect(t.ResilienceLossS).To(BeNumerically("~", 3, 0.02))
		Expect(t.LostRatio).To(BeNumerically("~", 3/7.99, 0.001))
		Expect(t.TimeToFirstMS).To(about(3000, 1))
		Expect(t.QMin).To(BeZero())
		Expect(t.QSteady).To(Equal(1.0))
		Expect(t.FailbackMS).To(about(0, 0))
		Expect(t.LatencyInflation).To(about(1, 0.01))
		Expect(t.Outcomes).To(Equal(map[string]int{"ok": 12000, "timeout": 3000}))
	})
	It("know the users", func() {
		Expect(t.Users).To(Equal(50))
		Expect(t.UsersNoticed).To(Equal(50))
		Expect(t.UserOutageMS.Min).To(BeNumerically("~", 3002, 1)) // to the answer that ends it
		Expect(t.UserOutageMS.Max).To(BeNumerically("~", 3002, 1))
	})
	It("pass where nothing is expected", func() {
		Expect(t.Verdict).To(Equal(analyze.Pass))
		Expect(t.Reasons).To(BeEmpty())
	})
})

var _ = Describe("Measures", func() {
	It("show time to first success as optimistic under partial failure", func() {
		t := analyze.TrialOf(synthetic(every(2, always(reset), lasting(0, 4*s))))
		Expect(t.TimeToFirstMS).To(about(1, 1))
		Expect(t.FailoverMS).To(about(4000, 2))
		Expect(t.LossDerivedMS).To(BeNumerically("~", 2000, 2))
		Expect(t.QMin).To(BeNumerically("~", 0.5, 0.01))
	})

	It("count losses above the baseline's own", func() {
		usual := func(i int, at time.Duration) reply {
			if i%200 == 0 {
				return reset
			}
			return out(0, s)(i, at)
		}
		t := analyze.TrialOf(synthetic(usual))
		Expect(t.Lost).To(BeNumerically("~", 995, 5))
		none := analyze.TrialOf(synthetic(every(200, always(reset), func(at time.Duration) bool { return at < 0 })))
		Expect(none.Lost).To(BeZero(), "never below nothing")
	})

	It("count late answers against goodput and users, not as losses", func() {
		t := analyze.TrialOf(synthetic(func(i int, at time.Duration) reply {
			if i%users == 7 && lasting(0, 2*s)(at) {
				return reply{latency: 1500 * msec}
			}
			return fine
		}))
		Expect(t.Lost).To(BeZero())
		Expect(t.UsersNoticed).To(Equal(1))
		Expect(t.UserOutageMS.Max).To(BeZero())
		Expect(t.ResilienceLossS).To(BeNumerically("~", 2.0/users, 0.01))
	})

	It("tell each user's own outage", func() {
		t := analyze.TrialOf(synthetic(func(i int, at time.Duration) reply {
			switch user := i % users; {
			case user == 1 && lasting(0, s)(at), user == 2 && (lasting(0, s)(at) || lasting(2*s, 3*s)(at)):
				return reset
			}
			return fine
		}))
		Expect(t.UsersNoticed).To(Equal(2))
		Expect(*t.UserOutageMS).To(gstruct.MatchAllFields(gstruct.Fields{
			"Min": BeZero(), "Median": BeZero(), "Max": BeNumerically("~", 2000, 10),
		}))
	})

	It("tell a user's outage that nothing ended from one that a success ended", func() {
		t := analyze.TrialOf(synthetic(func(i int, at time.Duration) reply {
			if i%users == 3 && at >= 5*s {
				return reset
			}
			return fine
		}))
		Expect(t.UserOutageMS.Max).To(BeNumerically("~", 2990, 50)) // to the undoing
	})

	It("count a user's outage from the effect to the undoing, and no further", func() {
		undone := undoAt - effectAt
		t := analyze.TrialOf(synthetic(func(i int, at time.Duration) reply {
			switch user := i % users; {
			case user == 1 && lasting(-100*msec, 0)(at), user == 1 && lasting(undone-200*msec, undone-100*msec)(at):
				return hanged
			case user == 1 && lasting(0, 100*msec)(at):
				return reply{latency: 500 * msec}
			case user == 1 && lasting(undone-100*msec, undone)(at):
				return reply{latency: 900 * msec}
			}
			return fine
		}))
		// To the answer 500 ms after the first request that succeeded (at most 50 ms after the effect), and to the undoing.
		Expect(t.UserOutageMS.Max).To(BeNumerically("~", 525+175, 50))
	})

	It("count a user's overlapping gaps once", func() {
		t := analyze.TrialOf(synthetic(func(i int, at time.Duration) reply {
			switch {
			case i%users != 1 || !lasting(0, 2*s)(at):
				return fine
			case i/users%2 == 0:
				return hanged
			default: // every second request waits to the end of the outage and then succeeds
				return reply{latency: 2*s - at}
			}
		}))
		Expect(t.UserOutageMS.Max).To(BeNumerically("~", 1950, 100))
	})

	It("keep what was in flight at the effect out of the baseline", func() {
		t := synthetic(func(_ int, at time.Duration) reply {
			if lasting(-40*msec, 0)(at) { // more than 1 % of the baseline
				return hanged
			}
			return fine
		})
		got := analyze.TrialOf(t)
		Expect(got.Verdict).To(Equal(analyze.Pass))
		Expect(got.InFlightLost).To(Equal(40))
		Expect(got.Lost).To(BeZero())
	})

	It("take the least Q from whole bins only", func() {
		t := synthetic(out(7985*msec, 8*s)) // the last 5 ms of the window, in a clipped bin of 10 ms
		t.Events[2].At, t.Events[3].At = t.Events[1].At+7.99e9, t.Events[1].At+7.99e9
		Expect(analyze.TrialOf(t).QMin).To(Equal(1.0))
		Expect(analyze.TrialOf(t).ResilienceLossS).To(BeNumerically("~", 0.005, 1e-6))
	})

	It("span all places that a fault strikes, and all faults", func() {
		t := synthetic(out(0, 3*s))
		for _, e := range t.Events[:4] {
			e.Node = "proxy-b"
			e.At += int64(100 * msec)
			t.Events = append(t.Events, e)
		}
		got := analyze.TrialOf(t)
		Expect(got.Target).To(Equal("proxy-a, proxy-b"))
		Expect(got.Offered).To(Equal(8090)) // from the first effect to the last undoing
		Expect(got.FailoverMS).To(about(3000, 1))
	})

	It("tell what was in flight, on new and kept connections, and in tunnels", func() {
		t := analyze.TrialOf(synthetic(func(i int, at time.Duration) reply {
			r := fine
			if lasting(-5*msec, 0)(at) {
				r = reply{latency: 2 * s, outcome: load.Timeout}
			} else if lasting(0, s)(at) {
				r = reset
			}
			if i%2 == 0 {
				r.flags = load.Reused | load.Tunnel
			}
			return r
		}))
		Expect(t.InFlight).To(Equal(5))
		Expect(t.InFlightLost).To(Equal(5))
		Expect(t.TunnelsBroken).To(BeNumerically("~", 502, 1))
		Expect(t.New).To(Equal(analyze.Connections{Offered: 3995, Failed: 500}))
		Expect(t.Reused).To(Equal(analyze.Connections{Offered: 3995, Failed: 500}))
	})

	It("tell the second interruption, when the repaired node returns", func() {
		undone := undoAt - effectAt
		t := analyze.TrialOf(synthetic(func(i int, at time.Duration) reply {
			if lasting(0, 2*s)(at) || lasting(undone+500*msec, undone+700*msec)(at) {
				return reset
			}
			return fine
		}))
		Expect(t.FailbackMS).To(about(200, 1))
		Expect(t.FailoverMS).To(about(2000, 1))
		Expect(t.Lost).To(BeNumerically("~", 2000, 1), "what is lost after the undoing is failback's")
	})

	It("fail service that is lost for good after the repair", func() {
		t := analyze.TrialOf(synthetic(func(_ int, at time.Duration) reply {
			if at > undoAt-effectAt+s {
				return reset
			}
			return fine
		}))
		Expect(t.Verdict).To(Equal(analyze.Fail))
		Expect(t.Reasons).To(ConsistOf(ContainSubstring("lost again after the repair")))
		Expect(t.FailbackMS).To(about(3000, 2))
	})

	It("do not depend on the order in which the samples came, and leave the trace alone", func() {
		t := synthetic(every(3, out(0, 2*s), func(time.Duration) bool { return true }))
		want := analyze.TrialOf(t)
		rand.New(rand.NewPCG(1, 2)).Shuffle(len(t.Samples), func(i, j int) { t.Samples[i], t.Samples[j] = t.Samples[j], t.Samples[i] })
		shuffled := slices.Clone(t.Samples)
		Expect(analyze.TrialOf(t)).To(Equal(want))
		Expect(t.Samples).To(Equal(shuffled))
	})

	It("have resilience loss equal the loss-derived outage where Q is binary", func() {
		rng := rand.New(rand.NewPCG(3, 4))
		for range 30 {
			var spans [][2]time.Duration
			for range 1 + rng.IntN(4) {
				from := time.Duration(rng.Int64N(int64(7 * s)))
				spans = append(spans, [2]time.Duration{from, from + time.Duration(rng.Int64N(int64(2*s)))})
			}
			t := analyze.TrialOf(synthetic(func(_ int, at time.Duration) reply {
				for _, span := range spans {
					if lasting(span[0], span[1])(at) {
						return reset
					}
				}
				return fine
			}))
			Expect(1000*t.ResilienceLossS).To(BeNumerically("~", t.LossDerivedMS, 20), "%v", spans)
			Expect(t.Reasons).NotTo(ContainElement(ContainSubstring("uneven")))
		}
	})

	It("count leaks, corruption and cache hits", func() {
		t := analyze.TrialOf(synthetic(func(i int, at time.Duration) reply {
			switch i {
			case 5000:
				return reply{latency: msec, outcome: load.Corrupt}
			case 6000, 7000:
				return reply{latency: msec, flags: load.Bypassed}
			}
			return reply{latency: msec, flags: load.CacheHit}
		}))
		Expect(t.Corrupted).To(Equal(1))
		Expect(t.Bypassed).To(Equal(2))
		Expect(t.CacheHitRatio).To(BeNumerically("~", 1, 0.001))
		Expect(t.ErrorRatio).To(BeNumerically("~", 1.0/15000, 1e-9))
	})

	It("have a value for every name that expectations may use", func() {
		t := analyze.TrialOf(synthetic(out(0, s)))
		for name := range scenarios.Measures {
			_, ok := t.Measure(name)
			Expect(ok).To(BeTrue(), name)
		}
	})
})

var _ = Describe("Mechanisms", func() {
	master := trace.Event{Kind: proxy.EventVRRP, Node: "proxy-b", Subject: "vip", State: "MASTER"}
	fault := trace.Event{Kind: proxy.EventVRRP, Node: "proxy-a", Subject: "vip", State: "FAULT"}
	down := trace.Event{Kind: proxy.EventServerDown, Node: "lb-a", Subject: "proxy-a"}

	It("split the failover where the struck node told of its failure", func() {
		t := synthetic(out(0, 3*s))
		event(t, fault, 2*s)
		event(t, master, 2600*msec)
		split := analyze.TrialOf(t).Split
		Expect(split.Detect).To(about(2000, 0.1))
		Expect(split.Decide).To(about(600, 0.1))
		Expect(split.Switch).To(BeNil())
		Expect(split.Client).To(about(400, 1))
	})
	It("leave unseen what no event shows", func() {
		t := synthetic(out(0, 3*s))
		Expect(analyze.TrialOf(t).Split).To(BeNil())
		event(t, master, 2900*msec)
		split := analyze.TrialOf(t).Split
		Expect(split.Detect).To(about(2900, 0.1))
		Expect(split.Decide).To(BeNil())
		Expect(split.Client).To(about(100, 1))
	})
	It("widen the prediction of an event by that event's own uncertainty", func() {
		t := synthetic(out(0, 3*s))
		event(t, down, 2010*msec)
		t.Header.Plan.Faults[0].Predicted = &scenarios.Prediction{Lo: s, Hi: 2 * s, Event: proxy.EventServerDown, EventOnly: true}
		Expect(analyze.TrialOf(t).Predicted.Inside).To(BeFalse())
		t.Events[len(t.Events)-1].Uncertainty = 10 * msec
		Expect(analyze.TrialOf(t).Predicted.Inside).To(BeTrue())
	})
	It("take no credit for what came after the failover", func() {
		t := synthetic(out(0, s))
		event(t, down, 5*s)
		Expect(analyze.TrialOf(t).Split).To(BeNil())
	})

	DescribeTable("are held against the prediction", func(p scenarios.Prediction, outage time.Duration, inside bool) {
		t := synthetic(out(0, outage))
		event(t, master, outage-20*msec)
		event(t, down, 6*s)
		event(t, trace.Event{Kind: proxy.EventServerDown, Node: "lb-a", Subject: "other"}, s)
		t.Header.Plan.Faults[0].Predicted = &p
		got := analyze.TrialOf(t).Predicted
		Expect(got.Inside).To(Equal(inside))
		switch p.Event {
		case proxy.EventVRRP:
			Expect(got.EventMS).To(about(ms(outage)-20, 0.1))
		case proxy.EventServerDown:
			Expect(got.EventMS).To(about(6000, 0.1))
		}
	},
		Entry("inside", scenarios.Prediction{Lo: 2610 * msec, Hi: 3610 * msec, Event: proxy.EventVRRP}, 3*s, true),
		Entry("above", scenarios.Prediction{Lo: 2610 * msec, Hi: 3610 * msec, Event: proxy.EventVRRP}, 3620*msec, false),
		Entry("above by no more than resolution and uncertainty", scenarios.Prediction{Lo: 2610 * msec, Hi: 3610 * msec}, 3611*msec, true),
		Entry("below", scenarios.Prediction{Lo: 2610 * msec, Hi: 3610 * msec}, 2600*msec, false),
		Entry("the event, where it is the event that is bounded", scenarios.Prediction{Lo: 5 * s, Hi: 7 * s, Event: proxy.EventServerDown, EventOnly: true}, s, true),
		Entry("the event outside", scenarios.Prediction{Lo: s, Hi: 2 * s, Event: proxy.EventServerDown, EventOnly: true}, 1500*msec, false),
		Entry("never, rightly", scenarios.Prediction{Never: true}, 8*s, true),
		Entry("never, wrongly", scenarios.Prediction{Never: true}, s, false),
		Entry("no outage", scenarios.Prediction{}, time.Duration(0), true),
	)
})

func ms(d time.Duration) float64 { return float64(d) / 1e6 }

var _ = Describe("The verdict", func() {
	judge := func(t *trace.Trace) analyze.Trial { return analyze.TrialOf(t) }

	DescribeTable("is inconclusive, never pass or fail, where a trial shows nothing", func(spoil func(*trace.Trace), why string) {
		t := synthetic(out(0, 8*s)) // service never came: a failure, if the trial showed anything
		spoil(t)
		got := judge(t)
		Expect(got.Verdict).To(Equal(analyze.Inconclusive))
		Expect(got.Reasons).To(ContainElement(ContainSubstring(why)))
	},
		Entry("broken", func(t *trace.Trace) { t.Broken = "agent lost" }, "not finished: agent lost"),
		Entry("a fault without an effect", func(t *trace.Trace) { t.Events = slices.Delete(t.Events, 1, 2) }, "power-loss on proxy-a) was not seen to take effect"),
		Entry("no event of the fault at all", func(t *trace.Trace) { t.Events = nil }, "fault f1 (power-loss) was not seen to take effect"),
		Entry("one of two places without an effect", func(t *trace.Trace) {
			t.Events = append(t.Events, trace.Event{At: epoch + 4e9, Node: "proxy-b", Kind: proxy.EventFaultAsked, Fault: "f1"})
		}, "power-loss on proxy-b) was not seen to take effect"),
		Entry("an undoing without an effect", func(t *trace.Trace) { t.Events = t.Events[:3] }, "undoing of fault f1"),
		Entry("no baseline", func(t *trace.Trace) { t.Header.Plan.BaselineAt = 4*s - 50*msec }, "before the fault, too few"),
		Entry("a dirty baseline", func(t *trace.Trace) {
			for i := 1000; i < 1100; i++ {
				t.Samples[i].Outcome = load.Status5xx
			}
		}, "of the requests succeeded before any fault"),
		Entry("requests not sent", func(t *trace.Trace) { t.Samples[9000].Outcome = load.NotSent }, "could not send 1 request"),
		Entry("samples missing", func(t *trace.Trace) { t.Samples = t.Samples[:len(t.Samples)-100] }, "100 of 16000 requests left no sample"),
		Entry("a fault too short", func(t *trace.Trace) { t.Events[2].At = t.Events[1].At + 9e8 }, "too short to see sustained service"),
		Entry("no load", func(t *trace.Trace) { t.Header.Plan.Scenario.Load.Rate = 0 }, "no load"),
	)

	It("is inconclusive where the two ways to count the loss disagree", func() {
		t := synthetic(out(0, 3*s))
		kept := t.Samples[:0]
		for i, x := range t.Samples { // the generator skipped half of the outage, and doubled the recovery to make up for it
			if at := time.Duration(x.Scheduled) - effectAt; !lasting(0, 3*s)(at) || i%2 == 0 {
				kept = append(kept, x)
			}
		}
		t.Samples = append(kept, kept[len(kept)-1500:]...)
		got := judge(t)
		Expect(got.Verdict).To(Equal(analyze.Inconclusive))
		Expect(got.Reasons).To(ConsistOf("the load was uneven: a resilience loss of 3.00 s against 1.50 s counted from lost requests"))
	})

	DescribeTable("is inconclusive, but may fail, where a trial is not sharp", func(blur func(*trace.Trace), why string) {
		t := synthetic(out(0, s))
		blur(t)
		got := judge(t)
		Expect(got.Verdict).To(Equal(analyze.Inconclusive))
		Expect(got.Reasons).To(ConsistOf(ContainSubstring(why)))
		expect(t, "failover", "<=", 500, "<= 500ms")
		Expect(judge(t).Verdict).To(Equal(analyze.Fail))
	},
		Entry("late sends", func(t *trace.Trace) {
			for i := 0; i < len(t.Samples); i += 50 {
				t.Samples[i].Late = 150_000
			}
		}, "sent late: p99 150 us, more than a tenth of the resolution of 1.00 ms"),
		Entry("an uncertain effect", func(t *trace.Trace) { t.Events[1].Uncertainty = 6 * msec }, "only known to 6.00 ms"),
		Entry("uncertain clocks", func(t *trace.Trace) { t.Header.ClockUncertainty = 6 * msec }, "only known to 7.00 ms"),
	)

	DescribeTable("follows the expectations", func(measure, op string, value float64, want analyze.Verdict, reason string) {
		t := synthetic(out(0, 3*s))
		expect(t, measure, op, value, "...")
		got := judge(t)
		Expect(got.Verdict).To(Equal(want))
		if reason != "" {
			Expect(got.Reasons).To(ConsistOf(reason))
		}
	},
		Entry("met", "failover", "<=", 3500.0, analyze.Pass, ""),
		Entry("missed", "failover", "<=", 2000.0, analyze.Fail, "failover 3.00 s > 2 s"),
		Entry("missed by a hair", "failover", "<", 2999.9, analyze.Fail, "failover 3.0000 s >= 2.9999 s"),
		Entry("a ratio", "lost_ratio", "<=", 0.3, analyze.Fail, "lost ratio 37.5 % > 30 %"),
		Entry("seconds", "resilience_loss", "<", 1.5, analyze.Fail, "resilience loss 3.00 s >= 1.5 s"),
		Entry("a count", "lost", "==", 0.0, analyze.Fail, "lost 3000 != 0"),
		Entry("a lower bound", "q_min", ">=", 0.5, analyze.Fail, "q min 0 % < 50 %"),
		Entry("the share of users", "users_noticed", "<=", 0.1, analyze.Fail, "users noticed 100 % > 10 %"),
		Entry("a comparison that is none", "lost", "~", 0.0, analyze.Fail, ""),
	)

	It("fails a failover that never came, once, expected or not", func() {
		t := synthetic(out(0, 8*s))
		Expect(judge(t).Verdict).To(Equal(analyze.Fail))
		expect(t, "failover", "<=", 2000, "<= 2s")
		Expect(judge(t).Reasons).To(ConsistOf("failover never came while the fault lasted"))
	})

	It("does without a baseline where nothing is broken", func() {
		t := synthetic(every(100, always(reset), func(time.Duration) bool { return true }))
		t.Header.Plan.Faults, t.Events = nil, nil
		got := judge(t)
		Expect(got.Verdict).To(Equal(analyze.Pass))
		Expect(got.FailoverMS).To(BeNil())
		expect(t, "error_ratio", "<=", 0.001, "<= 0.1%")
		Expect(judge(t).Reasons).To(ConsistOf("error ratio 1.00 % > 0.1 %"))
		expect(t, "failover", "<=", 1000, "<= 1s")
		Expect(judge(t).Reasons).To(ContainElement("failover was not measured (expected <= 1s)"))
	})
})

// FuzzTrial measures traces with anything in them. Nothing may panic, and every result must be fit for JSON.
func FuzzTrial(f *testing.F) {
	f.Add([]byte{0, 1, 2}, int64(4e9), int64(12e9), 1000.0, int64(1e9), int64(16e9))
	f.Add([]byte{9, 9, 9}, int64(-1)<<62, int64(1)<<62, 1e-300, int64(-5), int64(1)<<62)
	f.Add([]byte{}, int64(12e9), int64(4e9), -1.0, int64(0), int64(0))
	f.Fuzz(func(t *testing.T, data []byte, effect, undo int64, rate float64, window, end int64) {
		RegisterTestingT(t)
		tr := synthetic(out(0, s))
		tr.Samples = tr.Samples[:0]
		for i, b := range data {
			tr.Samples = append(tr.Samples, trace.Sample{
				Scheduled: int64(b)*effect/7 + int64(i), Done: uint32(b) << (b % 24), Outcome: load.Outcome(b) % load.NumOutcomes, User: uint16(b), Flags: load.Flags(b),
			})
		}
		tr.Events[1].At, tr.Events[3].At = effect, undo
		p := &tr.Header.Plan
		p.Scenario.Load.Rate, p.Scenario.Measure.Window, p.End = rate, time.Duration(window), time.Duration(end)
		p.Faults[0].Predicted = &scenarios.Prediction{Lo: time.Duration(effect), Hi: time.Duration(undo)}
		_, err := json.Marshal(analyze.CellOf([]*trace.Trace{tr, tr}))
		Expect(err).NotTo(HaveOccurred())
		_, err = json.Marshal(analyze.TimelineOf(tr))
		Expect(err).NotTo(HaveOccurred())
	})
}
