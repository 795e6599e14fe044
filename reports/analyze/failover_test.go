package analyze_test

import (
	"slices"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	"github.com/onsi/gomega/types"

	"github.com/seed-ab8b6914/spof/proxy/load"
	"github.com/seed-ab8b6914/spof/reports/analyze"
	"github.com/seed-ab8b6914/spof/sim/trace"
)

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

	It("counts no answer as service that comes after the patience, however slow the baseline was", func() {
		late := synthetic(every(100, always(reply{latency: 22 * msec}), lasting(0, 8*s)))
		late.Header.Plan.Scenario.Load.Patience = 20 * msec // shorter than the latency floor, 25 ms
		Expect(analyze.TrialOf(late).FailoverMS).To(about(0, 0), "1 % of late answers is within the 5 % of the p95")
		late = synthetic(every(10, always(reply{latency: 22 * msec}), lasting(0, 9*s)))
		late.Header.Plan.Scenario.Load.Patience = 20 * msec
		Expect(analyze.TrialOf(late).FailoverMS).To(BeNil())
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
