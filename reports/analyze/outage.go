package analyze

import (
	"sort"

	"github.com/seed-ab8b6914/spof/sim/trace"
)

// outage is an interval without service: from the first unserved request to the instant from which service holds again.
type outage struct {
	begin int64
	ended bool
	// back is the instant from which service holds. It lies in [lo, hi]: a request that was sent at lo met no service.
	// If service was not back when the trial ended, lo is the earliest instant at which service may have been back: the end of the
	// last silence of the service.
	back, lo, hi int64
	why          string // the cause of a wide interval; empty: none
	silent       bool   // the service was silent before back: see service.silent
}

// service follows the users' service from an instant to the end of the load.
type service struct {
	r      *run
	st     standard
	reqs   []trace.Sample // due from then on
	served []bool         // by request: service holds from it on
	flow   *flow
}

func (r *run) serviceFrom(from int64, st standard) *service {
	s := &service{r: r, st: st, reqs: r.between(from, r.end)}
	s.served = st.served(s.reqs, r.end)
	s.flow = newFlow(r.samples, st, from, r.end, r.jitter())
	return s
}

// mostJitter is the largest jitter, as a share of the requests of one window.
const mostJitter = 0.1

// jitter is how far the answers of the baseline fell behind the requests, in requests; at most mostJitter of a window's requests.
func (r *run) jitter() float64 {
	from := clamp(int64(r.plan.BaselineAt))
	if len(r.baseline) == 0 {
		return 0
	}
	base := newFlow(r.samples[:r.at(r.effect)], r.standard, from, r.effect, 0)
	return min(base.shortage, mostJitter*r.rate*float64(r.standard.window)/1e9)
}

// outages returns, in the order of time, the outages that begin before an instant and lose more requests than service allows: see
// costly.
func (s *service) outages(before int64) (all []outage) {
	for i := 0; i < len(s.reqs) && s.reqs[i].Scheduled < before; {
		if !s.st.unserved(s.reqs[i]) {
			i++
			continue
		}
		o := s.outage(i)
		next := len(s.reqs)
		if o.ended {
			next = max(i+1, s.index(o.back))
		}
		// The fault causes losses at the effect instant, however short they are. A single lost request is below the resolution.
		if n := count(s.reqs[i:next], s.st.unserved); s.costly(s.reqs[i:next], n) || i == 0 && n > 1 {
			all = append(all, o)
		}
		i = next
	}
	return all
}

// costly reports whether the unserved requests of an interval are more than service allows: of all its requests, or within one window.
// Without this test one or two lost requests could count as a long outage, because varying latencies can make answers lag.
func (s *service) costly(reqs []trace.Sample, unserved int) bool {
	if unserved <= s.st.slack() {
		return false
	}
	return float64(unserved) > (1-s.st.theta)*float64(len(reqs))+rounding || s.densest(reqs) > s.st.slack()
}

// densest is the largest number of unserved requests in any window.
func (s *service) densest(reqs []trace.Sample) (most int) {
	var at []int64 // due instants of the unserved requests of the window
	for _, one := range reqs {
		if !s.st.unserved(one) {
			continue
		}
		at = append(at, one.Scheduled)
		for at[0] <= one.Scheduled-s.st.window {
			at = at[1:]
		}
		most = max(most, len(at))
	}
	return most
}

// index returns the first request due at or after an instant.
func (s *service) index(at int64) int {
	return sort.Search(len(s.reqs), func(i int) bool { return s.reqs[i].Scheduled >= at })
}

// outage follows the outage that begins with request i. Service is back at the first answer from which answers keep up and from which
// later requests are served.
func (s *service) outage(i int) outage {
	o := outage{begin: s.reqs[i].Scheduled, back: s.r.end, hi: s.r.end}
	for at := o.begin; ; {
		k, ok := s.flow.from(at)
		if !ok {
			break
		}
		at = s.flow.answers[k]
		next := s.index(at)
		if next == len(s.reqs) {
			break
		}
		if s.served[next] {
			o.ended, o.back = true, at
			s.bound(&o, i, next, k)
			return o
		}
		// Skip the answers before the next request from which service holds.
		for next < len(s.reqs) && !s.served[next] {
			next++
		}
		if next == len(s.reqs) {
			break
		}
		at = max(at+1, s.before(next))
	}
	o.lo, o.silent = s.lastSilenceEnd(o.begin)
	return o
}

// lastSilenceEnd is the end of the last silence of the service that ended after an instant; the instant itself if there is none.
func (s *service) lastSilenceEnd(from int64) (at int64, silent bool) {
	first := sort.Search(len(s.flow.answers), func(k int) bool { return s.flow.answers[k] > from })
	for k := len(s.flow.answers); k >= first; k-- {
		if s.silent(k) {
			_, at = s.flow.silence(k)
			return at, true
		}
	}
	return from, false
}

// silent reports whether the service caused the silence before answer k: at least half a window remains after the time for which the
// machine stood still. A working service answers some requests even on a busy machine.
func (s *service) silent(k int) bool {
	from, to := s.flow.silence(k)
	return to-from >= s.st.window/2 && to-from-s.r.stoodStill(from, to) >= s.st.window/2
}

// before is 1 ns after the due instant of request i-1. For an answer from then on, request i is the next request.
func (s *service) before(i int) int64 {
	if i == 0 {
		return s.reqs[0].Scheduled
	}
	return s.reqs[i-1].Scheduled + 1
}

// firstAnswerFactor bounds the time from the return of service to its first answer, as a multiple of the baseline's p99 latency.
const firstAnswerFactor = 3

// bound sets [lo, hi] of the instant at which service was back. Answer k shows that service is back; service holds from request next on.
// The last request that failed, or whose SYN was repeated, met no service when it was sent; the next request met service. If the machine
// was not the limit, service was back at most firstAnswerDelay before the answer. If the machine was the limit, the answer may be as late
// as the slowest answer around it. If the answer ended a silence of the service, only requests due after back count as slowest.
func (s *service) bound(o *outage, i, next, k int) {
	met := []int64{} // due instants of the requests that met no service
	last := i
	for j := i; j < next; j++ {
		if failed(s.reqs[j]) && !s.r.delayed(s.reqs[j]) || s.reqs[j].SYNs > 0 {
			met, last = append(met, s.reqs[j].Scheduled), j
		}
	}
	o.lo = o.begin // late requests alone do not show that service was lost
	if len(met) > 0 {
		o.lo = sent(s.reqs[last])
	}
	o.silent = s.silent(k)
	o.back = max(o.back, sent(s.reqs[min(last+1, next)]))
	// If only some requests met no service, the next such request would come up to one gap later. Other requests may still wait.
	o.hi = max(o.back+int64((s.flow.jitter-1)*1e9/s.r.rate), o.lo+widest(met[max(0, len(met)-leastJudged):]), s.flow.settled(k))
	answer := s.r.firstAnswerDelay()
	if busy := s.r.limited(max(o.lo, o.back-s.st.window), o.back); busy != "" {
		o.why = busy
		from := o.lo
		if o.silent {
			from = o.back
		}
		answer = max(answer, s.slowest(from, o.back+s.st.window))
	}
	o.lo = max(o.lo, o.back-answer)
}

// firstAnswerDelay is the longest time from the return of service to its first answer if the machine is not the limit, ns.
func (r *run) firstAnswerDelay() int64 {
	return max(int64(firstAnswerFactor*r.before.P99*1e6), int64(2e9/r.rate))
}

// slowest is the longest wait of a request due in [from, to) for its answer, ns. Failed requests and repeated SYNs do not count. On a busy
// machine the first answers may have waited as long.
func (s *service) slowest(from, to int64) (longest int64) {
	for _, one := range s.reqs[s.index(from):s.index(to)] {
		if !failed(one) && one.SYNs == 0 {
			longest = max(longest, answered(one)-one.Scheduled)
		}
	}
	return longest
}

// widest is the largest gap between instants in rising order.
func widest(at []int64) (gap int64) {
	for i := 1; i < len(at); i++ {
		gap = max(gap, at[i]-at[i-1])
	}
	return gap
}

// sent is when a request left.
func sent(s trace.Sample) int64 { return s.Scheduled + int64(s.Late) }

// interruptions returns all intervals without service, however short.
func (s *service) interruptions() (all []outage) {
	for i := 0; i < len(s.reqs); {
		if !s.st.unserved(s.reqs[i]) {
			i++
			continue
		}
		o := s.outage(i)
		s.cut(&o)
		all = append(all, o)
		i = max(i+1, s.index(o.back))
	}
	return all
}

// cut ends an outage that lasted to the end of the trial one request interval after its last unserved request.
func (s *service) cut(o *outage) {
	if o.ended {
		return
	}
	last := len(s.reqs) - 1
	for !s.st.unserved(s.reqs[last]) {
		last--
	}
	o.back = s.reqs[last].Scheduled + int64(1e9/s.r.rate)
	o.lo = o.back
}
