package analyze

import (
	"math"
	"slices"

	"github.com/seed-ab8b6914/spof/sim/trace"
)

// findOutage finds the outage that the fault caused, and how it ended. An outage may last beyond the repair. The first of several
// outages counts. If no mechanism ended the last one, the last one counts. r.outage is nil if users never lost service.
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

// findUndelayed judges the service again with the delayed requests counted as in time.
func (r *run) findUndelayed() {
	other := r.withoutDelays()
	if other == nil {
		return
	}
	other.judgeAgain()
	r.undelayed = other
}

// laterOutages returns the lengths of the outages after the one that counts, ms. Mechanisms ended them too.
func (r *run) laterOutages() (lasted []float64) {
	for _, o := range r.outages {
		if o.begin > r.outage.begin {
			lasted = append(lasted, ms(o.back-o.begin))
		}
	}
	return lasted
}

// promised is the share of the load that the design promises while its faults last, and the part of the design that says so; 1: all of
// the load. With several faults it is the least share, from the first effect to the last undoing.
func (r *run) promised() (share float64, by string) {
	share = 1
	for _, f := range r.faults {
		if f.Promised > 0 && f.Promised < share {
			share, by = f.Promised, f.PromisedBy
		}
	}
	return share, by
}

// failover is the time from the effect to the instant from which service holds, in ms; 0: users never lost service; nil: service was not
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

// failoverRange is the interval that failover lies in. If the machine may have delayed answers, the interval begins at the failover
// that results if these answers count as in time. A silence of the service shows when service was back; then the begin stays. If a mechanism
// acted against a healthy node, the interval begins at the failover without that.
func (r *run) failoverRange() Range {
	g := r.delayedFailover()
	if r.needless == nil {
		return g
	}
	return g.doubted(r.spared.observedFailover().Lo, r.needless.text)
}

// delayedFailover is observedFailover with late answers in doubt.
func (r *run) delayedFailover() Range {
	g := r.observedFailover()
	if r.undelayed == nil || r.outage != nil && r.outage.ended && r.outage.silent {
		return g
	}
	return g.from(r.undelayed.observedFailover().Lo, lateAnswers)
}

// observedFailover is the interval that failover lies in if the service, not the machine, caused every late answer.
func (r *run) observedFailover() Range {
	u := ms(r.uncertainty())
	switch {
	case r.outage == nil:
		return Range{Lo: 0, Hi: r.resolution()}
	case !r.outage.ended:
		return Range{Lo: max(0, ms(r.end-r.effect)), Hi: math.Inf(1), Why: "the trial ended before service was back"}
	}
	return Range{Lo: max(0, ms(r.outage.lo-r.effect)-u), Hi: ms(r.outage.hi-r.effect) + u, Why: r.outage.why}
}

// toTheEnd says why a latency recovery has no end.
const toTheEnd = "latencies were high until the trial ended"

// latencyRecovery is the time from the effect to the instant from which service holds and is fast: the p95 latency of the requests due
// from then on is at most the limit of the standard, in ms. If a design promises only a share of the load, only served requests count. It
// is never below failover. nil: service was not fast before the trial ended.
func (r *run) latencyRecovery() (*float64, Range) {
	from := r.effect
	if r.outage != nil {
		if !r.outage.ended {
			return nil, r.failoverRange()
		}
		from = r.outage.back
	}
	reqs := r.between(from, r.end)
	if share, _ := r.promised(); share < 1 { // unserved requests have no latency
		reqs = slices.DeleteFunc(slices.Clone(reqs), func(one trace.Sample) bool { return one.Scheduled < r.undo && r.standard.unserved(one) })
	}
	i := slices.Index(r.standard.fast(reqs, r.end), true)
	whole := r.failoverRange()
	switch {
	case i < 0:
		at := r.end - r.standard.window
		g := Range{Lo: max(0, ms(at-r.effect)), Hi: math.Inf(1), Why: toTheEnd}
		early, busy := r.earliestFast(from, at)
		return nil, g.from(max(whole.Lo, ms(early-r.effect)), busy)
	case i == 0:
		v := ms(from - r.effect)
		return &v, whole
	}
	at := reqs[i].Scheduled
	v, u := ms(at-r.effect), ms(r.uncertainty())
	bounds := Range{Lo: max(whole.Lo, ms(reqs[i-1].Scheduled-r.effect)-u), Hi: max(whole.Hi, v+u)}
	if busy := r.limited(from, at); busy != "" { // on a faster machine service would have been fast earlier, by an unknown time
		bounds.Lo, bounds.Why = whole.Lo, busy
	} else if early, busy := r.earliestFast(from, at); busy != "" {
		bounds = bounds.from(max(whole.Lo, ms(early-r.effect)), busy)
	}
	return &v, bounds
}

// earliestFast is the earliest instant at which latencies may have been low on a faster machine, and how this machine was the limit.
// Latencies were high in [from, to). The instant is to if the machine was the limit in no window. Otherwise it is earlier by the time for
// which the machine was the limit, and by one window, because latencies are judged over windows.
func (r *run) earliestFast(from, to int64) (at int64, busy string) {
	if busy = r.limitedOnce(from, to); busy == "" {
		return to, ""
	}
	return max(from, to-r.machineDelay(from, to)-r.standard.window), busy
}
