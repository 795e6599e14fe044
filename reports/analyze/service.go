package analyze

import (
	"cmp"
	"slices"
	"time"

	"github.com/seed-ab8b6914/spof/scenarios"
	"github.com/seed-ab8b6914/spof/sim/trace"
)

// fewest is the least number of requests from which service is judged.
const fewest = 20

// slowShare is the share of successes that may be slower than the limit: the limit is on the p95.
const slowShare = 0.05

// standard is what counts as service: over a window of V, and at least 20 requests, a success ratio of at least theta and
// a p95 latency of at most limit.
type standard struct {
	theta    float64
	window   int64 // V, ns
	limit    int64 // ns; at most the patience
	patience int64 // ns; a later answer is no use to anybody
	slack    int   // lost requests that V has room for
}

// newStandard takes the standard of a scenario whose baseline had this p95 latency, in ms.
func newStandard(s scenarios.Scenario, p95 float64) standard {
	m := s.Measure
	st := standard{
		theta:    min(cmp.Or(max(m.Theta, 0), 0.99), 1),
		window:   clamp(int64(cmp.Or(max(m.Window, 0), time.Second))),
		patience: clamp(int64(cmp.Or(max(s.Load.Patience, 0), time.Duration(farthest)))),
	}
	floor := cmp.Or(max(m.LatencyFloor, 0), 100*time.Millisecond)
	// What is of no use to its user is no service, however slow the baseline was.
	st.limit = int64(min(max(cmp.Or(max(m.LatencyFactor, 0), 3)*p95*1e6, float64(floor)), float64(st.patience)))
	// One lost request is shorter than the resolution, and no loss of service by itself.
	st.slack = max(1, int((1-st.theta)*s.Load.Rate*float64(st.window)/1e9))
	return st
}

// good reports whether a request got service: an answer, and in time.
func (st standard) good(s trace.Sample) bool {
	return !failed(s) && answered(s)-s.Scheduled <= st.limit
}

// lost reports whether a request was of no use to its user: failed, or later than the patience.
func (st standard) lost(s trace.Sample) bool {
	return failed(s) || answered(s)-s.Scheduled > st.patience
}

// sustained says of every request whether service is sustained from it on: the request is good, and the window that
// begins with it meets the standard in every prefix of at least 20 requests. The prefixes are what makes the instant
// sharp: the window as a whole has room for 1-theta failures, and without them an outage's last failures would hide in
// that room, so that service would seem to be back before it is. The whole window must lie before until.
//
// A prefix meets the standard when failures <= (1-theta) x requests and slow <= 5 % x successes. As running sums over all
// requests that is F(m) - (1-theta) m <= F(i) - (1-theta) i, and likewise for slow ones: a question of the greatest value
// over a sliding range, which takes one pass.
func (st standard) sustained(reqs []trace.Sample, until int64) []bool {
	n := len(reqs)
	failures, slow := peak{v: make([]float64, n+1)}, peak{v: make([]float64, n+1)}
	for i, s := range reqs {
		failures.v[i+1] = failures.v[i] - (1 - st.theta)
		slow.v[i+1] = slow.v[i]
		switch {
		case failed(s):
			failures.v[i+1]++
		case !st.good(s):
			slow.v[i+1] += 1 - slowShare
		default:
			slow.v[i+1] -= slowShare
		}
	}
	const rounding = 1e-6
	back := make([]bool, n)
	for i, end := 0, 0; i+fewest <= n && reqs[i].Scheduled+st.window <= until; i++ {
		for end < n && (end < i+fewest || reqs[end].Scheduled < reqs[i].Scheduled+st.window) {
			end++
			failures.push(end)
			slow.push(end)
		}
		back[i] = st.good(reqs[i]) &&
			failures.from(i+fewest) <= failures.v[i]+rounding && slow.from(i+fewest) <= slow.v[i]+rounding
	}
	return back
}

// peak gives the greatest value over a range of v that only moves forward: a monotonic queue.
type peak struct {
	v     []float64
	queue []int // indexes of the range, values falling
}

// push extends the range to i.
func (p *peak) push(i int) {
	for n := len(p.queue); n > 0 && p.v[p.queue[n-1]] <= p.v[i]; n-- {
		p.queue = p.queue[:n-1]
	}
	p.queue = append(p.queue, i)
}

// from drops what is before i from the range, and gives the greatest value of the rest.
func (p *peak) from(i int) float64 {
	for p.queue[0] < i {
		p.queue = p.queue[1:]
	}
	return p.v[p.queue[0]]
}

// interruption is a stretch of requests from the first lost one to sustained service.
type interruption struct {
	from, to int // indexes; to is where service was sustained again
	lost     int
	ended    bool // else to is one past the last lost request
}

// interruptions finds every stretch without sustained service that begins with a lost request.
func (st standard) interruptions(reqs []trace.Sample, back []bool) []interruption {
	var all []interruption
	for i := 0; i < len(reqs); {
		if !st.lost(reqs[i]) {
			i++
			continue
		}
		in := interruption{from: i}
		for ; i < len(reqs) && !back[i]; i++ {
			if st.lost(reqs[i]) {
				in.lost++
				in.to = i + 1
			}
		}
		if i < len(reqs) {
			in.ended, in.to = true, i
		}
		all = append(all, in)
	}
	return all
}

// outage reports whether an interruption lost more requests than a window of sustained service has room for.
func (st standard) outage(in interruption) bool { return in.lost > st.slack }

// failover is the time from the effect to sustained service, in ms: to the instant at which the first request from which
// on service was sustained was due. It is 0 if that is the very first one and no outage follows while the fault lasts:
// users never lost service. An outage that begins late, after service held at first, counts to its own end; of several
// the first counts. It is nil if service was not back when the repair began: a window that is answered after that shows
// the repair's work. from is the index in the run's samples, -1 if there is none.
func (r *run) failover() (ms *float64, from int) {
	until := r.repair - r.standard.limit
	first := r.at(r.effect)
	reqs := r.samples[first:max(first, r.at(until))]
	back := r.standard.sustained(reqs, until)
	at := slices.Index(back, true)
	outages := slices.DeleteFunc(r.standard.interruptions(reqs, back), func(in interruption) bool { return !r.standard.outage(in) })
	if n := len(outages); n > 0 {
		at = outages[0].to
		if !outages[n-1].ended {
			at = -1
		}
	}
	switch {
	case at < 0:
		return nil, -1
	case at == 0:
		return new(float64), first
	default:
		v := float64(reqs[at].Scheduled-r.effect) / 1e6
		return &v, first + at
	}
}

// failback is the longest interruption after the undoing, in ms: 0 if there is none. lost says that an outage lasted to
// the end of the trial; it counts as long as it was seen.
func (r *run) failback() (longest float64, lost bool) {
	reqs := r.between(r.undo, r.end)
	back := r.standard.sustained(reqs, r.end)
	for _, in := range r.standard.interruptions(reqs, back) {
		to := r.end
		if in.to < len(reqs) {
			to = reqs[in.to].Scheduled
		}
		longest = max(longest, ms(to-reqs[in.from].Scheduled))
		lost = lost || !in.ended && r.standard.outage(in)
	}
	return longest, lost
}

// timeToFirst is the time from the effect to the first success after the first failure, in ms: 0 if nothing failed, nil
// if nothing succeeded any more.
func (r *run) timeToFirst() *float64 {
	reqs := r.window()
	i := slices.IndexFunc(reqs, failed)
	if i < 0 {
		return new(float64)
	}
	for _, s := range reqs[i:] {
		if !failed(s) {
			v := ms(s.Scheduled - r.effect)
			return &v
		}
	}
	return nil
}
