package analyze

// failback is the longest interruption from the start of the repair on, in ms; 0: none. The outages of the fault itself do not count. lost
// says that an interruption lasted to the end of the trial; its length then counts to its last unserved request.
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

// undelayedFailback widens the interval of failback as failoverRange does, except for interruptions with a silence of the service itself.
// lost reports whether service would have been lost to the end of the trial on any machine.
func (r *run) undelayedFailback(seen Range, wasLost bool) (g Range, lost bool) {
	if r.undelayed == nil {
		return seen, wasLost
	}
	other := *r.undelayed
	other.repair, other.outages = r.repair, r.outages
	_, least, lost := other.failback()
	for _, o := range r.interruptions() {
		if o.silent {
			least.Lo = max(least.Lo, ms(o.lo-o.begin))
			lost = lost || wasLost && !o.ended
		}
	}
	return seen.from(least.Lo, lateAnswers), lost
}

// interruptions are the intervals without service from the start of the repair on, after the outages of the fault. The fault lasts until the
// repair takes effect. Until then, losses count as losses of the fault if they are no outage, or if the design promises no more.
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
