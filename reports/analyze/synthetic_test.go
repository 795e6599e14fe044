package analyze_test

import (
	"time"

	. "github.com/onsi/gomega"
	"github.com/onsi/gomega/gstruct"
	"github.com/onsi/gomega/types"

	"github.com/seed-ab8b6914/spof/proxy"
	"github.com/seed-ab8b6914/spof/proxy/load"
	"github.com/seed-ab8b6914/spof/scenarios"
	"github.com/seed-ab8b6914/spof/scenarios/fault"
	"github.com/seed-ab8b6914/spof/scenarios/plan"
	"github.com/seed-ab8b6914/spof/sim/trace"
	"github.com/seed-ab8b6914/spof/topology"
)

// The synthetic trial: 1000 requests/s of 50 users in turn; warm-up 1 s, baseline 3 s, the fault takes effect at 4 s +
// 10 ms (planned at 4 s) and is undone at 12 s, the load ends at 16 s. The epoch is not 0, as in a real trace.
const (
	epoch    = int64(77e9)
	rate     = 1000
	users    = 50
	effectAt = 4010 * time.Millisecond
	undoAt   = 12 * time.Second
	endAt    = 16 * time.Second
)

// reply is the result of a request.
type reply struct {
	latency time.Duration
	outcome load.Outcome
	flags   load.Flags
	bytes   uint32
	syns    uint8
}

var (
	fine   = reply{latency: 2 * time.Millisecond}
	reset  = reply{latency: time.Millisecond, outcome: load.Reset}
	hanged = reply{latency: 2 * time.Second, outcome: load.Timeout}
)

// service answers request i, which is due at an instant after the effect.
type service func(i int, at time.Duration) reply

// out is a service that does not answer between two instants.
func out(from, to time.Duration) service {
	return func(_ int, at time.Duration) reply {
		if at >= from && at < to {
			return hanged
		}
		return fine
	}
}

// dark is a service that is unreachable from the effect to an instant. Linux repeats the SYN every second (tcp_syn_linear_timeouts). The
// request succeeds with the first SYN that is answered, or fails after 5 s.
func dark(until time.Duration) service {
	return func(_ int, at time.Duration) reply {
		if at < 0 || at >= until {
			return fine
		}
		waits := (until - at + s - 1) / s
		if waits >= 5 {
			return reply{latency: 5 * s, outcome: load.Timeout, syns: 4}
		}
		return reply{latency: waits*s + 2*msec, syns: uint8(waits)}
	}
}

// frozen is a service whose kernel takes connections and whose processes answer nothing from the effect to an instant.
func frozen(until time.Duration) service {
	return func(_ int, at time.Duration) reply {
		if at >= 0 && at < until {
			return reply{latency: until - at + 2*msec}
		}
		return fine
	}
}

// synthetic records a trial of a service.
func synthetic(serve service) *trace.Trace {
	t := &trace.Trace{Header: trace.Header{
		Schema: trace.Schema, Runtime: "virtual", Epoch: epoch, PlanHash: "abc", Nodes: []string{"proxy-a", "proxy-b"},
		Plan: plan.Plan{
			Schema: plan.Schema,
			Topology: topology.Topology{
				Name: "active-passive", Nodes: []topology.Node{{Name: "proxy-a"}, {Name: "proxy-b"}},
				Users: []topology.Group{{Name: "users", Count: users}},
			},
			Scenario: scenarios.Scenario{
				Name:    "node-death",
				Load:    scenarios.Load{Rate: rate, Timeout: 2 * time.Second, Patience: time.Second},
				Measure: scenarios.Measure{Theta: 0.99, Window: time.Second, LatencyFactor: 3, LatencyFloor: 25 * time.Millisecond},
				Phases:  scenarios.Phases{WarmUp: time.Second, Baseline: 3 * time.Second, Fault: 8 * time.Second, Recovery: 4 * time.Second},
				Faults:  []fault.Fault{{Kind: fault.PowerLoss}},
			},
			PhasePeriod: time.Second, BaselineAt: time.Second, FaultAt: 4 * time.Second, RecoverAt: undoAt, End: endAt,
			Faults: []plan.Fault{{Planned: fault.Planned{
				ID: "f1", Kind: fault.PowerLoss, At: 4 * time.Second, Undo: undoAt, Address: "vip",
				Candidates: []fault.Candidate{{Node: "proxy-a"}, {Node: "proxy-b"}},
			}}},
			Trials: []plan.Trial{{}},
		},
	}}
	faultEvent(t, proxy.EventFaultAsked, 4*time.Second)
	faultEvent(t, proxy.EventFaultEffect, effectAt)
	faultEvent(t, proxy.EventRecoverAsked, undoAt-20*time.Millisecond)
	faultEvent(t, proxy.EventRecoverEffect, undoAt)
	t.Events[1].Uncertainty = time.Millisecond
	for i := range int(endAt.Seconds() * rate) {
		due := time.Duration(i) * time.Second / rate
		r := serve(i, due-effectAt)
		t.Samples = append(t.Samples, trace.Sample{
			Scheduled: due.Nanoseconds(), Late: 20_000, Done: uint32(r.latency.Microseconds()), User: uint16(i % users), Node: 1,
			Outcome: r.outcome, Flags: r.flags, Bytes: r.bytes, SYNs: r.syns,
		})
	}
	return t
}

func faultEvent(t *trace.Trace, kind proxy.EventKind, at time.Duration) {
	t.Events = append(t.Events, trace.Event{At: epoch + at.Nanoseconds(), Node: "proxy-a", Kind: kind, Fault: "f1"})
}

// event adds an event of a mechanism at an instant after the effect.
func event(t *trace.Trace, e trace.Event, after time.Duration) {
	e.At = epoch + (effectAt + after).Nanoseconds()
	t.Events = append(t.Events, e)
}

// expect adds an expectation.
func expect(t *trace.Trace, measure, op string, value float64, text string) {
	s := &t.Header.Plan.Scenario
	s.Expect = append(s.Expect, scenarios.Expectation{Measure: measure, Op: op, Value: value, Text: text})
}

// about matches a pointer to a number near v.
func about(v, within float64) types.GomegaMatcher {
	return gstruct.PointTo(BeNumerically("~", v, within))
}

// every gives every n-th request another result while a condition holds.
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

func ms(d time.Duration) float64 { return float64(d) / 1e6 }
