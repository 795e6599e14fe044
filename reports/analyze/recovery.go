package analyze

import (
	"math"
	"slices"
	"sort"

	"github.com/seed-ab8b6914/spof/proxy"
	"github.com/seed-ab8b6914/spof/sim/trace"
)

// Who ended an outage.
const (
	EndedByMechanism = "mechanism" // service was back before the repair began, or a mechanism's own event shows that it acted
	EndedByRepair    = "repair"    // service was back only with the undoing of the fault
	EndedByNobody    = "nobody"    // service was not back when the trial ended
)

// outage is a stretch without service: from the first request that met none to the instant from which service holds again.
type outage struct {
	begin int64
	ended bool
	// back is the instant from which service holds. It lies in [lo, hi]: a request that was sent at lo met no service yet.
	// Where service was not back, lo is the earliest instant at which it may have been: the end of the last silence of its own.
	back, lo, hi int64
	why          string // what makes the interval wide; empty: nothing does
	silent       bool   // there was a silence of its own: see service.silent
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

// mostJitter bounds the answers that may be missing for the baseline's own reasons, in windows.
const mostJitter = 0.1

// jitter is how far the answers of the baseline fell behind the requests, in requests; at most a tenth of a window's.
func (r *run) jitter() float64 {
	from := clamp(int64(r.plan.BaselineAt))
	if len(r.baseline) == 0 {
		return 0
	}
	base := newFlow(r.samples[:r.at(r.effect)], r.standard, from, r.effect, 0)
	return min(base.shortage, mostJitter*r.rate*float64(r.standard.window)/1e9)
}

// outages are the stretches, in the order of time, that begin before an instant and cost more requests than a window of
// service has room for.
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
		// What is lost at the very effect is the fault's doing, however short it is; a single request is below the resolution.
		if n := count(s.reqs[i:next], s.st.unserved); s.costly(s.reqs[i:next], n) || i == 0 && n > 1 {
			all = append(all, o)
		}
		i = next
	}
	return all
}

// costly reports whether so many unserved of a stretch's requests are more than service has room for: of all, or within a window.
// Latencies that go up and down can make answers lag for long after a request or two were lost.
func (s *service) costly(reqs []trace.Sample, unserved int) bool {
	if unserved <= s.st.slack() {
		return false
	}
	return float64(unserved) > (1-s.st.theta)*float64(len(reqs))+rounding || s.densest(reqs) > s.st.slack()
}

// densest is the most requests that were unserved in any window.
func (s *service) densest(reqs []trace.Sample) (most int) {
	var at []int64 // when those of the window were due
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

// index gives the first request due at or after an instant.
func (s *service) index(at int64) int {
	return sort.Search(len(s.reqs), func(i int) bool { return s.reqs[i].Scheduled >= at })
}

// outage follows the outage that begins with request i. Service is back at the first answer from which on answers keep up and
// requests that are sent after it are served.
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
		// No earlier answer counts: go on with those after the last request before which service does not hold.
		for next < len(s.reqs) && !s.served[next] {
			next++
		}
		if next == len(s.reqs) {
			break
		}
		at = max(at+1, s.before(next))
	}
	o.lo, o.silent = s.heard(o.begin)
	return o
}

// heard is the end of the last silence of the service itself that ended after an instant; that instant where there is none.
func (s *service) heard(from int64) (at int64, silent bool) {
	first := sort.Search(len(s.flow.answers), func(k int) bool { return s.flow.answers[k] > from })
	for k := len(s.flow.answers); k >= first; k-- {
		if s.silent(k) {
			_, at = s.flow.silence(k)
			return at, true
		}
	}
	return from, false
}

// silent reports whether the time without answers before answer k is the service's own silence: even a busy machine answers some
// requests of a service that is there, unless it stood still.
func (s *service) silent(k int) bool {
	from, to := s.flow.silence(k)
	return to-from >= s.st.window/2 && to-from-s.r.stood(from, to) >= s.st.window/2
}

// before is just after the request before request i was due: an answer from then on has i as its next request.
func (s *service) before(i int) int64 {
	if i == 0 {
		return s.reqs[0].Scheduled
	}
	return s.reqs[i-1].Scheduled + 1
}

// soft is how far back service may reach before its first answer, in times of the baseline's p99 latency.
const soft = 3

// bound finds the interval of the instant at which service was back, by answer k and from request next on. The last request that failed or whose SYN was repeated met no
// service when it was sent; the first one after it did. Where the machine was not the limit, service is not older than the
// answers that show it. Where it was, they may have been as late as others then: others that were sent after them where they ended a
// silence of the service itself.
func (s *service) bound(o *outage, i, next, k int) {
	met := []int64{} // when requests were due that met no service
	last := i
	for j := i; j < next; j++ {
		if failed(s.reqs[j]) && !s.r.excused(s.reqs[j]) || s.reqs[j].SYNs > 0 {
			met, last = append(met, s.reqs[j].Scheduled), j
		}
	}
	o.lo = o.begin // where requests were only late, none is known to have met no service
	if len(met) > 0 {
		o.lo = sent(s.reqs[last])
	}
	o.silent = s.silent(k)
	o.back = max(o.back, sent(s.reqs[min(last+1, next)]))
	// Where only some of the requests met no service, the next of these would have shown it a gap later, and others may wait still.
	o.hi = max(o.back+int64((s.flow.jitter-1)*1e9/s.r.rate), o.lo+widest(met[max(0, len(met)-fewest):]), s.flow.settled(k))
	answer := s.r.soonest()
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

// soonest is how long service may have been there before its first answer where the machine is not the limit, ns.
func (r *run) soonest() int64 {
	return max(int64(soft*latency(r.baseline).P99*1e6), int64(2e9/r.rate))
}

// slowest is the longest that a request due in [from, to) waited for its answer: on a busy machine the first answers may have been so
// late.
func (s *service) slowest(from, to int64) (longest int64) {
	for _, one := range s.reqs[s.index(from):s.index(to)] {
		if !failed(one) && one.SYNs == 0 {
			longest = max(longest, answered(one)-one.Scheduled)
		}
	}
	return longest
}

// widest is the largest gap between rising instants.
func widest(at []int64) (gap int64) {
	for i := 1; i < len(at); i++ {
		gap = max(gap, at[i]-at[i-1])
	}
	return gap
}

// sent is when a request left.
func sent(s trace.Sample) int64 { return s.Scheduled + int64(s.Late) }

// findOutage finds the outage that the fault brought, and who ended it. It is followed beyond the repair. Of several the first
// counts, unless service was lost again and only the repair ended that. nil: users never lost service.
func (r *run) findOutage() {
	if len(r.faults) == 0 || !r.proven {
		return
	}
	share, _ := r.promised()
	s := r.serviceFrom(r.effect, r.standard.promising(share))
	all := s.outages(r.repair)
	if len(all) == 0 {
		return
	}
	r.outages, r.outage = all, &all[0]
	if last := &all[len(all)-1]; r.enderOf(*last) != EndedByMechanism {
		r.outage = last
	}
	r.ender = r.enderOf(*r.outage)
	r.until = max(r.until, r.outage.back)
}

// findCalm judges the service anew with the excused requests in time.
func (r *run) findCalm() {
	other := r.unhurried()
	if other == nil {
		return
	}
	other.outage, other.outages, other.ender, other.until = nil, nil, "", other.undo
	other.findOutage()
	r.calm = other
}

// again are the outages that came after the one that counts, and were ended by mechanisms too, ms.
func (r *run) again() (lasted []float64) {
	for _, o := range r.outages {
		if o.begin > r.outage.begin {
			lasted = append(lasted, ms(o.back-o.begin))
		}
	}
	return lasted
}

// enderOf says who ended an outage. Where the repair may have, it was a mechanism only if its own event says so.
func (r *run) enderOf(o outage) string {
	switch {
	case !o.ended:
		return EndedByNobody
	case o.hi <= r.repairOf(o):
		return EndedByMechanism
	}
	acted := slices.ContainsFunc(r.events, func(e trace.Event) bool {
		return r.switches(e, o.back) && e.At >= o.lo-r.standard.window && e.At <= o.back+int64(r.uncertainty()+e.Uncertainty)
	})
	if acted {
		return EndedByMechanism
	}
	return EndedByRepair
}

// repairOf is when the repair began that may have ended an outage: the first undoing of any fault since it began.
func (r *run) repairOf(o outage) int64 {
	first := r.repair
	for _, f := range r.faults {
		if f.repair > o.begin {
			first = min(first, f.repair)
		}
	}
	return first
}

// surelyRepaired reports whether service was gone until the repair that ended the outage began, as well as answers can tell. A machine
// may hide that service was back before only if it was the limit all the while from then to the first answers: from half a window before
// the repair, or from the earliest instant at which service may have been back. Within a reading of the machine before the repair began
// that it is the repair is by far likelier.
func (r *run) surelyRepaired() bool {
	o, repair := r.outage, r.repairOf(*r.outage)
	early := max(o.lo, repair-r.standard.window/2)
	return o.back >= repair && (early >= repair-max(r.soonest(), narrowestMachineBin) || r.taken(early, o.back)+r.soonest() < o.back-early)
}

// surelyLost reports whether service would not have been back at the end of the trial on any machine.
func (r *run) surelyLost() bool { return r.calm == nil || r.calm.ender == EndedByNobody }

// switches reports whether an event is of a mechanism that leads users away from what was struck, and service was back at an instant: one
// that gives their address to another node, or takes out of service what was not being repaired by then.
func (r *run) switches(e trace.Event, back int64) bool {
	lasts := func(node string) bool { return r.hit(node, func(f fault) bool { return f.repair >= back }) }
	switch e.Kind {
	case proxy.EventVRRP:
		return e.State == vrrpMaster && (!r.struckBy(e.Node, e.At) || e.At < r.repair) // what was struck may be well by itself
	case proxy.EventServerDown, proxy.EventPeerDead:
		return e.Subject == "" && back <= r.repair || r.isOf(e.Subject, lasts)
	case proxy.EventRecord, proxy.EventPACBad:
		return lasts(e.Subject)
	}
	return false
}

// promised is the share of the load that the design promises while its faults last, and what of the design says so; 1 where it promises
// all of it. Of several faults it is the least, from the first effect to the last undoing.
func (r *run) promised() (share float64, by string) {
	share = 1
	for _, f := range r.faults {
		if f.Promised > 0 && f.Promised < share {
			share, by = f.Promised, f.PromisedBy
		}
	}
	return share, by
}

// failover is the time from the effect to the instant from which service holds, in ms: 0 if users never lost it, nil if it was not
// back when the trial ended. An outage that begins late counts from the effect too.
func (r *run) failover() *float64 {
	switch {
	case r.outage == nil:
		return new(float64)
	case !r.outage.ended:
		return nil
	}
	v := ms(r.outage.back - r.effect)
	return &v
}

// failoverRange is the interval that failover lies in. Where the machine may have made some answers late, it begins where failover
// would be without these, unless a silence of the service itself tells when that was back.
func (r *run) failoverRange() Range {
	g := r.seenFailover()
	if r.calm == nil || r.outage != nil && r.outage.ended && r.outage.silent {
		return g
	}
	return g.from(r.calm.seenFailover().Lo, hurried)
}

// seenFailover is the interval that failover lies in if every late answer was the service's doing.
func (r *run) seenFailover() Range {
	u := ms(r.uncertainty())
	switch {
	case r.outage == nil:
		return Range{Lo: 0, Hi: r.resolution()}
	case !r.outage.ended:
		return Range{Lo: max(0, ms(r.end-r.effect)), Hi: math.Inf(1), Why: "the trial ended before service was back"}
	}
	return Range{Lo: max(0, ms(r.outage.lo-r.effect)-u), Hi: ms(r.outage.hi-r.effect) + u, Why: r.outage.why}
}

// latencyRecovery is the time from the effect to the instant from which service holds and is fast: the p95 latency of the requests due
// from then on is at most k times the baseline's, in ms. Where a design promises a share of the load, it is that of the requests that
// are served. It is never below failover. nil: it was not fast again before the trial ended.
func (r *run) latencyRecovery() (*float64, Range) {
	from := r.effect
	if r.outage != nil {
		if !r.outage.ended {
			return nil, r.failoverRange()
		}
		from = r.outage.back
	}
	reqs := r.between(from, r.end)
	if share, _ := r.promised(); share < 1 { // those who are given up have no latency
		reqs = slices.DeleteFunc(slices.Clone(reqs), func(one trace.Sample) bool { return one.Scheduled < r.undo && r.standard.unserved(one) })
	}
	i := slices.Index(r.standard.fast(reqs, r.end), true)
	whole := r.failoverRange()
	switch {
	case i < 0:
		at := r.end - r.standard.window
		g := Range{Lo: max(0, ms(at-r.effect)), Hi: math.Inf(1), Why: "latencies were high until the trial ended"}
		early, busy := r.sooner(from, at)
		return nil, g.from(max(whole.Lo, ms(early-r.effect)), busy)
	case i == 0:
		v := ms(from - r.effect)
		return &v, whole
	}
	at := reqs[i].Scheduled
	v, u := ms(at-r.effect), ms(r.uncertainty())
	bounds := Range{Lo: max(whole.Lo, ms(reqs[i-1].Scheduled-r.effect)-u), Hi: max(whole.Hi, v+u)}
	if busy := r.limited(from, at); busy != "" { // it would have been fast earlier on a faster machine, how much earlier nobody knows
		bounds.Lo, bounds.Why = whole.Lo, busy
	} else if early, busy := r.sooner(from, at); busy != "" {
		bounds = bounds.from(max(whole.Lo, ms(early-r.effect)), busy)
	}
	return &v, bounds
}

// sooner is when latencies that were high from one instant to another may have been low again had the machine not been the limit for a
// window or more meanwhile, and how it was. It takes no more time than that in which it was the limit, and a window in which it is judged.
func (r *run) sooner(from, to int64) (at int64, busy string) {
	if busy = r.limitedOnce(from, to); busy == "" {
		return to, ""
	}
	return max(from, to-r.taken(from, to)-r.standard.window), busy
}

// failback is the longest interruption from the start of the repair on, in ms: 0 if there is none. The fault's own outages are no part
// of it. lost says that one lasted to the end of the trial; it counts as long as it was seen.
func (r *run) failback() (longest float64, bounds Range, lost bool) {
	bounds.Hi = r.resolution()
	for _, o := range r.interruptions() {
		if v := ms(o.back - o.begin); v > longest {
			longest = v
			bounds = Range{Lo: max(0, ms(o.lo-o.begin)), Hi: ms(o.hi-o.begin) + r.resolution(), Why: o.why}
		}
		lost = lost || !o.ended && count(r.between(o.begin, r.end), r.standard.unserved) > r.standard.slack()
	}
	return longest, bounds, lost
}

// excuseFailback widens the interval of failback, as failoverRange does, but for interruptions with a silence of their own. lost is
// whether service would have been lost to the end of the trial on any machine.
func (r *run) excuseFailback(seen Range, wasLost bool) (g Range, lost bool) {
	if r.calm == nil {
		return seen, wasLost
	}
	other := *r.calm
	other.repair, other.outages = r.repair, r.outages
	_, least, lost := other.failback()
	for _, o := range r.interruptions() {
		if o.silent {
			least.Lo = max(least.Lo, ms(o.lo-o.begin))
			lost = lost || wasLost && !o.ended
		}
	}
	return seen.from(least.Lo, hurried), lost
}

// interruptions are the stretches without service that begin after the fault's outages, from the start of the repair on. Until the
// repair takes effect the fault lasts: what it costs meanwhile without an outage, or by what the design promises, is its own.
func (r *run) interruptions() []outage {
	from := r.repair
	if n := len(r.outages); n > 0 {
		from = max(from, r.outages[n-1].back)
	}
	share, _ := r.promised()
	s := r.serviceFrom(from, r.standard.promising(share))
	all := s.outages(r.undo)
	for i := range all {
		s.cut(&all[i])
		from = max(from, all[i].back)
	}
	return append(all, r.serviceFrom(max(from, r.undo), r.standard).interruptions()...)
}

// interruptions are all stretches without service, however short.
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

// cut makes an outage that did not end as long as it was seen: to the last request that was not served.
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
