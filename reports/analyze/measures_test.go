package analyze_test

import (
	"math/rand/v2"
	"slices"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	"github.com/onsi/gomega/gstruct"

	"github.com/seed-ab8b6914/spof/proxy/load"
	"github.com/seed-ab8b6914/spof/reports/analyze"
	"github.com/seed-ab8b6914/spof/sim/trace"
)

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
	It("pass if the scenario has no expectations", func() {
		Expect(t.Verdict).To(Equal(analyze.Pass))
		Expect(t.Reasons).To(BeEmpty())
	})
})

var _ = Describe("Measures", func() {
	It("show time to first success as optimistic under partial failure", func() {
		t := analyze.TrialOf(synthetic(every(2, always(reset), lasting(0, 4*s))))
		Expect(t.TimeToFirstMS).To(about(1, 1))
		Expect(t.FailoverMS).To(about(4000, 4))
		Expect(t.LossDerivedMS).To(BeNumerically("~", 2000, 2))
		Expect(t.QMin).To(BeNumerically("~", 0.5, 0.01))
	})

	It("count losses above those of the baseline", func() {
		usual := func(i int, at time.Duration) reply {
			if i%200 == 0 {
				return reset
			}
			return out(0, s)(i, at)
		}
		t := analyze.TrialOf(synthetic(usual))
		Expect(t.Lost).To(BeNumerically("~", 995, 5))
		none := analyze.TrialOf(synthetic(every(200, always(reset), func(at time.Duration) bool { return at < 0 })))
		Expect(none.Lost).To(BeZero(), "never negative")
	})

	It("count late answers against goodput and against users' time, not as losses", func() {
		t := analyze.TrialOf(synthetic(func(i int, at time.Duration) reply {
			if i%users == 7 && lasting(0, 2*s)(at) {
				return reply{latency: 1500 * msec}
			}
			return fine
		}))
		Expect(t.Lost).To(BeZero())
		Expect(t.UsersNoticed).To(Equal(1))
		Expect(t.UserOutageMS.Max).To(BeNumerically("~", 2002, 1)) // no answer in time for 2 s
		Expect(t.ResilienceLossS).To(BeNumerically("~", 2.0/users, 0.01))
	})

	It("leave requests that the repair still saves out of the steady degraded state", func() {
		repair := undoAt - effectAt
		t := analyze.TrialOf(synthetic(func(_ int, at time.Duration) reply {
			switch {
			case lasting(0, repair-900*msec)(at):
				return hanged
			case lasting(repair-900*msec, repair)(at): // connects when the repair lets it, within the patience
				return reply{latency: repair - at}
			}
			return fine
		}))
		Expect(t.QSteady).To(BeZero())
	})

	It("begin the steady degraded state after failover", func() {
		Expect(analyze.TrialOf(synthetic(out(0, 5*s))).QSteady).To(Equal(1.0))
	})

	It("count requests sent again, and the tunnels that were broken", func() {
		t := analyze.TrialOf(synthetic(func(i int, at time.Duration) reply {
			switch {
			case !lasting(0, 100*msec)(at):
				return fine
			case i%10 == 0:
				return reply{latency: 3 * msec, flags: load.Retried | load.Tunnel}
			case i%10 == 1:
				return reply{latency: 3 * msec, flags: load.Retried}
			case i%10 == 2:
				return reply{latency: msec, outcome: load.Reset, flags: load.Reused | load.Tunnel}
			}
			return fine
		}))
		Expect(t.Retried).To(Equal(20))
		Expect(t.TunnelsBroken).To(Equal(20))
	})

	It("give the outage of each user", func() {
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

	It("distinguish a user's outage without an end from one that a success ended", func() {
		t := analyze.TrialOf(synthetic(func(i int, at time.Duration) reply {
			if i%users == 3 && at >= 5*s {
				return reset
			}
			return fine
		}))
		Expect(t.UserOutageMS.Max).To(BeNumerically("~", 6990, 50)) // to the end of the trial: the standard allows losses of fewer than 2 % of the users
	})

	It("count a user's outage only from the effect to the undoing", func() {
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

	It("count the wait for answers that come after the patience as a user's outage", func() {
		t := analyze.TrialOf(synthetic(func(_ int, at time.Duration) reply { // all wait for the switch and then succeed
			if lasting(0, 3*s)(at) {
				return reply{latency: 3*s - at}
			}
			return fine
		}))
		Expect(t.Lost).To(BeZero())
		Expect(t.UsersNoticed).To(Equal(users))
		Expect(t.UserOutageMS.Min).To(BeNumerically("~", 2950, 1))
		Expect(t.UserOutageMS.Max).To(BeNumerically("~", 3000, 1))
	})

	It("end a user's outage at the late answer if the next request is due long after it", func() {
		t := synthetic(func(i int, at time.Duration) reply {
			if i%users == 1 && lasting(0, 50*msec)(at) {
				return reply{latency: 1500 * msec}
			}
			return fine
		})
		t.Samples = slices.DeleteFunc(t.Samples, func(x trace.Sample) bool {
			return x.User == 1 && lasting(50*msec, 4*s)(time.Duration(x.Scheduled)-effectAt)
		})
		Expect(analyze.TrialOf(t).UserOutageMS.Max).To(BeNumerically("~", 1500, 1))
	})

	It("leave requests in flight at the effect out of the baseline", func() {
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
		t := synthetic(out(7985*msec, 7993*msec)) // the last 5 ms of the window, in a clipped bin of 10 ms
		t.Events[2].At, t.Events[3].At = t.Events[1].At+7.99e9, t.Events[1].At+7.99e9
		Expect(analyze.TrialOf(t).QMin).To(Equal(1.0))
		Expect(analyze.TrialOf(t).ResilienceLossS).To(BeNumerically("~", 0.005, 1e-6))
	})

	It("span all targets of a fault, and all faults", func() {
		t := synthetic(out(0, 3*s))
		for _, e := range t.Events[:4] {
			e.Node = "proxy-b"
			e.At += int64(100 * msec)
			t.Events = append(t.Events, e)
		}
		got := analyze.TrialOf(t)
		Expect(got.Target).To(Equal("proxy-a, proxy-b"))
		Expect(got.Offered).To(Equal(8090)) // from the first effect to the last undoing
		Expect(got.FailoverMS).To(about(3000, 3))
	})

	It("count requests in flight, on new and reused connections, and in tunnels", func() {
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

	It("do not count a single failure near the end of the load as a long interruption", func() {
		t := analyze.TrialOf(synthetic(func(_ int, at time.Duration) reply {
			if lasting(endAt-effectAt-500*msec, endAt-effectAt-499*msec)(at) {
				return reset
			}
			return out(0, 2*s)(0, at)
		}))
		Expect(t.FailbackMS).To(about(1, 0.1))
		Expect(t.Verdict).To(Equal(analyze.Pass))
	})

	It("report the second interruption, when the repaired node returns", func() {
		undone := undoAt - effectAt
		t := analyze.TrialOf(synthetic(func(i int, at time.Duration) reply {
			if lasting(0, 2*s)(at) || lasting(undone+500*msec, undone+700*msec)(at) {
				return reset
			}
			return fine
		}))
		Expect(t.FailbackMS).To(about(200, 3))
		Expect(t.FailoverMS).To(about(2000, 3))
		Expect(t.Lost).To(BeNumerically("~", 2000, 1), "losses after the undoing belong to failback")
	})

	It("count an interruption by the repaired node that is over before the repair takes effect", func() {
		// The node takes its address back 0.4 s after its boot begins; its proxy listens 1.5 s later, which is the repair's effect.
		undone := undoAt - effectAt
		serve := func(i int, at time.Duration) reply {
			if lasting(0, 2*s)(at) || lasting(undone-1500*msec, undone-100*msec)(at) {
				return reset
			}
			return fine
		}
		t := synthetic(serve)
		t.Events[2].At = t.Events[3].At - int64(1900*msec)
		expect(t, "failback", "<=", 500, "<= 500ms")
		got := analyze.TrialOf(t)
		Expect(got.FailoverMS).To(about(2000, 3))
		Expect(got.EndedBy).To(Equal(analyze.EndedByMechanism))
		Expect(got.FailbackMS).To(about(1400, 3))
		Expect(got.Ranges["failback"].Hi).To(BeNumerically("<", 1410))
		Expect(got.Verdict).To(Equal(analyze.Fail))
		Expect(got.Reasons).To(ConsistOf("failback 1.40 s > 500 ms"))
	})

	DescribeTable("do not count losses of the fault during the repair as failback", func(promised float64, serve service, want time.Duration) {
		t := synthetic(serve)
		t.Header.Plan.Faults[0].Promised = promised
		t.Events[2].At = t.Events[3].At - int64(2*s)
		Expect(analyze.TrialOf(t).FailbackMS).To(about(ms(want), 3))
	},
		Entry("its own outage", 0., out(0, undoAt-effectAt-s), 0*s),
		Entry("its own outage, and what comes after it", 0., service(func(i int, at time.Duration) reply {
			if undone := undoAt - effectAt; lasting(0, undone-1800*msec)(at) || lasting(undone-700*msec, undone-500*msec)(at) {
				return reset
			}
			return fine
		}), 200*msec),
		Entry("stray losses, which service allows", 0., every(200, always(reset), lasting(s, undoAt-effectAt)), 0*s),
		Entry("what the design does not promise", 0.7, every(5, always(reset), lasting(0, undoAt-effectAt)), 0*s),
	)

	It("fail service that is lost for good after the repair", func() {
		t := analyze.TrialOf(synthetic(func(_ int, at time.Duration) reply {
			if at > undoAt-effectAt+s {
				return reset
			}
			return fine
		}))
		Expect(t.Verdict).To(Equal(analyze.Fail))
		Expect(t.Codes).To(ConsistOf("lost-after-repair"))
		Expect(t.FailbackMS).To(about(3000, 2))
	})

	It("do not depend on the order in which the samples came, and put them in the order in which they were due", func() {
		t := synthetic(every(3, out(0, 2*s), func(time.Duration) bool { return true }))
		want := analyze.TrialOf(t)
		sorted := slices.Clone(t.Samples)
		rand.New(rand.NewPCG(1, 2)).Shuffle(len(t.Samples), func(i, j int) { t.Samples[i], t.Samples[j] = t.Samples[j], t.Samples[i] })
		Expect(analyze.TrialOf(t)).To(Equal(want))
		Expect(t.Samples).To(Equal(sorted))
	})

	It("have a resilience loss equal to the loss-derived outage if Q is binary", func() {
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
			Expect(t.Codes).NotTo(ContainElement("uneven-load"))
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
})
