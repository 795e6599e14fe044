package analyze

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
