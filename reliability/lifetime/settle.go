package lifetime

import (
	"math/bits"
	"slices"
)

// settle follows a change of components: standbys start and stop, needs begin and end, the share of users served changes, and switches move users. The loss is
// booked on the cause.
func (l *life) settle(cause int, planned bool) {
	v := l.views.of(l.up)
	for {
		l.level(v.share*l.switched, cause)
		l.limit(v.room, cause)
		changed := l.standbysFollow(v.flags)
		if changed == none {
			changed = l.demandsFollow(v.flags)
		}
		if changed == none {
			break
		}
		if !l.up.Up(changed) {
			cause = l.components[changed].cause
		}
		v = l.views.of(l.up)
	}
	l.depth = v.level
	if equal(v.flags, l.flags) {
		return
	}
	for s := range l.switches {
		l.switchFollows(s, v.flags, planned)
	}
	copy(l.flags, v.flags)
	l.level(v.share*l.switched, cause)
}

// standbysFollow starts the standbys that are needed and stops the others. It gives one that did not start, or none.
func (l *life) standbysFollow(flags []uint64) int {
	for i, c := range l.standbys {
		switch needed := State(flags).Up(len(l.failovers) + i); {
		case needed && l.condition[c] == dormant:
			if p := l.model.Components[c].Standby.StartFails; p > 0 && l.uniform() <= p {
				l.fail(c, none)
				return c
			}
			l.condition[c] = running
			l.start(c, l.components[c].fails, 0)
		case !needed && l.condition[c] == running:
			l.run(c)
		}
	}
	return none
}

// demandsFollow begins and ends needs. It gives the first component that went down or came up by that, or none.
func (l *life) demandsFollow(flags []uint64) int {
	for w, mask := range l.asked {
		for changed := (flags[w] ^ l.needs[w]) & mask; changed != 0; changed &= changed - 1 {
			flag := 64*w + bits.TrailingZeros64(changed)
			c := l.demands[flag-len(l.failovers)-len(l.standbys)]
			l.needs[w] ^= changed & -changed
			was := l.up.Up(c)
			if l.meet(c, State(flags).Up(flag)); l.up.Up(c) != was {
				return c
			}
		}
	}
	return none
}

// meet begins or ends the need of a component on demand.
func (l *life) meet(c int, needed bool) {
	d := l.model.Components[c].OnDemand
	switch {
	case !needed:
		l.up.set(c)
		l.run(c)
	case d.Only != nil && !d.Only(l.up):
	case d.Refuses > 0 && l.uniform() <= d.Refuses:
		l.fail(c, none)
	default:
		l.condition[c] = running
		l.start(c, l.components[c].fails, 0)
	}
}

// switchFollows moves the users of members that went down, and of preferred ones that came back.
func (l *life) switchFollows(i int, flags []uint64, planned bool) {
	s := &l.switches[i]
	for f := s.first; f < s.end; f++ {
		was, works := State(l.flags).Up(f), State(flags).Up(f)
		switch {
		case works && !was:
			l.closeFailover(f)
			l.returns(i, f)
		case was && !works && (s.spread || l.active[i] == f):
			l.active[i] = firstOf(flags, s.first, s.end)
			if l.active[i] != none {
				l.failover(f, s, planned)
			}
		}
	}
}

// returns lets a member that works again take over, if nobody serves or if it is preferred.
func (l *life) returns(i, f int) {
	s := &l.switches[i]
	switch {
	case s.spread:
	case l.active[i] == none:
		l.active[i] = f
	case f < l.active[i] && s.failback != none:
		l.active[i] = f
		l.openFailover(f, s.failback, s.whenDone)
	}
}

// failover begins the failover of a member that went down.
func (l *life) failover(f int, s *exchange, planned bool) {
	switch {
	case planned && s.planned == none, !planned && s.outage == none && s.ineffective == 0:
	case planned:
		l.openFailover(f, s.planned, s.whenDone)
	case s.ineffective > 0 && l.uniform() <= s.ineffective:
		l.openFailover(f, s.manual, s.whenNot)
	case s.outage != none:
		l.openFailover(f, s.outage, s.whenDone)
	}
}

func (l *life) openFailover(f, law, cause int) {
	l.closeFailover(f)
	l.open = append(l.open, f)
	l.blocked[f] = cause
	l.start(l.failovers[f].clock, law, 0)
	l.factor()
	l.level(l.served(), cause)
}

// closeFailover ends the failover of a member, if one is under way.
func (l *life) closeFailover(f int) {
	at := slices.Index(l.open, f)
	if at < 0 {
		return
	}
	l.open = slices.Delete(l.open, at, at+1)
	l.stop(l.failovers[f].clock)
	l.factor()
}

// factor computes the share that the failovers under way leave.
func (l *life) factor() {
	l.switched = 1
	for _, f := range l.open {
		l.switched *= 1 - l.switches[l.failovers[f].of].share
	}
}

// served is the share of the users served now.
func (l *life) served() float64 { return l.views.of(l.up).share * l.switched }

// preferred gives the first member of a switch that works.
func (l *life) preferred(i int) int { return firstOf(l.flags, l.switches[i].first, l.switches[i].end) }

// firstOf gives the first bit that is set, from first to end; none: there is none.
func firstOf(flags []uint64, first, end int) int {
	for i := first; i < end; i += 64 - i%64 {
		if word := flags[i/64] >> (i % 64); word != 0 {
			if found := i + bits.TrailingZeros64(word); found < end {
				return found
			}
			return none
		}
	}
	return none
}
