package analyze

import (
	"cmp"
	"math"
	"slices"
	"time"

	"github.com/seed-ab8b6914/spof/scenarios"
	"github.com/seed-ab8b6914/spof/sim/trace"
)

// leastJudged is the smallest number of requests from which service is judged.
const leastJudged = scenarios.LeastJudged

// slowShare is the share of requests that may be slower than the limit. The limit applies to the p95.
const slowShare = 0.05

// rounding absorbs the rounding of sums of shares.
const rounding = 1e-6

// standard defines when service holds and when service is fast.
type standard struct {
	theta    float64 // share of the requests that must be served
	window   int64   // V, ns: how long service must hold
	patience int64   // ns; a later answer is lost for its user
	limit    int64   // ns; the largest p95 latency that is fast, at most the patience
	rate     float64 // requests per second
	least    int     // requests in the shortest prefix of a window that is judged
}

// newStandard returns the standard of a scenario; p95 is the p95 latency of the baseline, ms.
func newStandard(s scenarios.Scenario, p95 float64) standard {
	m := s.Measure
	st := standard{
		theta:    min(cmp.Or(max(m.Theta, 0), 0.99), 1),
		window:   clamp(int64(cmp.Or(max(m.Window, 0), time.Second))),
		patience: clamp(int64(cmp.Or(max(s.Load.Patience, 0), time.Duration(farthest)))),
		rate:     s.Load.Rate,
		least:    leastJudged,
	}
	floor := cmp.Or(max(m.LatencyFloor, 0), 100*time.Millisecond)
	// An answer later than the patience is never fast.
	st.limit = int64(min(max(cmp.Or(max(m.LatencyFactor, 0), 3)*p95*1e6, float64(floor)), float64(st.patience)))
	return st
}

// promising is the standard of a design that promises only a share of the load. Chance often decides which requests are served. So the
// share is judged over whole windows, and reduced by two standard deviations of a binomial sample.
func (st standard) promising(share float64) standard {
	if share >= 1 {
		return st
	}
	n := max(leastJudged, int(st.rate*float64(st.window)/1e9))
	st.theta, st.least = max(0, st.theta*share-deviation(share, n)), n
	return st
}

// deviation is two standard deviations of a share of n requests.
func deviation(share float64, n int) float64 {
	return 2 * math.Sqrt(share*(1-share)/float64(max(n, 1)))
}

// slack is the number of requests that may be lost in one window while service holds. It is at least one: a single lost request is
// below the resolution.
func (st standard) slack() int {
	return max(1, int((1-st.theta)*st.rate*float64(st.window)/1e9+rounding))
}

// late reports whether a request succeeded after its user's patience.
func (st standard) late(s trace.Sample) bool {
	return !failed(s) && answered(s)-s.Scheduled > st.patience
}

// lost reports whether a request failed or was answered after the patience.
func (st standard) lost(s trace.Sample) bool { return failed(s) || st.late(s) }

// unserved reports whether a request met no service when it was sent: it was lost, or the kernel repeated its SYN because no answer
// came.
func (st standard) unserved(s trace.Sample) bool { return st.lost(s) || s.SYNs > 0 }

// served reports by request whether service holds from it on. Service holds from a request if the request is served, and if in every
// prefix of the window that begins with it, of st.least requests or more, at least the share theta is served. The prefixes matter: the
// whole window allows some failures, and the last failures of an outage must not pass as these. The window must lie before until.
//
// With the running sum F of unserved requests, unserved <= (1-theta) x requests means F(m) - (1-theta) m <= F(i) - (1-theta) i. A sliding
// maximum tests this for all m in one pass.
func (st standard) served(reqs []trace.Sample, until int64) []bool {
	return st.holds(reqs, until, st.unserved, 1-st.theta)
}

// fast reports by request whether service is fast from it on: its own answer is within the limit, and in every prefix of its window, as
// in served, at most 5 % of the requests are lost or slower than the limit.
func (st standard) fast(reqs []trace.Sample, until int64) []bool {
	slow := func(s trace.Sample) bool { return st.lost(s) || answered(s)-s.Scheduled > st.limit }
	return st.holds(reqs, until, slow, slowShare)
}

// holds reports by request whether the request is not bad and at most a share of each prefix of its window is bad.
func (st standard) holds(reqs []trace.Sample, until int64, bad func(trace.Sample) bool, share float64) []bool {
	sums := slidingMax{v: make([]float64, len(reqs)+1)}
	for i, s := range reqs {
		sums.v[i+1] = sums.v[i] - share
		if bad(s) {
			sums.v[i+1]++
		}
	}
	good := make([]bool, len(reqs))
	for i, end := 0, 0; i+st.least <= len(reqs) && reqs[i].Scheduled+st.window <= until; i++ {
		for end < len(reqs) && (end < i+st.least || reqs[end].Scheduled < reqs[i].Scheduled+st.window) {
			end++
			sums.push(end)
		}
		good[i] = !bad(reqs[i]) && sums.from(i+st.least) <= sums.v[i]+rounding
	}
	return good
}

// slidingMax is a monotonic queue: the greatest value of v over a range that moves only forward.
type slidingMax struct {
	v     []float64
	queue []int // indexes within the range, by falling value
}

// push extends the range to i.
func (p *slidingMax) push(i int) {
	for n := len(p.queue); n > 0 && p.v[p.queue[n-1]] <= p.v[i]; n-- {
		p.queue = p.queue[:n-1]
	}
	p.queue = append(p.queue, i)
}

// from drops the indexes before i from the range, and returns the greatest value of the rest.
func (p *slidingMax) from(i int) float64 {
	for p.queue[0] < i {
		p.queue = p.queue[1:]
	}
	return p.v[p.queue[0]]
}

// timeToFirst is the time from the effect to the first success after the first failure, in ms; 0: no request failed; nil: no request
// succeeded after the first failure.
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
