package analyze

import (
	"cmp"
	"math"
	"slices"
	"time"

	"github.com/seed-ab8b6914/spof/scenarios"
	"github.com/seed-ab8b6914/spof/sim/trace"
)

// leastJudged is the least number of requests from which service is judged.
const leastJudged = scenarios.LeastJudged

// slowShare is the share of successes that may be slower than the limit: the limit is on the p95.
const slowShare = 0.05

// rounding absorbs the rounding of sums of shares.
const rounding = 1e-6

// standard is what counts as service, and what as speed.
type standard struct {
	theta    float64 // share of the requests that must be served
	window   int64   // V, ns: how long service must hold
	patience int64   // ns; a later answer is of no use to its user
	limit    int64   // ns; the p95 latency that counts as speed, at most the patience
	rate     float64 // requests per second
	least    int     // requests in the shortest prefix of a window that is judged
}

// newStandard takes the standard of a scenario whose baseline had this p95 latency, in ms.
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
	// A limit above the patience would call answers fast that are of no use.
	st.limit = int64(min(max(cmp.Or(max(m.LatencyFactor, 0), 3)*p95*1e6, float64(floor)), float64(st.patience)))
	return st
}

// promising is the standard of a design that promises only a share of the load. Which requests are among those that are served is often
// chance: a share is judged over whole windows, and with room for two standard deviations of a binomial sample.
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

// slack is how many requests may be lost in a window of service. It is at least one: a single lost request is shorter than
// the resolution.
func (st standard) slack() int {
	return max(1, int((1-st.theta)*st.rate*float64(st.window)/1e9+rounding))
}

// late reports whether a request succeeded, but after its user's patience.
func (st standard) late(s trace.Sample) bool {
	return !failed(s) && answered(s)-s.Scheduled > st.patience
}

// lost reports whether a request was of no use to its user: failed, or later than the patience.
func (st standard) lost(s trace.Sample) bool { return failed(s) || st.late(s) }

// unserved reports whether a request met no service when it was sent: it was lost, or an address did not answer its SYN and
// the kernel had to repeat it.
func (st standard) unserved(s trace.Sample) bool { return st.lost(s) || s.SYNs > 0 }

// served says of every request whether service holds from it on: it is served itself, and so is at least theta of the requests
// in every prefix, of 20 requests or more, of the window that begins with it. Without the prefixes an outage's last failures
// would hide in the room that the whole window has for failures. The window must lie before until.
//
// unserved <= (1-theta) x requests is, in running sums F over all requests, F(m) - (1-theta) m <= F(i) - (1-theta) i: a question
// of the greatest value over a sliding range, which takes one pass.
func (st standard) served(reqs []trace.Sample, until int64) []bool {
	return st.holds(reqs, until, st.unserved, 1-st.theta)
}

// fast says of every request whether speed holds from it on: it is in time itself, and in every prefix of its window, as in
// served, at most 5 % of the answers are slower than the limit.
func (st standard) fast(reqs []trace.Sample, until int64) []bool {
	slow := func(s trace.Sample) bool { return st.lost(s) || answered(s)-s.Scheduled > st.limit }
	return st.holds(reqs, until, slow, slowShare)
}

// holds says of every request whether at most a share of each prefix of its window is bad, and it is not bad itself.
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

// slidingMax gives the greatest value over a range of v that only moves forward: a monotonic queue.
type slidingMax struct {
	v     []float64
	queue []int // indexes of the range, values falling
}

// push extends the range to i.
func (p *slidingMax) push(i int) {
	for n := len(p.queue); n > 0 && p.v[p.queue[n-1]] <= p.v[i]; n-- {
		p.queue = p.queue[:n-1]
	}
	p.queue = append(p.queue, i)
}

// from drops what is before i from the range, and gives the greatest value of the rest.
func (p *slidingMax) from(i int) float64 {
	for p.queue[0] < i {
		p.queue = p.queue[1:]
	}
	return p.v[p.queue[0]]
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
